"""What demand may depend on besides its own past: calendar, holidays, weather, currency, planned work.

A driver says, for any origin of a daily panel, what was known of it then: weather and currency of the past only; of the
future only the calendar and work that had been planned by then. A Poisson regression (log link, base rate as offset;
McCullagh and Nelder 1989) pooled over all series and past windows learns by which factor demand deviated from its base
rate. Whether that factor helps is decided in `verdicts`, driver by driver.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nova_assets.science.holidays_brazil import closed_weekdays
from nova_assets.science.models.base import Floats
from nova_assets.science.panel import Panel

WINDOWS = 24
"""Past windows learned from, at most; they begin half a horizon apart."""

MIN_ROWS = 200
BASE_MEMORY = 4.0
"""Half-life of the base rate, in horizons."""

MOST_MOVE = 3.0
"""Drivers move a forecast by at most this factor."""

MOST_DEVIATIONS = 3.0
"""Columns are not believed further from their past mean than this, in standard deviations."""

_RIDGE = 10.0
"""Pull of the coefficients (of standardised columns) towards zero, in demands."""

_STEPS = 12
"""Newton steps of the regression; it settles in five or six."""


class Driver(Protocol):
    """Numbers known at an origin about the window after it."""

    @property
    def name(self) -> str: ...

    def take(self, rows: NDArray[np.int64]) -> Driver:
        """The driver for some series (ascending positions)."""
        ...

    def at(self, panel: Panel, cut: int, horizon: int) -> Floats:
        """(n, F) for the series of the panel; `cut` periods are known, the window is the next `horizon` periods."""
        ...


def _first_day(panel: Panel, cut: int) -> np.datetime64:
    return panel.dates[cut - 1] + 1


@dataclass(frozen=True)
class Season:
    """Where the window lies in the year, as one wave, and its share of weekdays."""

    name: str = "calendar"

    def take(self, rows: NDArray[np.int64]) -> Driver:
        return self

    def at(self, panel: Panel, cut: int, horizon: int) -> Floats:
        begin = _first_day(panel, cut)
        weekdays = closed_weekdays(np.array([begin]), horizon)[0, 0] / horizon
        middle = (begin + horizon // 2 - np.datetime64("2000-01-01")).astype(int) / 365.25 * 2 * np.pi
        return np.tile([np.sin(middle), np.cos(middle), weekdays], (len(panel), 1))


@dataclass(frozen=True)
class Holidays:
    """Public and optional Brazilian holidays on weekdays of the window, per period."""

    name: str = "holidays"

    def take(self, rows: NDArray[np.int64]) -> Driver:
        return self

    def at(self, panel: Panel, cut: int, horizon: int) -> Floats:
        return np.tile(closed_weekdays(np.array([_first_day(panel, cut)]), horizon)[0, 1:] / horizon, (len(panel), 1))


@dataclass(frozen=True)
class Measured:
    """Outside series: mean over the last horizon against all that was known before, in standard deviations.

    `values` (S, T) on the panel's dates, NaN where not measured; `place` (n, F) its rows for each series, -1 for none.
    """

    name: str
    values: Floats
    place: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> Driver:
        return replace(self, place=self.place[rows])

    def at(self, panel: Panel, cut: int, horizon: int) -> Floats:
        known = self.values[:, :cut]
        seen = np.isfinite(known)
        filled = np.where(seen, known, 0.0)
        count = np.maximum(seen.sum(axis=1), 1)
        mean = filled.sum(axis=1) / count
        spread = np.sqrt(np.where(seen, (known - mean[:, None]) ** 2, 0.0).sum(axis=1) / count)
        latest = seen[:, -horizon:].sum(axis=1)
        level = filled[:, -horizon:].sum(axis=1) / np.maximum(latest, 1)
        usable = (latest > 0) & (spread > 0)
        score = np.where(usable, (level - mean) / np.where(usable, spread, 1.0), 0.0)
        return np.append(score, 0.0)[self.place]  # place -1 is the appended zero


@dataclass(frozen=True)
class PlannedWork:
    """Work planned for the window as known at the origin, against what used to be planned, both on top of the base.

    Arrays over plan lines: series (row of the panel), day, known_on, replaced_on (the day a newer version was told,
    NaT for none) and quantity.
    """

    series: NDArray[np.int64]
    day: NDArray[np.datetime64]
    known_on: NDArray[np.datetime64]
    replaced_on: NDArray[np.datetime64]
    quantity: Floats
    name: str = "planned_work"

    def take(self, rows: NDArray[np.int64]) -> Driver:
        mine = np.isin(self.series, rows)
        return PlannedWork(
            np.searchsorted(rows, self.series[mine]),
            self.day[mine],
            self.known_on[mine],
            self.replaced_on[mine],
            self.quantity[mine],
        )

    def at(self, panel: Panel, cut: int, horizon: int) -> Floats:
        base = base_rate(panel, cut, horizon) * horizon
        now = self._planned(panel, cut, horizon)
        usual = [
            self._planned(panel, before, horizon)
            for before in range(cut - horizon, max(cut - 12 * horizon, horizon), -horizon)
        ]
        typical = np.mean(usual, axis=0) if usual else now
        prior = np.maximum(base, 0.5)
        return np.log((prior + now) / (prior + typical))[:, None]

    def _planned(self, panel: Panel, cut: int, horizon: int) -> Floats:
        begin = _first_day(panel, cut)
        today = begin - 1
        inside = (self.day >= begin) & (self.day < begin + horizon) & (self.known_on <= today)
        inside &= np.isnat(self.replaced_on) | (self.replaced_on > today)
        return np.bincount(self.series[inside], self.quantity[inside], minlength=len(panel)).astype(float)


@dataclass(frozen=True)
class KnownAhead:
    """A column of the panel that is known ahead: its mean in the window against its mean over the past, weighted as
    demand is in the base rate. Ratios (as logarithms) of what is always positive, differences of anything else; where
    nothing was told there is no deviation."""

    name: str

    def take(self, rows: NDArray[np.int64]) -> Driver:
        return self

    def at(self, panel: Panel, cut: int, horizon: int) -> Floats:
        values = panel.known[self.name]
        usual = _told_mean(values[:, :cut], _weights(cut, horizon))
        now = _told_mean(values[:, cut : cut + horizon], np.ones(min(horizon, max(values.shape[1] - cut, 0))))
        if np.nanmin(values, initial=np.inf) > 0:
            usual, now = np.log(usual), np.log(now)
        return np.nan_to_num(now - usual)[:, None]


def _told_mean(values: Floats, weight: Floats) -> Floats:
    """(n,) weighted mean of what is not NaN; NaN where nothing is."""
    told = np.isfinite(values)
    total = told @ weight
    return np.divide(np.where(told, values, 0.0) @ weight, total, out=np.full(len(values), np.nan), where=total > 0)


def _weights(cut: int, horizon: int) -> Floats:
    return 0.5 ** (np.arange(cut - 1, -1, -1) / (BASE_MEMORY * horizon))


def base_rate(panel: Panel, cut: int, horizon: int) -> Floats:
    """(n,) exponentially weighted demand per observed period before the cut; 0 for series that start later."""
    weight = _weights(cut, horizon)
    seen = panel.observed[:, :cut] @ weight
    return panel.demand[:, :cut] @ weight / np.maximum(seen, 1e-9) * (seen > 0)


def factors(panel: Panel, drivers: Sequence[Driver], cut: int, horizon: int) -> Floats:
    """(n,) factors of demand over the `horizon` periods after the cut, learned from windows that ended before it.

    Ones without drivers, and where too little was seen to learn from.
    """
    return window_factors(panel, drivers, cut, horizon, [(0, horizon)])[:, 0]


def window_factors(
    panel: Panel, drivers: Sequence[Driver], cut: int, horizon: int, windows: Sequence[tuple[int, int]]
) -> Floats:
    """(n, K) factors of demand over windows (periods between the cut and the window's begin, its length).

    They are learned from sums over `horizon` periods. A shorter window may deviate further than such a sum.
    """
    learned = _examples(panel, drivers, cut, horizon) if drivers else None
    if learned is None:
        return np.ones((len(panel), len(windows)))
    columns, demand, expected = learned
    centre, spread = columns.mean(axis=0), columns.std(axis=0)
    scale = np.where(spread > 0, spread, np.inf)
    slope = _poisson((columns - centre) / scale, demand, expected)
    moves = []
    for lead, length in windows:
        now = (_columns(panel, drivers, cut + lead, length) - centre) / scale
        most = MOST_DEVIATIONS * np.sqrt(horizon / length)
        moves.append(np.clip(now, -most, most) @ slope)
    return np.exp(np.clip(np.stack(moves, axis=1), -np.log(MOST_MOVE), np.log(MOST_MOVE)))


def _columns(panel: Panel, drivers: Sequence[Driver], cut: int, horizon: int) -> Floats:
    return np.concatenate([driver.at(panel, cut, horizon) for driver in drivers], axis=1)


def _examples(panel: Panel, drivers: Sequence[Driver], cut: int, horizon: int) -> tuple[Floats, Floats, Floats] | None:
    """Columns (m, F), demand and expected demand (m,), both in mean sizes known at each past origin; None when few."""
    step = max(horizon // 2, 1)
    parts = []
    for origin in range(cut - horizon, max(2 * horizon, cut - horizon - WINDOWS * step), -step):
        base = base_rate(panel, origin, horizon) * horizon
        past = panel.demand[:, :origin]
        events = (past > 0).sum(axis=1)
        actual = panel.sums(origin, origin + horizon)
        usable = (events > 0) & np.isfinite(actual) & (base > 0)
        size = past[usable].sum(axis=1) / events[usable]
        columns = _columns(panel, drivers, origin, horizon)[usable]
        parts.append((columns, actual[usable] / size, base[usable] / size))
    if sum(len(part[1]) for part in parts) < MIN_ROWS:
        return None
    columns, demand, expected = (np.concatenate(column) for column in zip(*parts, strict=True))
    return columns, demand, expected


def _poisson(columns: Floats, demand: Floats, expected: Floats) -> Floats:
    """(F,) coefficients of log(demand / expected) on standardised columns; the free intercept is not returned.

    Newton steps on the ridge-penalised Poisson likelihood.
    """
    design = np.column_stack([np.ones(len(columns)), columns])
    penalty = np.diag([1e-6, *[_RIDGE] * columns.shape[1]])
    slope = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        mean = expected * np.exp(np.clip(design @ slope, -5.0, 5.0))
        gradient = design.T @ (demand - mean) - penalty @ slope
        slope = slope + np.linalg.solve(design.T @ (mean[:, None] * design) + penalty, gradient)
    return slope[1:]
