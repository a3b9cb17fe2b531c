"""The calendar knows what field teams in Brazil stop for."""

from __future__ import annotations

import json
from datetime import date

import pytest

from nova_assets import catalog
from nova_assets.core.calendar import calendar

DAYS = {row["full_date"]: row for row in calendar(2024, 2025).to_pylist()}


def test_whole_years_in_the_columns_of_the_catalog() -> None:
    assert len(DAYS) == 366 + 365
    assert tuple(DAYS[date(2024, 2, 29)]) == catalog.table("core.dim_calendar").column_names


@pytest.mark.parametrize(
    ("day", "national", "optional", "business"),
    [
        (date(2025, 9, 7), True, False, False),  # Independence, a Sunday
        (date(2025, 3, 4), False, True, True),  # Carnival
        (date(2025, 6, 19), False, True, True),  # Corpus Christi
        (date(2025, 11, 21), False, False, True),
        (date(2025, 11, 22), False, False, False),  # Saturday
    ],
)
def test_kinds_of_days(day: date, national: bool, optional: bool, business: bool) -> None:
    row = DAYS[day]
    assert (row["is_holiday"], row["is_optional_holiday"], row["is_business_day"]) == (national, optional, business)


def test_bahia_has_its_independence() -> None:
    assert "BA" in json.loads(DAYS[date(2025, 7, 2)]["state_holidays"])
