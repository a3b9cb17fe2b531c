"""What is kept for how long: daily as-of rows; and the partitions that are made before they are needed.

Of an as-of table every day is kept for NOVA_DAILY_AS_OF_DAYS; of each month before that only its last day stays, for
ever. Such months are history: nothing computes them again by itself. Facts, staging and support are never touched.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import psycopg
from psycopg import sql

from nova_resources.postgres import Database, executable
from nova_resources.settings import Settings
from nova_resources.sql_library import sql as query
from nova_resources.tables import Grid, Table, Window
from nova_resources.window import ensure_partitions, lock_window, swap_in

# Months after this one whose partitions are made, and fewer than which somebody is told.
AHEAD, LEAST_AHEAD = 3, 2


@dataclass(frozen=True, slots=True)
class Thinned:
    """A month of which only one day was kept."""

    table: str
    month: date
    kept: date
    removed_rows: int


def is_thinned(table: Table) -> bool:
    """Whether old months of a table keep their last day only."""
    return table.schema == "analytics" and table.partition is not None and table.grid is Grid.DAY


def horizon(settings: Settings) -> date:
    """First day of the oldest month that keeps all of its days."""
    return (settings.today() - timedelta(days=settings.daily_as_of_days)).replace(day=1)


def thin(db: Database, table: Table, run_id: str) -> Iterator[Thinned]:
    """Reduce each month before the horizon to its last day, one transaction for each; tells what was removed.

    Readers are held up for the milliseconds of a swap. A crash leaves a month whole or thinned, never between.
    """
    if not is_thinned(table):
        raise ValueError(f"{table.qualified} keeps everything")
    before = horizon(db.settings)
    for month in _months(db, table, before):
        with db.connect(run_id=run_id) as connection:
            # Looked at before it is locked: almost every month was thinned long ago.
            if _has_several_days(connection, table, month):
                lock_window(connection, table, month)
                done = _thin(connection, table, month)
                _tell_audit(connection, done)
                yield done


def make_ahead(db: Database, tables: Collection[Table], run_id: str) -> None:
    """Make the partitions of this month and of the next ones, where they are lacking."""
    window = Window.month_of(db.settings.today())
    for _ in range(AHEAD):
        window = Window(window.start, Window.month_of(window.end).end)
    for table in tables:
        if table.partition:
            with db.connect(run_id=run_id) as connection:
                ensure_partitions(connection, table, window)


def _months(db: Database, table: Table, before: date) -> Iterator[Window]:
    """Months from the oldest row to the horizon."""
    statement = sql.SQL("SELECT min({c}) AS oldest FROM {t}").format(**_names(table))
    oldest = db.rows(statement)[0]["oldest"]
    while oldest and oldest < before:
        month = Window.month_of(oldest)
        yield month
        oldest = month.end


def _has_several_days(connection: psycopg.Connection, table: Table, month: Window) -> bool:
    text = "SELECT min({c}) < max({c}) FROM {t} WHERE {c} >= {first} AND {c} < {end}"
    row = connection.execute(sql.SQL(text).format(**_names(table, month))).fetchone()
    return bool(row and row[0])


def _thin(connection: psycopg.Connection, table: Table, month: Window) -> Thinned:
    """Put a partition with the rows of the month's last day in the place of the whole one."""
    names = _names(table, month)
    text = "SELECT max({c}), count(*) FROM {t} WHERE {c} >= {first} AND {c} < {end}"
    found = connection.execute(sql.SQL(text).format(**names)).fetchone()
    assert found is not None
    last, rows = found
    values = (table.qualified, month.start)
    (aside,) = connection.execute("SELECT support.begin_swap(%s::regclass, %s::date)", values).fetchone() or ("",)
    names |= {"aside": sql.Identifier(table.schema, aside), "last": sql.Literal(last)}
    names["columns"] = sql.SQL(", ").join(map(sql.Identifier, table.column_names))
    copy = "INSERT INTO {aside} ({columns}) SELECT {columns} FROM {t} WHERE {c} = {last}"
    kept = connection.execute(sql.SQL(copy).format(**names)).rowcount
    swap_in(connection, table, month)
    return Thinned(table.qualified, month.start, last, rows - kept)


def _tell_audit(connection: psycopg.Connection, done: Thinned) -> None:
    """A row of the audit log, in the transaction that removes."""
    details = {"month": done.month, "kept": done.kept, "rows_removed": done.removed_rows}
    values = {
        "session": None,
        "action": "retention.thinned",
        "entity": done.table,
        "outcome": "DONE",
        "details": json.dumps(details, default=str),
        "source": None,
        "user_agent": None,
    }
    connection.execute(executable(query("app/audit")), values)


def _names(table: Table, month: Window | None = None) -> dict[str, sql.Composable]:
    names: dict[str, sql.Composable] = {
        "t": sql.Identifier(table.schema, table.name),
        "c": sql.Identifier(table.partition or ""),
    }
    if month:
        names |= {"first": sql.Literal(month.start), "end": sql.Literal(month.end)}
    return names
