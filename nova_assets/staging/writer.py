"""Rows of one feed into the database, inside one transaction of the caller: register, COPY, quarantine, ledger.

The version of a file that was in force gives way in the same transaction: exactly its rows go, exactly the new ones
come. Every row in a staging table therefore belongs to a file with status LOADED.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl
import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from nova_assets import catalog, code_version
from nova_assets.staging.feeds import Feed
from nova_resources import ledger
from nova_resources.postgres import copy_in
from nova_resources.sql_library import sql as query
from nova_resources.tables import Window
from nova_resources.window import ensure_partitions

REJECTS = catalog.table("staging.rejects")
# Another loader may be in the middle of years of history.
LOCK_PATIENCE = "30min"
# Rows that the quarantine takes in one step.
REJECT_BATCH = 50_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as it is to be registered."""

    path: str
    checksum: str
    size_bytes: int
    format: str
    modified_at: str | None
    file_date: str | None
    part: str | None


@dataclass(slots=True)
class Settled:
    """What became of one registered file."""

    file_id: int
    path: str
    rows_accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    days: set[date] = field(default_factory=set)
    dialect: dict[str, Any] = field(default_factory=dict)
    replaced: bool = False

    @property
    def rows_rejected(self) -> int:
        return self.reasons.total()

    @property
    def windows(self) -> list[Window]:
        """Business dates whose rows changed, as few ranges as possible."""
        return ranges(self.days)


@dataclass(frozen=True, slots=True)
class Refused:
    """One row for the quarantine."""

    file_id: int
    line_no: int
    reason_code: str
    column_name: str | None
    detail: str | None
    raw: str


REJECT_SCHEMA = dict.fromkeys(Refused.__slots__, pl.String) | {"file_id": pl.Int64, "line_no": pl.Int64}


