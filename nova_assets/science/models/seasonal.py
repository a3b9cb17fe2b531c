"""Season of the year: last year's sum again, and a profile of the months that a whole family shares.

One material at one site never has the years that a season of its own would need; its family does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nova_assets.science.models.base import Floats, QuantileForecast, Request
from nova_assets.science.models.baselines import Naive
from nova_assets.science.models.negative_binomial import (
    NegativeBinomial,
    negative_binomial_quantiles,
    smallest_unit,
    weighted_moments,
)
from nova_assets.science.panel import Panel, cumulative
from nova_assets.science.periods import Periods

SEASON = {"D": 364, "W": 52, "MS": 12}
"""Periods in a year; 364 days keep the weekdays."""

YEARS = 2
"""Whole years from which a profile of the months is read."""

MOST_SWING = 3.0
"""A month's index lies between 1/3 and 3."""


class SeasonalNaive:
    """The sum over the same window of a year ago, at every level; the last sum again where there is no such year."""

    name, complexity, flat = "seasonal_naive", 1, False

    def eligible(self, panel: Panel) -> NDArray[np.bool_]:
        return np.ones(len(panel), dtype=bool)

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        rows, season = request.chosen(panel), SEASON[panel.freq]
        last = Naive().fit_predict(panel, request).mean
        demand, seen = (cumulative(x[rows].astype(float)) for x in (panel.demand, panel.observed))
        for k, (begin, length) in enumerate(zip(request.begins, request.lengths, strict=True)):
            back = -(-(begin + length) // season) * season
            left = panel.periods - back + begin
            if left < 0:
                continue
            observed = seen[:, left + length] - seen[:, left]
            total = (demand[:, left + length] - demand[:, left]) * length / np.maximum(observed, 1)
            known = (panel.start[rows] <= left) & (observed > 0)
            last[:, k] = np.where(known, total, last[:, k])
        return QuantileForecast(request.levels, np.repeat(last[:, :, None], len(request.levels), axis=2), last)


class SeasonalProfile:
    """Negative binomial on weighted moments, moved by its family's profile of the months.

    The profile is read from STL (Cleveland et al. 1990) on the family's monthly rates and drawn towards no season by
    the strength of the season (Wang, Smith and Hyndman 2006), so that noise moves nothing.
    """

    name, complexity, flat = "seasonal_profile", 4, False

    def eligible(self, panel: Panel) -> NDArray[np.bool_]:
        """All series of a panel over at least two years and three months."""
        long_enough = panel.periods * panel.days_per_period >= 365.25 * YEARS + 92
        return np.full(len(panel), long_enough)

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        half_life = NegativeBinomial().half_life(panel, request)
        rows = request.chosen(panel)
        mean, variance = weighted_moments(panel, rows, half_life)
        sums = mean[:, None] * np.asarray(request.lengths, dtype=float)
        moved = sums * _factors(panel, rows, request, half_life)
        ratio = np.where(mean > 0, variance / np.where(mean > 0, mean, 1.0), 1.0)
        unit = smallest_unit(panel.demand[rows])[:, None]
        values = negative_binomial_quantiles(moved, ratio[:, None] * moved, request.levels, unit)
        return QuantileForecast(request.levels, values, moved)


def _factors(panel: Panel, rows: NDArray[np.int64], request: Request, half_life: float) -> Floats:
    """(rows, K) mean index of each window over the mean index of the past as the rate was weighted."""
    profiles = monthly_profiles(panel)
    families = panel.static("family")[rows]
    month_of = panel.dates.astype("datetime64[M]").astype(int) % 12
    weight = 0.5 ** (np.arange(panel.periods - 1, -1, -1) / half_life)
    past = np.bincount(month_of, weight, minlength=12) / weight.sum()
    periods = Periods.of(panel.freq, panel.dates)[0]
    last = int(periods.index(panel.dates[-1:])[0])
    future = []
    for begin, length in zip(request.begins, request.lengths, strict=True):
        labels = periods.labels(last + 1 + np.arange(begin, begin + length))
        future.append(np.bincount(labels.astype("datetime64[M]").astype(int) % 12, minlength=12) / length)
    index = np.stack([profiles[family] for family in families]) if len(rows) else np.ones((0, 12))
    return index @ np.stack(future, axis=1) / (index @ past)[:, None]


def monthly_profiles(panel: Panel) -> dict[str, Floats]:
    """Index (12,) of each family around 1, January first; ones where the family has no demand or too short a past."""
    family = panel.static("family")
    month = panel.dates.astype("datetime64[M]").astype(int)
    first, last = month[0] + 1, month[-1] - 1  # whole months only
    inside = (month >= first) & (month <= last)
    count = last - first + 1
    profiles = {}
    for name in np.unique(family.astype(str)):
        rows = family == name
        demand = np.bincount(month[inside] - first, panel.demand[rows][:, inside].sum(axis=0), minlength=max(count, 0))
        seen = np.bincount(month[inside] - first, panel.observed[rows][:, inside].sum(axis=0), minlength=max(count, 0))
        whole = count >= 12 * YEARS and (demand > 0).mean() >= 0.9
        profiles[name] = _profile(demand / np.maximum(seen, 1), int(first) % 12) if whole else np.ones(12)
    return profiles


def _profile(rate: Floats, first_month: int) -> Floats:
    """(12,) index of the months from monthly rates, the first of which is of `first_month` (0 = January)."""
    from statsmodels.tsa.seasonal import STL

    parts = STL(np.log(np.maximum(rate, 0.1 * rate[rate > 0].min())), period=12, robust=True).fit()
    spread = np.var(parts.seasonal + parts.resid)
    strength = max(0.0, 1 - np.var(parts.resid) / spread) if spread > 0 else 0.0
    where = (first_month + np.arange(len(rate))) % 12
    season = np.bincount(where, parts.seasonal, minlength=12) / np.bincount(where, minlength=12)
    index = np.exp(np.clip(strength * season, -np.log(MOST_SWING), np.log(MOST_SWING)))
    return index / index.mean()
