"""The forecasts that everything else has to beat: nothing, the last sum again, the long-run mean, the textbook's
normal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from nova_assets.science.models.base import FlatModel, QuantileForecast, Request
from nova_assets.science.models.negative_binomial import negative_binomial_quantiles
from nova_assets.science.panel import Panel


class Zero(FlatModel):
    """No demand at all: wins every point metric on sparse data, which is why it always races."""

    name, complexity = "zero", 0

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        shape = (len(request.chosen(panel)), len(request.lengths))
        return QuantileForecast(request.levels, np.zeros((*shape, len(request.levels))), np.zeros(shape))


class Naive(FlatModel):
    """The sum of the last H periods again, at every level."""

    name, complexity = "naive", 1

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        rows = request.chosen(panel)
        last = np.empty((len(rows), len(request.lengths)))
        for k, length in enumerate(request.lengths):
            window = slice(max(panel.periods - length, 0), panel.periods)
            seen = panel.observed[rows, window].sum(axis=1)
            last[:, k] = panel.demand[rows, window].sum(axis=1) * length / np.maximum(seen, 1)
        return QuantileForecast(request.levels, np.repeat(last[:, :, None], len(request.levels), axis=2), last)


class ClassicalNormal(FlatModel):
    """Mean plus z sigma sqrt(L) on all observed periods: the textbook's safety stock, cut at zero."""

    name, complexity = "classical_normal", 2

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        mean, variance = _moments(panel, request.chosen(panel))
        lengths = np.asarray(request.lengths, dtype=float)
        total = mean[:, None] * lengths
        deviation = np.sqrt(variance[:, None] * lengths)
        return QuantileForecast(
            request.levels, total[..., None] + deviation[..., None] * norm.ppf(request.levels), total
        )


class HistoricMean(FlatModel):
    """Mean and variance of all observed periods, as a negative binomial of the sum."""

    name, complexity = "historic_mean", 2

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        mean, variance = _moments(panel, request.chosen(panel))
        lengths = np.asarray(request.lengths, dtype=float)
        values = negative_binomial_quantiles(mean[:, None] * lengths, variance[:, None] * lengths, request.levels)
        return QuantileForecast(request.levels, values, mean[:, None] * lengths)


def _moments(panel: Panel, rows: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n,) mean and sample variance per observed period."""
    seen = np.maximum(panel.observed[rows].sum(axis=1), 1)
    mean = panel.demand[rows].sum(axis=1) / seen
    spread = np.where(panel.observed[rows], panel.demand[rows] - mean[:, None], 0.0)
    return mean, (spread**2).sum(axis=1) / np.maximum(seen - 1, 1)
