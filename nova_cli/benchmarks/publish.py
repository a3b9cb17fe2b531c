"""How fast the window write is beside bare statements that put the same rows into the same partitioned table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql as composable

from nova_assets import catalog
from nova_assets.staging import load_landing
from nova_cli.benchmarks.home import temporary_platform
from nova_cli.benchmarks.measure import Measure, Say, medians
from nova_resources.postgres import Database, bound_text, copy_in, trusted
from nova_resources.server import admin_parameters
from nova_resources.settings import Settings
from nova_resources.sql_library import sql
from nova_resources.tables import Window
from nova_resources.window import publish

ROWS, TIMES = 300_000, 5
SITES = 100
FACT = catalog.table("core.fact_inventory_daily")
DIMENSIONS = ("core.dim_item", "core.dim_site")
ROWS_OF_WINDOW = sql("core/fact_inventory_daily")
WHO: dict[str, Any] = {"run_id": "bench", "code_version": "bench"}


def run(rows: int | None, say: Say) -> list[Measure]:
    """Rows per second of publishing a closed month and a day, and their shares of the bare statements' rates."""
    with temporary_platform() as settings:
        month = Window.month_of(settings.today().replace(day=1) - timedelta(days=1))
        say("stock of a month")
        count = _land(settings, month, rows or ROWS)
        db = Database(settings)
        for name in DIMENSIONS:
            publish(db, catalog.table(name), None, sql(name.replace(".", "/")), **WHO)
        publish(db, FACT, month, ROWS_OF_WINDOW, **WHO)
        held = db.read(ROWS_OF_WINDOW, exact=True, **_bounds(month))
        day = Window.day(month.start + timedelta(days=14))
        of_day = held.filter(pc.equal(held["full_date"], pa.scalar(day.start)))
        contenders: dict[str, Callable[[], object]] = {
            "COPY": partial(_bare_copy, db, held),
            "month from rows": partial(publish, db, FACT, month, held, **WHO),
            "INSERT": partial(_bare_insert, db, month),
            "month from SQL": partial(publish, db, FACT, month, ROWS_OF_WINDOW, **WHO),
        }
        seconds = medians(contenders, partial(_empty, settings), TIMES, say)
        filled = partial(publish, db, FACT, month, ROWS_OF_WINDOW, **WHO)
        seconds |= medians({"day": partial(publish, db, FACT, day, of_day, **WHO)}, filled, TIMES, say)
    rates = {name: count / taken for name, taken in seconds.items()} | {"day": of_day.num_rows / seconds["day"]}
    return [
        Measure("rows of the month", count, ""),
        Measure("bare COPY of a month", rates["COPY"], "rows/s"),
        Measure("window write of a month from rows", rates["month from rows"], "rows/s"),
        Measure("window write from rows / COPY", rates["month from rows"] / rates["COPY"], ""),
        Measure("bare INSERT … SELECT of a month", rates["INSERT"], "rows/s"),
        Measure("window write of a month from SQL", rates["month from SQL"], "rows/s"),
        Measure("window write from SQL / INSERT … SELECT", rates["month from SQL"] / rates["INSERT"], ""),
        Measure(f"window write of one day, {of_day.num_rows:,} rows", seconds["day"], "s"),
    ]


def _land(settings: Settings, month: Window, rows: int) -> int:
    """Land stock of a whole month for as many materials as give about `rows`; returns the exact number."""
    items = max(1, rows // (SITES * len(month.days)))
    pairs = pl.DataFrame({"item_code": np.char.mod("%06d", np.arange(items))}).join(
        pl.DataFrame({"site_code": np.char.mod("BA-%04d", np.arange(SITES))}), how="cross"
    )
    frame = pl.DataFrame({"date": month.days}).join(pairs, how="cross")
    on_hand = np.random.default_rng(7).integers(0, 500, frame.height)
    path = Path(settings.landing) / "inventory" / f"{month.days[-1]}.parquet"
    path.parent.mkdir(parents=True)
    frame.with_columns(on_hand=on_hand, reserved=pl.lit(0), backorder=pl.lit(0)).write_parquet(path)
    return load_landing(Database(settings), settings, run_id="bench").rows_accepted


def _bare_copy(db: Database, rows: pa.Table) -> None:
    with db.connect() as connection:
        copy_in(connection, FACT, FACT.column_names, rows)


def _bare_insert(db: Database, month: Window) -> None:
    names = composable.SQL(", ").join(map(composable.Identifier, FACT.column_names))
    statement = composable.SQL("INSERT INTO {} ({names}) SELECT {names} FROM ({}) AS q")
    with db.connect() as connection:
        select = trusted(bound_text(connection, ROWS_OF_WINDOW, _bounds(month)))
        connection.execute(statement.format(composable.Identifier(FACT.schema, FACT.name), select, names=names))


def _bounds(window: Window) -> dict[str, object]:
    return {"window_start": window.start, "window_end": window.end}


def _empty(settings: Settings) -> None:
    parameters: dict[str, Any] = admin_parameters(settings) | {"dbname": settings.database_name}
    with psycopg.connect(**parameters, autocommit=True) as admin:
        admin.execute("TRUNCATE core.fact_inventory_daily")
        admin.execute("CHECKPOINT")
