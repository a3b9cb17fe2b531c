"""Checksums of tables: two tables with the same rows have the same one, in whatever order the rows lie.

Every declared column counts but those that only tell how a row arrived (its file and line, running numbers). All other
provenance is in the ledger, so that computing a table again from the same input gives the same checksum.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from psycopg import sql

from nova_resources.postgres import Database
from nova_resources.tables import Column, Table, Window

FILE, LINE = "staging.files.file_id", "source_line"


@dataclass(frozen=True, slots=True)
class Checksum:
    """Rows of a table or window, and a digest of them; copies of a row count."""

    rows: int
    digest: str


def checksum(db: Database, table: Table, window: Window | None = None) -> Checksum:
    """Checksum of the published rows of `table`, or of one window of them.

    Each row's text is hashed (md5) and the two halves of the hashes are added up: the sum does not depend on order.
    """
    half = sql.SQL("sum(('x' || substr(hash, {start}, 16))::bit(64)::bigint::numeric)")
    statement = sql.SQL(
        "SELECT count(*) AS rows, {first} AS first, {second} AS second"
        " FROM (SELECT md5(ROW({columns})::text) AS hash FROM {table}{where}) AS hashed"
    ).format(
        first=half.format(start=sql.Literal(1)),
        second=half.format(start=sql.Literal(17)),
        columns=sql.SQL(", ").join(map(sql.Identifier, content(table))),
        table=sql.Identifier(table.schema, table.name),
        where=_within(table, window),
    )
    (found,) = db.rows(statement)
    text = f"{found['rows']} {found['first']} {found['second']}"
    return Checksum(found["rows"], hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())


def content(table: Table) -> list[str]:
    """Columns that count, in declared order."""
    return [column.name for column in table.columns if not _tells_arrival(column)]


def _tells_arrival(column: Column) -> bool:
    return column.identity or column.references == FILE or column.name == LINE


def _within(table: Table, window: Window | None) -> sql.Composable:
    if window is None:
        return sql.SQL("")
    return sql.SQL(" WHERE {column} >= {start} AND {column} < {end}").format(
        column=sql.Identifier(table.window or ""), start=sql.Literal(window.start), end=sql.Literal(window.end)
    )
