"""Days, months and random streams of the simulation.

A day is an integer: days since 1970-01-01. Every random number belongs to a named stream and a key (usually a month
or a day), never to how long the simulation runs: this is why a longer run repeats a shorter one byte for byte.
"""

from __future__ import annotations

import zlib
from datetime import date, timedelta

import holidays
import numpy as np
from numpy.typing import NDArray

EPOCH = date(1970, 1, 1)
MONTH_DAYS = 365.25 / 12
# Days simulated before the first extract, so that stocks, open orders and weather start in their usual state.
WARM_UP_DAYS = 270


def ordinal(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def to_date(day: int) -> date:
    """Inverse of `ordinal`."""
    return EPOCH + timedelta(days=int(day))


def stream(seed: int, name: str, *key: int) -> np.random.Generator:
    """The generator of stream `name` at `key`; independent of every other (name, key)."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(name.encode()), *key])))


def months(first: int, last: int) -> list[tuple[int, int]]:
    """[start, end) of every calendar month that touches [first, last]."""
    start = np.datetime64(first, "D").astype("datetime64[M]")
    stop = np.datetime64(last, "D").astype("datetime64[M]")
    borders = np.arange(start, stop + 2).astype("datetime64[D]").astype(np.int64)
    return list(zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True))


class BusinessDays:
    """Working days of the company: Monday to Friday without Brazilian national holidays and Carnival."""

    def __init__(self, first: int, last: int) -> None:
        years = range(to_date(first).year - 1, to_date(last).year + 3)
        calendar = holidays.country_holidays("BR", years=years, categories=("public", "optional"))
        self._calendar = np.busdaycalendar(holidays=np.array(sorted(calendar), dtype="datetime64[D]"))

    def on_or_after(self, days: NDArray[np.int64]) -> NDArray[np.int64]:
        """Each day itself if it is a working day, else the next one."""
        moved = np.busday_offset(days.astype("datetime64[D]"), 0, roll="forward", busdaycal=self._calendar)
        return moved.astype(np.int64)

    def is_open(self, days: NDArray[np.int64]) -> NDArray[np.bool_]:
        """True where the day is a working day."""
        return np.is_busday(days.astype("datetime64[D]"), busdaycal=self._calendar)
