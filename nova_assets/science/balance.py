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
    return Balance(levels, values, holding, groups).points(wanted)


class Balance:
    """`balanced_points` of the same rows at several levels: what stands at CANDIDATES is reckoned once."""

    def __init__(self, levels: Floats, values: Floats, holding: Floats, groups: NDArray) -> None:
        needed = values[:, -1] > 0
        names, member = np.unique(groups.astype(str), return_inverse=True)
        self.size = len(values)
        self.rows = [rows for group in range(len(names)) if len(rows := np.flatnonzero(needed & (member == group)))]
        self.columns = [_Columns(levels, values[rows], holding[rows]) for rows in self.rows]

    def points(self, wanted: ArrayLike) -> Floats:
        """(n,) stocks at which the mean of each group is `wanted`."""
        wanted = np.broadcast_to(np.asarray(wanted, dtype=float), self.size)
        found = np.zeros(self.size)
        for rows, columns in zip(self.rows, self.columns, strict=True):
            found[rows] = columns.shared(float(wanted[rows[0]]))
        return found


class _Columns:
    """Of one group, (n, C) each: stock, holding cost of what is left over and P(shortage) at every candidate."""

    def __init__(self, levels: Floats, values: Floats, holding: Floats) -> None:
        self.levels, self.values, self.holding = levels, values, holding
        self.known = self.at(CANDIDATES)

    def at(self, allowed: Floats) -> tuple[Floats, Floats, Floats]:
        point = np.ceil(quantiles.interpolate(self.levels, self.values, allowed) - 1e-9)
        over, short = np.empty_like(point), np.empty_like(point)
        for k in range(len(allowed)):
            over[:, k] = quantiles.expected_excess(self.levels, self.values, point[:, k])
            short[:, k] = 1 - quantiles.probability_at_most(self.levels, self.values, point[:, k])
        return point, over * self.holding[:, None], short

    def shared(self, wanted: float) -> Floats:
        """Stocks (n,) of the group."""
        point, cost, short = self.known
        if wanted not in CANDIDATES:
            place = int(np.searchsorted(CANDIDATES, wanted))
            point, cost, short = (
                np.insert(known, place, own[:, 0], axis=1)
                for known, own in zip(self.known, self.at(np.array([wanted])), strict=True)
            )
        return point[np.arange(len(point)), _choice(cost, short, 1 - wanted)]


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
