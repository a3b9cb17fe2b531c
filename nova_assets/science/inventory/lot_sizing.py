"""Lot sizes for demand that is known by period."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from nova_assets.science.inventory.losses import Floats


def wagner_whitin(demand: ArrayLike, order_cost: ArrayLike, holding_cost: ArrayLike) -> tuple[Floats, float]:
    """(orders by period, least total cost) by Wagner and Whitin's (1958) recursion.

    `demand` (T,) is used within its period, holding is paid for what is left at a period's end; costs may differ by
    period. Periods without demand never cause an order.
    """
    d = np.asarray(demand, dtype=float)
    periods = len(d)
    k, h = (np.broadcast_to(np.asarray(cost, dtype=float), periods) for cost in (order_cost, holding_cost))
    carried = np.concatenate([[0.0], np.cumsum(h)])
    best, until = np.zeros(periods + 1), np.zeros(periods, dtype=int)
    for first in reversed(range(periods)):
        if d[first] == 0:
            best[first], until[first] = best[first + 1], first
            continue
        lots = k[first] + np.cumsum(d[first:] * (carried[first:periods] - carried[first])) + best[first + 1 :]
        until[first] = first + int(np.argmin(lots)) + 1
        best[first] = lots.min()
    orders, period = np.zeros(periods), 0
    while period < periods:
        if until[period] == period:
            period += 1
            continue
        orders[period] = d[period : until[period]].sum()
        period = until[period]
    return orders, float(best[0])
