"""What every reader of a file gives: its header, what was found out about it, and its rows in bounded batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

import polars as pl

# Rows of a batch: large enough that the work per batch does not count, small enough for a few hundred bytes per row.
BATCH_ROWS = 200_000
LINE = "_line"
ROW = "_row"

Opener = Callable[[], IO[bytes]]


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A line that could not even be cut into fields. The header is line 1."""

    line: int
    reason: str
    detail: str
    raw: str


@dataclass(frozen=True, slots=True)
class Rows:
    """A batch: source columns by position ("0", "1" …) as text or as typed in the file, `_line` and `_row`.

    `raw(row)` gives the row as it stood in the file, for the quarantine; `_row` is its argument.
    """

    frame: pl.DataFrame
    raw: Callable[[int], str]
    spoilt: list[Spoilt] = field(default_factory=list)


class Source(Protocol):
    """An opened file. Constructing one reads as much as is needed to know the header."""

    header: list[str]
    header_line: int
    dialect: dict[str, Any]

    def batches(self, positions: Sequence[int]) -> Iterator[Rows]:
        """All rows, from the first, with only the columns at `positions`. May be called again."""
        ...


def letters(position: int) -> str:
    """Name of a column by its position, as spreadsheets name it: 0 is A, 25 Z, 26 AA."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
