"""Each item-site's method: levels that are shared, kept alone, or left to costs."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl
import pytest
from scipy.stats import poisson

from nova_assets.analytics.order_points import LEVELS, OrderPoints, order_points
from nova_assets.analytics.planning_costs import settle_costs
from nova_assets.analytics.planning_terms import PlanningTerms, resolve_rules
from nova_assets.analytics.stock_policies import _service_level
from nova_assets.science import quantiles
from nova_assets.science.inventory.newsvendor import newsvendor_poisson

NO_DATABASE = cast(Any, None)
"""Nothing is read where no demand is lost."""


@pytest.fixture
def planned(pairs, rules):
    """Order points of item-sites with Poisson demand of `means` in 21 days, rules as given."""

    def make(means: list[float], unit_costs: list[float | None], *given: dict, **source: float) -> OrderPoints:
        n = len(means)
        table = pairs(*({"item_code": f"M{k}", "unit_cost": cost} for k, cost in enumerate(unit_costs)))
        frame = resolve_rules(table, rules(*given)).with_columns(
            unit_price=pl.lit(None, pl.Float64), lead_sd=pl.lit(0.0), order_multiple=pl.lit(None, pl.Float64),
            min_order_qty=pl.lit(source.get("min_order_qty"), pl.Float64),
        )  # fmt: skip
        terms = PlanningTerms(frame, np.full((n, len(LEVELS)), 14.0), {})
        mean = np.array(means)
        forecasts = pl.DataFrame(
            {"mean": mean, "horizon_days": 21.0, "model": ["tsb"] * n, "baseline_mean": mean},
        ).with_columns(quantile_values=pl.Series(poisson.ppf(LEVELS, mean[:, None]).tolist()))
        costs = settle_costs(terms, mean, np.full(n, 21.0))
        return order_points(NO_DATABASE, date(2026, 1, 1), terms, costs, forecasts)

    return make


def test_a_rules_level_is_the_mean_of_its_item_sites_and_the_cheap_ones_carry_more_of_it(planned) -> None:
    found = planned([6.0] * 20, [1.0] * 10 + [500.0] * 10, {"service_level": 0.9})
    served = quantiles.probability_at_most(LEVELS, np.tile(poisson.ppf(LEVELS, 6.0), (20, 1)), found.point)
    assert set(found.method) == {"BALANCED"}
    assert found.point[:10].min() > found.point[10:].max()
    assert 0.9 <= served.mean() < 0.95
    assert np.allclose(found.level, served)


def test_the_mean_is_told_even_where_the_share_is_as_high(pairs, rules) -> None:
    frame = resolve_rules(pairs({}, {}), rules({"service_level": 0.9}))
    terms = PlanningTerms(frame, np.zeros((2, len(LEVELS))), {1: rules({"service_level": 0.9}).to_dicts()[0]})
    costs = cast(Any, SimpleNamespace(economic=[False, False], level=np.array([0.9, 0.9])))
    points = cast(Any, SimpleNamespace(level=np.array([0.9, 0.95]), method=["BALANCED", "BALANCED"]))
    told = [_service_level(row, n, terms, costs, points) for n, row in enumerate(frame.iter_rows(named=True))]
    assert [(each["value"], each["group_level"], each["scope"]) for each in told] == [(0.9, 0.9, "*"), (0.95, 0.9, "*")]


def test_a_level_that_cannot_be_shared_is_kept_by_the_item_site(planned) -> None:
    alone = planned([6.0], [10.0], {"service_level": 0.9})
    unpriced = planned([6.0, 6.0], [None, None], {"service_level": 0.9})
    assert set(alone.method) | set(unpriced.method) == {"QUANTILE"}
    assert alone.point[0] == unpriced.point[0] == poisson.ppf(0.9, 6.0)
    assert alone.level[0] == 0.9


def test_narrower_costs_take_the_place_of_the_level(planned) -> None:
    cost = {"item_code": "M0", "specificity": 8, "shortage_cost_unit": 1.0, "holding_cost_unit_day": 0.2 / 7}
    found = planned([24.0, 24.0, 24.0], [10.0] * 3, {"service_level": 0.99}, cost)
    assert list(found.method) == ["COSTS", "BALANCED", "BALANCED"]
    assert abs(found.upto[0] - newsvendor_poisson(0.2, 1.0, 24.0)[0]) <= 1
    assert found.point[0] == found.upto[0], "orders that cost nothing need no batch"


def test_dear_orders_and_minimum_quantities_widen_the_gap(planned) -> None:
    cost = {"shortage_cost_unit": 1.0, "holding_cost_unit_day": 0.2 / 7}
    free = planned([24.0], [10.0], cost)
    dear = planned([24.0], [10.0], {**cost, "fixed_order_cost": 20.0})
    bound = planned([24.0], [10.0], cost, min_order_qty=40.0)
    gap = [float(found.upto[0] - found.point[0]) for found in (free, dear, bound)]
    assert gap[0] == 0 and gap[1] > 10 and gap[2] >= 39
    assert dear.point[0] < free.point[0] and bound.point[0] < free.point[0]


def test_classes_share_the_companys_promise_where_no_rule_speaks(planned) -> None:
    found = planned([6.0] * 4, [10.0] * 4)
    assert set(found.method) == {"BALANCED"} and found.level.mean() >= 0.97
