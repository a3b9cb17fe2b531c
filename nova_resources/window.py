"""The window write: the one way in which rows of a table are replaced.

Load aside, check, publish, write the ledger: one transaction under a lock on (table, month). A crash at any instant
leaves the old window or the new one, whole; a second run with the same rows changes nothing. A whole month that is over
is built aside and swapped in; an open window is deleted and inserted.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from nova_resources import crash_points, ledger, rules
from nova_resources.postgres import Database, bound_text, copy_in, describe, trusted
from nova_resources.sql_library import Query
from nova_resources.tables import Table, Window

Rows = pa.Table | Iterable[pa.RecordBatch] | Query

SWAP, REPLACE, REFRESH, MIXED = "SWAP", "REPLACE", "REFRESH", "MIXED"
# A whole month of facts may be ahead of us in the queue for the same window.
LOCK_PATIENCE = "15min"
# The swap gives way to readers after 2 s (finish_swap) and comes back: together longer than any reader may take.
SWAP_ATTEMPTS = 40
SWAP_PAUSE = 0.5


class ColumnMismatch(ValueError):
    """The rows' columns are not those of the table."""


class WindowRejected(Exception):
    """Rows break rules of the catalog; nothing of the window was published. The same rows would be refused again."""

    def __init__(self, table: Table, window: Window | None, violations: list[rules.Violation]) -> None:
        self.table = table
        self.window = window
        self.violations = violations
        lines = [
            f"  {broken.rule}: {broken.count} ({broken.description}), such as {broken.samples[:2]}"
            for broken in violations
        ]
        super().__init__("\n".join([f"{table.qualified} {window or ''} was not published:", *lines]))


@dataclass(frozen=True, slots=True)
class Published:
    """What a publish wrote. `rows_by_day` has every day of the window, empty for a table without windows.

    `mode` is SWAP, REPLACE, REFRESH, or MIXED where months were published in different ways.
    """

    rows: int
    rows_by_day: dict[date, int]
    mode: str
    seconds: float


@dataclass(frozen=True, slots=True)
class _Job:
    table: Table
    run_id: str
    code_version: str
    params: Mapping[str, Any]
    details: Mapping[str, Any]
    inputs_seen: int | None
    columns: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = tuple(column.name for column in self.table.columns if not column.identity)
        object.__setattr__(self, "columns", names)


def publish(
    db: Database,
    table: Table,
    window: Window | None,
    rows: Rows,
    *,
    run_id: str,
    code_version: str,
    params: Mapping[str, Any] | None = None,
    details: Mapping[str, Any] | None = None,
    inputs_seen: int | None = None,
) -> Published:
    """Put `rows` in the place of everything that `table` holds in `window` (in all of it, for a table without windows).

    `rows` are Arrow, or a Query that selects the table's columns by name with `params`, window_start and window_end. A
    window over several months is cut there and committed month by month. `inputs_seen` is the ledger's head from before
    Arrow rows were computed; for a Query it is found here. `details` go to the ledger.

    Raises WindowRejected when a rule is broken, ColumnMismatch, psycopg.Error for values of the wrong type; the month
    at fault then keeps what it had.
    """
    began = time.monotonic()
    job = _Job(table, run_id, code_version, params or {}, details or {}, inputs_seen)
    pieces: list[Window | None] = [None]
    if table.window:
        if window is None:
            raise ValueError(f"{table.qualified} is written by windows of {table.window}; none was given")
        pieces = [*window.months()]
    if not isinstance(rows, (Query, pa.Table)) and len(pieces) > 1:
        rows = pa.Table.from_batches(rows)
    if isinstance(rows, pa.Table):
        _match_columns(job, rows.column_names)
        if len(pieces) > 1:
            _refuse_strays(table, window, rows)
    done = [_publish_piece(db, job, piece, _part(rows, table, piece, len(pieces))) for piece in pieces]
    modes = {piece.mode for piece in done}
    return Published(
        rows=sum(piece.rows for piece in done),
        rows_by_day={day: count for piece in done for day, count in piece.rows_by_day.items()},
        mode=modes.pop() if len(modes) == 1 else MIXED,
        seconds=time.monotonic() - began,
    )


