"""What models of smooth series share: weekly sums of daily demand, which series are dense enough, and sums of steps.

A fitted linear model gives the mean of each step and psi weights (the effect of one step's error on later ones). Errors
of the steps of a sum are correlated through them, so the variance of the sum is computed exactly and per-step
intervals are never added up (Hyndman, Koehler, Ord and Snyder 2008, chapter 6; Box and Jenkins 1970 for ARIMA).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import toeplitz
from scipy.stats import norm
from threadpoolctl import threadpool_limits

from nova_assets.science.models.base import Floats, QuantileForecast, Request
from nova_assets.science.panel import Panel

MAX_SERIES = 200
"""These models cost 2 to 400 ms a series; of more dense series only the densest are eligible (ties by id)."""

MIN_POINTS = 16
MIN_DENSITY = 0.7
"""Share of (weekly, where daily) buckets with demand over a series' life."""

SEASONAL_MONTHS = 36


@dataclass(frozen=True)
class Path:
    """What a fit says of the next S buckets."""

    mean: Floats  # (S,)
    psi: Floats  # (S,) effect of an error on its own step (1) and on those after it
    sigma: float  # standard deviation of an error


class DenseModel:
    """A model fitted series by series to the buckets of a dense panel; subclasses say how in `path`."""

    flat = False

    def eligible(self, panel: Panel) -> NDArray[np.bool_]:
        """Dense, long enough series, at most MAX_SERIES of them."""
        return dense(panel)

    def path(self, history: Floats, panel: Panel, steps: int) -> Path:
        """Fit one series' buckets (the last ones of the panel's)."""
        raise NotImplementedError

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        rows = request.chosen(panel)
        sums, first = buckets(panel.take(rows))
        size = bucket_size(panel)
        begins = np.asarray(request.begins, dtype=float) / size
        weights = window_weights(begins, begins + np.asarray(request.lengths, dtype=float) / size)
        mean, deviation = np.zeros((2, len(rows), len(begins)))
        with threadpool_limits(limits=1):  # threads on matrices of three rows cost more than they give
            for i in range(len(rows)):
                found = self.path(sums[i, first[i] :], panel, weights.shape[1])
                mean[i] = weights @ found.mean
                effects = toeplitz(found.psi, np.zeros(len(found.psi)))
                deviation[i] = found.sigma * np.sqrt(((weights @ effects) ** 2).sum(axis=1))
        values = mean[:, :, None] + deviation[:, :, None] * norm.ppf(request.levels)
        return QuantileForecast(request.levels, values, mean)


def dense(panel: Panel) -> NDArray[np.bool_]:
    """(n,) series with demand in nearly every bucket, hardly any gap and enough buckets; at most MAX_SERIES."""
    sums, first = buckets(panel)
    points = sums.shape[1] - first
    inside = np.arange(sums.shape[1])[None, :] >= first[:, None]
    density = ((sums > 0) & inside).sum(axis=1) / np.maximum(points, 1)
    gaps = ~panel.observed & (np.arange(panel.periods)[None, :] >= panel.start[:, None])
    fit = (points >= MIN_POINTS) & (density >= MIN_DENSITY) & (gaps.mean(axis=1) < 0.1)
    if fit.sum() > MAX_SERIES:
        order = np.lexsort((panel.ids.astype(str), -density, ~fit))
        fit = np.zeros(len(panel), dtype=bool)
        fit[order[:MAX_SERIES]] = True
    return fit


def bucket_size(panel: Panel) -> int:
    """Periods in a bucket: weeks of daily panels, else single periods."""
    return 7 if panel.freq == "D" else 1


def buckets(panel: Panel) -> tuple[Floats, NDArray[np.int64]]:
    """Sums per bucket (n, B), counted back from the as-of and scaled up for unobserved periods, and each series' first
    whole bucket (n,)."""
    size = bucket_size(panel)
    skip = panel.periods % size
    shape = (len(panel), panel.periods // size, size)
    demand = panel.demand[:, skip:].reshape(shape).sum(axis=2)
    seen = panel.observed[:, skip:].reshape(shape).sum(axis=2)
    first = -(-np.maximum(panel.start - skip, 0) // size)
    return demand * size / np.maximum(seen, 1), first


def window_weights(begins: Floats, ends: Floats) -> Floats:
    """(K, S) share of each step that lies between begins[k] and ends[k] (in steps, may be fractional)."""
    step = np.arange(int(np.ceil(ends.max())))
    return np.clip(np.minimum(ends[:, None], step + 1) - np.maximum(begins[:, None], step), 0.0, 1.0)
