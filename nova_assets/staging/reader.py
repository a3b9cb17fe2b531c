"""From a file to batches in a feed's own columns, with what was found out about how they are written.

Joins the readers of formats, the matching of headers or a mapping, and the evidence on numbers and dates. Nothing here
judges a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import polars as pl

from nova_assets.staging import headers
from nova_assets.staging.csv_source import CsvOptions, CsvSource
from nova_assets.staging.feeds import Feed
from nova_assets.staging.mapping import Layout, Mapping, Output, Transformation
from nova_assets.staging.source import ROW, Opener, Source, Spoilt
from nova_assets.staging.styles import Evidence
from nova_assets.staging.tabular_source import ParquetSource, XlsxOptions, XlsxSource, raw_of
from nova_assets.staging.validation import Reading


@dataclass(frozen=True, slots=True)
class Chunk:
    """A batch in the feed's columns, with `_line` and `_row`; `raw(row)` is the row as it stood in the file."""

    frame: pl.DataFrame
    raw: Callable[[int], str]
    spoilt: list[Spoilt] = field(default_factory=list)


class FeedReader:
    """Reads one feed out of one file. Raises FileError when the file cannot be used.

    `reading` says how its text columns are written, `dialect` the same for people.
    """

    def __init__(self, feed: Feed, file: str, source: Source, mapping: Mapping | None = None) -> None:
        self.feed, self._file, self._source = feed, file, source
        self._output = mapping.output(feed.name) if mapping else None
        if mapping and self._output:
            header, line = self._source.header, self._source.header_line
            self._transformation = Transformation(self._output, mapping.layout, file, header, line)
            self._positions = self._transformation.positions
        else:
            self._transformation = None
            names = [column.name for column in feed.columns]
            found = headers.match(file, self._source.header, names, feed.required, self._source.header_line)
            self._names = {str(position): name for name, position in found.items()}
            self._positions = sorted(found.values())
        self._held: list[Chunk] | None = None
        self.reading = self._find_out(self._output)

    @property
    def dialect(self) -> dict[str, Any]:
        """What was found out, for the register of files."""
        signs = {"decimal": dict(self.reading.signs)} if "separator" in self._source.dialect else {}
        return self._source.dialect | signs

    def chunks(self) -> Iterator[Chunk]:
        """All rows of the feed, from the first."""
        return iter(self._held) if self._held is not None else self._read()

    def _find_out(self, output: Output | None) -> Reading:
        """Look at as much of the file as decides how its numbers and dates are written."""
        formats = output.dates if output else {}
        declared = output.decimal if output else None
        chunks = self._read()
        first, second = next(chunks, None), next(chunks, None)
        if second is None:
            self._held = [first] if first else []
        texts = {name for name, kind in first.frame.schema.items() if kind == pl.String} if first else set()
        numbers = [name for name in self.feed.of_type("numeric") if name in texts]
        dates = [name for name in self.feed.of_type("date") if name in texts and name not in formats]
        evidence = Evidence([] if declared else numbers, dates)
        for chunk in chain((c for c in (first, second) if c), chunks):
            evidence.add(chunk.frame)
            if evidence.decided:
                break
        evidence.refuse_month_first(self._file)
        separator = self._source.dialect.get("separator")
        if declared:
            return Reading(dict.fromkeys(numbers, declared), formats)
        return Reading(evidence.decimal_signs(separator), formats)

    def _read(self) -> Iterator[Chunk]:
        if self._output and self._output.distinct:
            return self._read_distinct(self._output.distinct)
        return self._read_rows()

    def _read_rows(self) -> Iterator[Chunk]:
        for rows in self._source.batches(self._positions):
            if not self._transformation:
                rows.frame.columns = [self._names.get(name, name) for name in rows.frame.columns]
                yield Chunk(rows.frame, rows.raw, rows.spoilt)
                continue
            for number, part in enumerate(rows.frame.iter_slices(self._transformation.rows)):
                yield Chunk(self._transformation.apply(part), rows.raw, [] if number else rows.spoilt)

    def _read_distinct(self, by: list[str]) -> Iterator[Chunk]:
        """One row for each combination of `by`, the last of the file, on its own line."""
        last: pl.DataFrame | None = None
        for chunk in self._read_rows():
            frame = chunk.frame if last is None else pl.concat([last, chunk.frame], how="vertical_relaxed")
            last = frame.unique(by, keep="last", maintain_order=True)
        if last is None:
            return
        rows = last.with_columns(pl.int_range(last.height, dtype=pl.UInt32).alias(ROW))
        names = [name for name in rows.columns if not name.startswith("_")]
        yield Chunk(rows, raw_of(rows.select(names), names))


def open_source(file: str, kind: str, opener: Opener, wanted: Sequence[str], layout: Layout | None = None) -> Source:
    """The reader of a csv, parquet or xlsx file. `wanted` column names help to tell a CSV's separator."""
    if kind == "parquet":
        return ParquetSource(file, opener)
    if kind == "xlsx":
        options = XlsxOptions(layout.sheet, layout.skip_rows, layout.header) if layout else None
        return XlsxSource(file, opener, options)
    if layout:
        options = CsvOptions(layout.encoding, layout.separator, layout.skip_rows, layout.header)
        return CsvSource(file, opener, wanted, options)
    return CsvSource(file, opener, wanted)
