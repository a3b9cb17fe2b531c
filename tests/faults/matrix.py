"""The table of what was done to a home and what became of it: on the screen and in docs/faults.md."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from cures import CURES

from nova_resources.crash_points import POINTS
from nova_resources.settings import CHECKOUT

# Names of a report's properties: the fault as (point or circumstance, victim), and a sentence of what was measured.
FAULT, MEASURED = "fault", "measured"
PAGE = CHECKOUT / "docs" / "faults.md"
BEGIN, END = "<!-- what `nova test --faults` found last -->", "<!-- written by the command -->"
FAILED, SKIPPED = "FAILED", "not done"
ORDER = [*POINTS, *CURES]


@dataclass
class Cell:
    """A fault: seconds of its tests, and whether one of them failed or was skipped."""

    seconds: float = 0.0
    wrong: str = ""

    def __str__(self) -> str:
        return self.wrong or f"{self.seconds:.0f} s"


@dataclass
class Faults:
    """Every fault by (point or circumstance, victim), and what was measured beside them."""

    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)
    measured: list[str] = field(default_factory=list)

    @property
    def count(self) -> str:
        wrong = [cell.wrong for cell in self.cells.values()]
        tried = len(wrong) - wrong.count(SKIPPED)
        return f"{wrong.count('')} of {tried} faults survived" + f", {len(wrong) - tried} not done" * (SKIPPED in wrong)

    def tables(self) -> Iterator[tuple[list[str], list[str]]]:
        """Headings (victims) and points of each table: points that have the same victims stand together."""
        victims: dict[str, list[str]] = {}
        for point, victim in sorted(self.cells, key=lambda cell: (_place(cell[0]), _place(cell[1]))):
            victims.setdefault(point, []).append(victim)
        for heads in dict.fromkeys(map(tuple, victims.values())):
            yield list(heads), [point for point, its in victims.items() if tuple(its) == heads]


def read(stats: Mapping[str, Iterable[Any]]) -> Faults:
    """From the reports of all tests, by whichever process they were run."""
    faults = Faults()
    for report in chain.from_iterable(stats.get(outcome, ()) for outcome in ("passed", "failed", "error", "skipped")):
        for name, value in report.user_properties:
            if name == MEASURED and value not in faults.measured:
                faults.measured.append(value)
            if name == FAULT:
                cell = faults.cells.setdefault(tuple(value), Cell())
                cell.seconds += report.duration
                if report.failed or (report.skipped and not cell.wrong):
                    cell.wrong = FAILED if report.failed else SKIPPED
    return faults


def text(faults: Faults) -> list[str]:
    """Lines for a terminal."""
    lines = []
    for heads, points in faults.tables():
        rows = [["", *heads], *([point, *(str(faults.cells[point, head]) for head in heads)] for point in points)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            lines.append("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]))
        lines.append("")
    return [*lines, *faults.measured, faults.count]


def _place(name: str) -> int:
    """Of a point, with the write before it or not, or a victim or circumstance; files and runs come last."""
    name = name.rpartition(": ")[2]
    return ORDER.index(name) if name in ORDER else len(ORDER)


def write(faults: Faults) -> None:
    """Put the tables into the page, between its two marks."""
    before, rest = PAGE.read_text("utf-8").split(BEGIN)
    after = rest.split(END)[1]
    lines = [BEGIN, "", f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores: **{faults.count}**.", ""]
    for heads, points in faults.tables():
        lines += ["| | " + " | ".join(heads) + " |", "| --- |" + " ---: |" * len(heads)]
        lines += [f"| {point} | " + " | ".join(str(faults.cells[point, h]) for h in heads) + " |" for point in points]
        lines.append("")
    lines += [f"- {sentence}" for sentence in faults.measured]
    PAGE.write_text(before + "\n".join([*lines, "", END]) + after, "utf-8")
