"""Key figures of forecasts and decisions: hand-worked numbers, and every tile of the dictionary adds up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from nova_assets.catalog.kpis import KPIS
from nova_resources.sql_library import sql

FIRST = date(2025, 1, 1)
DAY = timedelta(days=1)


def on(number: int) -> date:
    return FIRST + number * DAY


@pytest.fixture
def judged(company):
    """M1 at S1 (10 R$) and M2 at S2 (100 R$), both stocked, with scores, advice and replays of their own."""
    for item, site in (("M1", "S1"), ("M2", "S2")):
        company.stock([on(number) for number in range(60)], item, site, 5)
    return company


def put(company, name: str, day: date, item: str, site: str, **row: object) -> None:
    keys = {"as_of": day, "item_id": company.id_of(item), "site_id": company.id_of(site)}
    company._insert(f"analytics.{name}", [keys | row])


def score(company, day: date, item: str, site: str, actual: float, naive: float, unobserved: int = 0) -> None:
    put(
        company, "forecast_scores", day, item, site, target="D30", forecast_as_of=day - 30 * DAY, horizon_days=30,
        unobserved_days=unobserved, recorded=actual, actual=actual, naive=naive, p50=4.0, p90=8.0,
    )  # fmt: skip


def advise(company, day: date, item: str, site: str, quantity: float, approved: float = 0.0) -> None:
    put(
        company, "recommendations", day, item, site, item_code=item, site_code=site, explanation="", explanation_en="",
        action="REORDER" if quantity else "HOLD", order_ref="", quantity=quantity, priority="LOW", position=5,
        on_hand=5, on_order=0, on_order_approved=approved, on_order_late=0, on_order_later=0, on_order_abandoned=0,
        reserved=0, backorder=0, stockout_probability=0, stockout_probability_after=0, expected_shortage=0,
        expected_shortage_after=0, risk_days=30, risk_position=5, risk_probability=0, risk_shortage=0, spend=0,
        avoided_cost=0, carrying_cost_month=0, terms="{}", flips="[]",
    )  # fmt: skip


def replay(company, day: date, item: str, site: str, without: float, rule: float, done: float) -> None:
    ways = ("without", "with", "rule", "actual")
    put(
        company, "decision_replay", day, item, site, decided_on=day - 20 * DAY, action="HOLD", order_ref="",
        actual_demand=0, rule_quantity=0, cost_without=without, cost_with=done, cost_rule=rule, cost_actual=0,
        **{f"shortage_{way}": 0 for way in ways}, **{f"stockout_days_{way}": 0 for way in ways},
    )  # fmt: skip


def figures(company, day: date, dimension: str = "company") -> dict:
    company.publish("demand_classes kpis_daily", day)
    rows = company.rows("kpis_daily", as_of=day, dimension=dimension)
    return {(row["kpi_code"], row["member"]): (row["numerator"], row["denominator"]) for row in rows}


def test_forecast_error_value_added_and_coverage_of_what_ended_in_thirty_days(judged) -> None:
    score(judged, on(40), "M1", "S1", actual=6, naive=10)
    score(judged, on(45), "M1", "S1", actual=9, naive=9)
    score(judged, on(45), "M2", "S2", actual=3, naive=0)
    told = figures(judged, on(50))
    # |6-4| and |9-4| at 10 R$, |3-4| at 100 R$; the naive forecast misses by 4, 0 and 3.
    assert told["forecast_error", "*"] == (70 + 100, 150 + 300)
    assert told["forecast_value_added", "*"] == (40 + 300 - 170, 40 + 300)
    assert told["calibration_90", "*"] == (2, 3)
    assert figures(judged, on(71))["calibration_90", "*"] == (1, 2), "what ended on day 40 has left the trailing days"


def test_sums_that_nobody_could_see_are_not_scored(judged) -> None:
    score(judged, on(45), "M1", "S1", actual=90, naive=0, unobserved=7)
    assert figures(judged, on(50))["calibration_90", "*"] == (0, 0)


def test_nervousness_is_change_without_an_order_or_a_decision(judged) -> None:
    judged.item("M3")
    judged.stock([on(number) for number in range(60)], "M3", "S1", 5)
    judged.supplier("F2")
    for item, site, before, after in (("M1", "S1", 10, 7), ("M2", "S2", 1, 0), ("M3", "S1", 4, 0)):
        advise(judged, on(49), item, site, before)
        advise(judged, on(50), item, site, after, approved=1.0 if item == "M2" else 0.0)
    judged.order("P1", on(50), "M3", "S1", "F1", quantity=4, expected_date=on(60))
    # M2 was decided on and M3 was ordered: only M1 changed by itself.
    assert figures(judged, on(50))["nervousness", "*"] == (3 * 10, 10 * 10)


def test_value_of_decisions_is_the_mean_of_thirty_days(judged) -> None:
    replay(judged, on(21), "M1", "S1", without=900, rule=600, done=300)
    replay(judged, on(50), "M2", "S2", without=0, rule=30, done=90)
    told = figures(judged, on(50))
    assert told["decision_value", "*"] == ((600 - 90) / Decimal(30), None)
    assert told["decision_value_rule", "*"] == ((300 - 60) / Decimal(30), None)


def test_every_tile_equals_the_sum_of_its_drill_down(judged) -> None:
    """Each key figure of the dictionary, none of them zero, over each dimension with several members; and the tile's
    own statement over all members of a dimension says what it says of the company."""
    judged.item("M3", family="G", unit_cost=7)
    for number in range(60):
        judged.stock(on(number), "M3", "S2", 0 if number % 7 == 0 else 2)
        judged.stock(on(number), "M3", "S1", 90)
    for number in range(1, 50, 4):
        judged.demand(on(number), "M1", "S1", 3, 3)
        judged.demand(on(number), "M2", "S2", 9, 4)
        judged.demand(on(number), "M3", "S2", 1, 1)
    score(judged, on(45), "M1", "S1", actual=9, naive=1)
    score(judged, on(45), "M2", "S2", actual=3, naive=7)
    for item, site in (("M1", "S1"), ("M2", "S2")):
        advise(judged, on(48), item, site, 3)
        advise(judged, on(49), item, site, 5)
        replay(judged, on(48), item, site, without=100, rule=70, done=10)
        judged.order(f"P-{item}", on(20), item, site, "F1", expected_date=on(30))
    judged.publish("kpi_definitions demand_classes kpis_daily", on(49))
    rows = judged.rows("kpis_daily", as_of=on(49))
    whole = {row["kpi_code"]: row for row in rows if row["dimension"] == "company"}
    assert set(whole) == {kpi.code for kpi in KPIS}
    tiles = tile_values(judged, "company", ["*"])
    for dimension in ("region", "family", "abc", "site"):
        parts = [row for row in rows if row["dimension"] == dimension]
        members = sorted({row["member"] for row in parts})
        assert len(members) >= 2, dimension
        for code, tile in whole.items():
            own = [row for row in parts if row["kpi_code"] == code]
            assert tile["numerator"] != 0, code
            assert sum(row["numerator"] for row in own) == tile["numerator"], (dimension, code)
            assert sum(row["denominator"] or 0 for row in own) == (tile["denominator"] or 0), (dimension, code)
        assert tile_values(judged, dimension, members) == pytest.approx(tiles)


def tile_values(company, dimension: str, members: list[str]) -> dict[str, float]:
    told = company.db.rows(sql("app/panel_kpis"), as_of=on(49), dimension=dimension, members=members)
    return {row["kpi_code"]: row["value"] for row in told}
