"""Periodic review (s, S): order up to S when the position is at or below s. Exact, and by power approximation."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import poisson

from nova_assets.science.inventory.losses import Floats, poisson_shortage
from nova_assets.science.inventory.newsvendor import newsvendor_cost

_NEGLIGIBLE = 1e-12


def exact_ss(cost: Callable[[int], float], pmf: ArrayLike, order_cost: float, begin: int) -> tuple[int, int, float]:
    """Optimal (s, S, cost per period) by Zheng and Federgruen (1991).

    `cost` is the convex expected one-period cost of a whole position after ordering, `pmf` the demand of a period on
    0, 1, 2, …, `begin` a position from which the cheapest one is searched. Unmet demand waits.
    """
    one, renewal = functools.cache(cost), _Renewal(np.asarray(pmf, dtype=float))

    def average(low: int, high: int) -> float:
        return _average_cost(low, high, one, renewal, order_cost)

    top = begin
    while one(top - 1) <= one(top):
        top -= 1
    while one(top + 1) < one(top):
        top += 1
    low, high = top - 1, top
    while average(low, high) > one(low):
        low -= 1
    best, candidate = average(low, high), high + 1
    while one(candidate) <= best:
        if average(low, candidate) < best:
            high = candidate
            while average(low, high) <= one(low + 1):
                low += 1
            best = average(low, high)
        candidate += 1
    return low, high, best


def exact_ss_rows(
    one: Floats, review: Floats, order_cost: Floats, least_order: Floats | float = 1
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Optimal (s, S, cost per period) of n items, by looking at every pair of whole positions with -1 <= s < S < N and
    S - s of at least `least_order`.

    `one` (n, N) is the expected one-period cost of the positions 0 .. N - 1 after ordering, of any shape, `review`
    (n, N) the probabilities of the demand of a period, by which the position moves, `order_cost` (n,) per order; unmet
    demand waits. The cost of a pair is that of a renewal cycle over its length (S&S 4.4.3), as in `exact_ss`.
    """
    n, size = one.shape
    least = np.broadcast_to(np.asarray(least_order), n)[:, None]
    mass, total = _renewal_rows(review)
    cycle = np.repeat(order_cost[:, None].astype(float), size, axis=1)  # of each S, for the gap that has been reached
    best, gaps = np.full((n, size), np.inf), np.ones((n, size), dtype=np.int64)
    for gap in range(1, size + 1):  # S - s: the positions S, S - 1 .. S - gap + 1 are visited
        cycle[:, gap - 1 :] += mass[:, gap - 1, None] * one[:, : size - gap + 1]
        cost = np.where(least <= gap, cycle[:, gap - 1 :] / total[:, gap, None], np.inf)
        better = cost < best[:, gap - 1 :]
        best[:, gap - 1 :][better] = cost[better]
        gaps[:, gap - 1 :][better] = gap
    high, rows = best.argmin(axis=1), np.arange(n)
    return high - gaps[rows, high], high, best[rows, high]


def _renewal_rows(review: Floats) -> tuple[Floats, Floats]:
    """m(0) .. m(N - 1) of n items, and M(0) .. M(N), as `_Renewal` has them."""
    n, size = review.shape
    stays = np.maximum(1 - review[:, 0], _NEGLIGIBLE)
    mass = np.zeros((n, size))
    mass[:, 0] = 1 / stays
    for j in range(1, size):
        mass[:, j] = (review[:, 1 : j + 1] * mass[:, j - 1 :: -1][:, :j]).sum(axis=1) / stays
    return mass, np.concatenate([np.zeros((n, 1)), np.cumsum(mass, axis=1)], axis=1)


def exact_ss_poisson(
    holding_cost: float, shortage_cost: float, order_cost: float, mean: float
) -> tuple[int, int, float]:
    """Optimal (s, S, cost) for Poisson demand and orders that arrive at once."""
    return exact_ss(_poisson_cost(holding_cost, shortage_cost, mean), _poisson_pmf(mean), order_cost, round(mean))


def average_cost_poisson(
    low: int, high: int, holding_cost: float, shortage_cost: float, order_cost: float, mean: float
) -> float:
    """Cost per period of a given (s, S) for Poisson demand and orders that arrive at once."""
    one = _poisson_cost(holding_cost, shortage_cost, mean)
    return _average_cost(low, high, one, _Renewal(_poisson_pmf(mean)), order_cost)


def power_approximation(
    holding_cost: float, shortage_cost: float, order_cost: float, mean: float, sd: float, lead_time: float = 0.0
) -> tuple[float, float]:
    """(s, S) by the revised power approximation of Ehrhardt and Mosier (1984): regressions on optimal policies (S&S
    4.4.4). Meant for order quantities above one and a half periods of demand."""
    protected, spread = (lead_time + 1) * mean, np.sqrt(lead_time + 1) * sd
    quantity = 1.3 * mean**0.494 * (order_cost / holding_cost) ** 0.506 * (1 + spread**2 / mean**2) ** 0.116
    z = np.sqrt(quantity * holding_cost / (spread * shortage_cost))
    point = 0.973 * protected + spread * (0.183 / z + 1.063 - 2.192 * z)
    return float(point), float(point + quantity)


def _average_cost(low: int, high: int, one: Callable[[int], float], renewal: _Renewal, order_cost: float) -> float:
    """Cost of a cycle over its expected length (renewal reward)."""
    mass, total = renewal.upto(high - low)
    return (order_cost + sum(mass[j] * one(high - j) for j in range(high - low))) / total


def _poisson_cost(holding_cost: float, shortage_cost: float, mean: float) -> Callable[[int], float]:
    def cost(level: int) -> float:
        return float(newsvendor_cost(level, poisson_shortage(level, mean), mean, holding_cost, shortage_cost))

    return cost


def _poisson_pmf(mean: float) -> Floats:
    return poisson.pmf(np.arange(int(poisson.isf(_NEGLIGIBLE, mean)) + 1), mean)


class _Renewal:
    """m(j), the expected visits to a position j units below S within a cycle, and their running sums M(j)."""

    def __init__(self, pmf: Floats) -> None:
        self._pmf = pmf
        self._mass = [1 / (1 - pmf[0])]
        self._total = [0.0]

    def upto(self, count: int) -> tuple[list[float], float]:
        """m(0) … m(count - 1) at least, and M(count)."""
        p, m = self._pmf, self._mass
        while len(m) < count:
            j = len(m)
            reach = min(j, len(p) - 1)
            m.append(sum(p[k] * m[j - k] for k in range(1, reach + 1)) / (1 - p[0]))
        while len(self._total) <= count:
            self._total.append(self._total[-1] + m[len(self._total) - 1])
        return m, self._total[count]
