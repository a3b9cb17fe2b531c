"""Landing into the database: nothing lost, nothing twice, a correction replaces exactly its own rows."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest

from nova_assets.staging import dialect, gathering, load, load_landing
from nova_resources.postgres import Database
from nova_resources.settings import Settings, load_settings
from nova_resources.tables import Window

DEMAND = "date;item_code;site_code;quantity;demand_type\n"
Land = Callable[..., Path]


@pytest.fixture
def land(settings: Settings) -> Land:
    """Write a file of the landing folder."""

    def write(path: str, text: str, *, encoding: str = "utf-8", root: Path | None = None) -> Path:
        target = (root or Path(settings.landing)) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding)
        return target

    return write


@pytest.fixture
def loading(database: Database, settings: Settings):
    """Load the landing folder (or what is named)."""

    def run(**options: Any):
        return load_landing(database, settings, run_id="test", **options)

    return run


def rows(database: Database, query: str) -> list[tuple]:
    with database.connect() as connection:
        return connection.execute(query).fetchall()  # pyright: ignore[reportArgumentType]


def demand_of(database: Database) -> list[tuple]:
    found = rows(database, "SELECT date::text, item_code, quantity::float FROM staging.demand ORDER BY 1, 2, 3")
    return [(day, item, quantity) for day, item, quantity in found]


def test_every_row_is_accepted_or_quarantined_with_its_line_and_text(land: Land, loading, database: Database) -> None:
    land("demand/2026-01-02.csv", DEMAND + "02/01/2026;A;S;1,5;CORRETIVA\n02/01/2026;B;S;0;\n02/01/2026;C;S;2;;x\n")
    report = loading()
    assert (report.rows_in, report.rows_accepted, report.rows_rejected) == (3, 1, 2)
    assert demand_of(database) == [("2026-01-02", "A", 1.5)]
    quarantine = "SELECT line_no, reason_code, column_name, detail, raw FROM staging.rejects ORDER BY line_no"
    assert rows(database, quarantine) == [
        (3, "non_positive_quantity", "quantity", "0", "02/01/2026;B;S;0;"),
        (4, "ragged_line", None, "6 fields, the header has 5", "02/01/2026;C;S;2;;x"),
    ]
    register = "SELECT rows_in, rows_accepted, rows_rejected, dates::text, file_date::text, status FROM staging.files"
    assert rows(database, register) == [(3, 1, 2, "{[2026-01-02,2026-01-03)}", "2026-01-02", "LOADED")]


def test_loading_the_same_folder_twice_changes_nothing(land: Land, loading, database: Database) -> None:
    land("demand/2026-01-02.csv", DEMAND + "02/01/2026;A;S;1;\n")
    land("items.csv", "item_code;name\nA;Conexão\n", encoding="cp1252")
    loading()
    everything = """SELECT (SELECT count(*) FROM staging.files), (SELECT max(file_id) FROM staging.demand),
        (SELECT count(*) FROM support.materializations)"""
    before = rows(database, everything)
    again = loading()
    assert [file.outcome for file in again.files] == ["UNCHANGED", "UNCHANGED"]
    land("items.csv", "item_code;name\nA;Conexão\n", encoding="cp1252")  # same bytes, newer time
    assert [file.outcome for file in loading().files] == ["UNCHANGED", "UNCHANGED"]
    assert rows(database, everything) == before


def test_a_corrected_file_replaces_exactly_its_own_rows(land: Land, loading, database: Database) -> None:
    land("demand/2026-01-02.csv", DEMAND + "02/01/2026;A;S;1;\n31/12/2025;A;S;9;\nx;A;S;9;\n")
    land("demand/2026-01-03.csv", DEMAND + "03/01/2026;A;S;2;\n02/01/2026;Z;S;3;\n")
    loading()
    land("demand/2026-01-02.csv", DEMAND + "02/01/2026;A;S;5;\n")
    report = loading()
    assert sorted(file.outcome for file in report.files) == ["REPLACED_OLDER", "UNCHANGED"]
    assert demand_of(database) == [("2026-01-02", "A", 5.0), ("2026-01-02", "Z", 3.0), ("2026-01-03", "A", 2.0)]
    assert rows(database, "SELECT count(*) FROM staging.rejects") == [(0,)]
    versions = "SELECT status, replaced_by IS NOT NULL FROM staging.files WHERE path LIKE '%01-02.csv' ORDER BY file_id"
    assert rows(database, versions) == [("REPLACED", True), ("LOADED", False)]
    told = "SELECT windows::text FROM support.materializations ORDER BY materialization_id DESC LIMIT 1"
    assert rows(database, told) == [("{[2025-12-31,2026-01-01),[2026-01-02,2026-01-03)}",)]


def test_an_unusable_file_stops_nobody_and_keeps_its_former_version(land: Land, loading, database: Database) -> None:
    land("demand/2026-01-02.csv", DEMAND + "02/01/2026;A;S;1;\n")
    loading()
    land("demand/2026-01-02.csv", "date;item;quantity\n02/01/2026;A;1\n")
    land("demand/2026-01-03.csv", DEMAND + "03/01/2026;A;S;2;\n")
    land("demands/2026-01-03.csv", DEMAND)
    report = loading()
    assert sorted(report.problems) == [
        "demand/2026-01-02.csv, line 1, column item_code: required columns item_code, site_code missing; "
        "found: date, item, quantity. Rename 'item' to 'item_code', or load the file with a mapping",
        "demands/2026-01-03.csv: unknown feed 'demands'. Did you mean demand? Feeds are regions, sites, suppliers, "
        "items, item_sources, demand, inventory, purchase_orders, planned_work, external_daily, planning_rules; "
        "anything else needs a mapping",
    ]
    assert demand_of(database) == [("2026-01-02", "A", 1.0), ("2026-01-03", "A", 2.0)]


def test_many_small_files_of_different_dialects_share_their_transactions(
    land: Land, loading, database: Database
) -> None:
    land("demand/2026-01-02.csv", DEMAND + "02/01/2026;A;S;1.234;\n02/01/2026;A;S;1,5;\n")
    land("demand/2026-01-03.csv", DEMAND.replace(";", ",") + "2026-01-03,A,S,1.234,\n")
    for day in range(4, 30):
        land(f"demand/2026-01-{day:02}.csv", DEMAND + f"{day:02}/01/2026;A;S;{day};\n")
    report = loading()
    assert report.rows_accepted == 29
    assert demand_of(database)[:3] == [
        ("2026-01-02", "A", 1.5),
        ("2026-01-02", "A", 1234.0),
        ("2026-01-03", "A", 1.234),
    ]
    ledger = "SELECT rows, details->>'files' FROM support.materializations WHERE table_name = 'staging.demand'"
    assert rows(database, ledger) == [(29, "28")]


def test_a_day_without_rows_counts_as_told(land: Land, loading, database: Database) -> None:
    land("purchase_orders/2026-01-02.csv", "order_no,line_no,item_code,site_code,supplier_code,order_date,quantity\n")
    assert loading().windows == {"purchase_orders": [Window.day(date(2026, 1, 2))]}
    assert rows(database, "SELECT windows::text FROM support.materializations") == [("{[2026-01-02,2026-01-03)}",)]


def test_batches_of_a_large_file_know_each_other(land: Land, loading, database: Database, monkeypatch) -> None:
    monkeypatch.setattr(gathering, "BATCH_ROWS", 40)
    monkeypatch.setattr(dialect, "BLOCK_BYTES", 1 << 10)
    stock = [f"2026-01-{1 + n % 28:02},{n // 28},S,{n}" for n in range(500)]
    land("inventory/history.csv", "date,item_code,site_code,on_hand\n" + "\n".join([*stock, *stock[::50]]))
    report = loading()
    assert (report.rows_accepted, report.rows_rejected) == (500, 10)
    found = rows(database, "SELECT count(*), sum(on_hand)::int, max(source_line) FROM staging.inventory")
    assert found == [(500, sum(range(500)), 501)]
    assert rows(database, "SELECT min(line_no), max(line_no), min(reason_code) FROM staging.rejects") == [
        (502, 511, "duplicate_row")
    ]


def test_parquet_and_xlsx_give_what_csv_gives(land: Land, loading, database: Database, settings: Settings) -> None:
    frame = pl.DataFrame({"date": [date(2026, 1, 2)], "item_code": ["010.101"], "site_code": ["S"], "quantity": [2.5]})
    folder = Path(settings.landing, "demand")
    folder.mkdir(parents=True)
    frame.write_parquet(folder / "2026-01-02_a.parquet")
    frame.write_excel(folder / "2026-01-02_b.xlsx")
    land("demand/2026-01-02_c.csv", "date,item_code,site_code,quantity\n2026-01-02,010.101,S,2.5\n")
    assert loading().rows_accepted == 3
    assert demand_of(database) == [("2026-01-02", "010.101", 2.5)] * 3


def test_files_from_elsewhere_are_landed_once(land: Land, loading, settings: Settings, tmp_path: Path) -> None:
    land("demand/2026-01-02.csv", DEMAND + "02/01/2026;A;S;1;\n", root=tmp_path / "usb")
    assert loading(path=str(tmp_path / "usb")).rows_accepted == 1
    assert (Path(settings.landing) / "demand" / "2026-01-02.csv").exists()
    assert [file.outcome for file in loading().files] == ["UNCHANGED"]
    assert [file.outcome for file in loading(path=str(tmp_path / "usb" / "demand")).files] == ["UNCHANGED"]


def test_older_dates_lower_the_beginning_of_history(land: Land, loading, settings: Settings) -> None:
    (settings.home / "settings.toml").write_text("app_port = 9000\n")
    land("external_daily/usd.csv", "date,series_code,value\n2015-01-01,USD_BRL,2.6\n")
    land("demand/old.csv", DEMAND + "17/12/2010;A;S;1;\n")
    loading()
    again = load_settings(home=settings.home)
    assert (again.history_start, again.app_port) == (date(2010, 12, 1), 9000)


def test_progress_reaches_the_number_of_files(land: Land, loading) -> None:
    for day in (2, 3):
        land(f"demand/2026-01-0{day}.csv", DEMAND)
    told = []
    loading(progress=lambda feed, done, total: told.append((feed, done, total)))
    assert told[-1] == ("demand", 2, 2)


def test_rules_of_the_database_hold_for_everything_accepted(land: Land, loading) -> None:
    """Bounds at which the database refuses a row are bounds at which the landing quarantines it."""
    header = "service_level,review_days,criticality_min,abc_class,unmet_demand\n"
    land(
        "planning_rules.csv", header + "0.5,0,0,a,lost\n0.9999,1e13,10,,\n0.49,,,,\n,,10.1,,\n,1e14,,,\n,-0.00001,,,\n"
    )
    report = loading()
    assert (report.rows_accepted, report.by_feed["planning_rules"].reasons) == (3, {"value_out_of_range": 3})


def _load_and_die(settings: Settings) -> None:
    import os

    os.environ["NOVA_CRASH_AT"] = "load.before_commit"
    load_landing(Database(settings), settings, run_id="killed")


def test_killed_before_the_commit_nothing_has_happened(land: Land, loading, database, settings: Settings) -> None:
    land("demand/2026-01-02.csv", DEMAND + "02/01/2026;A;S;1;\n")
    victim = get_context("spawn").Process(target=_load_and_die, args=(settings,))
    victim.start()
    victim.join(60)
    assert victim.exitcode == -signal.SIGKILL
    assert rows(database, "SELECT (SELECT count(*) FROM staging.files), (SELECT count(*) FROM staging.demand)") == [
        (0, 0)
    ]
    assert loading().rows_accepted == 1


def test_two_loaders_at_once_load_once(land: Land, loading, database: Database, monkeypatch) -> None:
    """The second one listed the file before the first had committed: it replaces like by like."""
    land("demand/2026-01-02.csv", DEMAND + "02/01/2026;A;S;1;\n")
    listed = load._new_files
    first = True

    def overtaken(*arguments: Any):
        nonlocal first
        found = list(listed(*arguments))
        if first:
            first = False
            loading()
        return iter(found)

    monkeypatch.setattr(load, "_new_files", overtaken)
    loading()
    assert demand_of(database) == [("2026-01-02", "A", 1.0)]


def test_the_register_refuses_counts_that_do_not_add_up(land: Land, loading, database: Database) -> None:
    land("demand/2026-01-02.csv", DEMAND + "02/01/2026;A;S;1;\n")
    loading()
    with pytest.raises(psycopg.errors.CheckViolation), database.connect() as connection:
        connection.execute("UPDATE staging.files SET rows_in = rows_in + 1")
