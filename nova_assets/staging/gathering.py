"""Between readers and writer: chunks of many small files are put together, and written while the next are read."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from nova_assets.staging.reader import Chunk
from nova_assets.staging.source import BATCH_ROWS, LINE, ROW
from nova_assets.staging.validation import COLUMN, DETAIL, FILE, FILE_DATE, REASON, Reading, Validator
from nova_assets.staging.writer import FeedWriter, Refused

CHUNK = "_chunk"


@dataclass(frozen=True, slots=True)
class _Group:
    """Chunks that can be validated together, with the file, its date and the chunk's number for each."""

    reading: Reading
    frames: list[pl.DataFrame] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    days: list[date | None] = field(default_factory=list)
    chunks: list[int] = field(default_factory=list)

    def joined(self) -> pl.DataFrame:
        """One frame with columns `_file`, `_file_date` and `_chunk` added."""
        heights = [frame.height for frame in self.frames]
        days = pl.Series(self.days, dtype=pl.Date).gather(np.repeat(np.arange(len(heights)), heights))
        added = [
            pl.Series(FILE, np.repeat(np.array(self.files, np.int64), heights)),
            days.alias(FILE_DATE),
            pl.Series(CHUNK, np.repeat(np.array(self.chunks, np.uint32), heights)),
        ]
        return pl.concat(self.frames, rechunk=True).hstack(added)


@dataclass(slots=True)
class _Batch:
    """What has gathered since the last write."""

    groups: dict[object, _Group] = field(default_factory=dict)
    chunks: list[Chunk] = field(default_factory=list)
    spoilt: list[Refused] = field(default_factory=list)
    rows: int = 0

    def refused(self, bad: pl.DataFrame) -> Iterator[Refused]:
        """Rows that validation refused, with their text."""
        for file_id, line, chunk, row, *fault in bad.select(FILE, LINE, CHUNK, ROW, REASON, COLUMN, DETAIL).iter_rows():
            yield Refused(file_id, line, *fault, raw=self.chunks[chunk].raw(row))


class Gathering:
    """Gathers chunks of one feed's files. `executor` has one thread, which alone uses validator and writer."""

    def __init__(self, writer: FeedWriter, validator: Validator, executor: Executor) -> None:
        self._writer, self._validator, self._executor = writer, validator, executor
        self._batch = _Batch()
        self._writing: Future[None] | None = None

    def add(self, chunk: Chunk, reading: Reading, file_id: int, day: date | None) -> None:
        """Take one more chunk; begin to write what has gathered when it is enough."""
        batch = self._batch
        key = (reading.signature, tuple(chunk.frame.schema.items()))
        group = batch.groups.setdefault(key, _Group(reading))
        group.frames.append(chunk.frame)
        group.files.append(file_id)
        group.days.append(day)
        group.chunks.append(len(batch.chunks))
        batch.chunks.append(chunk)
        batch.spoilt += [Refused(file_id, s.line, s.reason, None, s.detail, s.raw) for s in chunk.spoilt]
        batch.rows += chunk.frame.height
        if batch.rows >= BATCH_ROWS:
            self._write_on()

    def finish(self) -> None:
        """Return when everything is written."""
        self._write_on()
        self._wait()

    def _write_on(self) -> None:
        """One batch is written while the next one gathers; a third has to wait."""
        self._wait()
        self._writing = self._executor.submit(self._write, self._batch)
        self._batch = _Batch()

    def _wait(self) -> None:
        if self._writing:
            self._writing.result()

    def _write(self, batch: _Batch) -> None:
        refused = batch.spoilt
        for group in batch.groups.values():
            accepted, bad = self._validator.check(group.joined(), group.reading)
            self._writer.append(accepted, [*refused, *batch.refused(bad)])
            refused = []
