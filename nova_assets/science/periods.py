"""Calendar arithmetic of a panel: which period a date falls in, for daily (D), weekly (W) and month-start (MS) panels.

A weekly panel keeps the weekday that its labels already share; raw daily dates are put into weeks that start on Monday.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]

FREQUENCIES = ("D", "W", "MS")
DAYS_PER_PERIOD = {"D": 1.0, "W": 7.0, "MS": 365.25 / 12}
_MONDAY = 4  # 1970-01-01 was a Thursday: day number 4 was the first Monday


@dataclass(frozen=True)
class Periods:
    """Maps dates to period numbers and back. `anchor` is the day number modulo 7 on which weeks start."""

    freq: str
    anchor: int = _MONDAY

    @classmethod
    def of(cls, freq: str, dates: Days) -> tuple[Periods, bool]:
        """Periods for these dates, and whether every date already is a period's label (its first day)."""
        if freq not in FREQUENCIES:
            raise ValueError(f"freq must be one of {', '.join(FREQUENCIES)}, got {freq!r}")
        if freq == "W":
            weekdays = np.unique(dates.astype("datetime64[D]").astype(np.int64) % 7)
            return (cls(freq, int(weekdays[0])), True) if len(weekdays) == 1 else (cls(freq), False)
        periods = cls(freq)
        return periods, bool((periods.labels(periods.index(dates)) == dates).all())

    def index(self, dates: Days) -> NDArray[np.int64]:
        """Period number of each date."""
        if self.freq == "MS":
            return dates.astype("datetime64[M]").astype(np.int64)
        number = dates.astype("datetime64[D]").astype(np.int64)
        return number if self.freq == "D" else (number - self.anchor) // 7

    def labels(self, index: NDArray[np.int64]) -> Days:
        """First day of each period."""
        if self.freq == "MS":
            return index.astype("datetime64[M]").astype("datetime64[D]")
        number = index if self.freq == "D" else index * 7 + self.anchor
        return number.astype("datetime64[D]")

    def last_known(self, as_of: dt.date, labelled: bool) -> int:
        """Number of the last period that is known in full on `as_of`.

        Labelled rows are period totals dated by their first day: known on that day. Raw daily rows fill a period only
        on its last day, so a period still running on `as_of` is left out.
        """
        day = np.array([as_of], dtype="datetime64[D]")
        running = int(self.index(day)[0])
        complete = int(self.index(day + 1)[0]) > running
        return running if labelled or complete else running - 1
