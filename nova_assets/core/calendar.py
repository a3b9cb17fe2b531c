"""The calendar: whole years of days with Brazilian holidays, national, optional and of each state."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import cache

import pyarrow as pa

# Field teams stop on Carnival, Ash Wednesday and Corpus Christi, which the law leaves to employers.
_PUBLIC, _OPTIONAL = ("public",), ("public", "optional")
YEARS_BEFORE, YEARS_AFTER = 1, 2


@cache
def _holidays(years: tuple[int, ...], state: str | None, categories: tuple[str, ...]) -> dict[date, str]:
    """Day to name, in Portuguese."""
    import holidays

    return dict(holidays.country_holidays("BR", subdiv=state, years=years, categories=categories, language="pt_BR"))


def _states() -> list[str]:
    """Two-letter codes of the Brazilian states."""
    from holidays.countries.brazil import Brazil

    return [code for code in Brazil.subdivisions if len(code) == 2 and code.isalpha()]


def calendar(first_year: int, last_year: int) -> pa.Table:
    """Every day from 1 January of `first_year` to 31 December of `last_year`, in the columns of core.dim_calendar."""
    years = tuple(range(first_year, last_year + 1))
    national = _holidays(years, None, _PUBLIC)
    optional = {day: name for day, name in _holidays(years, None, _OPTIONAL).items() if day not in national}
    by_state: dict[date, dict[str, str]] = {}
    for state in _states():
        for day, name in _holidays(years, state, _PUBLIC).items():
            if day not in national:
                by_state.setdefault(day, {})[state] = name
    start, stop = date(first_year, 1, 1), date(last_year + 1, 1, 1)
    days = [start + timedelta(days=n) for n in range((stop - start).days)]
    return pa.Table.from_pylist([_row(day, national, optional, by_state.get(day, {})) for day in days])


def _row(day: date, national: dict[date, str], optional: dict[date, str], states: dict[str, str]) -> dict[str, object]:
    quarter = (day.month - 1) // 3 + 1
    weekend = day.weekday() >= 5
    return {
        "full_date": day,
        "date_id": day.year * 10_000 + day.month * 100 + day.day,
        "year": day.year,
        "quarter": quarter,
        "month": day.month,
        "week_of_year": day.isocalendar().week,
        "weekday": day.weekday(),
        "day_of_month": day.day,
        "is_weekend": weekend,
        "is_holiday": day in national,
        "is_optional_holiday": day in optional,
        "holiday_name": national.get(day) or optional.get(day),
        "state_holidays": json.dumps(states, ensure_ascii=False, sort_keys=True),
        "is_business_day": not weekend and day not in national,
        "fiscal_year": day.year,
        "fiscal_quarter": quarter,
    }
