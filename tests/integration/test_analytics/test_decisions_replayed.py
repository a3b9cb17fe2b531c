"""Alerts, calibration, replay and views on forecasts, policies and recommendations that are written by hand."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from nova_assets.science.quantiles import GRID

FIRST = date(2025, 1, 1)
DAY = timedelta(days=1)


def on(number: int) -> date:
    return FIRST + number * DAY


def days(begin: int, end: int) -> list[date]:
    return [on(number) for number in range(begin, end)]


class Book:
    """Rows of the model tables for one date, with defaults."""

    def __init__(self, company) -> None:
        self.company = company

    def forecast(self, day: date, item: str, target: str, horizon: float, scale: float = 10.0) -> None:
        """Demand uniform between 0 and `scale`."""
        self._put("analytics.forecasts", day, item, {
            "target": target, "horizon_days": horizon, "model": "tsb", "mean": scale / 2, "borrowed_share": 0.0,
            "quantile_levels": list(GRID), "quantile_values": [scale * level for level in GRID],
        })  # fmt: skip

    def policy(self, day: date, item: str, **given: object) -> None:
        row = {
            "service_level": 0.95, "review_days": 7, "lead_time_days": 13, "protection_days": 20, "reorder_point": 9,
            "safety_stock": 4, "order_up_to": 15, "min_order_qty": 0, "order_multiple": 0, "unit_cost": 10,
            "holding_cost_unit_day": 0.5, "shortage_cost_unit": 100, "unmet_demand": "BACKORDER", "terms": "{}",
        }  # fmt: skip
        self._put("analytics.stock_policies", day, item, row | given)

    def recommendation(self, day: date, item: str, action: str = "HOLD", **given: object) -> None:
        row = {
            "action": action, "order_ref": "", "quantity": 0, "priority": "LOW", "position": 20, "on_hand": 20,
            "on_order": 0, "on_order_late": 0, "reserved": 0, "backorder": 0, "stockout_probability": 0.0,
            "stockout_probability_after": 0.0, "expected_shortage": 0.0, "expected_shortage_after": 0.0, "spend": 0,
            "avoided_cost": 0, "terms": json.dumps({}), "flips": json.dumps([]),
        }  # fmt: skip
        self._put("analytics.recommendations", day, item, row | given)

    def _put(self, name: str, day: date, item: str, row: dict) -> None:
        keys = {"as_of": day, "item_id": self.company.id_of(item), "site_id": self.company.id_of("S1")}
        self.company._insert(name, [keys | row])


@pytest.fixture
def book(company) -> Book:
    return Book(company)


def judged(company, book: Book, day: date, item: str, policy: dict | None = None, **recommendation: object) -> None:
    """One item-site with a policy, a 90-day forecast of 45 units (0.5 a day) and a recommendation."""
    book.policy(day, item, **(policy or {}))
    book.forecast(day, item, "D90", 90, 90)
    book.recommendation(day, item, **recommendation)


def alerts(company, day: date) -> dict:
    company.publish("alerts", day)
    return {(row["item_code"], row["cause"]): row for row in company.rows("alerts", as_of=day)}


def test_alerts_of_stock(company, book) -> None:
    company.item("M3")
    judged(company, book, FIRST, "M1", on_hand=4, position=4, stockout_probability=0.6, expected_shortage=1.5)
    judged(
        company, book, FIRST, "M2", on_hand=0, position=0, stockout_probability=1.0, expected_shortage=5, backorder=2
    )
    judged(company, book, FIRST, "M3", on_hand=4, position=4, stockout_probability=0.19)
    found = alerts(company, FIRST)
    assert set(found) == {("M1", "STOCKOUT_RISK"), ("M2", "STOCKED_OUT")}
    risk = found["M1", "STOCKOUT_RISK"]
    assert (risk["probability"], risk["expected_date"], risk["value_at_risk"]) == (0.6, on(8), 150)
    assert (risk["severity"], found["M2", "STOCKED_OUT"]["severity"]) == ("WARNING", "CRITICAL")
    assert risk["details"]["units_short"] == 1.5


def test_excess_is_more_than_a_year_above_the_target(company, book) -> None:
    judged(company, book, FIRST, "M1", on_hand=15 + 183, position=198)  # 0.5 a day: 182.5 a year
    judged(company, book, FIRST, "M2", on_hand=15 + 182, position=197)
    company.flush()
    found = alerts(company, FIRST)
    assert [key for key in found if key[1] == "EXCESS"] == [("M1", "EXCESS")]
    assert found["M1", "EXCESS"]["value_at_risk"] == 1830


def test_only_late_orders_to_expedite_alert(company, book) -> None:
    late = {"order_ref": "P1/1", "quantity": 5, "arrive_by": on(3), "avoided_cost": 80, "stockout_probability": 0.4}
    judged(company, book, FIRST, "M1", action="EXPEDITE", on_hand=0, position=0, **late)
    judged(company, book, FIRST, "M2", on_order_late=9)
    found = alerts(company, FIRST)
    assert {key for key in found if key[1] == "LATE_ORDER"} == {("M1", "LATE_ORDER")}
    row = found["M1", "LATE_ORDER"]
    assert (row["expected_date"], row["value_at_risk"], row["details"]["order_no"]) == (on(3), 80, "P1/1")


def test_demand_spike_against_the_busiest_two_weeks_of_the_year(company, book) -> None:
    today = on(377)
    for item, last in (("M1", 16), ("M2", 15)):
        for number in range(0, 360, 28):
            company.demand(on(number), item, "S1", 10)
        company.demand(today, item, "S1", last)
        judged(company, book, today, item)
    found = alerts(company, today)
    assert {key for key in found if key[1] == "DEMAND_SPIKE"} == {("M1", "DEMAND_SPIKE")}
    assert found["M1", "DEMAND_SPIKE"]["details"]["busiest_14_days"] == 10


def test_lead_time_drift_of_a_supplier(company, book) -> None:
    company.supplier("F2")
    for supplier, recent in (("F1", 30), ("F2", 21)):
        for number in range(12):
            begin = on(20 * number)
            took = 20 + number % 3 if number < 6 else recent + number % 3
            company.order(f"{supplier}{number}", begin + took * DAY, "M1", "S1", supplier, order_date=begin,
                          received_date=begin + took * DAY, received_quantity=1, status="RECEIVED")  # fmt: skip
    today = on(20 * 11 + 35)
    judged(company, book, today, "M1", {"supplier_id": company.id_of("F1")})
    judged(company, book, today, "M2", {"supplier_id": company.id_of("F2")})
    found = alerts(company, today)
    assert {key for key in found if key[1] == "LEAD_TIME_DRIFT"} == {("M1", "LEAD_TIME_DRIFT")}
    assert found["M1", "LEAD_TIME_DRIFT"]["details"]["supplier_code"] == "F1"


def test_calibration_counts_sums_at_or_below_each_quantile(company, book) -> None:
    for item in ("M1", "M2"):
        company.stock(days(0, 60), item, "S1", 5)
        book.forecast(on(9), item, "D30", 30)
        book.forecast(on(9), item, "PROTECTION", 30)
    company.demand(on(10), "M1", "S1", 4, 4)
    company.demand(on(39), "M1", "S1", 2, 2)
    company.demand(on(40), "M1", "S1", 50, 50)  # the day after the period
    company.demand(on(9), "M2", "S1", 50, 50)  # the day of the forecast
    company.publish("demand_classes", on(9))
    company.publish("calibration", on(35), on(45))
    rows = {row["level"]: row for row in company.rows("calibration")}
    assert {row["as_of"] for row in rows.values()} == {on(39)}
    assert {row["target"] for row in rows.values()} == {"D30"}
    by_level: dict[float, list] = {}
    for row in company.rows("calibration"):
        by_level.setdefault(row["level"], []).append(row)
    hits = {level: sum(row["at_or_below"] for row in rows) for level, rows in by_level.items()}
    # M1 came to 6 of at most 10, M2 to nothing.
    assert (hits[0.5], hits[0.6], hits[0.9]) == (1, 2, 2)
    assert sum(row["series"] for row in by_level[0.5]) == 2
    loss = sum(row["pinball"] * row["series"] for row in by_level[0.5])
    assert loss == pytest.approx(0.5 * (6 - 5) + 0.5 * (5 - 0))


def test_calibration_scales_for_unobserved_days_and_drops_the_unobservable(company, book) -> None:
    company.stock(days(0, 34), "M1", "S1", 5)
    company.stock(days(34, 40), "M1", "S1", 0)  # six of thirty days
    company.stock(days(0, 33), "M2", "S1", 5)
    company.stock(days(33, 40), "M2", "S1", 0)  # seven of thirty
    company.demand(on(20), "M1", "S1", 8, 8)
    for item in ("M1", "M2"):
        book.forecast(on(9), item, "D30", 30, scale=20)
    company.publish("demand_classes", on(9))
    company.publish("calibration", on(39))
    (median,) = company.rows("calibration", level=0.5)
    assert (median["series"], median["at_or_below"]) == (1, 1)  # 8 x 30 / 24 = 10, the median
    assert median["pinball"] == pytest.approx(0)


def test_replay_meets_the_demand_that_came(company, book) -> None:
    book.policy(FIRST, "M1", protection_days=9.5)
    act = {"quantity": 6, "position": 4, "on_hand": 4, "arrive_by": on(5)}
    book.recommendation(FIRST, "M1", "REORDER", **act)
    company.demand(FIRST, "M1", "S1", 99)  # the day of the decision is over
    company.demand(on(3), "M1", "S1", 3)
    company.demand(on(8), "M1", "S1", 4)
    company.publish("decision_replay", on(1), on(20))
    (row,) = company.rows("decision_replay")
    assert (row["as_of"], row["decided_on"], row["actual_demand"]) == (on(10), FIRST, 7)
    assert (row["shortage_without"], row["shortage_with"]) == (3, 0)
    # Nights 1, 2 hold 4; 3 to 7 hold 1; then nothing. With the order of day 5: 4, 4, 1, 1, 7, 7, 7, 3, 3, 3.
    assert row["cost_without"] == 3 * 100 + (4 + 4 + 1 * 5) * 0.5
    assert row["cost_with"] == (4 + 4 + 1 + 1 + 7 + 7 + 7 + 3 + 3 + 3) * 0.5


def test_an_order_that_comes_after_the_period_helps_nobody_in_it(company, book) -> None:
    book.policy(FIRST, "M1", protection_days=5)
    book.recommendation(FIRST, "M1", "REORDER", quantity=6, position=1, on_hand=1, arrive_by=on(6))
    company.demand(on(2), "M1", "S1", 3)
    company.publish("decision_replay", on(5))
    (row,) = company.rows("decision_replay")
    assert (row["shortage_without"], row["shortage_with"]) == (2, 2)


def test_views_show_the_latest_date(company, book) -> None:
    from nova_assets import catalog
    from nova_resources.window import refresh_view

    company.stock(days(0, 3), "M1", "S1", 20)
    company.demand(on(1), "M1", "S1", 7, 7)
    for day in (FIRST, on(2)):
        judged(company, book, day, "M1", on_hand=0, position=0, stockout_probability=1.0)
        book.forecast(day, "M1", "D30", 30, 30)
    company.publish("demand_classes kpis_daily", FIRST, on(3))
    company.publish("alerts", FIRST, on(3))
    names = ("mv_kpis_latest", "mv_forecasts_latest", "mv_item_sites_latest", "mv_alerts_open")
    for name in names:
        refresh_view(company.db, catalog.table(f"analytics.{name}"), run_id="test", code_version="test")
    (line,) = company.rows("mv_item_sites_latest")
    assert (line["as_of"], line["item_name"], line["region_code"], line["action"]) == (on(2), "M1", "R1", "HOLD")
    assert (line["demand_365"], line["demand_trend"][-1], len(line["demand_trend"])) == (7, 7, 26)
    assert (line["mean_30"], line["coverage_days"]) == (15, 0)
    # The day between was not judged: the alert stands without a break since the first day.
    (open_alert,) = company.rows("mv_alerts_open")
    assert (open_alert["cause"], open_alert["opened_on"], open_alert["as_of"]) == ("STOCKED_OUT", FIRST, on(2))
    kpi = {row["kpi_code"]: row for row in company.rows("mv_kpis_latest") if row["dimension"] == "company"}
    assert kpi["demand_quantity"]["trend"] == [0, 7, 0]
    assert (kpi["demand_quantity"]["value"], kpi["demand_quantity"]["value_previous"]) == (0, 7)
    forecasts = {row["target"]: row for row in company.rows("mv_forecasts_latest")}
    assert (forecasts["D30"]["p50"], forecasts["D30"]["p95"]) == (15, pytest.approx(28.5))
