"""Orders under lost sales, against states of the shelf that can be worked out and against simulated costs."""

from __future__ import annotations

import numpy as np
from scipy.stats import poisson

from nova_assets.science import quantiles, randomness
from nova_assets.science.inventory.newsvendor import newsvendor_poisson
from nova_assets.science.projection import draw_order, lost_sales_shortfall

LEVELS = np.asarray(quantiles.GRID)


def shortfall(steps, on_hand, arrivals, lead, level=0.8, whole=True):
    n = len(on_hand)
    keys = randomness.series_keys(np.array([f"s{i}" for i in range(n)], dtype=object), "test")
    return lost_sales_shortfall(
        LEVELS, np.asarray(steps, dtype=float), np.full(n, whole), np.asarray(on_hand, dtype=float),
        np.asarray(arrivals, dtype=float), np.asarray(lead, dtype=float), np.full(n, level),
        draw_order(keys, np.shape(steps)[1]),
    )  # fmt: skip


def certain(*demand: float):
    """Steps (1, M, Q) whose demand is all but known."""
    return np.repeat(np.array(demand)[None, :, None], len(LEVELS), axis=2)


def test_demand_that_is_lost_on_the_way_is_not_ordered_again():
    """Two periods at 10 a period with an empty shelf lose 20; the order serves the third period's 10 only."""
    assert shortfall(certain(10, 10, 10), [0], [[0, 0, 0]], [[2]]).tolist() == [10]
    assert shortfall(certain(10, 10, 10), [25], [[0, 0, 0]], [[2]]).tolist() == [5]


def test_what_is_on_the_way_serves_from_its_arrival_on():
    assert shortfall(certain(10, 10, 10), [0], [[0, 15, 0]], [[2]]).tolist() == [5]
    assert shortfall(certain(10, 10, 10), [0], [[15, 0, 0]], [[2]]).tolist() == [10]
    assert shortfall(certain(10, 10, 10), [60], [[0, 0, 0]], [[2]]).tolist() == [-30]


def test_without_a_lead_time_it_is_the_newsvendor():
    """Poisson(6), h 1, p 4: base stock 8."""
    steps = poisson.ppf(LEVELS, 6)[None, None, :]
    best, _ = newsvendor_poisson(1, 4, 6)
    assert abs(shortfall(steps, [0], [[0]], [[0]], level=4 / 5)[0] - best) <= 1


def test_a_random_lead_time_answers_for_each_arrival():
    """Half the orders come for the first period, when there are 4 to spare, half for the second, which lacks 10."""
    args = (certain(6, 10), [10], [[0, -4]], [[0, 1]])
    assert shortfall(*args, level=0.45).tolist() == [-4] and shortfall(*args, level=0.55).tolist() == [10]


def test_what_is_not_stocked_is_never_short():
    assert shortfall(certain(10, 10, 10), [0], [[0, 0, 0]], [[2]], level=0.0).tolist() == [-np.inf]


def test_fractional_demand_stays_fractional():
    assert np.isclose(shortfall(certain(2.5), [0], [[0]], [[0]], whole=False)[0], 2.5)


def test_it_costs_less_than_a_base_stock_where_sales_are_lost():
    """Negative binomial demand known to both, lead time of two periods, p 1, h 0.2: the classical base stock replaces
    demand that nobody waits for."""
    rng, n, periods = np.random.default_rng(3), 150, 30
    demand = rng.negative_binomial(1.0, 0.2, size=(n, periods)).astype(float)  # mean 4, variance 20
    steps = np.tile(np.quantile(rng.negative_binomial(1.0, 0.2, size=200_000), LEVELS), (n, 3, 1))
    base = float(np.quantile(rng.negative_binomial(3.0, 0.2, size=200_000), 1 / 1.2))

    def cost(order) -> float:
        stock, coming, total = np.full(n, 8.0), [np.full(n, 4.0), np.full(n, 4.0)], 0.0
        for period in range(periods):
            coming.append(np.maximum(order(stock, coming), 0.0))
            stock = stock + coming.pop(0)
            met = np.minimum(stock, demand[:, period])
            stock = stock - met
            total += (demand[:, period] - met).sum() + 0.2 * stock.sum()
        return total / n / periods

    def projected(stock, coming):
        return shortfall(steps, stock, np.stack([*coming, np.zeros(n)], axis=1), np.full((n, 1), 2), level=1 / 1.2)

    assert cost(projected) < 0.95 * cost(lambda stock, coming: base - stock - sum(coming))
