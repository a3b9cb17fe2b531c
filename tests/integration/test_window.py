"""The window write: checked, whole, repeatable, one publisher at a time; and what it tells the ledger."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier, Event
from typing import Any

import psycopg
import pyarrow as pa
import pytest

from nova_assets.catalog import table
from nova_resources import ledger, rules
from nova_resources.postgres import Database
from nova_resources.sql_library import Query
from nova_resources.tables import Window
from nova_resources.window import ColumnMismatch, Published, WindowRejected, publish, refresh_view

STOCK = table("core.fact_inventory_daily")
ITEMS = table("core.dim_item")
MARCH = Window(date(2024, 3, 1), date(2024, 4, 1))
FORTNIGHT = Window(date(2024, 3, 2), date(2024, 3, 16))
SEED = """
    INSERT INTO core.dim_item (item_id, item_code, name, unit_measure, item_kind, active, inferred)
    SELECT i, 'I' || i, 'x', 'UN', 'MATERIAL', true, false FROM generate_series(1, 50) i;
    INSERT INTO core.dim_site (site_id, site_code, name, active, inferred) VALUES (1, 'S1', 'x', true, false);
"""
# Every item on every day of the window, with one quantity.
FILL = Query(
    "fill",
    """SELECT d::date AS full_date, i AS item_id, 1 AS site_id, %(on_hand)s::numeric AS on_hand, 0 AS reserved,
        0 AS backorder
    FROM generate_series(%(window_start)s::timestamp, %(window_end)s::timestamp - interval '1 day', '1 day') d,
        generate_series(1, 50) i""",
)


@pytest.fixture
def db(settings) -> Database:
    database = Database(settings)
    with database.connect() as connection:
        connection.execute(SEED)
    return database


def put(db: Database, window: Window, rows: Any = FILL, on_hand: float = 1, **more: Any) -> Published:
    return publish(db, STOCK, window, rows, run_id=str(on_hand), code_version="v1", params={"on_hand": on_hand}, **more)


def stock(day: date, item: int = 1, **changed: Any) -> dict[str, Any]:
    row = {"full_date": day, "item_id": item, "site_id": 1, "on_hand": 1.0, "reserved": 0.0, "backorder": 0.0}
    return row | changed


def arrow(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows))


def content(db: Database) -> list[dict[str, Any]]:
    """Days that the table holds, with their rows and the quantities found."""
    return db.rows(
        "SELECT full_date AS day, count(*) AS rows, min(on_hand)::integer AS least, max(on_hand)::integer AS most"
        " FROM core.fact_inventory_daily GROUP BY 1 ORDER BY 1"
    )


def checksum(db: Database) -> str:
    [row] = db.rows(
        "SELECT md5(string_agg(f::text, '|' ORDER BY f.full_date, f.item_id)) AS sum FROM core.fact_inventory_daily f"
    )
    return row["sum"]


def refused(call: Callable[[], object]) -> dict[str, int]:
    with pytest.raises(WindowRejected) as caught:
        call()
    return {violation.rule: violation.count for violation in caught.value.violations}


@pytest.mark.parametrize(
    ("window", "mode"),
    [
        (MARCH, "SWAP"),
        (Window.day(date(2024, 3, 9)), "REPLACE"),
        (Window(date(2024, 3, 9), date(2024, 4, 1)), "REPLACE"),
        (Window(date(2024, 3, 1), date(2024, 5, 1)), "SWAP"),
        (Window(date(2024, 2, 20), date(2024, 5, 3)), "MIXED"),
    ],
)
def test_publish_twice_is_publish_once(db, window, mode):
    first, sum_of_first = put(db, window), checksum(db)
    second = put(db, window)
    assert (second.mode, second.rows, second.rows_by_day) == (mode, first.rows, first.rows_by_day)
    assert first.rows_by_day == dict.fromkeys(window.days, 50)
    assert checksum(db) == sum_of_first


def test_neighbours_stay(db):
    put(db, MARCH, on_hand=1)
    put(db, Window.day(date(2024, 3, 10)), on_hand=7)
    found = {row["day"]: row["most"] for row in content(db)}
    assert (len(found), found[date(2024, 3, 10)], found[date(2024, 3, 11)]) == (31, 7, 1)


def test_month_that_is_not_over_is_replaced(db, settings):
    assert put(db, Window.month_of(settings.today())).mode == "REPLACE"


def test_window_without_rows_empties_it_and_is_known(db):
    put(db, MARCH)
    nothing = pa.Table.from_pylist([stock(MARCH.start)]).slice(0, 0)
    done = put(db, Window.day(date(2024, 3, 2)), nothing)
    assert done.rows_by_day == {date(2024, 3, 2): 0}
    assert date(2024, 3, 2) not in {row["day"] for row in content(db)}
    assert ledger.missing_windows(db, [STOCK], MARCH) == []


def test_arrow_rows_are_cut_by_month(db):
    rows = arrow(*(stock(date(2024, 1, 31) + timedelta(days=n)) for n in range(31)))
    window = Window(date(2024, 1, 31), date(2024, 3, 2))
    by_table, sum_by_table = put(db, window, rows), checksum(db)
    by_batches = put(db, window, iter(rows.to_batches(max_chunksize=4)))
    assert (by_table.rows, by_batches.rows_by_day, checksum(db)) == (31, by_table.rows_by_day, sum_by_table)
    entries = db.rows(
        "SELECT windows::text AS w, rows FROM support.materializations ORDER BY materialization_id LIMIT 3"
    )
    assert [(entry["w"], entry["rows"]) for entry in entries] == [
        ("{[2024-01-31,2024-02-01)}", 1),
        ("{[2024-02-01,2024-03-01)}", 29),
        ("{[2024-03-01,2024-03-02)}", 1),
    ]


BROKEN = {
    "in_window": {"full_date": date(2024, 4, 1)},
    "full_date_not_null": {"full_date": None},
    "on_hand_not_null": {"on_hand": None},
    "on_hand_range": {"on_hand": -0.5},
    "on_hand_finite": {"on_hand": float("nan")},
    "item_id_known": {"item_id": 999},
}


@pytest.mark.parametrize("rule", BROKEN)
@pytest.mark.parametrize("window", [MARCH, Window.day(date(2024, 3, 9))], ids=["swap", "replace"])
def test_broken_rule_publishes_nothing(db, rule, window):
    put(db, MARCH)
    before, entries = checksum(db), ledger.head(db)
    rows = arrow(stock(date(2024, 3, 9), 1), stock(date(2024, 3, 9), 2) | BROKEN[rule])
    assert refused(lambda: put(db, window, rows)) == {rule: 1}
    assert (checksum(db), ledger.head(db)) == (before, entries)


def test_every_broken_rule_is_counted_with_samples(db):
    day = date(2024, 3, 9)
    rows = arrow(*(stock(day, 1, on_hand=-1.0) for _ in range(7)), stock(day, 999))
    with pytest.raises(WindowRejected, match="item_id_known: 1") as caught:
        put(db, Window.day(day), rows)
    found = {v.rule: (v.count, len(v.samples)) for v in caught.value.violations}
    assert found == {"on_hand_range": (7, 5), "item_id_known": (1, 1), "unique_key": (1, 1)}
    assert {"item_id": 999}.items() <= next(v for v in caught.value.violations if v.rule == "item_id_known").samples[
        0
    ].items()


def test_strays_between_months_are_refused_before_any_month_is_written(db):
    rows = arrow(stock(date(2024, 2, 5)), stock(date(2024, 6, 1)))
    assert refused(lambda: put(db, Window(date(2024, 2, 1), date(2024, 4, 1)), rows)) == {"in_window": 1}
    assert content(db) == []


def test_row_predicates_and_closed_lists_are_rules_too(db):
    item = {
        "item_id": 1,
        "item_code": "I1",
        "name": "x",
        "family": None,
        "category": None,
        "unit_measure": "UN",
        "unit_cost": 1.0,
        "criticality": 11.0,
        "item_kind": "TOOL",
        "successor_code": None,
        "active": True,
        "inferred": False,
    }
    found = refused(lambda: publish(db, ITEMS, None, arrow(item), run_id="t", code_version="v"))
    assert found == {"criticality_range": 1, "item_kind_values": 1}
    source = table("core.item_source")
    terms = pa.table(
        {
            "item_id": [1],
            "supplier_id": [5],
            "site_id": [0],
            "valid_from": [date(2024, 2, 1)],
            "valid_to": [date(2024, 1, 1)],
            "unit_price": [1.0],
            "min_order_qty": [1.0],
            "order_multiple": [1.0],
            "lead_time_days": [3.0],
        }
    )
    found = refused(lambda: publish(db, source, None, terms, run_id="t", code_version="v"))
    assert found == {"terms_end_after_start": 1, "supplier_id_known": 1}


def test_published_window_can_be_checked_again(db):
    put(db, MARCH)
    with db.connect() as connection:
        connection.execute("DELETE FROM core.dim_item WHERE item_id = 50")
        found = rules.check(connection, STOCK, rules.within(STOCK, Window.day(MARCH.start)), Window.day(MARCH.start))
    assert [(violation.rule, violation.count) for violation in found] == [("item_id_known", 1)]


def test_columns_must_be_those_of_the_table(db):
    with pytest.raises(ColumnMismatch, match=r"lacking \['backorder'\], surplus \['extra'\]"):
        put(db, MARCH, arrow(stock(MARCH.start, extra=1)).drop(["backorder"]))
    with pytest.raises(ColumnMismatch, match="fill"):
        put(db, MARCH, Query("fill", "SELECT 1 AS item_id"))


def test_table_without_window_is_replaced_whole(db):
    region = table("core.dim_region")
    for names in (["a", "b"], ["c"]):
        rows = pa.table(
            {
                "region_id": range(len(names)),
                "region_code": names,
                "name": names,
                "state_code": ["BA"] * len(names),
                "inferred": [False] * len(names),
            }
        )
        done = publish(db, region, None, rows, run_id="t", code_version="v")
    assert (done.mode, done.rows_by_day) == ("REPLACE", {})
    assert db.read("SELECT region_code FROM core.dim_region").column(0).to_pylist() == ["c"]


def test_windowed_table_demands_a_window(db):
    with pytest.raises(ValueError, match="by windows of full_date"):
        publish(db, STOCK, None, FILL, run_id="t", code_version="v")


def test_swapped_partition_is_like_the_others(db, settings):
    put(db, MARCH)
    put(db, MARCH)
    put(db, Window.day(date(2024, 4, 1)))
    owner = Database(settings, role="nova_owner")
    shape = owner.rows(
        """
        SELECT c.relname AS name, pg_get_userbyid(c.relowner) AS owner, c.relacl::text AS rights,
            (SELECT array_agg(pg_get_constraintdef(k.oid) ORDER BY 1)
             FROM pg_constraint k WHERE k.conrelid = c.oid AND contype IN ('c', 'p')) AS constraints,
            (SELECT array_agg(substring(pg_get_indexdef(x.indexrelid) FROM 'USING.*') ORDER BY 1)
             FROM pg_index x WHERE x.indrelid = c.oid AND x.indisvalid) AS indexes,
            (SELECT count(*) FROM pg_attribute WHERE attrelid = c.oid AND attnotnull AND attnum > 0) AS required
        FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
        WHERE i.inhparent = 'core.fact_inventory_daily'::regclass ORDER BY 1 LIMIT 2
        """
    )
    assert [row.pop("name") for row in shape] == ["fact_inventory_daily_202403", "fact_inventory_daily_202404"]
    assert (shape[0] | {"rights": None}) == (shape[1] | {"rights": None})
    assert "nova_etl" not in (shape[0]["rights"] or "")
    leftovers = owner.rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE %(p)s", p="%aside%")
    assert leftovers == []


def test_publishers_of_overlapping_windows_take_turns(db, settings):
    windows = [MARCH, Window.day(date(2024, 3, 9)), MARCH, Window(date(2024, 3, 5), date(2024, 3, 20))]
    together = Barrier(len(windows))

    def run(number: int) -> str:
        together.wait()
        return put(Database(settings), windows[number], on_hand=number + 1).mode

    with ThreadPoolExecutor(len(windows)) as pool:
        assert list(pool.map(run, range(len(windows)))) == ["SWAP", "REPLACE", "SWAP", "REPLACE"]
    # Each day holds the quantity of whoever published it last, and no day is a mixture of two.
    expected: dict[date, int] = {}
    for row in db.rows("SELECT run_id FROM support.materializations ORDER BY materialization_id"):
        expected |= dict.fromkeys(windows[int(row["run_id"]) - 1].days, int(row["run_id"]))
    found = content(db)
    assert {row["day"]: (row["rows"], row["least"], row["most"]) for row in found} == {
        day: (50, quantity, quantity) for day, quantity in expected.items()
    }


def test_publishers_of_different_months_run_side_by_side(db, settings):
    months = [Window.month_of(date(2024, month, 1)) for month in range(1, 5)]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda window: put(Database(settings), window), months))
    assert [piece.mode for piece in done] == ["SWAP"] * 4
    assert sum(row["rows"] for row in content(db)) == 50 * sum(len(window.days) for window in months)


def test_reader_sees_one_month_or_the_other_while_it_is_swapped(db, settings):
    put(db, MARCH, on_hand=1)
    stop, seen = Event(), []

    def read() -> None:
        app = Database(settings, role="nova_app")
        with app.connect(autocommit=True) as connection:
            while not stop.is_set():
                statement = "SELECT count(*), min(on_hand)::int, max(on_hand)::int FROM core.fact_inventory_daily"
                seen.append(connection.execute(statement).fetchone())

    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(read)
        for on_hand in range(2, 6):
            put(db, MARCH, on_hand=on_hand)
        stop.set()
        reader.result()
    assert {rows for rows, _, _ in seen} == {50 * 31}
    assert all(least == most for _, least, most in seen)


def test_swap_comes_back_after_a_long_reader(db, settings, monkeypatch):
    """A reader that holds the table makes the swap give way, not wait with everybody queued behind it."""
    put(db, MARCH, on_hand=1)
    tries: list[float] = []
    with Database(settings, role="nova_app").connect() as reader:
        reader.execute("SELECT count(*) FROM core.fact_inventory_daily")

        def let_go(seconds: float) -> None:
            tries.append(seconds)
            reader.rollback()

        monkeypatch.setattr("nova_resources.window.time.sleep", let_go)
        put(db, MARCH, on_hand=2)
    assert len(tries) == 1
    assert {row["most"] for row in content(db)} == {2}


def test_view_refresh_is_recorded(db):
    view = table("analytics.mv_alerts_open")
    modes = [refresh_view(db, view, run_id="t", code_version="v").mode for _ in range(2)]
    assert (modes, ledger.latest(db, [view.qualified])[view.qualified].mode) == (["REFRESH"] * 2, "REFRESH")


@pytest.mark.parametrize(
    ("name", "window"),
    [
        ("core.fact_inventory_daily_202403", MARCH),
        ("core.fact_inventory_daily_202403", FORTNIGHT),
        ("core.dim_item", None),
    ],
    ids=["swapped", "replaced", "whole"],
)
def test_the_planner_knows_what_was_just_written(db, settings, name, window):
    if window:
        put(db, window)
    else:
        rows = db.read("SELECT * FROM core.dim_item")
        publish(db, ITEMS, None, rows, run_id="1", code_version="v1")
    [found] = Database(settings, role="nova_owner").rows(
        "SELECT reltuples::integer AS rows FROM pg_class WHERE oid = %(name)s::regclass", name=name
    )
    assert found["rows"] == 50 * (len(window.days) if window else 1)


def test_wrong_type_publishes_nothing(db):
    put(db, MARCH)
    before = checksum(db)
    rows = pa.table({name: ["x"] for name in STOCK.column_names})
    with pytest.raises((psycopg.DataError, pa.ArrowInvalid)):
        put(db, MARCH, rows)
    assert checksum(db) == before
