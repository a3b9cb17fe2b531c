"""Measured numbers: what each is, what was promised of it, and how people and files see them."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

Say = Callable[[str], None]
GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Measure:
    """One number. `least` and `most` are promises; without either it is told for information."""

    name: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the promise holds; true where none was made."""
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)

    @property
    def promise(self) -> str:
        """The promise in words, empty where none was made."""
        if self.least is not None:
            return f"at least {number(self.least, self.unit)}"
        return f"at most {number(self.most, self.unit)}" if self.most is not None else ""

    @property
    def text(self) -> str:
        """Value with its unit."""
        return number(self.value, self.unit)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "kept": self.kept}


def number(value: float, unit: str) -> str:
    """A number as people read it; shares are percentages."""
    if unit == "share":
        return f"{value:.1%}"
    digits = 0 if abs(value) >= 100 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()


def seconds_of(work: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 stay below; needs two."""
    return statistics.quantiles(values, n=20)[-1]


def medians(
    contenders: Mapping[str, Callable[[], object]], before: Callable[[], object], times: int, say: Say
) -> dict[str, float]:
    """Median wall seconds of each contender. They take turns, each from the state that `before` makes."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(times):
        for name, work in contenders.items():
            say(f"{name}, {turn + 1} of {times}")
            before()
            taken[name].append(seconds_of(work))
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def machine() -> dict[str, Any]:
    """What the numbers depend on besides the code; `load` is the work of others when the measuring begins."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / GIB),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }


def _processor() -> str:
    """Model of the processor where Linux tells it."""
    path = Path("/proc/cpuinfo")
    lines: Sequence[str] = path.read_text().splitlines() if path.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
