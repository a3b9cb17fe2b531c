"""Cutting bytes of CSV into records: where each begins and ends, on which line, with how many fields.

A quotation mark opens a quoted field only at the field's beginning, so that inch marks (`TUBO 1/2"`) stay text; quoted
fields may hold separators and line breaks. All bytes are UTF-8 with `\\n` line ends (dialect.py sees to that).
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field

import numpy as np

QUOTE, NEWLINE = ord('"'), ord("\n")
# A quoted field that runs on longer than this was never meant to be one.
LONGEST_QUOTED_LINES = 50


@dataclass(frozen=True, slots=True)
class Records:
    """Records of a block: byte ranges without the line end, first physical line (0-based), number of fields.

    `consumed` bytes and `lines` physical lines are covered; the rest belongs to the next block. `rewritten` holds
    records whose quotation marks had to be put right, `unclosed` those with a quoted field that never ends.
    """

    data: bytes
    starts: np.ndarray
    ends: np.ndarray
    first_lines: np.ndarray
    counts: np.ndarray
    consumed: int
    lines: int
    rewritten: dict[int, bytes] = field(default_factory=dict)
    unclosed: frozenset[int] = frozenset()

    def text(self, row: int) -> bytes:
        """A record as it stood in the file."""
        return self.data[self.starts[row] : self.ends[row]]

    def select(self, good: np.ndarray) -> bytes:
        """The records that `good` (boolean, one per record) names, as sound CSV."""
        special = np.zeros(len(good), bool)
        special[list(self.rewritten)] = True
        if good.all() and not self.rewritten:
            return self.data[: self.consumed]
        parts, begin = [], 0
        for row in np.flatnonzero(special | ~good).tolist():
            if row > begin:
                parts.append(self.data[self.starts[begin] : self.starts[row]])
            if good[row]:
                parts.append(self.rewritten[row])
            begin = row + 1
        if begin < len(good):
            parts.append(self.data[self.starts[begin] : self.consumed])
        return b"".join(parts)


def cut(data: bytes, separator: str, *, final: bool) -> Records:
    """Records of `data`, which begins at the start of a record. `final` says that nothing follows."""
    if final and data and not data.endswith(b"\n"):
        data += b"\n"
    block = np.frombuffer(data, np.uint8)
    newlines = np.flatnonzero(block == NEWLINE)
    separators = np.flatnonzero(block == ord(separator))
    if b'"' not in data:
        return _records(data, newlines, newlines, _counts(separators, newlines))
    quotes = np.flatnonzero(block == QUOTE)
    ends = newlines[np.searchsorted(quotes, newlines) % 2 == 0]
    unfinished = len(newlines) - np.searchsorted(newlines, ends[-1:], side="right").sum()
    sound = _well_formed(block, quotes, ord(separator)) and not (final and len(quotes) % 2)
    if not sound or unfinished > LONGEST_QUOTED_LINES:
        return _cut_carefully(data, newlines, separators, quotes, separator, final=final)
    outside = separators[np.searchsorted(quotes, separators) % 2 == 0]
    return _records(data, newlines, ends, _counts(outside, ends))


def _counts(separators: np.ndarray, ends: np.ndarray) -> np.ndarray:
    return np.diff(np.searchsorted(separators, ends), prepend=0) + 1


def _starts(ends: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], ends + 1])[: len(ends)].astype(np.int64)


def _records(data: bytes, newlines: np.ndarray, ends: np.ndarray, counts: np.ndarray, **more: object) -> Records:
    starts = _starts(ends)
    consumed = int(ends[-1]) + 1 if len(ends) else 0
    lines = int(np.searchsorted(newlines, consumed))
    return Records(data, starts, ends, np.searchsorted(newlines, starts), counts, consumed, lines, **more)  # pyright: ignore[reportArgumentType]


def _well_formed(block: np.ndarray, quotes: np.ndarray, separator: int) -> bool:
    """Whether counting the marks tells which bytes are quoted: each opens or closes a whole field, or is doubled."""
    openers, closers = quotes[::2], quotes[1::2]
    before = block[np.maximum(openers - 1, 0)]
    opens = (openers == 0) | (before == separator) | (before == NEWLINE)
    # The second mark of a doubled pair counts as an opener right behind a closer.
    opens[1:] |= openers[1:] == closers[: len(openers) - 1] + 1
    after = block[np.minimum(closers + 1, len(block) - 1)]
    closes = (closers == len(block) - 1) | (after == separator) | (after == NEWLINE) | (after == QUOTE)
    return bool(opens.all() and closes.all())


def _cut_carefully(
    data: bytes, newlines: np.ndarray, separators: np.ndarray, quotes: np.ndarray, separator: str, *, final: bool
) -> Records:
    """The same for blocks with stray quotation marks: lines that hold one are looked at one by one."""
    starts, ends, counts = _starts(newlines), newlines.copy(), _counts(separators, newlines)
    kept = np.ones(len(newlines), bool)
    rewritten, unclosed, covered = {}, [], -1
    for line in np.unique(np.searchsorted(newlines, quotes)).tolist():
        if line <= covered or line >= len(newlines):
            continue
        last = _last_line(data, starts, newlines, line, separator.encode())
        if last >= len(newlines) and not final:  # goes on behind this block
            kept[line:] = False
            break
        closed = 0 <= last < len(newlines)
        covered = last if closed else line
        kept[line + 1 : covered + 1] = False
        ends[line] = newlines[covered]
        text = data[starts[line] : ends[line]].decode("utf-8", "replace")
        fields = _fields(text, separator) if closed else text.split(separator)
        counts[line], rewritten[line] = len(fields), _written(fields, separator)
        if not closed:
            unclosed.append(line)
    row_of = np.cumsum(kept) - 1
    return _records(
        data,
        newlines,
        ends[kept],
        counts[kept],
        rewritten={int(row_of[line]): text for line, text in rewritten.items()},
        unclosed=frozenset(int(row_of[line]) for line in unclosed),
    )


def _last_line(data: bytes, starts: np.ndarray, newlines: np.ndarray, line: int, separator: bytes) -> int:
    """Line on which the record that begins on `line` ends: len(newlines) if behind the block, -1 if it never does."""
    for last in range(line, line + LONGEST_QUOTED_LINES):
        if last >= len(newlines):
            return last
        if not _ends_quoted(data[starts[line] : newlines[last]], separator):
            return last
    return -1


def _ends_quoted(record: bytes, separator: bytes) -> bool:
    """Whether the record ends inside a quoted field."""
    position = 0
    while position >= 0:
        if record[position : position + 1] == b'"':
            position = _closing(record, position + 1)
            if position < 0:
                return True
        separator_at = record.find(separator, position)
        position = separator_at + 1 if separator_at >= 0 else -1
    return False


def _closing(record: bytes, position: int) -> int:
    """Position behind the mark that closes the quoted field whose content begins at `position`, or -1."""
    while (found := record.find(b'"', position)) >= 0:
        if record[found + 1 : found + 2] != b'"':
            return found + 1
        position = found + 2
    return -1


def _fields(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=separator, strict=False), [""])
    except csv.Error:  # a field beyond the module's size limit
        return text.split(separator)


def _written(fields: list[str], separator: str) -> bytes:
    sink = io.StringIO()
    csv.writer(sink, delimiter=separator, lineterminator="\n").writerow(fields)
    return sink.getvalue().encode()
