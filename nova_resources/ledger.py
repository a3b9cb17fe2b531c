"""The ledger, support.materializations: what was published, when, from what; and what is therefore stale or missing.

Entries are numbered in the order in which they became visible. An entry is written in the transaction that publishes
(`record`, last of all), never by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg

from nova_resources.postgres import Database, executable
from nova_resources.sql_library import sql
from nova_resources.tables import Grid, Reach, Table, Window

Stale = list[tuple[str, date]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One publish. `windows` is PostgreSQL's text of the date ranges, None for a table without windows."""

    materialization_id: int
    table_name: str
    windows: str | None
    run_id: str
    code_version: str
    rows: int
    mode: str
    inputs_seen: int | None
    details: dict[str, Any]
    at: datetime


def record(
    connection: psycopg.Connection,
    table: Table,
    windows: Sequence[Window],
    *,
    run_id: str,
    code_version: str,
    rows: int,
    mode: str,
    details: Mapping[str, Any] | None = None,
    inputs_seen: int | None = None,
) -> int:
    """Write one entry on the publishing connection; returns its number. Nothing but COMMIT may follow for long.

    From here to the commit every other publisher waits: that is what makes the order of numbers the order of commits.
    `inputs_seen` is the `head` that was read before the inputs were.
    """
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('nova.ledger', 0))")
    values = {
        "table_name": table.qualified,
        "starts": [window.start for window in windows],
        "ends": [window.end for window in windows],
        "run_id": run_id,
        "code_version": code_version,
        "rows": rows,
        "mode": mode,
        "inputs_seen": inputs_seen,
        "details": json.dumps(details or {}, default=str),
    }
    cursor = psycopg.ClientCursor(connection)
    row = cursor.execute(executable(sql("support/record_materialization")), values).fetchone()
    assert row is not None
    return int(row[0])


def head(source: Database | psycopg.Connection) -> int:
    """Number of the newest entry, 0 before the first. To be read before the inputs of a computation are."""
    query = sql("support/ledger_head")
    if isinstance(source, Database):
        return int(source.rows(query)[0]["head"])
    row = source.execute(executable(query)).fetchone()
    assert row is not None
    return int(row[0])


def latest(db: Database, tables: Iterable[str] | None = None) -> dict[str, Entry]:
    """Newest entry of each table, by `schema.name`; of all tables when none are named."""
    names = None if tables is None else list(tables)
    rows = db.rows(sql("support/latest_materializations"), tables=names)
    return {row["table_name"]: Entry(**row) for row in rows}


def latest_as_of(db: Database, table: str) -> date | None:
    """Newest business date on which `schema.name` has rows, None when it has none."""
    return db.rows(sql("support/latest_as_of"), table_name=table)[0]["as_of"]


def stale_windows(db: Database, tables: Sequence[Table]) -> Stale:
    """(`schema.name`, window) of every window of `tables` that an input was published for since it was computed.

    A window is a day, or the first day of a month for monthly tables. Reach.SAME: inputs of the same window; UNTIL: of
    any date up to it; ALL: not counted, such an input dates no window. Only windows that exist are judged. Inputs count
    when they are among `tables` or written in the ledger; what is stale because its input is stale shows once that
    input was published again.
    """
    monthly = {table.qualified: table.grid is Grid.MONTH for table in tables}
    edges = [
        (table, edge) for table in tables if table.window for edge in table.upstream if edge.reach is not Reach.ALL
    ]
    rows = db.rows(
        sql("support/stale_windows"),
        tables=[table.qualified for table, _ in edges],
        upstreams=[edge.table for _, edge in edges],
        reaches=[edge.reach.value for _, edge in edges],
        offsets=[edge.offset_months for _, edge in edges],
        monthly=[monthly[table.qualified] for table, _ in edges],
        upstream_monthly=[monthly.get(edge.table, False) for _, edge in edges],
    )
    return [(row["table_name"], row["starts"]) for row in rows]


def missing_windows(db: Database, tables: Sequence[Table], window: Window) -> Stale:
    """(`schema.name`, window) of every day (or month that is over) of `window` that was never published."""
    cut = [table for table in tables if table.window]
    rows = db.rows(
        sql("support/missing_windows"),
        tables=[table.qualified for table in cut],
        monthly=[table.grid is Grid.MONTH for table in cut],
        window_start=window.start,
        window_end=window.end,
    )
    return [(row["table_name"], row["starts"]) for row in rows]
