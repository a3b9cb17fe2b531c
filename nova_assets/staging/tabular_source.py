"""Reading files that carry types: Parquet and XLSX. A row's line is its number plus the header line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import python_calamine as calamine

from nova_assets.staging import workbook_guard
from nova_assets.staging.csv_source import RAW_LIMIT
from nova_assets.staging.source import BATCH_ROWS, LINE, ROW, Opener, Rows, letters
from nova_resources.landing import FileError

_DAMAGED_CURE = "Land the extract again; it may have been cut short on its way"
XLSX_BATCH_ROWS = 20_000


class ParquetSource:
    """One Parquet file, read by row group. Raises FileError when it is empty or damaged."""

    header_line = 1

    def __init__(self, file: str, opener: Opener) -> None:
        self._file, self._open = file, opener
        with opener() as stream:
            if not stream.read(1):
                raise FileError(file, "the file is empty", _DAMAGED_CURE)
            stream.seek(0)
            try:
                self._metadata = pq.read_metadata(stream)
                self.header = list(self._metadata.schema.to_arrow_schema().names)
            except (pa.ArrowException, OSError) as error:
                raise FileError(file, f"no readable Parquet ({error})", _DAMAGED_CURE) from None
        self.dialect: dict[str, Any] = {}

    def batches(self, positions: Sequence[int]) -> Iterator[Rows]:
        """Rows by row group in bounded batches; see source.Rows."""
        names = [self.header[position] for position in positions]
        with self._open() as stream:
            line = self.header_line + 1
            try:
                for batch in pq.ParquetFile(stream, metadata=self._metadata).iter_batches(BATCH_ROWS, columns=names):
                    # Arrow believes a damaged page that its bytes are text, and Python then ends in a panic over them.
                    batch.validate(full=True)
                    frame = pl.DataFrame(pl.from_arrow(batch.select(names)))
                    frame = self._plain(frame, line)
                    frame.columns = [str(position) for position in positions]
                    yield Rows(_numbered(frame, line), raw_of(frame, names))
                    line += frame.height
            except (pa.ArrowException, OSError) as error:
                raise FileError(self._file, f"damaged ({error})", _DAMAGED_CURE, line=line) from None

    def _plain(self, frame: pl.DataFrame, line: int) -> pl.DataFrame:
        """Columns of single values; text that the writer did not mark as text is marked here."""
        for name, kind in frame.schema.items():
            if kind.is_nested():
                problem = f"holds {kind} where one value is needed"
                raise FileError(self._file, problem, "Write one plain column for it", line=line, column=name)
            if kind == pl.Binary:
                try:
                    frame = frame.with_columns(pl.col(name).cast(pl.String))
                except pl.exceptions.PolarsError:
                    raise FileError(
                        self._file, "holds bytes that are no UTF-8", "Write it as text", line=line, column=name
                    ) from None
        return frame


@dataclass(frozen=True, slots=True)
class XlsxOptions:
    """What a mapping declares about a workbook. `skip_rows` rows stand before header or data."""

    sheet: str | None = None
    skip_rows: int = 0
    header: bool = True


class XlsxSource:
    """One sheet of a workbook (the first, unless a mapping names one). Raises FileError when there is none."""

    def __init__(self, file: str, opener: Opener, options: XlsxOptions | None = None) -> None:
        self._file, self._options = file, options or XlsxOptions()
        with opener() as stream:
            workbook_guard.check(file, stream)
            try:
                workbook = calamine.CalamineWorkbook.from_filelike(stream)
            except (calamine.CalamineError, OSError) as error:
                raise FileError(file, f"no readable workbook ({error})", _DAMAGED_CURE) from None
        name = self._options.sheet or workbook.sheet_names[0]
        if name not in workbook.sheet_names:
            found = ", ".join(workbook.sheet_names)
            raise FileError(file, f"there is no sheet {name!r}; found: {found}", "Name one of them in the mapping")
        self._sheet = workbook.get_sheet_by_name(name)
        self.header_line, first = self._first_row()
        # Empty columns on the left are not given by the iterator, empty rows at the top are.
        left = self._sheet.start[1] if self._sheet.start else 0
        named = self._options.header
        self.header = [_text(cell) or "" if named else letters(left + i) for i, cell in enumerate(first)]
        self.dialect: dict[str, Any] = {"sheet": name}

    def batches(self, positions: Sequence[int]) -> Iterator[Rows]:
        """Rows in bounded batches; rows without any filled cell are no rows. See source.Rows."""
        names = [self.header[position] for position in positions]
        numbered = self._numbered_rows()
        numbered = ((line, row) for line, row in numbered if line > self.header_line - (not self._options.header))
        filled = ((line, row) for line, row in numbered if any(cell != "" for cell in row))
        while batch := list(islice(filled, XLSX_BATCH_ROWS)):
            cells = {str(p): _series([row[p] for _, row in batch]) for p in positions}
            frame = pl.DataFrame(cells)
            lines = pl.Series(LINE, [line for line, _ in batch], dtype=pl.Int32)
            yield Rows(_numbered(frame, 0).with_columns(lines), raw_of(frame, names))

    def _numbered_rows(self) -> Iterator[tuple[int, list[Any]]]:
        return enumerate(self._sheet.iter_rows(), start=1)

    def _first_row(self) -> tuple[int, list[Any]]:
        for line, row in self._numbered_rows():
            if line > self._options.skip_rows and any(cell != "" for cell in row):
                return line, row
        raise FileError(self._file, "the sheet is empty", "Fill the sheet or name another one in a mapping")


def _series(cells: list[Any]) -> pl.Series:
    """A typed column when its cells agree, text otherwise."""
    kinds = {type(cell) for cell in cells if cell != ""}
    values = [None if cell == "" else cell for cell in cells]
    if kinds and kinds <= {int, float}:
        return pl.Series(values, dtype=pl.Float64)
    if kinds == {bool}:
        return pl.Series(values, dtype=pl.Boolean)
    if kinds and kinds <= {date, datetime}:
        return pl.Series([_as_date(value) for value in values], dtype=pl.Date)
    return pl.Series([_text(cell) for cell in cells], dtype=pl.String)


def _as_date(value: date | datetime | None) -> date | None:
    return value.date() if isinstance(value, datetime) else value


def _text(cell: object) -> str | None:
    if cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return str(cell)


def _numbered(frame: pl.DataFrame, first_line: int) -> pl.DataFrame:
    rows = np.arange(frame.height, dtype=np.uint32)
    return frame.hstack([pl.Series(LINE, (rows + first_line).astype(np.int32)), pl.Series(ROW, rows)])


def raw_of(frame: pl.DataFrame, names: Sequence[str]) -> Callable[[int], str]:
    """The row as a JSON object of the source's own column names."""

    def raw(row: int) -> str:
        values = dict(zip(names, frame.row(row), strict=True))
        return json.dumps(values, ensure_ascii=False, default=_plain)[:RAW_LIMIT]

    return raw


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, (date, time)) else str(value)
