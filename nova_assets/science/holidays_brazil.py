"""Brazilian holidays as numbers per period: what the law closes, and what it leaves to employers.

Field teams stop on Carnival, Ash Wednesday and Corpus Christi, which are optional holidays by law.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from nova_assets.science.periods import Days

CATEGORIES = ("public", "optional")


@cache
def holiday_names(first_year: int, last_year: int) -> dict[str, dict[np.datetime64, str]]:
    """Category to day to name, whole years, national ones; a day that is both counts as public."""
    import holidays

    found: dict[str, dict[np.datetime64, str]] = {}
    years = range(first_year, last_year + 1)
    for category in CATEGORIES:
        days = holidays.country_holidays("BR", years=years, categories=(category,))
        known = {day for others in found.values() for day in others}
        found[category] = {d: name for day, name in days.items() if (d := np.datetime64(day)) not in known}
    return found


def closed_weekdays(begin: Days, days: int | NDArray[np.int64]) -> NDArray[np.float64]:
    """(m, 3) for windows of `days` days from each of `begin` (m,): weekdays, public and optional holidays on them."""
    begin = np.asarray(begin, dtype="datetime64[D]")
    end = begin + np.asarray(days)
    years = [int(str(day)[:4]) for day in (begin.min(), end.max())]
    columns = [np.busday_count(begin, end)]
    for names in holiday_names(*years).values():
        marked = np.array(sorted(names), dtype="datetime64[D]")
        marked = marked[np.is_busday(marked)]
        columns.append(np.searchsorted(marked, end) - np.searchsorted(marked, begin))
    return np.stack(columns, axis=1).astype(float)