class FeedWriter:
    """Writes files of one feed, whose lock is held. Constructing it retires older versions of the paths."""

    def __init__(
        self, connection: psycopg.Connection, feed: Feed, entries: Sequence[Entry], run_id: str, mapping: str | None
    ) -> None:
        self._connection, self._feed, self._run_id = connection, feed, run_id
        self._columns = [column.name for column in feed.table.columns]
        self._months: set[date] = set()
        self._retired_days: set[date] = set()
        self._retired: dict[int, str] = {}
        self._retire([entry.path for entry in entries])
        self.files = self._register(entries, mapping)
        for entry in entries:
            if entry.file_date and feed.table.partition:
                self.files[entry.path].days.add(date.fromisoformat(entry.file_date))

    def append(self, accepted: pl.DataFrame, refused: Iterable[Refused]) -> None:
        """COPY a batch: `accepted` has the feed's columns, `_file` (file_id) and `_line`."""
        by_id = {settled.file_id: settled for settled in self.files.values()}
        if accepted.height:
            rows = accepted.rename({"_file": "file_id", "_line": "source_line"}).select(self._columns)
            self._note_days(rows, by_id)
            table = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
            copy_in(self._connection, self._feed.table, self._columns, table)
            for file_id, count in rows.group_by("file_id").len().iter_rows():
                by_id[file_id].rows_accepted += count
        refused = list(refused)
        for row in refused:
            by_id[row.file_id].reasons[row.reason_code] += 1
        for start in range(0, len(refused), REJECT_BATCH):
            self._quarantine(refused[start : start + REJECT_BATCH])

    def finish(self) -> None:
        """Counts into the register and one ledger entry. Nothing but the commit may follow for long."""
        files = [
            {
                "file_id": settled.file_id,
                "rows_accepted": settled.rows_accepted,
                "rows_rejected": settled.rows_rejected,
                "dates": _multirange(settled.windows) if self._feed.table.partition else None,
                "dialect": settled.dialect,
            }
            for settled in self.files.values()
        ]
        values = {"files": Jsonb(files), "feed": self._feed.name, "retired": list(self._retired)}
        self._connection.execute(query("staging/settle_files").text, values)  # pyright: ignore[reportArgumentType]
        days = self._retired_days.union(*(settled.days for settled in self.files.values()))
        rejected = sum(settled.rows_rejected for settled in self.files.values())
        ledger.record(
            self._connection,
            self._feed.table,
            ranges(days),
            run_id=self._run_id,
            code_version=code_version.of_module("nova_assets.staging"),
            rows=sum(settled.rows_accepted for settled in self.files.values()),
            mode="APPEND",
            details={"files": len(self.files), "replaced": len(self._retired), "rejected": rejected},
        )

    def _retire(self, paths: list[str]) -> None:
        """Take the versions in force of these paths out of it, with their rows."""
        cursor = self._connection.cursor(row_factory=dict_row)
        text = query("staging/retire_files").text
        old = cursor.execute(text, {"feed": self._feed.name, "paths": paths}).fetchall()  # pyright: ignore[reportArgumentType]
        if not old:
            return
        self._retired = {row["file_id"]: row["path"] for row in old}
        numbers = list(self._retired)
        bounds = [(r.lower, r.upper) for row in old for r in row["dates"] or ()]
        where = sql.SQL("file_id = ANY({})").format(numbers)
        if self._feed.table.partition and bounds:
            column = sql.Identifier(self._feed.table.partition)
            first, last = min(low for low, _ in bounds), max(high for _, high in bounds)
            where = sql.SQL("{} AND {} >= {} AND {} < {}").format(where, column, first, column, last)
        table = sql.Identifier(self._feed.table.schema, self._feed.table.name)
        self._connection.execute(sql.SQL("DELETE FROM {} WHERE {}").format(table, where))
        self._connection.execute(query("staging/delete_rejects").text, {"file_ids": numbers})  # pyright: ignore[reportArgumentType]
        for low, high in bounds:
            self._retired_days.update(Window(low, high).days)

    def _register(self, entries: Sequence[Entry], mapping: str | None) -> dict[str, Settled]:
        files = [{name: getattr(entry, name) for name in Entry.__slots__} for entry in entries]
        values = {"feed": self._feed.name, "run_id": self._run_id, "mapping": mapping, "files": Jsonb(files)}
        text = query("staging/register_files").text
        rows = self._connection.execute(text, values).fetchall()  # pyright: ignore[reportArgumentType]
        replaced = set(self._retired.values())
        return {path: Settled(file_id, path, replaced=path in replaced) for file_id, path in rows}

    def _note_days(self, rows: pl.DataFrame, by_id: dict[int, Settled]) -> None:
        partition = self._feed.table.partition
        if not partition:
            return
        days = rows.select("file_id", partition).unique()
        for file_id, day in days.iter_rows():
            by_id[file_id].days.add(day)
        months = set(days[partition].dt.truncate("1mo").unique().to_list())
        for month in sorted(months - self._months):
            ensure_partitions(self._connection, self._feed.table, Window.month_of(month))
        self._months |= months

    def _quarantine(self, refused: Sequence[Refused]) -> None:
        names = list(Refused.__slots__)
        rows = pl.DataFrame([[getattr(row, name) for row in refused] for name in names], schema=REJECT_SCHEMA)
        # PostgreSQL's text cannot hold the NUL character.
        sound = pl.col("detail", "raw").str.replace_all("\0", "␀", literal=True)
        table = rows.with_columns(sound, feed=pl.lit(self._feed.name)).to_arrow(compat_level=pl.CompatLevel.oldest())
        copy_in(self._connection, REJECTS, [*names, "feed"], table)


def lock_feeds(connection: psycopg.Connection, feeds: Sequence[Feed]) -> None:
    """Wait until no other loader writes these feeds, and keep others waiting until the transaction ends."""
    connection.execute("SELECT set_config('lock_timeout', %s, true)", (LOCK_PATIENCE,))
    names = [feed.name for feed in feeds]
    connection.execute(query("staging/lock_feeds").text, {"feeds": names})  # pyright: ignore[reportArgumentType]
    connection.execute("SET LOCAL lock_timeout TO DEFAULT")


def ranges(days: Iterable[date]) -> list[Window]:
    """The same days as few half-open windows."""
    windows: list[Window] = []
    for day in sorted(days):
        if windows and windows[-1].end == day:
            windows[-1] = Window(windows[-1].start, day + timedelta(days=1))
        else:
            windows.append(Window.day(day))
    return windows


def _multirange(windows: Sequence[Window]) -> str:
    return "{" + ",".join(f"[{window.start},{window.end})" for window in windows) + "}"
