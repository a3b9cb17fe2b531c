"""Features: trailing rates, what is known of the days ahead, surroundings; and nothing known later."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

FIRST = date(2025, 1, 1)
DAY = timedelta(days=1)


def on(number: int) -> date:
    return FIRST + number * DAY


def features(company, day: date, item: str = "M1") -> dict:
    (row,) = [row for row in company.rows("features_store", as_of=day) if row["item_code"] == item]
    return row["features"]


@pytest.fixture
def stocked(company):
    """M1 at S1 for 100 days, empty on the last ten, with demand on days 50, 85 and (in vain) 95."""
    company.publish("core.dim_calendar", FIRST)
    company.stock([on(n) for n in range(90)], "M1", "S1", 5)
    company.stock([on(n) for n in range(90, 100)], "M1", "S1", 0)
    company.demand(on(50), "M1", "S1", 8, 8)
    company.demand(on(85), "M1", "S1", 4, 4)
    company.demand(on(95), "M1", "S1", 9, 0)
    return company


def test_rates_leave_unobserved_days_out(stocked) -> None:
    stocked.publish("demand_classes features_store", on(99))
    told = features(stocked, on(99))
    assert (told["mean_30"], told["nonzero_30"]) == (pytest.approx(4 / 20), pytest.approx(1 / 20))
    assert (told["stockout_30"], told["stockout_7"]) == (pytest.approx(10 / 30, abs=1e-6), 1)
    assert told["mean_365"] == pytest.approx(12 / 90, abs=1e-6)  # 100 days of life, ten of them unobserved
    assert "mean_7" not in told  # nothing was observed
    assert (told["recency_days"], told["age_days"]) == (4, 100)


def test_a_range_gives_what_single_days_give(stocked) -> None:
    stocked.external(on(60), "USD_BRL", 5.0)
    stocked.planned(on(20), on(70), "M1", "S1", 3)
    stocked.publish("demand_classes", FIRST, on(100))
    stocked.publish("features_store", on(40), on(100))
    whole = stocked.rows("features_store")
    for day in (on(40), on(57), on(92), on(99)):
        stocked.publish("features_store", day)
    assert stocked.rows("features_store") == whole


def test_planned_work_is_the_latest_plan_told_by_then(stocked) -> None:
    stocked.planned(on(80), on(100), "M1", "S1", 3)
    stocked.planned(on(85), on(129), "M1", "S1", 2)
    stocked.planned(on(85), on(130), "M1", "S1", 50)  # 31 days ahead of day 99
    stocked.planned(on(99), on(100), "M1", "S1", 6)  # restated
    stocked.publish("demand_classes features_store", on(98), on(100))
    assert features(stocked, on(98))["planned_work_30"] == 3
    assert features(stocked, on(99))["planned_work_30"] == 6 + 2


def test_surroundings_of_the_region_and_of_the_country(stocked) -> None:
    for number in range(60, 100):
        stocked.external(on(number), "RAIN_MM", number - 60, region="R1")
        stocked.external(on(number), "RAIN_MM", 1000, region="R2")
    stocked.external(on(69), "USD_BRL", 5.0)
    stocked.external(on(99), "USD_BRL", 5.5)
    stocked.publish("demand_classes features_store", on(99))
    told = features(stocked, on(99))
    assert (told["rain_mm_mean_7"], told["rain_mm_mean_30"]) == (36, 24.5)
    assert (told["usd_brl"], told["usd_brl_change_30"]) == (5.5, 0.1)


def test_calendar_of_the_next_thirty_days_with_the_holidays_of_the_state(company) -> None:
    today = date(2025, 6, 10)
    company.publish("core.dim_calendar", today)
    company.stock(today, "M1", "S1", 1)
    company.stock(today, "M2", "S2", 1)
    company.publish("demand_classes features_store", today)
    bahia, ceara = features(company, today), features(company, today, "M2")
    # 11 June to 10 July 2025: 22 weekdays, no national holiday, Corpus Christi optional; 2 July is Bahia's.
    assert (bahia["business_days_30"], bahia["holidays_30"], bahia["optional_holidays_30"]) == (22, 0, 1)
    assert (bahia["state_holidays_30"], ceara["state_holidays_30"]) == (1, 0)
    assert (bahia["weekday"], bahia["month"]) == (1, 6)


def test_later_days_do_not_change_an_old_date(stocked) -> None:
    stocked.publish("demand_classes features_store", on(60))
    before = stocked.rows("features_store")
    stocked.external(on(61), "USD_BRL", 9)
    stocked.planned(on(61), on(65), "M1", "S1", 7)
    stocked.publish("demand_classes features_store", on(60))
    assert stocked.rows("features_store") == before
