"""How long a year of facts takes to compute anew through Dagster, beside the bare statements that do the same work."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import psycopg
from psycopg import sql as composable

from nova_assets import catalog, demo
from nova_cli import machine
from nova_cli.backfill import backfill_range
from nova_cli.benchmarks.home import temporary_platform
from nova_cli.benchmarks.measure import Measure, Say
from nova_resources.postgres import Database, bound_text, trusted
from nova_resources.server import admin_parameters
from nova_resources.settings import Settings
from nova_resources.sql_library import sql
from nova_resources.tables import Grid, Stage, Window

DAYS = 365
CORE = [table for table in catalog.TABLES if table.stage is Stage.CORE and table.asset]
FACTS = [table for table in CORE if table.window and table.grid is Grid.DAY]
TIMES = 2


def run(rows: int | None, say: Say) -> list[Measure]:
    """Rows per second of a backfill over a year of facts and its share of the bare rate. `rows` is the demo's scale."""
    with temporary_platform(dagster=True) as settings:
        say("extracts of three years")
        scale = str(rows or demo.DEFAULT_SCALE)
        machine.output_of(settings, ["nova_cli", "demo", "--scale", scale])
        machine.output_of(settings, ["nova_cli", "load", settings.landing])
        last = settings.last_complete_day()
        year = Window(last - timedelta(days=DAYS - 1), last + timedelta(days=1))
        names = ",".join(table.qualified for table in CORE)
        say("dimensions, and the year for the first time")
        first = backfill_range(settings, year.start, last, names)
        say("the year again")
        facts = backfill_range(settings, year.start, last, ",".join(table.qualified for table in FACTS))[-1]
        say("the bare statements")
        bare = min(_bare(settings, year) for _ in range(TIMES))
    count = sum(sum(days.values()) for days in facts.rows.values())
    return [
        Measure("rows of a year of facts", count, "rows"),
        Measure("bare INSERT … SELECT, month by month", count / bare, "rows/s"),
        Measure("backfill of the year", count / facts.seconds, "rows/s"),
        Measure("backfill / bare statements", bare / facts.seconds, ""),
        Measure("Dagster's own share of the backfill", facts.overhead / facts.seconds, "share"),
        Measure("first backfill, dimensions included", sum(report.seconds for report in first), "s"),
    ]


def _bare(settings: Settings, year: Window) -> float:
    """Seconds in which PostgreSQL alone fills the emptied tables from the same queries."""
    parameters: dict[str, Any] = admin_parameters(settings) | {"dbname": settings.database_name}
    with psycopg.connect(**parameters, autocommit=True) as admin:
        for table in FACTS:
            admin.execute(composable.SQL("TRUNCATE {}").format(composable.Identifier(table.schema, table.name)))
        admin.execute("CHECKPOINT")
    began = time.perf_counter()
    for table in FACTS:
        insert = composable.SQL("INSERT INTO {} ({names}) SELECT {names} FROM ({}) AS q")
        names = composable.SQL(", ").join(map(composable.Identifier, table.column_names))
        target = composable.Identifier(table.schema, table.name)
        for month in year.months():
            with Database(settings).connect() as connection:
                bounds = {"window_start": month.start, "window_end": month.end}
                select = trusted(bound_text(connection, sql(table.qualified.replace(".", "/")), bounds))
                connection.execute(insert.format(target, select, names=names))
    return time.perf_counter() - began
