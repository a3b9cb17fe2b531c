"""Reading CSV as ERPs write it: any of the usual encodings and separators, ragged lines told apart, bounded memory."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from nova_assets.staging import dialect, records
from nova_assets.staging.source import LINE, ROW, Opener, Rows, Spoilt, letters
from nova_resources.landing import FileError

RAW_LIMIT = 8_000


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """What a mapping declares about a CSV; None is found out. `skip_rows` lines stand before header or data."""

    encoding: str | None = None
    separator: str | None = None
    skip_rows: int = 0
    header: bool = True


class CsvSource:
    """One CSV file. Raises FileError when it is empty or not text."""

    def __init__(self, file: str, opener: Opener, wanted: Sequence[str], options: CsvOptions | None = None) -> None:
        self._file, self._open = file, opener
        self._options = options or CsvOptions()
        # A small file is read once; of a large one only its first block is looked at here.
        self._whole: bytes | None = None
        first_record, self.header_line, encoding = self._first_line()
        if "\r" in first_record.rstrip("\r"):
            problem = "has lines that end in a carriage return alone"
            raise FileError(file, problem, "Save it with line feeds", line=self.header_line)
        self._separator = self._options.separator or dialect.separator_of(first_record, wanted)
        names = dialect.fields_of(first_record, self._separator)
        self.header = names if self._options.header else [letters(i) for i in range(len(names))]
        self.dialect: dict[str, Any] = {"encoding": encoding, "separator": self._separator}

    def batches(self, positions: Sequence[int]) -> Iterator[Rows]:
        """Rows in blocks of some megabytes; see source.Rows."""
        if self._whole is not None:
            yield from self._cut(iter([self._whole]), positions)
            return
        with self._open() as stream:
            blocks = dialect.TextBlocks(self._file, stream, self._options.encoding)
            yield from self._cut(iter(blocks), positions)
            self.dialect["encoding"] = _encoding_text(blocks)

    def _cut(self, blocks: Iterator[bytes], positions: Sequence[int]) -> Iterator[Rows]:
        data, line, waiting = b"", 1, self.header_line + int(self._options.header) - 1
        block = next(blocks, b"")
        while block:
            following = next(blocks, b"")
            data += block
            if waiting:
                data, skipped = _without_lines(data, waiting)
                line, waiting = line + skipped, waiting - skipped
            cut = records.cut(data, self._separator, final=not following)
            if len(cut.starts):
                yield self._rows(cut, line, positions)
            data, line, block = data[cut.consumed :], line + cut.lines, following

    def _first_line(self) -> tuple[str, int, str]:
        """First line that is not blank behind the skipped ones, its number, the encoding as far as is known."""
        with self._open() as stream:
            blocks = dialect.TextBlocks(self._file, stream, self._options.encoding)
            iterator = iter(blocks)
            block, more = next(iterator, b""), next(iterator, None)
        self._whole = block if more is None else None
        for number, line in enumerate(block.split(b"\n", self._options.skip_rows + 100), start=1):
            if number > self._options.skip_rows and line.strip():
                return line.decode("utf-8", "replace"), number, _encoding_text(blocks)
        raise FileError(self._file, "the file is empty", "Land the extract again, with at least its header line")

    def _rows(self, cut: records.Records, line: int, positions: Sequence[int]) -> Rows:
        lengths = cut.ends - cut.starts
        blank = lengths <= 1
        if blank.any():
            blank[blank] = [not cut.text(row).strip() for row in _where(blank)]
        ragged = (cut.counts != len(self.header)) & ~blank
        if cut.unclosed:
            ragged[list(cut.unclosed)] = True
        broken = np.zeros_like(ragged)
        if (mark := dialect.BROKEN.encode()) in cut.data:
            broken = np.array([mark in cut.text(row) for row in range(len(cut.starts))], bool) & ~ragged
        good = ~(ragged | blank | broken)

        def raw(row: int) -> str:
            return cut.text(row).decode("utf-8", "replace")[:RAW_LIMIT]

        spoilt = [self._spoilt(cut, row, line, raw(row), broken=bool(broken[row])) for row in _where(ragged | broken)]
        rows = np.flatnonzero(good)
        numbers = [
            pl.Series(LINE, (line + cut.first_lines[rows]).astype(np.int32)),
            pl.Series(ROW, rows.astype(np.uint32)),
        ]
        return Rows(self._frame(cut, good, positions).hstack(numbers), raw, spoilt)

    def _spoilt(self, cut: records.Records, row: int, line: int, raw: str, *, broken: bool) -> Spoilt:
        if broken:
            return Spoilt(line + int(cut.first_lines[row]), "unreadable_text", "bytes of another encoding", raw)
        problem = "a quotation mark is never closed" if row in cut.unclosed else f"{cut.counts[row]} fields"
        detail = f"{problem}, the header has {len(self.header)}"
        return Spoilt(line + int(cut.first_lines[row]), "ragged_line", detail, raw)

    def _frame(self, cut: records.Records, good: np.ndarray, positions: Sequence[int]) -> pl.DataFrame:
        """The good records' wanted columns as text."""
        count = int(good.sum())
        if not count:
            return pl.DataFrame(schema={str(p): pl.String for p in positions})
        frame = pl.read_csv(
            io.BytesIO(cut.select(good)),
            has_header=False,
            separator=self._separator,
            schema={str(i): pl.String for i in range(len(self.header))},
            columns=list(positions),
            infer_schema=False,
        )
        if frame.height != count:
            problem = f"{count} records end where {frame.height} are read"
            raise FileError(self._file, problem, "Write the file again, with fields quoted or without line breaks")
        return frame


def _without_lines(data: bytes, count: int) -> tuple[bytes, int]:
    """`data` behind its first `count` lines, and how many of them it had."""
    parts = data.split(b"\n", count)
    return parts[-1], len(parts) - 1


def _where(mask: np.ndarray) -> list[int]:
    return np.flatnonzero(mask).tolist()


def _encoding_text(blocks: dialect.TextBlocks) -> str:
    return (blocks.encoding or dialect.UTF8) + (" with byte order mark" if blocks.marked else "")
