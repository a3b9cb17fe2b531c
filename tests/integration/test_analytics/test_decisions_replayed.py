"""Alerts, calibration, replay and views on forecasts, policies and recommendations that are written by hand."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

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

    def override(self, day: date, item: str, target: str, mean: float) -> None:
        """A planner's mean in the place of the computed one."""
        self._put("analytics.forecast_overrides", day, item, {
            "target": target, "override_id": 1, "baseline_mean": 1, "mean": mean, "quantile_levels": list(GRID),
            "quantile_values": [2 * mean * level for level in GRID],
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
            "item_code": item, "site_code": "S1", "explanation": "", "explanation_en": "", "on_order_approved": 0,
            "on_order_later": 0, "on_order_abandoned": 0, "risk_days": 30, "risk_position": 20, "risk_probability": 0.0,
            "risk_shortage": 0.0, "carrying_cost_month": 0,
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
    judged(company, book, FIRST, "M1", on_hand=4, position=4, risk_probability=0.6, risk_shortage=1.5)
    judged(company, book, FIRST, "M2", on_hand=0, position=0, risk_probability=1.0, risk_shortage=5, backorder=2)
    judged(company, book, FIRST, "M3", on_hand=4, position=4, risk_probability=0.19)
    found = alerts(company, FIRST)
    assert set(found) == {("M1", "STOCKOUT_RISK"), ("M2", "STOCKED_OUT")}
    risk = found["M1", "STOCKOUT_RISK"]
    assert (risk["probability"], risk["horizon_days"], risk["expected_date"]) == (0.6, 30, on(8))
    assert risk["value_at_risk"] == 150
    assert (risk["severity"], found["M2", "STOCKED_OUT"]["severity"]) == ("WARNING", "CRITICAL")
    assert risk["details"]["units_short"] == 1.5
    # M1 lasts 8 of the 13 days that an order takes: 1.5 units wait 2.5 days on average. M2 owes 2 units for all 13.
    assert risk["hours_at_risk"] == pytest.approx(1.5 * 2.5 * 24)
    assert found["M2", "STOCKED_OUT"]["hours_at_risk"] == pytest.approx((5 * 6.5 + 2 * 13) * 24)


def test_hours_at_risk_and_coverage_stand_on_a_planners_forecast_where_there_is_one(company, book) -> None:
    company.stock(days(0, 1), "M1", "S1", 20)
    judged(company, book, FIRST, "M1", on_hand=8, position=8, risk_probability=0.6, risk_shortage=1.5)
    book.forecast(FIRST, "M1", "D30", 30, 30)
    book.override(FIRST, "M1", "D90", 90)
    book.override(FIRST, "M1", "D30", 40)
    # 8 units last 8 of the 13 days at 1 a day; at the computed 0.5 nobody would wait.
    assert alerts(company, FIRST)["M1", "STOCKOUT_RISK"]["hours_at_risk"] == pytest.approx(1.5 * 2.5 * 24)
    company.publish("demand_classes", FIRST)
    refreshed(company, "mv_item_sites_latest")
    (line,) = company.rows("mv_item_sites_latest")
    assert (line["mean_30"], line["coverage_days"]) == (40, 8 * 30 / 40)


def refreshed(company, *names: str) -> None:
    from nova_assets import catalog
    from nova_resources.window import refresh_view

    for name in names:
        refresh_view(company.db, catalog.table(f"analytics.{name}"), run_id="test", code_version="test")


def test_excess_alerts_are_the_few_that_make_up_half_of_its_cost(company, book) -> None:
    company.item("M3")
    for item, cost in (("M1", 60.0), ("M2", 30.0), ("M3", 25.0)):
        judged(company, book, FIRST, item, action="REDUCE", quantity=9, carrying_cost_month=cost, risk_days=60)
    found = alerts(company, FIRST)
    assert [key for key in found if key[1] == "EXCESS"] == [("M1", "EXCESS")]
    # What it costs to hold until help could come, so that it ranks with shortages.
    assert found["M1", "EXCESS"]["value_at_risk"] == 120


def test_data_in_doubt_is_told_once_per_item_site(company, book) -> None:
    company.stock([FIRST], "M1", "S1", 5)
    company.stock([on(2)], "M2", "S1", 5)
    for item in ("M1", "M2"):
        judged(company, book, on(8), item, on_order_abandoned=3 if item == "M1" else 0)
    found = {key: row["details"]["reasons"] for key, row in alerts(company, on(8)).items()}
    assert [reason["reason"] for reason in found["M1", "DATA_QUALITY"]] == ["ORDER_NEVER_CLOSED", "STOCK_UNKNOWN"]
    assert set(found) == {("M1", "DATA_QUALITY")}, "stock told six days ago is told"


def test_the_life_of_an_alert(company, book) -> None:
    from nova_assets import catalog
    from nova_resources.window import refresh_view

    company.item("M3", criticality=9)
    # Open on days 0 to 2, away for two days, back and worse on 5, gone from 6 on; a second life from day 12.
    low, high = {"risk_probability": 0.3}, {"risk_probability": 0.9}
    risks = {0: low, 1: low, 2: low, 5: high, 12: low, 13: low}
    for day in range(14):
        judged(company, book, on(day), "M3", on_hand=4, **risks.get(day, {}))
    company.publish("alerts", FIRST, on(14))
    for name in ("mv_alert_lives", "mv_alerts_open"):
        refresh_view(company.db, catalog.table(f"analytics.{name}"), run_id="test", code_version="test")
    first, second = sorted(company.rows("mv_alert_lives"), key=lambda row: row["opened_on"])
    assert (first["opened_on"], first["last_seen"], first["resolved_on"], first["days_seen"]) == (
        FIRST,
        on(5),
        on(6),
        4,
    )
    assert [entry["severity"] for entry in first["severity_history"]] == ["WARNING", "CRITICAL"]
    assert (first["severity_since"], first["peak_probability"]) == (on(5), 0.9)
    assert (second["opened_on"], second["resolved_on"]) == (on(12), None)
    (still,) = company.rows("mv_alerts_open")
    assert (still["opened_on"], still["severity_since"], still["inbox_rank"]) == (on(12), on(12), 1)


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
    judged(company, book, today, "M1", {"supplier_id": company.id_of("F1")}, position=12)
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
    company.publish("forecast_scores calibration", on(35), on(45))
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
    company.publish("forecast_scores calibration", on(39))
    (median,) = company.rows("calibration", level=0.5)
    assert (median["series"], median["at_or_below"]) == (1, 1)  # 8 x 30 / 24 = 10, the median
    assert median["pinball"] == pytest.approx(0)


def replayed(company, day: date, end: date | None = None) -> dict:
    company.publish("demand_classes", FIRST)
    company.publish("decision_replay", day, *([end] if end else []))
    (row,) = company.rows("decision_replay")
    return row


def test_replay_meets_the_demand_that_came(company, book) -> None:
    book.policy(FIRST, "M1", protection_days=9.5)
    act = {"quantity": 6, "position": 4, "on_hand": 4, "arrive_by": on(5)}
    book.recommendation(FIRST, "M1", "REORDER", **act)
    company.demand(FIRST, "M1", "S1", 99)  # the day of the decision is over
    company.demand(on(3), "M1", "S1", 3)
    company.demand(on(8), "M1", "S1", 4)
    row = replayed(company, on(1), on(20))
    assert (row["as_of"], row["decided_on"], row["actual_demand"]) == (on(10), FIRST, 7)
    assert (row["shortage_without"], row["shortage_with"]) == (3, 0)
    assert (row["stockout_days_without"], row["stockout_days_with"]) == (3, 0)
    # Nights 1, 2 hold 4; 3 to 7 hold 1; then nothing. With the order of day 5: 4, 4, 1, 1, 7, 7, 7, 3, 3, 3.
    assert row["cost_without"] == 3 * 100 + (4 + 4 + 1 * 5) * Decimal("0.5")
    assert row["cost_with"] == (4 + 4 + 1 + 1 + 7 + 7 + 7 + 3 + 3 + 3) * Decimal("0.5")


def test_an_order_that_comes_after_the_period_helps_nobody_in_it(company, book) -> None:
    book.policy(FIRST, "M1", protection_days=5)
    book.recommendation(FIRST, "M1", "REORDER", quantity=6, position=1, on_hand=1, arrive_by=on(6))
    company.demand(on(2), "M1", "S1", 3)
    company.stock([FIRST], "M1", "S1", 1)
    row = replayed(company, on(5))
    assert (row["shortage_without"], row["shortage_with"]) == (2, 2)


def test_replay_of_the_old_rule_and_of_what_was_done(company, book) -> None:
    # A year of one unit a day: minimum 10 over a protection of 10 days without variance, maximum 30 days more.
    company.stock(days(-400, 1), "M1", "S1", 4)
    for number in range(-400, 11):
        company.demand(on(number), "M1", "S1", 1, 1 if number < 5 else 0)
    company.stock(days(1, 5), "M1", "S1", 2)
    company.stock(days(5, 11), "M1", "S1", 0)
    book.policy(FIRST, "M1", protection_days=10, lead_time_days=6)
    book.recommendation(FIRST, "M1", "HOLD", position=4, on_hand=4)
    row = replayed(company, on(10))
    assert row["rule_quantity"] == 10 + 30 - 4
    # The shelf lasts four days; the old rule's order comes on day 6 and serves what waited.
    assert (row["shortage_without"], row["shortage_rule"], row["shortage_actual"]) == (6, 1, 6)
    assert (row["stockout_days_without"], row["stockout_days_rule"], row["stockout_days_actual"]) == (7, 2, 6)
    assert row["cost_actual"] == 6 * 100 + 4 * 2 * Decimal("0.5")


def test_replay_lets_open_orders_arrive_as_they_did(company, book) -> None:
    order = {"item": "M1", "site": "S1", "supplier": "F1", "order_date": on(-10), "expected_date": on(-1)}
    company.order("P1", on(-10), quantity=5, **order)
    done = {"received_date": on(6), "received_quantity": 5, "status": "RECEIVED"}
    company.order("P1", on(6), quantity=5, **done, **order)
    company.demand(on(3), "M1", "S1", 2)
    company.stock([FIRST], "M1", "S1", 1)
    book.policy(FIRST, "M1", protection_days=8)
    late = {"order_ref": "P1/1", "quantity": 5, "position": 1, "on_hand": 1, "on_order_late": 5, "arrive_by": on(2)}
    book.recommendation(FIRST, "M1", "EXPEDITE", **late)
    row = replayed(company, on(8))
    assert (row["shortage_without"], row["shortage_with"]) == (1, 0)
    # Nights of 1, 1, 0, 0, 0, 4, 4, 4 without; expedited to day 2 it is not counted again when it would have come.
    assert row["cost_without"] == 100 + (1 + 1 + 4 * 3) * Decimal("0.5")
    assert row["cost_with"] == (1 + 6 + 4 * 6) * Decimal("0.5")


def test_alerts_are_scored_when_their_day_comes(company, book) -> None:
    for item, asked in (("M1", 5), ("M2", 4)):
        company.stock(days(0, 60), item, "S1", 5)
        book.forecast(on(9), item, "D30", 30)
        judged(company, book, on(9), item, on_hand=4, risk_position=4, risk_probability=0.4)
        company.demand(on(20), item, "S1", asked, asked)
        company.demand(on(40), item, "S1", 50, 50)  # the day after
    company.publish("demand_classes", on(9))
    company.publish("alerts", on(9))
    company.publish("forecast_scores alert_scores", on(30), on(50))
    rows = {row["item_code"]: row for row in company.rows("alert_scores")}
    assert {item: (row["came_true"], row["as_of"]) for item, row in rows.items()} == {
        "M1": (True, on(39)),
        "M2": (False, on(39)),
    }


def test_views_show_the_latest_date(company, book) -> None:
    company.stock(days(0, 3), "M1", "S1", 20)
    company.demand(on(1), "M1", "S1", 7, 7)
    for day in (FIRST, on(2)):
        judged(company, book, day, "M1", on_hand=0, position=0, risk_probability=1.0)
        book.forecast(day, "M1", "D30", 30, 30)
    company.publish("demand_classes kpis_daily", FIRST, on(3))
    company.publish("alerts", FIRST, on(3))
    refreshed(company, "mv_kpis_latest", "mv_forecasts_latest", "mv_item_sites_latest", "mv_recommendations_latest")
    refreshed(company, "mv_alert_lives", "mv_alerts_open")
    (line,) = company.rows("mv_item_sites_latest")
    assert (line["as_of"], line["item_name"], line["region_code"], line["action"]) == (on(2), "M1", "R1", "HOLD")
    assert (line["demand_365"], line["demand_trend"][-1], len(line["demand_trend"])) == (7, 7, 26)
    assert (line["mean_30"], line["coverage_days"]) == (15, 0)
    (first,) = company.rows("mv_recommendations_latest")
    assert (first["as_of"], first["action"], first["queue_rank"]) == (on(2), "HOLD", 1)
    # The day between was not judged: the alert stands without a break since the first day.
    (open_alert,) = company.rows("mv_alerts_open")
    assert (open_alert["cause"], open_alert["opened_on"], open_alert["as_of"]) == ("STOCKED_OUT", FIRST, on(2))
    kpi = {row["kpi_code"]: row for row in company.rows("mv_kpis_latest") if row["dimension"] == "company"}
    assert kpi["demand_quantity"]["trend"] == [0, 7, 0]
    assert (kpi["demand_quantity"]["value"], kpi["demand_quantity"]["value_previous"]) == (0, 7)
    forecasts = {row["target"]: row for row in company.rows("mv_forecasts_latest")}
    assert (forecasts["D30"]["p50"], forecasts["D30"]["p95"]) == (15, pytest.approx(28.5))
