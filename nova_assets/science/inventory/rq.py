"""Continuous review (r, Q): order Q when the position falls to r. Exact costs and optima, and the known shortcuts.

Demand over the lead time has mean `rate x lead_time` and standard deviation `sd x sqrt(lead_time)`; `shortage_cost` is
per unit and period waited, except in `expected_inventory_level`, where it is per unit short.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import root_scalar
from scipy.stats import norm

from nova_assets.science.inventory.eoq import economic_order_quantity, eoq_backorders
from nova_assets.science.inventory.losses import normal_second_loss, normal_shortage, poisson_shortage
from nova_assets.science.inventory.newsvendor import newsvendor_cost

_CLOSE = 1e-10


def expected_inventory_level(
    holding_cost: float, shortage_cost: float, order_cost: float, rate: float, sd: float, lead_time: float
) -> tuple[float, float, float]:
    """(r, Q, cost) by the iteration of Hadley and Whitin (1963), p per unit short (S&S 5.3.1)."""
    mean, spread = rate * lead_time, sd * np.sqrt(lead_time)
    quantity, before = float(economic_order_quantity(order_cost, holding_cost, rate)), 0.0
    point = mean
    while abs(quantity - before) > _CLOSE * quantity:
        before = quantity
        point = float(norm.isf(quantity * holding_cost / (shortage_cost * rate), mean, spread))
        short = float(normal_shortage(point, mean, spread))
        quantity = float(np.sqrt(2 * rate * (order_cost + shortage_cost * short) / holding_cost))
    short = float(normal_shortage(point, mean, spread))
    cost = holding_cost * (point - mean + quantity / 2) + (order_cost + shortage_cost * short) * rate / quantity
    return point, quantity, cost


def exact_cost(
    point: float, quantity: float, holding_cost: float, shortage_cost: float, order_cost: float, rate: float,
    sd: float, lead_time: float,
) -> float:  # fmt: skip
    """Cost per period of (r, Q) under normal lead-time demand: the position is uniform on (r, r + Q] (S&S 5.2)."""
    mean, spread = rate * lead_time, sd * np.sqrt(lead_time)
    low, high = (point - mean) / spread, (point + quantity - mean) / spread
    short = spread**2 * float(normal_second_loss(low) - normal_second_loss(high))
    held = quantity * (point + quantity / 2 - mean) + short
    return (order_cost * rate + holding_cost * held + shortage_cost * short) / quantity


def eoq_with_safety_stock(
    holding_cost: float, shortage_cost: float, order_cost: float, rate: float, sd: float, lead_time: float
) -> tuple[float, float]:
    """(r, Q): the EOQ, and the newsvendor level of lead-time demand as reorder point (S&S 5.3.2)."""
    ratio = shortage_cost / (shortage_cost + holding_cost)
    point = norm.ppf(ratio, rate * lead_time, sd * np.sqrt(lead_time))
    return float(point), float(economic_order_quantity(order_cost, holding_cost, rate))


def eoq_with_backorders(
    holding_cost: float, shortage_cost: float, order_cost: float, rate: float, sd: float, lead_time: float
) -> tuple[float, float]:
    """(r, Q): the quantity of EOQ with backorders, and the best reorder point for it (S&S 5.3.3; Zheng 1992)."""
    quantity, _, _ = eoq_backorders(order_cost, holding_cost, shortage_cost, rate)
    return best_point(quantity, holding_cost, shortage_cost, rate, sd, lead_time), quantity


def best_point(
    quantity: float, holding_cost: float, shortage_cost: float, rate: float, sd: float, lead_time: float
) -> float:
    """The optimal r for a given Q: both ends of the cycle cost the same, G(r) = G(r + Q) (Zheng 1992)."""
    mean, spread = rate * lead_time, sd * np.sqrt(lead_time)

    def cost(level: float) -> float:
        short = normal_shortage(level, mean, spread)
        return float(newsvendor_cost(level, short, mean, holding_cost, shortage_cost))

    bottom = float(norm.ppf(shortage_cost / (shortage_cost + holding_cost), mean, spread))
    return _root(lambda point: cost(point) - cost(point + quantity), bottom - quantity, bottom)


def loss_function_approximation(
    holding_cost: float, shortage_cost: float, order_cost: float, rate: float, sd: float, lead_time: float
) -> tuple[float, float]:
    """(r, Q) by iterating on the losses of first and second order, the stock at r + Q being never short (S&S 5.3.4)."""
    mean, spread = rate * lead_time, sd * np.sqrt(lead_time)
    both = holding_cost + shortage_cost
    quantity, before, point = float(economic_order_quantity(order_cost, holding_cost, rate)), 0.0, mean
    while abs(quantity - before) > _CLOSE * quantity:
        before = quantity
        wanted = holding_cost * quantity / both
        reach = wanted + 40 * spread  # the loss of mean - x is at least x
        point = _root(lambda y, w=wanted: float(normal_shortage(y, mean, spread)) - w, mean - reach, mean + 40 * spread)
        second = spread**2 * float(normal_second_loss((point - mean) / spread))
        quantity = float(np.sqrt(2 * (order_cost * rate + both * second) / holding_cost))
    return point, quantity


def exact_poisson(
    holding_cost: float, shortage_cost: float, order_cost: float, rate: float, lead_time: float
) -> tuple[int, int, float]:
    """(r, Q, cost) optimal for Poisson demand (Federgruen and Zheng 1992)."""
    mean = rate * lead_time

    def cost(level: int) -> float:
        short = float(poisson_shortage(level, mean))
        return float(newsvendor_cost(level, short, mean, holding_cost, shortage_cost))

    return exact_discrete(cost, round(mean), order_cost * rate)


def exact_discrete(cost: Callable[[int], float], begin: int, order_cost_rate: float) -> tuple[int, int, float]:
    """(r, Q, cost per period) that minimise (K rate + sum of cost over r + 1 .. r + Q) / Q for a convex `cost` of whole
    positions: take the cheapest position, then add the cheaper neighbour while it lowers the average."""
    best = begin
    while cost(best - 1) <= cost(best):
        best -= 1
    while cost(best + 1) < cost(best):
        best += 1
    low, high, total = best - 1, best + 1, order_cost_rate + cost(best)
    while True:
        left, right = cost(low), cost(high)
        average = total / (high - low - 1)
        if min(left, right) >= average:
            return low, high - low - 1, average
        total += min(left, right)
        low, high = (low - 1, high) if left <= right else (low, high + 1)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(root_scalar(function, bracket=(low, high), xtol=_CLOSE).root)
