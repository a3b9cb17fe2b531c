"""Landed feeds become dimensions with placeholders and facts that reconcile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from nova_assets import demo
from nova_assets.catalog import table
from nova_assets.core.reconcile import FACTS, reconcile
from nova_assets.staging import load_landing
from nova_resources.postgres import Database
from nova_resources.settings import Settings
from nova_resources.sql_library import sql
from nova_resources.tables import Window
from nova_resources.window import publish

WHOLE = ("core.dim_region", "core.dim_site", "core.dim_supplier", "core.dim_item", "core.item_source")
JANUARY = Window(date(2026, 1, 1), date(2026, 2, 1))
FILES = {
    "items/2026-01-01.csv": "item_code;name;unit_measure;unit_cost\nA;Old name;un;1,5\nB;Bolt;kg;2\nB;Bolt M8;kg;2\n",
    "items/2026-01-05.csv": "item_code;name;item_kind\nA;New name;serviço\n",
    "sites.csv": "site_code;name;region_code\nS;Salvador;BA\n",
    "item_sources.csv": "item_code;supplier_code;site_code;unit_price\nA;F;;9\nA;F;T;8\n",
    "planning_rules.csv": "item_code;site_code;family;service_level\n;;;0,9\nA;;;0,95\nA;S;;0,99\n;;;0,8\n",
    "demand/2026-01-02.csv": (
        "date;item_code;site_code;quantity;fulfilled_quantity;demand_type\n"
        "02/01/2026;A;S;1,5;1;PREVENTIVA\n02/01/2026;A;S;2;2;PREVENTIVA\n02/01/2026;X;U;4;;\n01/01/2026;A;S;1;;BUILD\n"
    ),
    "inventory/2026-01-02.csv": "date;item_code;site_code;on_hand\n02/01/2026;A;S;5\n",
    "inventory/2026-01-03.csv": "date;item_code;site_code;on_hand;reserved\n02/01/2026;A;S;7;1\n03/01/2026;A;S;6;\n",
    "purchase_orders/2026-01-02.csv": (
        "order_no;line_no;item_code;site_code;supplier_code;order_date;received_date;quantity;received_quantity;status\n"
        "1;1;A;S;F;02/01/2026;;10;;Em aberto\n2;1;A;S;G;01/01/2026;;10;4;?\n3;1;A;S;F;01/01/2026;02/01/2026;10;;\n"
        "4;1;A;S;F;01/01/2026;;10;0;Cancelada\n5;1;A;S;F;01/01/2026;;10;10;CONCLUÍDO\n6;1;A;S;F;01/01/2026;;10;3;Parcial\n"
    ),
    "planned_work/2026-01-02.csv": (
        "date;item_code;site_code;quantity;work_type\n10/02/2026;A;S;3;BUILD\n10/02/2026;A;S;4;BUILD\n"
        "10/02/2026;A;S;4;BUILD\n"
    ),
    "external_daily/2026.csv": (
        "date,series_code,value,region_code\n2026-01-02,RAIN_MM,3.5,BA\n2026-01-02,USD_BRL,5.4,\n"
    ),
}


def put(database: Database, name: str, window: Window | None = None) -> None:
    publish(database, table(name), window, sql(name.replace(".", "/")), run_id="test", code_version="test")


@pytest.fixture
def core(database: Database, settings: Settings) -> Callable[[str], list[tuple]]:
    """The files above, landed and published; a function that reads."""
    for path, text in FILES.items():
        target = Path(settings.landing) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    assert load_landing(database, settings, run_id="test").problems == []
    for name in (*WHOLE, "support.planning_rules"):
        put(database, name)
    for fact in FACTS:
        put(database, f"core.{fact}", JANUARY)

    def read(query: str) -> list[tuple]:
        with database.connect() as connection:
            return connection.execute(query).fetchall()  # pyright: ignore[reportArgumentType]

    return read


def test_the_newest_file_tells_a_material_and_unknown_codes_become_placeholders(core) -> None:
    query = "SELECT item_code, name, unit_measure, unit_cost::float, item_kind, inferred FROM core.dim_item ORDER BY 1"
    assert core(query) == [
        ("A", "New name", "UN", None, "SERVICE", False),
        ("B", "Bolt M8", "KG", 2.0, "MATERIAL", False),
        ("X", "X", "UN", None, "MATERIAL", True),
    ]
    assert core("SELECT site_code, inferred, region_id IS NULL FROM core.dim_site ORDER BY 1") == [
        ("S", False, False),
        ("T", True, True),
        ("U", True, True),
    ]
    assert core("SELECT supplier_code, inferred FROM core.dim_supplier ORDER BY 1") == [("F", True), ("G", True)]
    assert core("SELECT region_code, inferred FROM core.dim_region") == [("BA", True)]


def test_demand_is_added_up_by_day_and_kind(core) -> None:
    query = """SELECT full_date::text, item_code, demand_type, quantity::float, fulfilled_quantity::float, movements
        FROM core.fact_demand_daily JOIN core.dim_item USING (item_id) ORDER BY 1, 2"""
    assert core(query) == [
        ("2026-01-01", "A", "BUILD", 1.0, None, 1),
        ("2026-01-02", "A", "PREVENTIVE", 3.5, 3.0, 2),
        ("2026-01-02", "X", "UNSPECIFIED", 4.0, None, 1),
    ]


def test_a_later_file_corrects_the_stock_of_an_earlier_day(core) -> None:
    query = "SELECT full_date::text, on_hand::int, reserved::int FROM core.fact_inventory_daily ORDER BY 1"
    assert core(query) == [("2026-01-02", 7, 1), ("2026-01-03", 6, 0)]


def test_states_of_orders_are_read_in_portuguese_or_from_what_was_received(core) -> None:
    assert core("SELECT order_no, status, received_quantity::int FROM core.fact_orders ORDER BY 1") == [
        ("1", "PLACED", 0),
        ("2", "PARTIAL", 4),
        ("3", "RECEIVED", 10),
        ("4", "CANCELLED", 0),
        ("5", "RECEIVED", 10),
        ("6", "PARTIAL", 3),
    ]


def test_planned_work_terms_and_rules(core) -> None:
    assert core("SELECT known_on::text, full_date::text, quantity::int FROM core.fact_planned_work") == [
        ("2026-01-02", "2026-02-10", 7)
    ]
    terms = "SELECT site_id = 0, valid_from::text, unit_price::int FROM core.item_source ORDER BY 1"
    assert core(terms) == [(False, "1900-01-01", 8), (True, "1900-01-01", 9)]
    rules = "SELECT item_code, site_code, service_level::float FROM support.planning_rules ORDER BY specificity"
    assert core(rules) == [(None, None, 0.8), ("A", None, 0.95), ("A", "S", 0.99)]


def test_facts_reconcile_and_a_loss_is_found(core, database: Database) -> None:
    assert {fact: reconcile(database, fact, JANUARY) for fact in FACTS} == {fact: [] for fact in FACTS}
    losses = {
        "fact_demand_daily": "UPDATE {} SET quantity = quantity + 1 WHERE full_date = '2026-01-02'",
        "fact_inventory_daily": "UPDATE {} SET on_hand = 99 WHERE full_date = '2026-01-03'",
        "fact_orders": "DELETE FROM {} WHERE order_no = '3'",
        "fact_planned_work": "DELETE FROM {}",
        "fact_external_daily": "DELETE FROM {} WHERE series_code = 'USD_BRL'",
    }
    owner = Database(database.settings, role="nova_owner")
    for fact, statement in losses.items():
        with owner.connect() as connection:
            connection.execute(statement.format(f"core.{fact}"))  # pyright: ignore[reportArgumentType]
        found = reconcile(database, fact, JANUARY)
        assert found, fact
        assert {difference.day for difference in found} <= {date(2026, 1, 2), date(2026, 1, 3)}


def test_every_planted_defect_of_the_demo_is_dealt_with_as_planned(database: Database, settings: Settings) -> None:
    first, last = date(2026, 5, 1), date(2026, 7, 31)
    demo.generate(Path(settings.landing), settings.truth, seed=3, scale=600, start=first, end=last)
    report = load_landing(database, settings, run_id="test")
    assert report.problems == []
    planted = pl.read_csv(settings.truth / "defects.csv")
    expected = planted.filter(pl.col("outcome") == "rejected").select("file", "line", "reason").sort("file", "line")
    query = "SELECT path, line_no, reason_code FROM staging.rejects JOIN staging.files USING (file_id) ORDER BY 1, 2"
    with database.connect() as connection:
        found = connection.execute(query).fetchall()
    assert found == expected.rows()
    assert len({reason for _, _, reason in found}) >= 2
    assert report.rows_rejected == len(found)
