"""AutoETS through statsforecast, where there is something smooth to follow: dense series, weekly sums of daily ones.

The distribution of a sum is the exact one of the fitted linear state-space model (class 1 of Hyndman, Koehler, Ord and
Snyder 2008, chapter 6): errors of the steps are correlated, so per-step intervals are never added up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from nova_assets.science.models.base import Floats, QuantileForecast, Request
from nova_assets.science.panel import Panel

MAX_SERIES = 200
"""AutoETS costs 10 to 40 ms a series; of more dense series only the densest are eligible (ties by id)."""

MIN_POINTS = 16
MIN_DENSITY = 0.7
"""Share of (weekly, where daily) buckets with demand over the last `MIN_POINTS` x 2 buckets or more."""

_SEASONAL_MONTHS = 36


class AutoETS:
    """Trend and (monthly data over three years) season chosen by corrected AIC; additive errors, negatives clipped.

    Additive only: the multiplicative forms explode near zero demand (and double the time).
    """

    name, complexity, flat = "auto_ets", 7, False

    def eligible(self, panel: Panel) -> NDArray[np.bool_]:
        """Dense, long enough series, at most MAX_SERIES of them."""
        buckets, first = _buckets(panel)
        points = buckets.shape[1] - first
        inside = np.arange(buckets.shape[1])[None, :] >= first[:, None]
        density = ((buckets > 0) & inside).sum(axis=1) / np.maximum(points, 1)
        gaps = ~panel.observed & (np.arange(panel.periods)[None, :] >= panel.start[:, None])
        fit = (points >= MIN_POINTS) & (density >= MIN_DENSITY) & (gaps.mean(axis=1) < 0.1)
        if fit.sum() > MAX_SERIES:
            order = np.lexsort((panel.ids.astype(str), -density, ~fit))
            fit = np.zeros(len(panel), dtype=bool)
            fit[order[:MAX_SERIES]] = True
        return fit

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        rows = request.chosen(panel)
        buckets, first = _buckets(panel.take(rows))
        bucket = _bucket_size(panel)
        begins = np.asarray(request.begins, dtype=float) / bucket
        weights = _window_weights(begins, begins + np.asarray(request.lengths, dtype=float) / bucket)
        mean, deviation = np.zeros((2, len(rows), len(begins)))
        for i in range(len(rows)):
            history = buckets[i, first[i] :]
            path, effects, sigma = _fit(history, panel.freq == "MS", weights.shape[1])
            mean[i] = weights @ path
            deviation[i] = sigma * np.sqrt(((weights @ effects) ** 2).sum(axis=1))
        values = mean[:, :, None] + deviation[:, :, None] * norm.ppf(request.levels)
        return QuantileForecast(request.levels, values, mean)


def _fit(history: Floats, monthly: bool, steps: int) -> tuple[Floats, Floats, float]:
    """Mean path (S,), effects (S, S) of error j on step h, and the error's standard deviation."""
    from statsforecast.models import AutoETS as Method

    fits = [Method(season_length=1, model="AZN").fit(history)]
    if monthly and len(history) >= _SEASONAL_MONTHS:
        fits.append(Method(season_length=12, model="AZA").fit(history))
    best = min(fits, key=lambda fit: fit.model_["aicc"])
    alpha, beta, gamma, phi = np.nan_to_num(best.model_["par"][:4])
    damping = np.cumsum((phi or 1.0) ** np.arange(1, steps + 1))
    lag = np.arange(1, steps + 1)
    after = alpha + beta * damping + gamma * (lag % 12 == 0)
    effects = np.eye(steps)
    for ahead in range(1, steps):
        effects += np.diag(np.full(steps - ahead, after[ahead - 1]), -ahead)
    path = np.nan_to_num(best.predict(h=steps)["mean"], nan=float(history.mean()))
    return path, effects, float(np.sqrt(max(best.model_["sigma2"], 0.0)))


def _window_weights(begins: Floats, ends: Floats) -> Floats:
    """(K, S) share of each step that lies between begins[k] and ends[k] (in steps, may be fractional)."""
    step = np.arange(int(np.ceil(ends.max())))
    return np.clip(np.minimum(ends[:, None], step + 1) - np.maximum(begins[:, None], step), 0.0, 1.0)


def _bucket_size(panel: Panel) -> int:
    return 7 if panel.freq == "D" else 1


def _buckets(panel: Panel) -> tuple[Floats, NDArray[np.int64]]:
    """Sums per bucket (n, B), counted back from the as-of and scaled up for unobserved periods, and each series' first
    whole bucket (n,)."""
    size = _bucket_size(panel)
    skip = panel.periods % size
    shape = (len(panel), panel.periods // size, size)
    demand = panel.demand[:, skip:].reshape(shape).sum(axis=2)
    seen = panel.observed[:, skip:].reshape(shape).sum(axis=2)
    first = -(-np.maximum(panel.start - skip, 0) // size)
    return demand * size / np.maximum(seen, 1), first
