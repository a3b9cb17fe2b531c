"""Stock policies: textbook oracles for the closed forms, and the quantile-based rules against them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, poisson

from nova_assets.science import closed_forms as cf
from nova_assets.science import quantiles
from nova_assets.science.stock import Terms, critical_ratio, order_now, round_order, stock_policy, stockout_probability

DENSE = np.linspace(0.001, 0.999, 999)
LEVELS = np.asarray(quantiles.GRID)


def close(value, answer, tolerance=1e-6):
    return np.isclose(float(value), answer, rtol=0, atol=tolerance)


def test_economic_order_quantity():
    """Snyder and Shen, example 3.1."""
    assert close(cf.economic_order_quantity(8, 0.225, 1300), 304.0467800, 1e-6)
    assert close(cf.eoq_cost(304.0467800, 8, 0.225, 1300), 68.4105255)
    assert close(cf.eoq_cost(250, 8, 0.225, 1300), 69.725)


def test_economic_order_quantity_with_backorders():
    """Snyder and Shen, example 3.8."""
    quantity, share, cost = cf.eoq_backorders(8, 0.225, 5, 1300)
    assert close(quantity, 310.8125552) and close(share, 0.0430622) and close(cost, 66.9213636)


def test_newsvendor_normal():
    """Snyder and Shen, example 4.3."""
    level, cost = cf.newsvendor_normal(0.18, 0.70, 50, 8)
    assert close(level, 56.6039559) and close(cost, 1.9976052)
    assert close(cf.newsvendor_normal_cost(40, 0.18, 0.70, 50, 8), 7.3561316)


def test_newsvendor_poisson():
    """Snyder and Shen, example 4.7 and problem 4.8a."""
    level, cost = cf.newsvendor_poisson(1, 4, 6)
    assert level == 8 and close(cost, 3.5701069)
    assert close(cf.newsvendor_poisson_cost(5, 1, 4, 6), 6.5902960)
    level, cost = cf.newsvendor_poisson(200, 270, 18)
    assert level == 19 and close(cost, 786.0884409)


def test_normal_loss():
    assert close(cf.normal_loss(0.3), 0.2667612, 1e-7) and close(cf.normal_loss(-1.4), 1.4366681, 1e-7)
    assert close(cf.normal_shortage(11, 8, 3), 0.2499464, 1e-7)


def test_cycle_service_and_fill_rate():
    """250 a week, sd 150, lead time 2, Q 1000, reorder point 600; and 5000, sd 707.1, reorder point 6000, Q 10000."""
    mean, sd = cf.lead_time_demand(250, 150, 2)
    assert close(600 - mean, 100) and close(norm.cdf(600, mean, sd), 0.6813, 1e-4)
    assert close(cf.normal_shortage(600, mean, sd), 43.861, 1e-3)
    assert close(cf.fill_rate_normal(600, 1000, mean, sd), 0.95614, 1e-5)
    assert close(norm.cdf(6000, 5000, 707.1), 0.92135, 1e-4)
    assert close(cf.normal_shortage(6000, 5000, 707.1), 25.127, 1e-2)
    assert close(cf.fill_rate_normal(6000, 10000, 5000, 707.1), 0.997487, 1e-6)
    assert close(cf.fill_rate_normal(5066.698, 10000, 5000, 707.1), 0.975, 1e-5)


def test_random_lead_time_only():
    _, sd = cf.lead_time_demand(5, 0, 3, 2)
    assert close(sd, 10) and close(norm.ppf(0.95) * sd, 16.4485, 1e-4)


def test_constant_lead_time():
    mean, sd = cf.lead_time_demand(30, 5, 10)
    assert close(norm.ppf(0.95) * sd, 26.009, 2e-3) and close(mean + norm.ppf(0.95) * sd, 326.0, 0.1)


def test_use_is_corrected_for_time_out_of_stock():
    assert close(cf.availability_adjusted_rate(515, 6, 3), 171.6667, 1e-4)


def test_shortage_from_a_poisson_grid_is_the_poisson_one():
    """A grid taken from a discrete distribution interpolates between its steps, so half a unit is the resolution."""
    grid = poisson.ppf(DENSE, 6)[None, :]
    assert abs(quantiles.expected_shortage(DENSE, grid, 8)[0] - cf.poisson_backorders(8, 6)) < 0.05


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
    assert close(critical_ratio(0.70, 0.18), 0.7954545, 1e-7)


def test_a_row_without_a_level_is_refused():
    values, mean = grids()
    with pytest.raises(ValueError, match="needs a service level"):
        stock_policy(LEVELS, values, mean, mean, Terms())


def test_no_demand_needs_no_stock_and_no_order():
    policy = stock_policy(LEVELS, np.zeros((1, 21)), np.zeros(1), 0.0, Terms(service_level=0.99, min_order=10.0))
    assert (policy.reorder_point[0], policy.order_quantity[0], policy.order_up_to[0]) == (0, 0, 0)
    assert order_now(np.zeros(1), policy, Terms(service_level=0.99, min_order=10.0))[0] == 0


def test_order_quantities_respect_minimum_multiple_and_ceiling():
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
