"""Orders of suppliers that deliver nothing below a minimum value.

Where what is due from a supplier is worth less, the order is placed as it would be some days later, the fewest that
make it worth the minimum: what would be due soonest joins, and the cover of every line grows by the same days (the
can-order idea of joint replenishment; Silver, Pyke and Thomas 2017, chapter 10).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Minimums:
    """Of n item-sites, (n,) each."""

    supplier: NDArray[np.int64]  # from whom each is bought, 0, 1, ...
    least_value: Floats  # R$ that an order of that supplier is worth at least; 0 = any order is taken
    price: Floats  # R$ per unit
    rate: Floats  # expected units a period
    longest: int = 365  # periods that an order may be brought forward by


def joint_orders(
    order: Callable[[Floats], Floats], minimums: Minimums, ordered_value: Floats | float = 0.0
) -> tuple[Floats, NDArray[np.int64]]:
    """(n,) units to order, and (n,) the periods that each supplier's order is brought forward by.

    `order(used)` gives (n,) what would be ordered once `used` (n,) more units were gone; it may not fall in them.
    `ordered_value` R$ (n,) are on the same order already. What no `longest` periods make worth the minimum is ordered
    as it is due, 0 periods ahead.
    """
    supplier, least = minimums.supplier, minimums.least_value

    def worth(quantity: Floats) -> Floats:
        return np.bincount(supplier, quantity * minimums.price).astype(float)[supplier]

    due = order(np.zeros(len(supplier)))
    value = worth(due)
    short = (value > 0) & (value + ordered_value < least)
    ahead = np.zeros(len(supplier), dtype=np.int64)
    if not short.any():
        return due, ahead

    def enough(periods: NDArray[np.int64]) -> NDArray[np.bool_]:
        return worth(order(periods * minimums.rate)) + ordered_value >= least

    too_few, reached = ahead.copy(), np.where(short, minimums.longest, 0)
    reachable = short & enough(reached)
    while (reachable & (reached - too_few > 1)).any():
        middle = (too_few + reached) // 2
        there = enough(middle)
        too_few, reached = np.where(there, too_few, middle), np.where(there, middle, reached)
    ahead = np.where(reachable, reached, 0)
    return np.where(ahead > 0, order(ahead * minimums.rate), due), ahead