def refresh_view(
    db: Database, view: Table, *, run_id: str, code_version: str, details: Mapping[str, Any] | None = None
) -> Published:
    """Recompute a materialized view while its readers go on; with a ledger entry of mode REFRESH."""
    began = time.monotonic()
    with db.connect(run_id=run_id) as connection:
        lock_window(connection, view, None)
        seen = ledger.head(connection)
        row = connection.execute("SELECT support.refresh_view(%s::regclass)", (view.qualified,)).fetchone()
        assert row is not None
        crash_points.reach("view.after_refresh")
        job = _Job(view, run_id, code_version, {}, details or {}, seen)
        _record(connection, job, None, row[0], REFRESH, seen)
        crash_points.reach("view.before_commit")
    return Published(row[0], {}, REFRESH, time.monotonic() - began)


def ensure_partitions(connection: psycopg.Connection, table: Table, window: Window) -> None:
    """Create the monthly partitions that `window` needs and the table lacks."""
    values = (table.qualified, window.start, window.end)
    connection.execute("SELECT support.ensure_partitions(%s::regclass, %s::date, %s::date)", values)


def _publish_piece(db: Database, job: _Job, window: Window | None, rows: Rows) -> Published:
    began, table = time.monotonic(), job.table
    swap = bool(table.partition and window and window.is_whole_month() and window.end <= db.settings.today())
    with db.connect(run_id=job.run_id) as connection:
        if table.partition and window:
            ensure_partitions(connection, table, window)
            connection.commit()
        lock_window(connection, table, window)
        seen = ledger.head(connection) if isinstance(rows, Query) else job.inputs_seen
        aside = _make_aside(connection, job, window if swap else None)
        count = _load(connection, job, aside, window, rows)
        crash_points.reach("publish.after_load")
        violations = rules.check(connection, table, aside, window)
        if violations:
            raise WindowRejected(table, window, violations)
        by_day = _rows_by_day(connection, table, aside, window)
        if swap and window:
            swap_in(connection, table, window)
        else:
            _replace(connection, job, aside, window)
            if window is None or len(window.days) > 1:
                _gather_statistics(connection, table, window)
        crash_points.reach("publish.before_ledger")
        _record(connection, job, window, count, SWAP if swap else REPLACE, seen)
        crash_points.reach("publish.before_commit")
    crash_points.reach("publish.after_commit")
    return Published(count, by_day, SWAP if swap else REPLACE, time.monotonic() - began)


def lock_window(connection: psycopg.Connection, table: Table, window: Window | None) -> None:
    """One publisher at a time for each month of a table, so that overlapping windows queue too."""
    month = Window.month_of(window.start).start if window else "all"
    key = f"nova.window.{table.qualified}.{month}"
    connection.execute("SELECT set_config('lock_timeout', %s, true)", (LOCK_PATIENCE,))
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (key,))
    connection.execute("SET LOCAL lock_timeout TO DEFAULT")


def _make_aside(connection: psycopg.Connection, job: _Job, month: Window | None) -> sql.Composable:
    """An empty relation with the table's columns and none of its constraints: for a swap in place, else temporary."""
    table = job.table
    if month:
        values = (table.qualified, month.start)
        row = connection.execute("SELECT support.begin_swap(%s::regclass, %s::date)", values).fetchone()
        assert row is not None
        return sql.Identifier(table.schema, row[0])
    aside = sql.Identifier("pg_temp", f"{table.name}_aside")
    connection.execute(
        sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            sql.Identifier(f"{table.name}_aside"), _list(job.columns), _name(table)
        )
    )
    return aside


def _load(connection: psycopg.Connection, job: _Job, aside: sql.Composable, window: Window | None, rows: Rows) -> int:
    if not isinstance(rows, Query):
        return copy_in(connection, aside, job.columns, rows)
    bounds = {"window_start": window.start, "window_end": window.end} if window else {}
    select = bound_text(connection, rows, {**job.params, **bounds})
    _match_columns(job, [column.name for column in describe(connection, select)], rows.name)
    statement = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM (\n{}\n) AS q").format(
        aside,
        _list(job.columns),
        _list(job.columns),
        trusted(select),
    )
    return connection.execute(statement).rowcount


