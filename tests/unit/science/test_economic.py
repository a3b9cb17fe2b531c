"""Costs decide: the exact (s, S) on a quantile grid against the exact ones of known demand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from nova_assets.science import quantiles
from nova_assets.science.economic import Costs, economic_points, left_and_short, split, whole_units
from nova_assets.science.inventory.newsvendor import newsvendor_poisson
from nova_assets.science.inventory.ss import average_cost_poisson, exact_ss, exact_ss_poisson, exact_ss_rows
from nova_assets.science.simulate import simulate_policy

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
    held, short = left_and_short(pmf)
    low, high, cost = exact_ss_rows(holding * held + shortage * short, pmf, np.array([order_cost]))
    expected = exact_ss_poisson(holding, shortage, order_cost, mean)
    assert (low[0], high[0]) == expected[:2]
    assert cost[0] == pytest.approx(expected[2], rel=1e-9)


def test_lumpy_demand_too():
    pmf = nbinom.pmf(np.arange(150), 0.7, 0.1)
    cost = np.array([3 * np.maximum(y - np.arange(150), 0) @ pmf + 20 * np.maximum(np.arange(150) - y, 0) @ pmf
                     for y in range(150)])  # fmt: skip
    low, high, average = exact_ss_rows(cost[None], pmf[None], np.array([90.0]))
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


def test_a_large_demand_that_waits_is_paid_for_once_and_not_in_each_review():
    """Known lumps of demand, four weeks to wait: no other pair is cheaper by more than 1 % when it is played."""
    rng = np.random.default_rng(3)
    lead, holding, shortage, order_cost = 4, 1.0, 40.0, 20.0
    demand = np.zeros((40, 1500))
    for _ in range(4):  # orders of a week; more than four are too rare to count
        demand += rng.choice([5.0, 10.0, 20.0], demand.shape) * (rng.random(demand.shape) < 0.04)
    whole = np.lib.stride_tricks.sliding_window_view(demand, lead + 1, axis=1).sum(axis=2).ravel()
    values = np.quantile(whole, GRID, method="inverted_cdf")[None, :]
    one = np.ones(1)
    terms = Costs(
        whole.mean() * one, (lead + 1) * one, 0 * one, one, holding * one, shortage * one, order_cost * one, 0 * one
    )
    point, upto, told = economic_points(GRID, values, terms)

    def played(low: float, high: float) -> float:
        run = simulate_policy(demand, lead, low - 1e-9, high, high)
        costs = holding * run.on_hand + shortage * (demand - run.met) + order_cost * (run.ordered > 0)
        return float(costs[:, 50:].mean())

    mine = played(point[0], upto[0])
    others = [played(low, low + gap) for low in range(13, 43, 5) for gap in (1, 8, 14, 24)]
    assert mine <= 1.01 * min(others)
    assert told[0] == pytest.approx(mine, rel=0.06)


def test_lead_time_and_review_share_protection_demand():
    """Poisson demand splits into Poisson demand; what comes in one lump a year falls into one part whole."""
    day = np.ones(2)
    steady, size = poisson.pmf(np.arange(60), 12.0), 60
    lump = np.zeros(size)
    lump[[0, 50]] = 0.99, 0.01
    terms = Costs(np.array([12.0, 0.5]), 6 * day, 0 * day, day, day, day, day, 0 * day)
    review, lead = split(np.vstack([steady, lump]), day, terms)
    assert np.abs(review[0] - poisson.pmf(np.arange(size), 2.0)).max() < 1e-3
    assert np.abs(lead[0] - poisson.pmf(np.arange(size), 10.0)).max() < 1e-3
    assert np.allclose((review.sum(axis=1), lead.sum(axis=1)), 1)
    assert np.allclose((review + lead) @ np.arange(size), [12.0, 0.5])
    assert review[1, 50] == pytest.approx(0.01 / 6, rel=0.1) and lead[1, 50] == pytest.approx(0.01 * 5 / 6, rel=0.1)
