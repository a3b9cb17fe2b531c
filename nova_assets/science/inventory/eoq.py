"""How much to order when demand is steady: economic order quantities and orders that share a fixed cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

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


def lost_sales_pay(
    shortage_cost: ArrayLike, order_cost: ArrayLike, holding_cost: ArrayLike, rate: ArrayLike, quantity: ArrayLike
) -> NDArray[np.bool_]:
    """Whether stocking in orders of `quantity` units can cost less than losing all demand; costs and rate per period.

    Where demand is lost, either all of it is served or none (Hadley and Whitin 1963). An order's units are sold one by
    one, so that (Q + 1) / 2 are held until the next comes; uncertainty and lead time only add to that, and a time
    without stock only mixes in the cost of losing everything. False is therefore certain, True is not.
    """
    q, d = np.maximum(np.asarray(quantity, dtype=float), 1.0), np.asarray(rate, dtype=float)
    least = np.asarray(order_cost) * d / q + np.asarray(holding_cost) * (q + 1) / 2
    return np.asarray(shortage_cost) * d > least


def eoq_backorders(
    order_cost: float, holding_cost: float, shortage_cost: float, rate: float
) -> tuple[float, float, float]:
    """(quantity, share of demand backordered, cost) of EOQ with planned backorders (S&S 3.5)."""
    ratio = shortage_cost / (holding_cost + shortage_cost)
    quantity = float(np.sqrt(2 * order_cost * rate / (holding_cost * ratio)))
    return quantity, 1 - ratio, float(np.sqrt(2 * order_cost * rate * holding_cost * ratio))


def all_units_discount(
    order_cost: float, holding_rate: float, rate: float, breaks: Sequence[float], prices: Sequence[float]
) -> tuple[float, int, float]:
    """(quantity, index of its price, cost per period with the goods) under an all-units discount (S&S 3.4.1).

    `prices[j]` holds for orders of at least `breaks[j]`, the first break being 0; `holding_rate` is per unit of value.
    """
    ceilings = [*breaks[1:], np.inf]
    best = (0.0, 0, np.inf)
    for tier, (floor, ceiling, price) in enumerate(zip(breaks, ceilings, prices, strict=True)):
        holding = holding_rate * price
        quantity = max(float(economic_order_quantity(order_cost, holding, rate)), floor)
        if quantity >= ceiling:  # a cheaper tier serves so large an order
            continue
        cost = price * rate + float(eoq_cost(quantity, order_cost, holding, rate))
        if cost < best[2]:
            best = (quantity, tier, cost)
    return best


@dataclass(frozen=True)
class JointOrder:
    """Item i is ordered at every `multiples[i]`-th joint order, which come every `cycle` periods."""

    cycle: float
    multiples: NDArray[np.int64]
    cost: float


def joint_replenishment(
    shared_cost: float, own_costs: ArrayLike, holding_costs: ArrayLike, rates: ArrayLike
) -> JointOrder:
    """Silver's (1976) heuristic for items that share the fixed cost of an order; costs per order and per period."""
    own, h, d = (np.asarray(x, dtype=float) for x in (own_costs, holding_costs, rates))
    ratio = own / (h * d)
    base = int(np.argmin(ratio))
    multiples = np.maximum(np.round(np.sqrt(ratio * h[base] * d[base] / (shared_cost + own[base]))), 1.0)
    multiples[base] = 1.0
    ordering, holding = shared_cost + (own / multiples).sum(), (h * d * multiples).sum()
    cycle = float(np.sqrt(2 * ordering / holding))
    return JointOrder(cycle, multiples.astype(np.int64), float(ordering / cycle + holding * cycle / 2))
