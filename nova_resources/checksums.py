"""Checksums of table contents: the same rows give the same text, in whatever order and by whatever path they came.

Rows are summed as numbers, not concatenated, so that nothing is sorted. What tells only how a row arrived (number of
its file, line, run, time) is left out.
"""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import sql

from nova_resources.postgres import Database
from nova_resources.tables import Column, Table, Window

FILE = "staging.files.file_id"
LINE = "source_line"
_HALVES = (sql.SQL("left(h, 16)"), sql.SQL("right(h, 16)"))


def checksums(db: Database, tables: Iterable[Table], window: Window | None = None) -> dict[str, str]:
    """`rows:md5` of each table by `schema.name`, all read in one snapshot.

    With `window`, of the rows of these dates; tables without windows are then left out.
    """
    with db.connect() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        found = {}
        for table in tables:
            if window and not table.window:
                continue
            row = connection.execute(statement(table, window)).fetchone()
            assert row is not None
            found[table.qualified] = f"{row[0]}:{row[1]}"
        return found


def statement(table: Table, window: Window | None = None) -> sql.Composed:
    """SELECT of the number of rows and the md5 of their summed hashes."""
    sums = sql.SQL(", ").join(
        sql.SQL("coalesce(sum(('x' || {})::bit(64)::bigint::numeric), 0)").format(half) for half in _HALVES
    )
    return sql.SQL(
        "SELECT count(*), md5(concat_ws(' ', {})) FROM (SELECT md5(ROW({})::text) AS h FROM {}{}) AS hashed"
    ).format(sums, sql.SQL(", ").join(map(sql.Identifier, columns(table))), _name(table), _within(table, window))


def columns(table: Table) -> list[str]:
    """Columns that are content, in the catalog's order."""
    return [column.name for column in table.columns if not _is_provenance(column)]


def _is_provenance(column: Column) -> bool:
    return column.identity or column.references == FILE or column.name == LINE


def _name(table: Table) -> sql.Composable:
    return sql.Identifier(table.schema, table.name)


def _within(table: Table, window: Window | None) -> sql.Composable:
    if window is None or table.window is None:
        return sql.SQL("")
    column = sql.Identifier(table.window)
    return sql.SQL(" WHERE {c} >= {s} AND {c} < {e}").format(
        c=column, s=sql.Literal(window.start), e=sql.Literal(window.end)
    )
