"""Loading what is new: discover, read, validate, publish, in bounded batches of files, each in one transaction.

A file that was loaded with the same checksum is left alone; a changed one replaces exactly its own rows; one that
cannot be used is reported, keeps its former version in force and stops nobody else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import polars as pl
import psycopg

from nova_assets.staging import discovery
from nova_assets.staging.discovery import Candidate
from nova_assets.staging.feeds import HISTORY_FEEDS, Feed
from nova_assets.staging.gathering import Gathering
from nova_assets.staging.history import lower_history_start
from nova_assets.staging.mapping import Mapping
from nova_assets.staging.reader import Chunk, FeedReader, open_source
from nova_assets.staging.report import FileReport, LoadReport
from nova_assets.staging.source import Source
from nova_assets.staging.validation import Validator
from nova_assets.staging.writer import Entry, FeedWriter, lock_feeds
from nova_resources import crash_points
from nova_resources.landing import FileError, LandingZone
from nova_resources.postgres import Database
from nova_resources.settings import Settings
from nova_resources.sql_library import sql

# One transaction takes no more files than this; a larger file has one to itself.
BATCH_FILES, BATCH_BYTES = 2_000, 64 << 20
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class _New:
    """A file that is to be loaded."""

    candidate: Candidate
    checksum: str

    def open(self) -> Source:
        """Begin to read the file."""
        file, mapping = self.candidate.file, self.candidate.mapping
        wanted = [] if mapping else [column.name for column in self.candidate.feeds[0].columns]
        opener = partial(self.candidate.zone.open, file)
        return open_source(file.path, file.name.format, opener, wanted, mapping.layout if mapping else None)

    @property
    def entry(self) -> Entry:
        file = self.candidate.file
        modified, day = file.modified, file.name.file_date
        return Entry(
            path=file.path,
            checksum=self.checksum,
            size_bytes=file.size,
            format=file.name.format,
            modified_at=modified.isoformat() if modified else None,
            file_date=day.isoformat() if day else None,
            part=file.name.part,
        )


class _Unusable(Exception):
    def __init__(self, new: _New, feed: str, error: FileError) -> None:
        super().__init__(str(error))
        self.new, self.feed, self.error = new, feed, error


def load_landing(
    db: Database,
    settings: Settings,
    feeds: Sequence[str] | None = None,
    mapping: Mapping | None = None,
    path: str | None = None,
    *,
    run_id: str,
    progress: Progress | None = None,
) -> LoadReport:
    """Load every new or changed file of the landing folder, or of `path`; returns what was done with each file.

    `feeds` limits to these feeds; `mapping` reads `path` as a foreign layout. `progress` is told feed, files done and
    files in all. Raises FileError when `path` does not exist, psycopg.Error when the database fails.
    """
    began = time.monotonic()
    landing = LandingZone(settings.landing)
    if path is None:
        candidates, problems = discovery.in_landing(landing, feeds)
    else:
        candidates, problems = discovery.at_path(path, landing, mapping, feeds)
    report = LoadReport()
    for problem in problems:
        report.add_unusable("", problem.file, problem)
    todo = list(_new_files(db, candidates, report))
    # One that was loaded by a run that ended before it had copied the file.
    fresh = {new.candidate.file.path for new in todo}
    _take_over(landing, [c for c in candidates if c.file.path not in fresh and not landing.holds(c.file.path)])
    tell = _Teller(progress, todo)
    for batch in _batches(todo):
        while batch:
            try:
                report.files += _publish(db, settings, batch, run_id)
                break
            except _Unusable:
                usable = _usable(batch, report)
                if len(usable) == len(batch):
                    raise
                batch = usable
        _take_over(landing, [new.candidate for new in batch])
        tell(batch)
    _follow_history(settings, report)
    report.seconds = time.monotonic() - began
    return report


def loader(feed: str) -> Callable[..., LoadReport]:
    """A function (db, settings, *, run_id, progress=None) that loads what is new of one feed."""
    return partial(load_landing, feeds=(feed,))


def _take_over(landing: LandingZone, candidates: Sequence[Candidate]) -> None:
    """Copy files of the contract that lie elsewhere into the landing zone: all can be loaded again from there."""
    for candidate in candidates:
        if not candidate.own and not candidate.mapping:
            landing.take_over(candidate.zone, candidate.file)


class _Teller:
    """Counts files done by feed for a progress display."""

    def __init__(self, progress: Progress | None, todo: Sequence[_New]) -> None:
        self._progress = progress
        self._all: dict[str, int] = {}
        self._done: dict[str, int] = {}
        for new in todo:
            self._count(self._all, new)

    def __call__(self, batch: Sequence[_New]) -> None:
        for new in batch:
            self._count(self._done, new)
        if self._progress:
            for feed in {feed.name for new in batch for feed in new.candidate.feeds}:
                self._progress(feed, self._done[feed], self._all[feed])

    @staticmethod
    def _count(counts: dict[str, int], new: _New) -> None:
        for feed in new.candidate.feeds:
            counts[feed.name] = counts.get(feed.name, 0) + 1


def _new_files(db: Database, candidates: Sequence[Candidate], report: LoadReport) -> Iterator[_New]:
    """Candidates that are not in force as they are; the others go to the report as unchanged."""
    names = sorted({feed.name for candidate in candidates for feed in candidate.feeds})
    rows = db.rows(sql("staging/known_files"), feeds=names) if names else []
    known = {(row["feed"], row["path"]): row for row in rows}
    for candidate in candidates:
        file = candidate.file
        versions = [known.get((feed.name, file.path)) for feed in candidate.feeds]
        # A mapping is part of the checksum, so that only a contract file's time of change says everything.
        if file.modified and not candidate.mapping and versions == [versions[0]] and versions[0]:
            same = versions[0]["size_bytes"] == file.size and versions[0]["modified_at"] == file.modified
        else:
            same = False
        checksum = "" if same else candidate.zone.checksum(file, candidate.salt)
        if same or all(version and version["checksum"] == checksum for version in versions):
            report.files += [FileReport(feed.name, file.path, "UNCHANGED") for feed in candidate.feeds]
        else:
            yield _New(candidate, checksum)


def _batches(todo: Sequence[_New]) -> Iterator[list[_New]]:
    """Files of one feed together, as many as one transaction takes; a file of several feeds alone."""

    def feed_names(new: _New) -> tuple[str, ...]:
        return tuple(feed.name for feed in new.candidate.feeds)

    for names, group in groupby(sorted(todo, key=lambda n: (feed_names(n), n.candidate.file.path)), key=feed_names):
        batch, size = [], 0
        for new in group:
            full = size + new.candidate.file.size > BATCH_BYTES or len(batch) == BATCH_FILES or len(names) > 1
            if batch and full:
                yield batch
                batch, size = [], 0
            batch.append(new)
            size += new.candidate.file.size
        yield batch


def _publish(db: Database, settings: Settings, batch: Sequence[_New], run_id: str) -> list[FileReport]:
    """One transaction for all files and feeds of a batch. Raises _Unusable for the first file that cannot be used."""
    reports = []
    with db.connect(run_id=run_id) as connection:
        feeds, mapping = batch[0].candidate.feeds, batch[0].candidate.mapping
        lock_feeds(connection, feeds)
        crash_points.reach("load.after_lock")
        # A file that gives several feeds is alone in its batch, and opened once for all of them.
        shared = _opened(batch[0], feeds[0]) if len(feeds) > 1 else None
        writers = [_write(connection, settings, batch, feed, run_id, shared) for feed in feeds]
        crash_points.reach("load.after_rows")
        for feed, writer in zip(feeds, writers, strict=True):
            writer.finish()
            for settled in writer.files.values():
                outcome = "REPLACED_OLDER" if settled.replaced else "LOADED"
                report = FileReport(feed.name, settled.path, outcome, settled.rows_accepted, settled.rows_rejected)
                report.reasons, report.windows = settled.reasons, settled.windows
                report.distilled = bool(mapping and mapping.output(feed.name).distinct)
                reports.append(report)
        crash_points.reach("load.before_commit")
    crash_points.reach("load.after_commit")
    return reports


def _usable(batch: Sequence[_New], report: LoadReport) -> list[_New]:
    """The files of a batch that can be read to their end; the others go to the report, all of them in one pass."""
    usable = []
    for new in batch:
        try:
            feeds = new.candidate.feeds
            shared = _opened(new, feeds[0]) if len(feeds) > 1 else None
            for feed in feeds:
                for _chunk in _read(new, feed, shared):
                    pass
            usable.append(new)
        except _Unusable as unusable:
            report.add_unusable(unusable.feed, new.candidate.file.path, unusable.error)
    return usable


def _opened(new: _New, feed: Feed) -> Source:
    try:
        return new.open()
    except FileError as error:
        raise _Unusable(new, feed.name, error) from None


def _write(
    connection: psycopg.Connection,
    settings: Settings,
    batch: Sequence[_New],
    feed: Feed,
    run_id: str,
    shared: Source | None,
) -> FeedWriter:
    """Read, validate and write one feed of the batch's files."""
    mapping = batch[0].candidate.mapping
    entries = [new.entry for new in batch]
    writer = FeedWriter(connection, feed, entries, run_id, mapping.name if mapping else None)
    with ThreadPoolExecutor(1) as executor:
        gathering = Gathering(writer, Validator(feed, settings.today(), settings.timezone), executor)
        for new in batch:
            settled, day = writer.files[new.candidate.file.path], new.candidate.file.name.file_date
            for chunk, reader in _read(new, feed, shared):
                settled.dialect = reader.dialect
                gathering.add(chunk, reader.reading, settled.file_id, day)
        gathering.finish()
    return writer


def _read(new: _New, feed: Feed, shared: Source | None) -> Iterator[tuple[Chunk, FeedReader]]:
    """Chunks of one feed of a file. Raises _Unusable."""
    path = new.candidate.file.path
    try:
        reader = FeedReader(feed, path, shared or new.open(), new.candidate.mapping)
        for chunk in reader.chunks():
            yield chunk, reader
    except FileError as error:
        raise _Unusable(new, feed.name, error) from None
    except pl.exceptions.PolarsError as error:
        damaged = FileError(path, f"cannot be read ({error})", "Check the file, or load it with a mapping")
        raise _Unusable(new, feed.name, damaged) from error


def _follow_history(settings: Settings, report: LoadReport) -> None:
    starts = [window.start for feed, windows in report.windows.items() if feed in HISTORY_FEEDS for window in windows]
    if starts:
        lower_history_start(settings, min(starts))
