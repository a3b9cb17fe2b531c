"""AutoETS through statsforecast, where there is something smooth to follow: dense series, weekly sums of daily ones.

Sums come from simulated paths of the fitted state-space model, clipped at zero: per-step intervals are never added up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nova_assets.science import randomness
from nova_assets.science.models.base import Floats, QuantileForecast, Request
from nova_assets.science.panel import Panel

MAX_SERIES = 200
"""AutoETS costs 10 to 40 ms a series; of more dense series only the densest are eligible (ties by id)."""

MIN_POINTS = 16
MIN_DENSITY = 0.7
"""Share of (weekly, where daily) buckets with demand over the last `MIN_POINTS` x 2 buckets or more."""


class AutoETS:
    """Error, trend and (monthly data over three years) season chosen by corrected AIC."""

    name, complexity, flat = "auto_ets", 7, False
    paths = 300

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
        from statsforecast.models import AutoETS as Method

        rows = request.chosen(panel)
        chosen = panel.take(rows)
        buckets, first = _buckets(chosen)
        bucket = _bucket_size(panel)
        begins = np.asarray(request.begins, dtype=float) / bucket
        ends = begins + np.asarray(request.lengths, dtype=float) / bucket
        season = 12 if panel.freq == "MS" and panel.periods >= 36 else 1
        seeds = randomness.series_keys(chosen.ids, panel.dates[-1], request.seed, self.name) >> np.uint64(33)
        values = np.zeros((len(rows), len(ends), len(request.levels)))
        mean = np.zeros(values.shape[:2])
        for i in range(len(rows)):
            history = buckets[i, first[i] :]
            model = Method(season_length=season if len(history) >= 36 else 1).fit(history)
            steps = int(np.ceil(ends.max()))
            drawn = np.asarray(model.simulate(h=steps, n_paths=self.paths, seed=int(seeds[i])))
            sums = _window_sums(_sane(drawn, history), begins, ends)
            values[i], mean[i] = np.quantile(sums, request.levels, axis=0).T, sums.mean(axis=0)
        return QuantileForecast(request.levels, values, mean)


def _sane(paths: Floats, history: Floats) -> Floats:
    """Paths without NaN or negatives; multiplicative models can explode: nothing above 10 x the record is believed."""
    return np.clip(np.nan_to_num(paths, nan=float(history.mean()), posinf=0.0), 0.0, 10 * history.max())


def _window_sums(paths: Floats, begins: Floats, ends: Floats) -> Floats:
    """(paths, K) demand between begins[k] and ends[k] (in steps, may be fractional)."""
    total = np.concatenate([np.zeros((len(paths), 1)), np.cumsum(paths, axis=1)], axis=1)

    def at(moment: Floats) -> Floats:
        low = np.minimum(moment.astype(int), total.shape[1] - 2)
        return total[:, low] + (moment - low) * (total[:, low + 1] - total[:, low])

    return at(ends) - at(begins)


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
