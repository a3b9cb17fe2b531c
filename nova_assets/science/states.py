"""What a series looked like at a past date, in numbers that make different series comparable.

The same description is made for today and for past origins, so that "series that looked like this one" can be found and
what followed them can be read off. Everything at an origin uses columns before it and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nova_assets.science.panel import Panel, cumulative

Floats = NDArray[np.float64]

HALF_LIVES = (0.5, 2.0, 8.0)
"""Memories of the rates, in units of `memory` (a horizon): short, middle (the one that sets the scale), long."""

_ROWS_AT_ONCE = 256
"""Two years of so many daily series lie in a core's cache."""

_PRIOR_PERIODS = 1.0
"""Exposure of the family's rate that is added to a series' own."""

_FAMILY_EVENTS = 20.0
"""Exposure of the whole panel's rate that is added to a family's, in mean intervals between events."""


@dataclass(frozen=True)
class States:
    """m states (series at an origin): features (m, F) on scales where 1 is a notable difference, and scale (m,) = the
    expected sum over the horizon in units of demand. `series` (m,) is the row of the panel."""

    features: Floats
    scale: Floats
    series: NDArray[np.int64]


def describe(
    panel: Panel, horizon: int, origins: Sequence[int], memory: float, family: str | None = "family"
) -> list[States]:
    """States at each origin (number of known periods) of the series started by then, for sums over `horizon`; `memory`
    is the unit of forgetting, in periods."""
    groups = np.unique(panel.static(family).astype(str), return_inverse=True)[1]
    statistics = _Statistics.of(panel, horizon, origins, memory)
    return [statistics.state(o, origin, panel, groups, horizon) for o, origin in enumerate(origins)]


