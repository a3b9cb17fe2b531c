"""Stock policies on quantile grids, against the closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, poisson

from nova_assets.science import quantiles
from nova_assets.science.inventory.losses import poisson_shortage
from nova_assets.science.stock import Terms, order_now, round_order, stock_policy, stockout_probability

DENSE = np.linspace(0.001, 0.999, 999)
LEVELS = np.asarray(quantiles.GRID)


def test_shortage_from_a_poisson_grid_is_the_poisson_one():
    """A grid taken from a discrete distribution interpolates between its steps, so half a unit is the resolution."""
    grid = poisson.ppf(DENSE, 6)[None, :]
    assert abs(quantiles.expected_shortage(DENSE, grid, 8)[0] - poisson_shortage(8, 6)) < 0.05


def grids(n: int = 3) -> tuple[np.ndarray, np.ndarray]:
    mean = np.array([20.0, 200.0, 0.0])[:n]
    sd = np.array([5.0, 40.0, 0.0])[:n]
    return np.maximum(mean[:, None] + sd[:, None] * norm.ppf(LEVELS)[None, :], 0), mean


def test_reorder_point_is_the_quantile_of_protection_demand():
    values, mean = grids()
    policy = stock_policy(LEVELS, values, mean, mean * 12, Terms(service_level=0.95))
    assert np.allclose(policy.reorder_point, np.ceil(np.array([20, 200, 0]) + np.array([5, 40, 0]) * norm.ppf(0.95)))
    assert np.allclose(policy.safety_stock, policy.reorder_point - mean)


def test_critical_ratio_sets_the_level_where_no_service_is_given():
    values, mean = grids()
    policy = stock_policy(LEVELS, values, mean, mean, Terms(shortage_cost=9.0, holding_cost=[1.0, 3.0, 1.0]))
    assert np.allclose(policy.service_level, [0.9, 0.75, 0.9])


def test_a_row_without_a_level_is_refused():
    values, mean = grids()
    with pytest.raises(ValueError, match="needs a service level"):
        stock_policy(LEVELS, values, mean, mean, Terms())


def test_no_demand_needs_no_stock_and_no_order():
    policy = stock_policy(LEVELS, np.zeros((1, 21)), np.zeros(1), 0.0, Terms(service_level=0.99, min_order=10.0))
    assert (policy.reorder_point[0], policy.order_quantity[0], policy.order_up_to[0]) == (0, 0, 0)
    assert order_now(np.zeros(1), policy, Terms(service_level=0.99, min_order=10.0))[0] == 0


def test_order_quantities_respect_minimum_multiple_and_ceiling():
    # Minimum 10, maximum 40, multiple 6: a forecast stock of 10 wants 30, one of 8 wants 32, which is 36 in lots.
    assert round_order(np.array([40.0 - 10, 40.0 - 8]), Terms(multiple=6.0)).tolist() == [30, 36]
    assert round_order(np.array([0.0, 1.0, 13.0]), Terms(min_order=10.0, multiple=6.0)).tolist() == [0, 12, 18]
    values, mean = grids(1)
    terms = Terms(service_level=0.95, multiple=6.0, max_stock=40.0)
    policy = stock_policy(LEVELS, values, mean, mean * 12, terms)
    order = order_now(np.array([10.0]), policy, terms)[0]
    assert order % 6 == 0 and 10 + order <= 40


def test_nothing_is_ordered_above_the_reorder_point():
    values, mean = grids()
    terms = Terms(service_level=0.9)
    policy = stock_policy(LEVELS, values, mean, mean * 12, terms)
    assert order_now(policy.reorder_point + 1, policy, terms).tolist() == [0, 0, 0]


def test_stockout_probability_at_the_reorder_point_is_the_risk_taken():
    values, _ = grids(2)
    assert np.allclose(stockout_probability(LEVELS, values, norm.ppf(0.9, [20, 200], [5, 40])), 0.1, atol=1e-9)


@given(low=st.floats(0.02, 0.98), high=st.floats(0.02, 0.98), scale=st.floats(0.1, 1e4))
def test_safety_stock_rises_with_service(low, high, scale):
    low, high = min(low, high), max(low, high)
    values, mean = grids()
    points = [stock_policy(LEVELS, values * scale, mean * scale, mean, Terms(service_level=x)) for x in (low, high)]
    assert (points[0].reorder_point <= points[1].reorder_point).all()
