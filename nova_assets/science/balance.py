"""One service level for a group of item-sites together, spent where it is cheapest: the system approach.

Equal levels for all spend as much on the last per cent of an expensive, erratic part as on that of a cheap one. Here
every row minimises its holding cost + price x P(shortage) at one price of a shortage for the group, and the price is
the one at which the group's mean P(no shortage) is the level wanted. No other set of stocks with that mean service
costs less to hold (Everett 1963; for spare parts Sherbrooke 2004, Muckstadt 2005).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nova_assets.science import quantiles

Floats = NDArray[np.float64]

CANDIDATES = np.array(
    [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.875, 0.9, 0.925, 0.95, 0.96, 0.97, 0.975, 0.98, 0.985, 0.99, 0.9925, 0.995,
     0.997, 0.998, 0.999]
)  # fmt: skip
"""Levels at which each row's stock may stand, besides the one wanted."""

_HALVINGS = 50
_WIDEST = 1e12


def balanced_points(levels: Floats, values: Floats, holding: Floats, wanted: ArrayLike, groups: NDArray) -> Floats:
    """(n,) whole-unit stocks for demand quantiles (n, Q) and holding costs (n,) per unit: the mean service of each
    group is `wanted`, one level or (n,) with the same level for all of a group.

    A row whose demand is always zero gets no stock and does not count in the mean.
    """
    wanted = np.broadcast_to(np.asarray(wanted, dtype=float), len(values))
    needed = values[:, -1] > 0
    found = np.zeros(len(values))
    names, member = np.unique(groups.astype(str), return_inverse=True)
    for group in range(len(names)):
        mine = np.flatnonzero(needed & (member == group))
        if len(mine):
            found[mine] = _shared(levels, values[mine], holding[mine], float(wanted[mine[0]]))
    return found


def _shared(levels: Floats, values: Floats, holding: Floats, wanted: float) -> Floats:
    """Stocks (n,) of one group."""
    allowed = np.union1d(CANDIDATES, [wanted])
    point = np.ceil(quantiles.interpolate(levels, values, allowed) - 1e-9)
    over, short = np.empty_like(point), np.empty_like(point)
    for k in range(len(allowed)):
        over[:, k] = quantiles.expected_excess(levels, values, point[:, k])
        short[:, k] = 1 - quantiles.probability_at_most(levels, values, point[:, k])
    chosen = _choice(over * holding[:, None], short, 1 - wanted)
    return point[np.arange(len(values)), chosen]


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