@dataclass(frozen=True)
class _Statistics:
    """Raw sums over the past of each origin; O origins, L half-lives. Weighted ones are exponential in age."""

    seen: Floats  # (n, O, L) weighted observed periods
    count: Floats  # (n, O, L) weighted periods with demand
    demand: Floats  # (n, O, L) weighted demand
    events: Floats  # (n, O) periods with demand
    total: Floats  # (n, O) demand
    squares: Floats  # (n, O) squared demand
    windows: Floats  # (n, O) weighted horizon-long windows inside the series' life
    window_total: Floats  # (n, O) weighted sum of those windows' demand
    window_squares: Floats  # (n, O) and of its square
    last: NDArray[np.int64]  # (n, O) column of the last demand, -1 before the first

    @classmethod
    def of(cls, panel: Panel, horizon: int, origins: Sequence[int], unit: float) -> _Statistics:
        age = np.asarray(origins)[None, :] - 1 - np.arange(panel.periods)[:, None]
        past = age >= 0
        decayed = [np.where(past, 0.5 ** (np.maximum(age, 0) / (h * unit)), 0.0) for h in HALF_LIVES]
        rates = np.stack(decayed, axis=2).reshape(panel.periods, -1)
        parts = [
            _block(panel, slice(first, first + _ROWS_AT_ONCE), horizon, rates, past.astype(float), decayed[-1], origins)
            for first in range(0, len(panel), _ROWS_AT_ONCE)
        ]
        return cls(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def state(self, o: int, origin: int, panel: Panel, groups: NDArray[np.int64], horizon: int) -> States:
        rows = np.flatnonzero(panel.start < origin)
        events, family = self.events[rows, o], groups[rows]
        size = _sizes(self.total[rows, o], events, family)
        rate = []
        for memory in range(len(HALF_LIVES)):
            seen, count = self.seen[rows, o, memory], self.count[rows, o, memory]
            prior = _family_rate(count, seen, family)
            units = self.demand[rows, o, memory] / size
            rate.append(np.log((units + prior * _PRIOR_PERIODS) / (seen + _PRIOR_PERIODS) * horizon))
        last = self.last[rows, o]
        idle = origin - 1 - np.where(last >= 0, last, panel.start[rows] - 1)
        features = [
            rate[1],
            rate[0] - rate[1],
            rate[2] - rate[1],
            0.5 * np.log(_size_variation(self.squares[rows, o], events, size) + 0.1),
            0.5 * np.log(self._dispersion(rows, o, horizon) + 0.05),
            0.3 * np.log((idle + 1) / horizon),
            0.4 * np.log(size / np.median(size)),
            0.2 * np.log((self.seen[rows, o, -1] + 1) / horizon),
        ]
        return States(np.stack(features, axis=1), np.exp(rate[1]) * size, rows)

    def _dispersion(self, rows: NDArray[np.int64], o: int, horizon: int) -> Floats:
        """(m,) squared coefficient of variation of past H-sums, shrunk to 1 by one window's worth of evidence."""
        count = np.maximum(self.windows[rows, o], 1e-9)
        mean = self.window_total[rows, o] / count
        variance = np.maximum(self.window_squares[rows, o] / count - mean**2, 0.0)
        own = np.where(mean > 0, variance / np.where(mean > 0, mean, 1.0) ** 2, 1.0)
        windows = np.minimum(self.windows[rows, o] / horizon, 50.0)
        return (own * windows + 1.0) / (windows + 1.0)


def _block(
    panel: Panel, part: slice, horizon: int, rates: Floats, past: Floats, slow: Floats, origins: Sequence[int]
) -> tuple[Floats | NDArray[np.int64], ...]:
    """The statistics of some rows, in the order of the fields: matrix products of history with weights."""
    demand, start = panel.demand[part], panel.start[part]
    event, exposure = (demand > 0).astype(float), panel.observed[part].astype(float)
    shape = (len(demand), len(origins), len(HALF_LIVES))
    total = cumulative(demand)
    sums = np.zeros_like(demand)
    sums[:, horizon - 1 :] = total[:, horizon:] - total[:, :-horizon]
    columns = np.arange(panel.periods)
    whole = (columns[None, :] - horizon + 1 >= start[:, None]).astype(float)
    sums *= whole
    latest = np.maximum.accumulate(np.where(event > 0, columns, -1), axis=1)
    return (
        (exposure @ rates).reshape(shape),
        (event @ rates).reshape(shape),
        (demand @ rates).reshape(shape),
        event @ past,
        demand @ past,
        demand**2 @ past,
        whole @ slow,
        sums @ slow,
        sums**2 @ slow,
        latest[:, np.asarray(origins) - 1],
    )


def typical_demand(panel: Panel) -> Floats:
    """(n,) mean demand when there is one, in the series' own unit; the panel's median for series without any yet."""
    return _sizes(panel.demand.sum(axis=1), (panel.demand > 0).sum(axis=1), np.zeros(len(panel), dtype=np.int64))


def _sizes(total: Floats, events: Floats, family: NDArray[np.int64]) -> Floats:
    """(m,) mean demand when there is one; the family's median, else the panel's, for series without any."""
    own = total / np.maximum(events, 1)
    some = events > 0
    if not some.any():
        return np.ones(len(total))
    fallback = np.full(int(family.max()) + 1, np.median(own[some]))
    order = np.lexsort((own[some], family[some]))
    members, first, count = np.unique(family[some][order], return_index=True, return_counts=True)
    ranked = own[some][order]
    fallback[members] = (ranked[first + (count - 1) // 2] + ranked[first + count // 2]) / 2
    return np.where(some, own, fallback[family])


def _family_rate(count: Floats, seen: Floats, family: NDArray[np.int64]) -> Floats:
    """(m,) events per period of each series' family, shrunk to the panel's."""
    overall = (count.sum() + 0.5) / (seen.sum() + 1.0)
    k = _FAMILY_EVENTS
    by_family = (np.bincount(family, count) + k) / (np.bincount(family, seen) + k / overall)
    return by_family[family]


def _size_variation(squares: Floats, events: Floats, size: Floats) -> Floats:
    """(m,) squared coefficient of variation of non-zero sizes, shrunk to the panel's median by three events."""
    own = np.maximum(squares / np.maximum(events, 1) / size**2 - 1, 0.0)
    known = events > 1
    typical = float(np.median(own[known])) if known.any() else 0.5
    return (np.where(known, own * events, 0.0) + typical * 3) / (np.where(known, events, 0) + 3)
