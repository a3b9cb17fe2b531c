"""A publisher killed at any instant leaves the old window or the new one, whole; the next one mends nothing."""

from __future__ import annotations

import signal
from datetime import date
from multiprocessing import get_context

import pytest

from nova_assets.catalog import table
from nova_resources import ledger
from nova_resources.postgres import Database
from nova_resources.sql_library import Query
from nova_resources.tables import Window
from nova_resources.window import publish

STOCK = table("core.fact_inventory_daily")
MONTH, DAY = Window.month_of(date(2024, 3, 1)), Window.day(date(2024, 3, 9))
FILL = Query(
    "fill",
    """SELECT d::date AS full_date, 1 AS item_id, 1 AS site_id, %(on_hand)s::numeric AS on_hand, 0 AS reserved,
        0 AS backorder
    FROM generate_series(%(window_start)s::timestamp, %(window_end)s::timestamp - interval '1 day', '1 day') d""",
)
CONTENT = Query(
    "content",
    """SELECT count(*) AS days, min(on_hand)::integer AS least, max(on_hand)::integer AS most
    FROM core.fact_inventory_daily WHERE full_date >= %(window_start)s AND full_date < %(window_end)s""",
)
POINTS = [
    (MONTH, "publish.after_load", 1),
    (MONTH, "publish.before_swap", 1),
    (MONTH, "publish.before_ledger", 1),
    (MONTH, "publish.before_commit", 1),
    (MONTH, "publish.after_commit", 2),
    (DAY, "publish.after_load", 1),
    (DAY, "publish.after_delete", 1),
    (DAY, "publish.before_ledger", 1),
    (DAY, "publish.before_commit", 1),
    (DAY, "publish.after_commit", 2),
]


def put(db: Database, window: Window, on_hand: int) -> None:
    publish(db, STOCK, window, FILL, run_id=f"put {on_hand}", code_version="v1", params={"on_hand": on_hand})


def quantities(db: Database, window: Window) -> dict[str, int]:
    return db.rows(CONTENT, window_start=window.start, window_end=window.end)[0]


@pytest.mark.parametrize(("window", "point", "survives"), POINTS, ids=[f"{w.days[-1]}-{p}" for w, p, _ in POINTS])
def test_killed_publisher_leaves_one_whole_window(database, monkeypatch, window, point, survives):
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO core.dim_item (item_id, item_code, name, unit_measure, item_kind, active, inferred)"
            " VALUES (1, 'I1', 'x', 'UN', 'MATERIAL', true, false)"
        )
        connection.execute(
            "INSERT INTO core.dim_site (site_id, site_code, name, active, inferred) VALUES (1, 'S1', 'x', true, false)"
        )
    put(database, MONTH, 1)
    monkeypatch.setenv("NOVA_CRASH_AT", point)
    publisher = get_context("fork").Process(target=put, args=(database, window, 2))
    publisher.start()
    publisher.join()
    monkeypatch.delenv("NOVA_CRASH_AT")
    days = len(window.days)
    assert publisher.exitcode == -signal.SIGKILL
    assert quantities(database, window) == {"days": days, "least": survives, "most": survives}
    assert ledger.latest(database, [STOCK.qualified])[STOCK.qualified].run_id == f"put {survives}"
    put(database, window, 3)
    assert quantities(database, window) == {"days": days, "least": 3, "most": 3}
