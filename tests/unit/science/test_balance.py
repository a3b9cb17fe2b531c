"""Service shared in a group: the mean is kept and costs less than the same level for every row."""

from __future__ import annotations

import numpy as np
from scipy.stats import poisson

from nova_assets.science import quantiles
from nova_assets.science.balance import balanced_points

LEVELS = np.asarray(quantiles.GRID)


def demand(n: int = 80) -> tuple[np.ndarray, np.ndarray]:
    """Poisson quantiles with means of 0.2 to 60, holding costs of 0.01 to 100."""
    rng = np.random.default_rng(4)
    mean = np.exp(rng.uniform(np.log(0.2), np.log(60), size=(n, 1)))
    return poisson.ppf(LEVELS[None, :], mean), np.exp(rng.uniform(np.log(0.01), np.log(100), size=n))


def figures(values: np.ndarray, holding: np.ndarray, point: np.ndarray) -> tuple[float, float]:
    """(mean service, holding cost) of stocks."""
    served = quantiles.probability_at_most(LEVELS, values, point)
    return float(served.mean()), float((holding * quantiles.expected_excess(LEVELS, values, point)).sum())


def test_the_same_mean_service_for_less():
    values, holding = demand()
    equal = figures(values, holding, np.ceil(quantiles.interpolate(LEVELS, values, [0.95])[:, 0] - 1e-9))
    shared = figures(values, holding, balanced_points(LEVELS, values, holding, equal[0], np.full(80, "all", object)))
    assert shared[0] >= equal[0] and shared[1] < 0.8 * equal[1]


def test_every_group_keeps_its_own_mean():
    values, holding = demand()
    groups = np.where(np.arange(80) % 3 == 0, "A", "B").astype(object)
    point = balanced_points(LEVELS, values, holding, 0.9, groups)
    for group in ("A", "B"):
        mine = groups == group
        assert figures(values[mine], holding[mine], point[mine])[0] >= 0.9


def test_rows_alike_are_served_alike_and_no_demand_needs_no_stock():
    values = np.vstack([np.repeat(poisson.ppf(LEVELS, 7)[None, :], 5, axis=0), np.zeros((1, len(LEVELS)))])
    point = balanced_points(LEVELS, values, np.ones(6), 0.95, np.full(6, "all", object))
    assert len(set(point[:5])) == 1 and point[5] == 0
    assert 0.95 <= quantiles.probability_at_most(LEVELS, values[:1], point[:1])[0] <= 0.98
