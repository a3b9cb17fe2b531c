"""Checksums of tables: two tables with the same rows have the same one, in whatever order the rows lie.

Every declared column counts but those that only tell how a row arrived (its file and line, running numbers). All other
provenance is in the ledger, so that computing a table again from the same input gives the same checksum.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import psycopg
from psycopg import sql

from nova_resources.postgres import Database, executable
from nova_resources.sql_library import sql as sql_file
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
    statement = sql.SQL(
        "SELECT count(*) AS rows, {first} AS first, {second} AS second"
        " FROM (SELECT md5(ROW({columns})::text) AS hash FROM {table}{where}) AS hashed"
    ).format(
        first=_half(1),
        second=_half(17),
        columns=sql.SQL(", ").join(map(sql.Identifier, content(table))),
        table=sql.Identifier(table.schema, table.name),
        where=_within(table, window),
    )
    (found,) = db.rows(statement)
    return _digest(found["rows"], found["first"], found["second"])


def whole_database(connection: psycopg.Connection) -> dict[str, Checksum]:
    """Checksum of every row that a database holds, every column, as the connection's transaction sees it.

    Tables and materialized views by `schema.name`; partitions count in their parents. Values are spelled as the
    connection's settings say: compare only what was spelled alike.
    """
    listed = connection.execute(executable(sql_file("support/relations")), {}).fetchall()
    return {f"{schema}.{name}": _rows_checksum(connection, sql.Identifier(schema, name)) for schema, name in listed}


def counters(connection: psycopg.Connection) -> dict[str, int]:
    """Last number given by each sequence, as of now: sequences know no snapshots."""
    return dict(connection.execute(executable(sql_file("support/counters")), {}).fetchall())


def _rows_checksum(connection: psycopg.Connection, relation: sql.Composable) -> Checksum:
    statement = sql.SQL(
        "SELECT count(*), {first}, {second} FROM (SELECT md5(r::text) AS hash FROM {relation} AS r) AS hashed"
    ).format(first=_half(1), second=_half(17), relation=relation)
    found = connection.execute(statement).fetchone()
    assert found is not None
    return _digest(*found)


def _half(start: int) -> sql.Composable:
    return sql.SQL("sum(('x' || substr(hash, {start}, 16))::bit(64)::bigint::numeric)").format(start=sql.Literal(start))


def _digest(rows: int, first: object, second: object) -> Checksum:
    return Checksum(rows, hashlib.md5(f"{rows} {first} {second}".encode(), usedforsecurity=False).hexdigest())


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
