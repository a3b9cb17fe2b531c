"""Textbook inventory formulas with exact answers: the yardsticks that numeric methods are tested against.

Notation of Snyder and Shen, Fundamentals of Supply Chain Theory (2nd ed.): K fixed order cost, h holding cost per unit
and period, p shortage cost per unit and period, demand rate per the same period. All vectorised.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, poisson

Floats = NDArray[np.float64]


def economic_order_quantity(order_cost: ArrayLike, holding_cost: ArrayLike, rate: ArrayLike) -> Floats:
    """sqrt(2 K rate / h) (Harris 1913), units; 0 where there is no demand or no holding cost to balance."""
    k, h, d = (np.asarray(x, dtype=float) for x in (order_cost, holding_cost, rate))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((h > 0) & (d > 0), np.sqrt(2 * k * d / h), 0.0)


def eoq_cost(quantity: ArrayLike, order_cost: ArrayLike, holding_cost: ArrayLike, rate: ArrayLike) -> Floats:
    """Order plus holding cost per period of ordering `quantity` each time."""
    q = np.asarray(quantity, dtype=float)
    return np.asarray(order_cost) * np.asarray(rate) / q + np.asarray(holding_cost) * q / 2


def eoq_backorders(
    order_cost: float, holding_cost: float, shortage_cost: float, rate: float
) -> tuple[float, float, float]:
    """(quantity, share of demand backordered, cost) of EOQ with planned backorders (Snyder and Shen 3.5)."""
    ratio = shortage_cost / (holding_cost + shortage_cost)
    quantity = float(np.sqrt(2 * order_cost * rate / (holding_cost * ratio)))
    return quantity, 1 - ratio, float(np.sqrt(2 * order_cost * rate * holding_cost * ratio))


def normal_loss(z: ArrayLike) -> Floats:
    """Standard normal loss E[(Z - z)+] = phi(z) - z (1 - Phi(z))."""
    z = np.asarray(z, dtype=float)
    return norm.pdf(z) - z * norm.sf(z)


def normal_shortage(position: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> Floats:
    """E[(D - position)+] for normal demand, units."""
    sd = np.asarray(sd, dtype=float)
    return sd * normal_loss((np.asarray(position) - np.asarray(mean)) / sd)


def newsvendor_normal(holding_cost: float, shortage_cost: float, mean: float, sd: float) -> tuple[float, float]:
    """(base stock, expected cost) for normal demand."""
    level = float(norm.ppf(shortage_cost / (shortage_cost + holding_cost), mean, sd))
    return level, newsvendor_normal_cost(level, holding_cost, shortage_cost, mean, sd)


def newsvendor_normal_cost(level: float, holding_cost: float, shortage_cost: float, mean: float, sd: float) -> float:
    """Expected holding plus shortage cost of a base stock under normal demand."""
    short = float(normal_shortage(level, mean, sd))
    return holding_cost * (level - mean + short) + shortage_cost * short


def newsvendor_poisson(holding_cost: float, shortage_cost: float, mean: float) -> tuple[int, float]:
    """(smallest optimal base stock, expected cost) for Poisson demand."""
    level = int(poisson.ppf(shortage_cost / (shortage_cost + holding_cost), mean))
    return level, newsvendor_poisson_cost(level, holding_cost, shortage_cost, mean)


def newsvendor_poisson_cost(level: int, holding_cost: float, shortage_cost: float, mean: float) -> float:
    """Expected cost of a base stock under Poisson demand."""
    short = poisson_backorders(level, mean)
    return holding_cost * (level - mean + short) + shortage_cost * short


def poisson_backorders(level: int, mean: float) -> float:
    """E[(D - level)+] for Poisson demand: mean x P(D >= level) - level x P(D > level)."""
    return float(mean * poisson.sf(level - 1, mean) - level * poisson.sf(level, mean))


def lead_time_demand(
    mean: ArrayLike, sd: ArrayLike, lead_time: ArrayLike, lead_time_sd: ArrayLike = 0.0
) -> tuple[Floats, Floats]:
    """(mean, sd) of demand over a random lead time: sd^2 = L sd_d^2 + d^2 sd_L^2, independent demand and lead time."""
    d, s, lead, ls = (np.asarray(x, dtype=float) for x in (mean, sd, lead_time, lead_time_sd))
    return d * lead, np.sqrt(lead * s**2 + d**2 * ls**2)


def fill_rate_normal(reorder_point: ArrayLike, quantity: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> Floats:
    """Share of demand met from stock in an (r, Q) policy: 1 - E[(D_L - r)+] / Q, D_L normal over the lead time."""
    return 1 - normal_shortage(reorder_point, mean, sd) / np.asarray(quantity, dtype=float)


def availability_adjusted_rate(issued: ArrayLike, periods: ArrayLike, periods_out: ArrayLike) -> Floats:
    """Demand per period when stock was out for part of the time: issued / (periods - periods out)."""
    open_periods = np.asarray(periods, dtype=float) - np.asarray(periods_out, dtype=float)
    return np.asarray(issued, dtype=float) / np.where(open_periods > 0, open_periods, np.nan)
