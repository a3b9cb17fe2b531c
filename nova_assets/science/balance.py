"""One service level for a group of item-sites together, spent where it is cheapest: the system approach.

Equal levels for all spend as much on the last per cent of an expensive, erratic part as on that of a cheap one. Here
every row minimises its holding cost + price x P(shortage) at one price of a shortage for the group, and the price is
the one at which the group's mean P(no shortage) is the level wanted. No other set of stocks with that mean service
costs less to hold (Everett 1963; for spare parts Sherbrooke 2004, Muckstadt 2005).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nova_assets.science import quantiles

Floats = NDArray[np.float64]

CANDIDATES = np.array(
    [0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.875, 0.9, 0.925, 0.95, 0.96, 0.97, 0.975, 0.98, 0.985, 0.99, 0.9925, 0.995,
     0.997, 0.998, 0.999]
)  # fmt: skip
"""Levels at which each row's stock may stand."""

_HALVINGS = 50
_WIDEST = 1e12


def balanced_points(
    levels: Floats, values: Floats, holding: Floats, wanted: float, groups: NDArray[np.object_]
) -> Floats:
    """(n,) whole-unit stocks for demand quantiles (n, Q) and holding costs (n,) per unit, mean service `wanted` in each
    group. A row whose demand is always zero gets no stock and does not count in the mean."""
    point = np.ceil(quantiles.interpolate(levels, values, CANDIDATES) - 1e-9)
    over, short = np.empty_like(point), np.empty_like(point)
    for k in range(len(CANDIDATES)):
        over[:, k] = quantiles.expected_excess(levels, values, point[:, k])
        short[:, k] = 1 - quantiles.probability_at_most(levels, values, point[:, k])
    cost, rows = over * holding[:, None], np.arange(len(values))
    needed = values[:, -1] > 0
    found = np.zeros(len(values))
    for group in np.unique(groups.astype(str)):
        mine = needed & (groups.astype(str) == group)
        if mine.any():
            found[mine] = point[rows[mine], _choice(cost[mine], short[mine], 1 - wanted)]
    return found


def _choice(cost: Floats, short: Floats, most: float) -> NDArray[np.int64]:
    """Column per row at the lowest price of a shortage under which the mean probability of one is at most `most`."""
    scale = max(float(np.median(cost[:, -1])), 1e-9)
    low, high = scale / _WIDEST, scale * _WIDEST
    for _ in range(_HALVINGS):
        price = np.sqrt(low * high)
        chosen = np.argmin(cost + price * short, axis=1)
        if np.take_along_axis(short, chosen[:, None], axis=1).mean() > most:
            low = price
        else:
            high = price
    return np.argmin(cost + high * short, axis=1)
