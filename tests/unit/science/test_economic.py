"""Costs decide: the exact (s, S) on a quantile grid against the exact ones of known demand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from nova_assets.science import quantiles
from nova_assets.science.economic import Costs, economic_points, whole_units
from nova_assets.science.inventory.newsvendor import newsvendor_poisson
from nova_assets.science.inventory.ss import average_cost_poisson, exact_ss, exact_ss_poisson, exact_ss_rows

DENSE = np.linspace(0.0005, 0.9995, 2000)
GRID = np.asarray(quantiles.GRID)
CASES = [(1.0, 4.0, 5.0, 6.0), (40.0, 125.0, 150.0, 4.0), (1.0, 9.0, 64.0, 10.0), (1.0, 9.0, 64.0, 50.0)]


def at_once(mean: float, holding: float, shortage: float, order_cost: float, rows: int = 1) -> Costs:
    """One item whose orders arrive at once and that is looked at every day: demand of a day is all that is at risk."""
    day = np.ones(rows)
    return Costs(mean * day, day, 0 * day, day, holding * day, shortage * day, order_cost * day, 0 * day)


@pytest.mark.parametrize(("holding", "shortage", "order_cost", "mean"), CASES)
def test_rows_at_once_find_what_the_search_finds(holding, shortage, order_cost, mean):
    pmf = poisson.pmf(np.arange(160), mean)[None, :]
    low, high, cost = exact_ss_rows(pmf, pmf, *(np.array([x]) for x in (holding, shortage, order_cost)))
    expected = exact_ss_poisson(holding, shortage, order_cost, mean)
    assert (low[0], high[0]) == expected[:2]
    assert cost[0] == pytest.approx(expected[2], rel=1e-9)


def test_lumpy_demand_too():
    pmf = nbinom.pmf(np.arange(150), 0.7, 0.1)
    cost = np.array([3 * np.maximum(y - np.arange(150), 0) @ pmf + 20 * np.maximum(np.arange(150) - y, 0) @ pmf
                     for y in range(150)])  # fmt: skip
    low, high, average = exact_ss_rows(pmf[None], pmf[None], np.array([3.0]), np.array([20.0]), np.array([90.0]))
    assert (low[0], high[0], average[0]) == pytest.approx(exact_ss(lambda y: float(cost[y]), pmf, 90.0, 10))


@pytest.mark.parametrize(("holding", "shortage", "order_cost", "mean"), CASES)
def test_a_fine_grid_gives_the_exact_policy(holding, shortage, order_cost, mean):
    values = poisson.ppf(DENSE, mean)[None, :]
    point, upto, cost = economic_points(DENSE, values, at_once(mean, holding, shortage, order_cost))
    low, high, best = exact_ss_poisson(holding, shortage, order_cost, mean)
    assert abs(point[0] - 1 - low) <= 1 and upto[0] == high
    assert cost[0] == pytest.approx(best, rel=0.01)


@pytest.mark.parametrize(("holding", "shortage", "order_cost", "mean"), CASES)
def test_the_stored_grid_costs_at_most_two_per_cent_more(holding, shortage, order_cost, mean):
    values = poisson.ppf(GRID, mean)[None, :]
    point, upto, _ = economic_points(GRID, values, at_once(mean, holding, shortage, order_cost))
    best = exact_ss_poisson(holding, shortage, order_cost, mean)[2]
    got = average_cost_poisson(int(point[0]) - 1, int(upto[0]), holding, shortage, order_cost, mean)
    assert got <= 1.02 * best


def test_free_orders_make_it_the_newsvendor_of_the_protection_period():
    mean, lead, review = 24.0, 14.0, 7.0
    terms = replace(
        at_once(mean, 0.2 / 7, 1.0, 0.0), protection_days=np.array([lead + review]), review_days=np.array([review])
    )
    point, upto, _ = economic_points(DENSE, poisson.ppf(DENSE, mean)[None, :], terms)
    assert (point[0], upto[0]) == (newsvendor_poisson(0.2, 1.0, mean)[0],) * 2


def test_a_minimum_order_is_kept_between_the_two_levels_and_paid_for_by_a_lower_point():
    values = poisson.ppf(DENSE, 6.0)[None, :]
    free = at_once(6.0, 1.0, 4.0, 5.0)
    point, upto, cost = economic_points(DENSE, values, free)
    bound = economic_points(DENSE, values, replace(free, least_order=np.array([20.0])))
    assert bound[1][0] - (bound[0][0] - 1) >= 20
    assert bound[0][0] < point[0] and bound[1][0] > upto[0] and bound[2][0] > cost[0]


def test_large_demand_is_counted_in_larger_units():
    values = poisson.ppf(DENSE, 5000.0)[None, :]
    _, upto, cost = economic_points(DENSE, values, at_once(5000.0, 1.0, 9.0, 0.0))
    best, least = newsvendor_poisson(1.0, 9.0, 5000.0)
    assert upto[0] == pytest.approx(best, rel=0.01)
    assert cost[0] < 1.5 * least


def test_no_demand_and_cheap_shortages_need_no_stock():
    values = np.vstack([np.zeros(len(GRID)), poisson.ppf(GRID, 3.0)])
    terms = replace(at_once(0.0, 1.0, 1e-6, 0.0, rows=2), mean=np.array([0.0, 3.0]))
    point, upto, cost = economic_points(GRID, values, terms)
    assert point.tolist() == upto.tolist() == [0, 0]
    assert cost[0] == 0


def test_units_are_those_of_the_distribution():
    mass = whole_units(DENSE, poisson.ppf(DENSE, 6.0)[None, :], np.ones(1), 40)
    assert mass.sum() == pytest.approx(1)
    assert np.abs(mass[0] - poisson.pmf(np.arange(40), 6.0)).max() < 0.002
