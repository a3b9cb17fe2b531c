"""The same tables by two ways: a range at once with everything landed, and day by day as the extracts came in.

The second way knows nothing of later days, so that equal tables also prove that no row of an as-of looks ahead.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from nova_assets.ledger_state import assets
from nova_resources.tables import Window

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]

# The days that are replayed one by one lie on both sides of a month's end, at which models are chosen.
START, EVE, END = date(2026, 8, 24), date(2026, 10, 28), date(2026, 11, 6)
CROWDED = ("core.fact_inventory_daily", "analytics.forecasts", "analytics.recommendations", "analytics.kpis_daily")
ON_THE_WAY = Window.day(date(2026, 11, 3))


@pytest.fixture(scope="module")
def company(new_company):
    return new_company(60, START, END)


@pytest.fixture(scope="module")
def at_once(new_graph, company) -> Iterator:
    """Everything landed first, then computed in ranges."""
    with new_graph(START) as platform:
        company.land(platform.settings.landing)
        platform.load()
        platform.backfill(START, EVE)
        platform.backfill(EVE + timedelta(days=1), END, every_day=True)
        yield platform


@pytest.fixture(scope="module")
def day_by_day(new_graph, company) -> Iterator:
    """The first weeks in one range; then each day lands and is computed before the next one is known."""
    with new_graph(START) as platform:
        company.land(platform.settings.landing, until=EVE)
        platform.load()
        platform.backfill(START, EVE)
        day = EVE
        while day < END:
            company.land(platform.settings.landing, after=day, until=day + timedelta(days=1))
            day += timedelta(days=1)
            platform.materialize(day, monthly=True)
        yield platform


def test_a_range_and_its_days_give_the_same_tables(at_once, day_by_day) -> None:
    # The register of files tells when each of them came.
    tables = [table for table in assets() if table.qualified != "staging.files"]
    found = day_by_day.checksums(tables)
    assert at_once.checksums(tables) == found
    assert {name for name, sum_ in found.items() if sum_.rows == 0} <= {
        "analytics.decision_replay",
        "analytics.forecast_overrides",
        "analytics.alert_scores",
    }


def test_an_old_date_computed_again_has_the_rows_that_it_had(day_by_day) -> None:
    before = day_by_day.checksums(window=ON_THE_WAY)
    all_of_it = day_by_day.checksums()
    day_by_day.backfill(ON_THE_WAY.start, ON_THE_WAY.start, every_day=True)
    assert day_by_day.checksums(window=ON_THE_WAY) == before
    assert day_by_day.checksums() == all_of_it
    assert all(before[name].rows for name in CROWDED)
