"""Planning rules: the narrowest that speaks wins, parameter by parameter; costs and service levels imply each other."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from nova_assets.analytics import defaults
from nova_assets.analytics.planning_costs import settle_costs
from nova_assets.analytics.planning_terms import PARAMETERS, PlanningTerms, _with_source, resolve_rules


def test_each_parameter_comes_from_the_narrowest_rule_that_gives_it(pairs, rules) -> None:
    table = pairs(
        {"item_code": "M1", "abc_class": "A"},
        {"item_code": "M2", "criticality": 9.0},
        {"item_code": "M3", "family": "G"},
    )
    found = resolve_rules(
        table,
        rules(
            {"service_level": 0.95, "review_days": 7.0, "max_stock": 50.0, "unmet_demand": "BACKORDER"},
            {"abc_class": "A", "specificity": 1, "service_level": 0.97},
            {"criticality_min": 9.0, "specificity": 1, "service_level": 0.985},
            {"family": "G", "specificity": 2, "unmet_demand": "LOST"},
            {"item_code": "M1", "specificity": 8, "review_days": 1.0, "max_stock": 9.0},
        ),
    )
    assert found["service_level"].to_list() == [0.97, 0.985, 0.95]
    assert found["service_level_rule"].to_list() == [2, 3, 1]
    assert found["review_days"].to_list() == [1.0, 7.0, 7.0]
    assert found["max_stock"].to_list() == [9.0, 50.0, 50.0]
    assert found["unmet_demand"].to_list() == ["BACKORDER", "BACKORDER", "LOST"]
    assert found["shortage_cost_unit"].to_list() == [None] * 3


def test_ties_go_to_the_higher_criticality_then_to_the_smaller_id(pairs, rules) -> None:
    table = pairs({"abc_class": "C", "criticality": 9.0}, {"abc_class": "C", "criticality": None})
    found = resolve_rules(
        table,
        rules(
            {"abc_class": "C", "specificity": 1, "service_level": 0.9, "rule_id": 5},
            {"criticality_min": 7.0, "specificity": 1, "service_level": 0.96, "rule_id": 6},
            {"criticality_min": 9.0, "specificity": 1, "service_level": 0.98, "rule_id": 7},
            {"abc_class": "C", "specificity": 1, "service_level": 0.8, "rule_id": 8},
        ),
    )
    assert found["service_level"].to_list() == [0.98, 0.9]


def test_no_rules_leave_every_parameter_open(pairs, rules) -> None:
    found = resolve_rules(pairs({}), rules())
    assert [found[name][0] for name in PARAMETERS] == [None] * len(PARAMETERS)


def _terms(pairs, rules, *given: dict, **source: float) -> PlanningTerms:
    frame = resolve_rules(pairs({}), rules(*given)).with_columns(
        unit_price=pl.lit(None, pl.Float64), min_order_qty=pl.lit(source.get("min_order_qty"), pl.Float64),
        order_multiple=pl.lit(source.get("order_multiple"), pl.Float64),
    )  # fmt: skip
    return PlanningTerms(frame, np.zeros((1, 21)), {})


def _costs(terms: PlanningTerms, mean: float = 21.0, days: float = 21.0):
    return settle_costs(terms, np.array([mean]), np.array([days]))


def test_costs_give_the_newsvendor_level_of_a_weekly_review(pairs, rules) -> None:
    # One unit a day, looked at weekly: a unit too many lies for a week (0.2), a unit too few costs 1.
    rule = {"shortage_cost_unit": 1.0, "holding_cost_unit_day": 0.2 / 7, "review_days": 7.0, "unmet_demand": "LOST"}
    costs = _costs(_terms(pairs, rules, rule))
    assert costs.economic[0]
    assert costs.level[0] == pytest.approx(1 / 1.2)


def test_a_service_level_rules_where_it_is_at_least_as_narrow(pairs, rules) -> None:
    cost = {"shortage_cost_unit": 1.0, "holding_cost_unit_day": 0.2 / 7}
    same = _costs(_terms(pairs, rules, {**cost, "service_level": 0.9}))
    assert (same.economic[0], same.level[0], same.shortage[0]) == (False, 0.9, 1.0)
    narrower_cost = _costs(_terms(pairs, rules, {"service_level": 0.9}, {**cost, "item_code": "M1", "specificity": 8}))
    assert narrower_cost.economic[0]


def test_nothing_is_stocked_where_lots_cost_more_than_losing_the_demand(pairs, rules) -> None:
    # One unit a day lost costs 2 a day; orders of 40 units cost 80 x 1 / 40 + 0.1 x 41 / 2 = 4.05 a day.
    rule = {"shortage_cost_unit": 2.0, "holding_cost_unit_day": 0.1, "fixed_order_cost": 80.0}
    assert _costs(_terms(pairs, rules, {**rule, "unmet_demand": "LOST"})).level[0] == 0.0
    assert _costs(_terms(pairs, rules, {**rule, "unmet_demand": "BACKORDER"})).level[0] > 0
    assert _costs(_terms(pairs, rules, {**rule, "unmet_demand": "LOST", "shortage_cost_unit": 4.1})).level[0] > 0
    # A service level that was asked for is kept.
    assert _costs(_terms(pairs, rules, {**rule, "unmet_demand": "LOST", "service_level": 0.9})).level[0] == 0.9
    # Lots that a supplier asks for: 50 of a material of one unit a month; without them a unit is stocked.
    slow = {"shortage_cost_unit": 10.0, "holding_cost_unit_day": 0.1, "unmet_demand": "LOST"}
    assert _costs(_terms(pairs, rules, slow, min_order_qty=50.0), mean=1.0, days=30.0).level[0] == 0.0
    assert _costs(_terms(pairs, rules, slow), mean=1.0, days=30.0).level[0] > 0


def test_a_service_level_implies_the_shortage_cost_that_would_choose_it(pairs, rules) -> None:
    costs = _costs(_terms(pairs, rules, {"service_level": 0.95, "holding_rate_year": 0.365, "review_days": 10.0}))
    holding = costs.holding_day[0] * costs.held_days[0]
    assert costs.holding_day[0] == pytest.approx(0.01)
    assert costs.shortage[0] / (costs.shortage[0] + holding) == pytest.approx(0.95)
    assert costs.shortage_implied[0]


def test_order_quantity_is_economic_but_at_most_a_year_and_whole_lots(pairs, rules) -> None:
    rule = {"fixed_order_cost": 80.0, "holding_cost_unit_day": 0.1}
    costs = _costs(_terms(pairs, rules, rule))
    assert costs.economic_quantity[0] == pytest.approx(40.0)  # sqrt(2 x 80 x 365 / 36.5)
    assert costs.order_quantity[0] == 40.0
    lots = _costs(_terms(pairs, rules, rule, min_order_qty=50.0, order_multiple=12.0))
    assert lots.order_quantity[0] == 60.0
    slow = _costs(_terms(pairs, rules, {**rule, "holding_cost_unit_day": 1e-6}), mean=2.0, days=365.0)
    assert slow.economic_quantity[0] == 2.0


def test_defaults_where_nothing_is_said(pairs, rules) -> None:
    costs = _costs(_terms(pairs, rules))
    assert (costs.level[0], costs.order_quantity[0]) == (defaults.SERVICE_LEVELS["C"], 1.0)
    assert costs.holding_day[0] == pytest.approx(10 * defaults.HOLDING_RATE_YEAR / 365)


def test_the_source_is_the_cheapest_with_its_lead_time_and_terms_of_the_site_go_first(pairs) -> None:
    frame = pairs({}, {"site_id": 2}, {"item_id": 9}).with_columns(holding_rate_year=pl.lit(0.365))
    offer = {
        "item_id": 1, "min_order_qty": 1.0, "order_multiple": 1.0, "lead_time_days": 10.0, "supplier_min_value": 500.0,
    }  # fmt: skip
    sources = pl.DataFrame(
        [
            {**offer, "supplier_id": 1, "supplier_code": "NEAR", "site_id": 0, "unit_price": 100.0},
            {
                **offer,
                "supplier_id": 2,
                "supplier_code": "FAR",
                "site_id": 0,
                "unit_price": 99.0,
                "lead_time_days": 60.0,
            },
            {**offer, "supplier_id": 1, "supplier_code": "NEAR", "site_id": 2, "unit_price": 200.0},
        ]
    )
    leads = pl.DataFrame(
        {"item_id": [1], "supplier_id": [1], "mean_days": [20.0]},
        schema={"item_id": pl.Int64, "supplier_id": pl.Int64, "mean_days": pl.Float64},
    )
    last = pl.DataFrame(
        {
            "item_id": [9], "site_id": [1], "supplier_id": [3], "supplier_code": ["OLD"], "unit_price": [5.0],
            "supplier_min_value": [90.0],
        }
    )  # fmt: skip
    found = _with_source(frame, sources, last, leads)
    # 100 x 1.020 against 99 x 1.060; at site 2 its own terms make the near one dearer.
    assert found["supplier_code"].to_list() == ["NEAR", "FAR", "OLD"]
    assert found["source_from"].to_list() == ["terms of sale", "terms of sale", "last order"]
    assert found["supplier_min_value"].to_list() == [500.0, 500.0, 90.0]
