"""The computed tables on a small company: from facts to a recommendation, and the same again when asked later."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from nova_assets.analytics.panels import models_in_force
from nova_assets.science.calibration import Calibration
from streamlit_app.i18n import known

FIRST = date(2025, 1, 1)
DAY = timedelta(days=1)
CHAIN = "demand_classes lead_time_profiles forecasts forecast_paths stock_policies recommendations alerts scenarios"
TABLES = CHAIN.split()


def on(number: int) -> date:
    return FIRST + number * DAY


def days(begin: int, end: int) -> list[date]:
    return [on(number) for number in range(begin, end)]


@pytest.fixture
def running(company):
    """M1 at S1: two units every fifth day for 200 days, five on the shelf, bought from F1 in about 20 days."""
    company.rule(1, 0, service_level=0.9, review_days=5, holding_rate_year=0.2)
    company.source("M1", "F1", unit_price=12, min_order_qty=4, order_multiple=4, lead_time_days=20)
    company.stock(days(0, 200), "M1", "S1", 5)
    for number in range(0, 200, 5):
        company.demand(on(number), "M1", "S1", 2, 2)
    for number in range(0, 170, 17):
        begin = on(number)
        company.order(f"R{number}", begin, "M1", "S1", "F1", expected_date=begin + 20 * DAY, requested_date=begin)
        company.order(
            f"R{number}", begin + 20 * DAY, "M1", "S1", "F1", order_date=begin, requested_date=begin,
            expected_date=begin + 20 * DAY, received_date=begin + 20 * DAY, received_quantity=1, status="RECEIVED",
        )  # fmt: skip
    return company


def decision(company, day: date) -> dict:
    company.publish(CHAIN, day)
    (row,) = company.rows("recommendations", as_of=day)
    return row


def test_every_number_on_the_way_to_a_recommendation(running) -> None:
    row = decision(running, on(190))
    (policy,) = running.rows("stock_policies")
    (lead,) = running.rows("lead_time_profiles", stage="REQUEST_TO_RECEIPT")
    targets = {row["target"]: row for row in running.rows("forecasts")}
    assert lead["mean_days"] == pytest.approx(20, abs=2)
    assert (policy["service_level"], policy["review_days"]) == (0.9, 5)
    assert policy["protection_days"] == pytest.approx(lead["mean_days"] + 5)
    assert set(targets) == {"PROTECTION", "D30", "D60", "D90"}
    assert targets["D30"]["mean"] == pytest.approx(12, abs=3)  # 0.4 a day
    assert policy["reorder_point"] >= targets["PROTECTION"]["mean"]
    assert policy["terms"]["service_level"] == {"value": 0.9, "source": "rule", "scope": "*"}
    assert policy["terms"]["model"]["source"] == "default before the first backtest"
    assert [term for term in policy["terms"].values() if not known(f"source.{term['source']}")] == []
    assert (row["action"], row["supplier_id"], row["position"]) == ("REORDER", running.id_of("F1"), 5)
    assert row["quantity"] % 4 == 0
    assert row["quantity"] >= policy["order_up_to"] - 5
    assert row["spend"] == row["quantity"] * 12
    assert row["stockout_probability_after"] < 0.1 < row["stockout_probability"]
    assert row["order_by"] >= on(190)
    (path,) = running.rows("forecast_paths")
    assert (len(path["p50"]), path["step_days"]) == (13, 7)
    assert all(low <= high for low, high in zip(path["p25"], path["p75"], strict=True))


def test_what_is_ordered_is_not_ordered_again(running) -> None:
    first = decision(running, on(190))
    due = on(200)
    running.order("NEW", on(191), "M1", "S1", "F1", quantity=first["quantity"] + 20, expected_date=due)
    assert decision(running, on(191))["action"] == "HOLD"
    # Nine days after the promise it still counts as on the way: to be expedited, not bought twice.
    running.stock(days(200, 215), "M1", "S1", 0, backorder=2)
    late = decision(running, on(209))
    assert (late["action"], late["order_ref"], late["on_order"]) == ("EXPEDITE", "NEW/1", 0)
    assert late["on_order_late"] == first["quantity"] + 20
    assert late["position"] == -2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"status": "CANCELLED"}, 0),
        ({"status": "PARTIAL", "received_quantity": 25}, 15),
        ({"status": "RECEIVED", "received_quantity": 40, "received_date": on(190)}, 0),
        ({"status": "RECEIVED", "received_quantity": 40, "received_date": on(191)}, 40),
    ],
)
def test_open_quantity_is_what_was_known_on_the_date(running, change: dict, expected: float) -> None:
    given = {"order_date": on(185), "expected_date": on(195), "quantity": 40}
    running.order("P9", on(185), "M1", "S1", "F1", **given)
    running.order("P9", on(189), "M1", "S1", "F1", **given | change)
    running.order("P9", on(191), "M1", "S1", "F1", **given | {"quantity": 999})
    assert decision(running, on(190))["on_order"] == expected


def test_classes_forecasts_and_policies_do_not_need_stock_but_recommendations_do(company) -> None:
    for number in range(0, 60, 3):
        company.demand(on(number), "M1", "S1", 2)
        company.demand(on(number), "V1", "S1", 2)
    company.stock(days(0, 40), "M2", "S1", 3)  # not seen any more for three weeks
    company.publish(CHAIN, on(60))
    for name in ("demand_classes", "stock_policies", "forecast_paths"):
        assert {row["item_code"] for row in company.rows(name)} == {"M1", "M2"}
    assert len(company.rows("forecasts")) == 2 * 4
    assert company.rows("recommendations") == []
    (current,) = company.rows("scenarios", dimension="company", scenario_code="current")
    assert current["item_sites"] == 2


def test_an_empty_company_has_no_rows(company) -> None:
    company.publish(CHAIN, on(60))
    assert [company.rows(name) for name in TABLES] == [[]] * len(TABLES)


def test_the_curve_of_service_against_stock_rises(running) -> None:
    running.publish(CHAIN, on(190))
    curve = [row for row in running.rows("scenarios", dimension="company") if row["service_level"] is not None]
    curve.sort(key=lambda row: row["service_level"])
    stock, short = [row["stock_value"] for row in curve], [row["expected_shortage"] for row in curve]
    assert stock == sorted(stock)
    assert short == sorted(short, reverse=True)


def _busy_company(company, series: int, length: int) -> None:
    draw = Random(11)
    for number in range(series):
        item = f"B{number:02d}"
        company.item(item, family="FG"[number % 2])
        company.stock(days(0, length), item, "S1", draw.randrange(6))
        for day in range(length):
            if draw.random() < 0.25:
                company.demand(on(day), item, "S1", draw.randrange(1, 6), None)


def test_a_month_is_scored_and_its_choice_is_used_from_the_next_day_on(company) -> None:
    _busy_company(company, 40, 181)
    company.publish("backtests model_selection", date(2025, 6, 1), date(2025, 7, 1))
    scores = company.rows("backtests")
    assert {row["as_of"] for row in scores} == {date(2025, 6, 30)}
    assert {"zero", "naive"} < {row["model"] for row in scores}
    assert {row["target"] for row in scores} == {"PROTECTION", "D30", "D60", "D90"}
    chosen = {(row["target"], row["demand_class"], row["family"]): row for row in company.rows("model_selection")}
    everything = chosen["D30", "*", "*"]
    losses = {
        r["model"]: r["pinball"] for r in scores if (r["target"], r["demand_class"], r["family"]) == ("D30", "*", "*")
    }
    assert everything["gain_over_zero"] == pytest.approx(1 - losses[everything["model"]] / losses["zero"])
    verdicts = {
        (demand_class, "all", 30): Calibration.of(row["evidence"]["calibration"])
        for (target, demand_class, _), row in chosen.items()
        if target == "D30" and "calibration" in row["evidence"]
    }
    served = models_in_force(company.db, date(2025, 7, 1))["sums"].calibration
    assert verdicts and verdicts.items() <= served.items()
    company.stock(date(2025, 7, 1), "B00", "S1", 1)
    for day in (date(2025, 6, 30), date(2025, 7, 1)):
        company.publish("demand_classes lead_time_profiles forecasts stock_policies", day)
    source = {row["as_of"]: row["terms"]["model"]["source"] for row in company.rows("stock_policies")}
    assert source == {
        date(2025, 6, 30): "default before the first backtest",
        date(2025, 7, 1): "backtest of 2025-06-30",
    }
    used = {row["model"] for row in company.rows("forecasts", as_of=date(2025, 7, 1), target="D30")}
    assert used <= {row["model"] for key, row in chosen.items() if key[0] == "D30"} | {"negative_binomial"}


def test_an_old_date_computed_again_after_later_days_gives_the_same_rows(running) -> None:
    day = on(190)
    running.publish(CHAIN, day)
    before = {name: running.rows(name) for name in TABLES}
    running.stock(days(200, 230), "M1", "S1", 0)
    running.stock(days(191, 230), "M2", "S2", 7)
    for number in range(201, 230):
        running.demand(on(number), "M1", "S1", 30, 0)
        running.demand(on(number), "M2", "S2", 1, 1)
    running.order("LATER", on(195), "M1", "S1", "F1", quantity=500, expected_date=on(200))
    running.order("R153", on(195), "M1", "S1", "F1", order_date=on(153), expected_date=on(173), status="CANCELLED")
    running.publish(CHAIN, day)
    for name in TABLES:
        assert running.rows(name) == before[name], name


def _planned_company(company, series: int, length: int) -> None:
    """Sparse demand on which works of twenty units fall, told forty days before."""
    draw = Random(12)
    for number in range(series):
        item = f"B{number:02d}"
        company.item(item, family="FG"[number % 2])
        company.stock(days(0, length), item, "S1", 50)
        for day in range(length + 30):
            work = draw.random() < 1 / 45
            if work:
                company.planned(on(day - 40), on(day), item, "S1", 20)
            if day < length and (work or draw.random() < 0.05):
                company.demand(on(day), item, "S1", 20 if work else 1, None)


MONTHLY = "backtests model_selection forecast_corrections"


def test_planned_work_moves_the_forecasts_of_the_next_month_and_an_override_is_scored(company) -> None:
    _planned_company(company, 32, 365)
    company.external(on(3), "USD_BRL", 5.2)
    company.publish(MONTHLY, date(2025, 9, 1), date(2025, 10, 1))
    verdicts = {(row["target"], row["correction"]): row for row in company.rows("forecast_corrections")}
    assert {name for _, name in verdicts} == {
        "item", "family_region", "calendar", "holidays", "weather", "currency", "planned_work",
    }  # fmt: skip
    work = verdicts["D30", "planned_work"]
    assert work["kept"] and work["gain"] > 0.02 and work["pinball_with"] < work["pinball_without"]
    assert not verdicts["D30", "weather"]["kept"] and verdicts["D30", "weather"]["gain"] == 0
    assert verdicts["D30", "family_region"]["evidence"]["series"] == 32
    company.publish("demand_classes lead_time_profiles forecasts forecast_paths", date(2025, 10, 1))
    made = {row["item_code"]: row for row in company.rows("forecasts", target="D30")}
    assert max(row["correction"] for row in made.values()) > 1.2 > 1 > min(row["correction"] for row in made.values())
    assert all(row["mean"] >= 0 for row in made.values())
    company.override("B00", "S1", "D30", 2 * made["B00"]["mean"], date(2025, 10, 1), date(2025, 10, 31))
    company.override("B01", "S1", "D90", 9, date(2025, 10, 1), date(2025, 12, 31))  # its ninety days have not come
    company.publish(f"{MONTHLY} forecast_value_added", date(2025, 11, 1), date(2025, 12, 1))
    steps = company.rows("forecast_value_added", target="D30", demand_class="*")
    told = {row["step"]: row for row in steps}
    assert [row["step"] for row in sorted(steps, key=lambda row: row["position"])] == [
        "zero", "naive", "historic_mean", "tsb", "selected", "override",
    ]  # fmt: skip
    assert told["selected"]["previous_pinball"] == told["tsb"]["pinball"]
    assert told["selected"]["pinball"] < min(told["zero"]["pinball"], told["naive"]["pinball"])
    assert told["selected"]["cost"] > 0
    assert (told["override"]["forecasts"], told["zero"]["previous_pinball"]) == (1, None)
    assert not company.rows("forecast_value_added", target="D90", step="override")
    scored = company.rows("backtests", target="D30", demand_class="*", family="*", as_of=date(2025, 11, 30))
    by_model = {row["model"]: row for row in scored}
    for step in ("tsb", "selected"):
        assert told[step]["pinball"] == pytest.approx(2 * by_model[step]["loss"] / by_model[step]["mean_demand"])
    assert by_model["tsb"]["zero_rmsse"] == by_model["zero"]["rmsse"]
    assert by_model["tsb"]["cost_count"] == by_model["tsb"]["series"]


def test_a_stored_forecast_is_computed_again_to_the_same_numbers(company) -> None:
    """From the stored as-of, after later demand, plans and months of choices have landed."""
    _planned_company(company, 32, 300)
    company.publish(MONTHLY, date(2025, 9, 1), date(2025, 10, 1))
    day, names = date(2025, 10, 5), "demand_classes lead_time_profiles forecasts forecast_paths"
    company.publish(names, day)
    before = {name: company.rows(name, as_of=day) for name in ("forecasts", "forecast_paths")}
    company.demand(date(2025, 10, 20), "B00", "S1", 900, None)
    company.planned(date(2025, 10, 6), date(2025, 10, 25), "B00", "S1", 500)
    company.publish(MONTHLY, date(2025, 10, 1), date(2025, 11, 1))
    company.publish(names, day)
    assert {name: company.rows(name, as_of=day) for name in before} == before


def test_an_override_moves_the_policy_and_the_decision_and_leaves_the_forecast(running) -> None:
    """From the day it is said to the day it expires; a word said later is unknown before."""
    day, chain = on(190), CHAIN.replace("forecasts", "forecasts forecast_overrides")
    running.publish(chain, day)
    forecast, policy = running.rows("forecasts"), running.rows("stock_policies")[0]
    assert not running.rows("forecast_overrides")
    made = {row["target"]: row for row in forecast}
    added = 60.0
    running.override("M1", "S1", "D30", made["D30"]["mean"] + added, day, day + timedelta(days=5))
    running.publish(chain, day - timedelta(days=1), day + timedelta(days=1))
    assert running.rows("forecasts", as_of=day) == forecast
    assert not running.rows("forecast_overrides", as_of=day - timedelta(days=1))
    moved = {row["target"]: row for row in running.rows("forecast_overrides", as_of=day)}
    assert moved["D30"]["mean"] == pytest.approx(made["D30"]["mean"] + added)
    assert moved["D90"]["mean"] == pytest.approx(made["D90"]["mean"] + added)
    share = min(made["PROTECTION"]["horizon_days"] / 30, 1)
    assert moved["PROTECTION"]["mean"] == pytest.approx(made["PROTECTION"]["mean"] + added * share)
    assert moved["PROTECTION"]["baseline_mean"] == made["PROTECTION"]["mean"]
    (now,) = running.rows("stock_policies", as_of=day)
    assert now["reorder_point"] > policy["reorder_point"] + added / 4
    asked = running.rows("recommendations", as_of=day, action="REORDER")
    assert asked and asked[0]["quantity"] > added / 4
    running.publish(chain, day + timedelta(days=6))
    assert not running.rows("forecast_overrides", as_of=day + timedelta(days=6))