def swap_in(connection: psycopg.Connection, table: Table, month: Window) -> None:
    """Put the table that `begin_swap` made in the place of the month's partition."""
    values = (table.qualified, month.start)
    connection.execute("SELECT support.seal_swap(%s::regclass, %s::date)", values)
    crash_points.reach("publish.before_swap")
    for attempt in range(SWAP_ATTEMPTS):
        try:
            with connection.transaction():
                connection.execute("SELECT support.finish_swap(%s::regclass, %s::date)", values)
            break
        except psycopg.errors.LockNotAvailable:
            if attempt == SWAP_ATTEMPTS - 1:
                raise
            time.sleep(SWAP_PAUSE)
    crash_points.reach("publish.after_swap")


def _replace(connection: psycopg.Connection, job: _Job, aside: sql.Composable, window: Window | None) -> None:
    target = _name(job.table)
    if window and job.table.window:
        where = sql.SQL(" WHERE {c} >= {s} AND {c} < {e}").format(
            c=sql.Identifier(job.table.window), s=sql.Literal(window.start), e=sql.Literal(window.end)
        )
    else:
        where = sql.SQL("")
    connection.execute(sql.SQL("DELETE FROM {}{}").format(target, where))
    crash_points.reach("publish.after_delete")
    columns = _list(job.columns)
    connection.execute(sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(target, columns, columns, aside))


def _gather_statistics(connection: psycopg.Connection, table: Table, window: Window | None) -> None:
    """Let the planner know what was written: the next step reads it before autovacuum comes. A day changes little."""
    name = f"{table.qualified}_{window.start:%Y%m}" if table.partition and window else table.qualified
    connection.execute("SELECT support.analyze_table(%s::regclass)", (name,))


def _record(
    connection: psycopg.Connection, job: _Job, window: Window | None, rows: int, mode: str, seen: int | None
) -> None:
    ledger.record(
        connection,
        job.table,
        [window] if window else [],
        run_id=job.run_id,
        code_version=job.code_version,
        rows=rows,
        mode=mode,
        details=job.details,
        inputs_seen=seen,
    )


def _rows_by_day(
    connection: psycopg.Connection, table: Table, aside: sql.Composable, window: Window | None
) -> dict[date, int]:
    if window is None or table.window is None:
        return {}
    statement = sql.SQL("SELECT {c}, count(*) FROM {} GROUP BY {c}").format(aside, c=sql.Identifier(table.window))
    counted: dict[date, int] = dict(connection.execute(statement).fetchall())
    return {day: counted.get(day, 0) for day in window.days}


def _match_columns(job: _Job, found: Iterable[str], source: str = "the rows") -> None:
    found, wanted = set(found), set(job.columns)
    if found != wanted:
        lacking, surplus = sorted(wanted - found), sorted(found - wanted)
        raise ColumnMismatch(
            f"{source} for {job.table.qualified}: lacking {lacking or 'none'}, surplus {surplus or 'none'}"
        )


def _dates(rows: pa.Table, table: Table) -> pa.ChunkedArray:
    return rows.column(table.window or "").cast(pa.date32())


def _in(dates: pa.ChunkedArray, window: Window) -> pa.ChunkedArray:
    start, end = pa.scalar(window.start, pa.date32()), pa.scalar(window.end, pa.date32())
    return pc.and_(pc.greater_equal(dates, start), pc.less(dates, end))


def _part(rows: Rows, table: Table, window: Window | None, pieces: int) -> Rows:
    """Arrow rows of one month; everything where there is only one piece, so that the checks see strays."""
    if pieces == 1 or not isinstance(rows, pa.Table) or window is None:
        return rows
    return rows.filter(_in(_dates(rows, table), window))


def _refuse_strays(table: Table, window: Window | None, rows: pa.Table) -> None:
    """Rows in none of several months would be lost in the cutting: refuse them before the first month is written."""
    assert window is not None
    dates = _dates(rows, table)
    stray = pc.invert(pc.fill_null(_in(dates, window), False))
    count = pc.sum(stray).as_py() or 0
    if count:
        samples = rows.filter(stray).slice(0, rules.SAMPLES).select([table.window]).to_pylist()
        last = window.end - timedelta(days=1)
        description = f"{table.window} lies between {window.start} and {last}"
        raise WindowRejected(table, window, [rules.Violation("in_window", description, count, samples)])


def _name(table: Table) -> sql.Composable:
    return sql.Identifier(table.schema, table.name)


def _list(columns: Iterable[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
