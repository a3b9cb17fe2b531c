"""One period, one order: base stocks by the critical ratio, for normal, Poisson and listed demand, and when the supply
is what is random."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm, poisson

from nova_assets.science.inventory.losses import Floats, discrete_shortage, normal_shortage, poisson_shortage


def critical_ratio(shortage_cost: ArrayLike, holding_cost: ArrayLike) -> Floats:
    """Newsvendor level p / (p + h); NaN where both costs are 0."""
    p, h = np.asarray(shortage_cost, dtype=float), np.asarray(holding_cost, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(p + h > 0, p / (p + h), np.nan)


def newsvendor_cost(
    level: ArrayLike, shortage: ArrayLike, mean: ArrayLike, holding_cost: ArrayLike, shortage_cost: ArrayLike
) -> Floats:
    """h E[(y - D)+] + p E[(D - y)+] of stocking `level` where `shortage` is E[(D - level)+]."""
    short = np.asarray(shortage, dtype=float)
    return np.asarray(holding_cost) * (np.asarray(level) - np.asarray(mean) + short) + np.asarray(shortage_cost) * short


def newsvendor_normal(holding_cost: float, shortage_cost: float, mean: float, sd: float) -> tuple[float, float]:
    """(base stock, expected cost) for normal demand (S&S 4.3.2)."""
    level = float(norm.ppf(critical_ratio(shortage_cost, holding_cost), mean, sd))
    return level, newsvendor_normal_cost(level, holding_cost, shortage_cost, mean, sd)


def newsvendor_normal_cost(level: float, holding_cost: float, shortage_cost: float, mean: float, sd: float) -> float:
    """Expected holding plus shortage cost of a base stock under normal demand."""
    return float(newsvendor_cost(level, normal_shortage(level, mean, sd), mean, holding_cost, shortage_cost))


def newsvendor_poisson(holding_cost: float, shortage_cost: float, mean: float) -> tuple[int, float]:
    """(smallest optimal base stock, expected cost) for Poisson demand."""
    level = int(poisson.ppf(critical_ratio(shortage_cost, holding_cost), mean))
    return level, newsvendor_poisson_cost(level, holding_cost, shortage_cost, mean)


def newsvendor_poisson_cost(level: int, holding_cost: float, shortage_cost: float, mean: float) -> float:
    """Expected cost of a base stock under Poisson demand."""
    return float(newsvendor_cost(level, poisson_shortage(level, mean), mean, holding_cost, shortage_cost))


def newsvendor_discrete(holding_cost: float, shortage_cost: float, pmf: ArrayLike) -> tuple[int, float]:
    """(smallest optimal base stock, expected cost) where demand takes 0, 1, 2, … with probabilities `pmf`: any
    empirical distribution."""
    pmf = np.asarray(pmf, dtype=float)
    ratio = float(critical_ratio(shortage_cost, holding_cost))
    level = int(np.searchsorted(np.cumsum(pmf), ratio - 1e-12))
    mean = float(np.arange(len(pmf)) @ pmf)
    return level, float(newsvendor_cost(level, discrete_shortage(level, pmf), mean, holding_cost, shortage_cost))


def base_stock_disruptions(
    holding_cost: float, shortage_cost: float, rate: float, breaks: float, recovers: float
) -> tuple[float, float]:
    """(base stock, expected cost) for steady demand and a supplier that fails with probability `breaks` each period
    while it works, and recovers with probability `recovers` each period while it does not (S&S 9.2.2)."""
    down = breaks / (breaks + recovers)
    ratio = float(critical_ratio(shortage_cost, holding_cost))
    longest = int(np.ceil(np.log(1e-15) / np.log(1 - recovers)))
    periods = np.arange(longest + 1)  # length of the outage so far
    chance = np.where(periods == 0, 1 - down, down * recovers * (1 - recovers) ** np.maximum(periods - 1, 0))
    level = rate * (1 + int(np.searchsorted(np.cumsum(chance), ratio)))
    over = level - rate * (periods + 1)
    cost = holding_cost * np.maximum(over, 0) + shortage_cost * np.maximum(-over, 0)
    return float(level), float(cost @ chance)


def base_stock_uniform_yield(
    holding_cost: float, shortage_cost: float, demand: float, low: float, high: float
) -> tuple[float, float]:
    """(order, expected cost) for known demand when an order of q delivers q + U(low, high) (S&S 9.3)."""
    ratio = float(critical_ratio(shortage_cost, holding_cost))
    width = high - low
    order = demand - (low + (1 - ratio) * width)
    least, most = order + low - demand, order + high - demand
    return order, float((holding_cost * most**2 + shortage_cost * least**2) / (2 * width))
