"""Negative binomial on exponentially weighted moments: the parametric yardstick, instant for any number of series."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from nova_assets.science.models.base import FlatModel, QuantileForecast, Request
from nova_assets.science.panel import Panel

Floats = NDArray[np.float64]


def negative_binomial_quantiles(mean: Floats, variance: Floats, levels: Floats, unit: Floats | float = 1.0) -> Floats:
    """Quantiles (..., Q) of a negative binomial in multiples of `unit` with this mean and variance (both (...)).

    A variance at or below the mean becomes Poisson-like (variance 1.01 x mean); a mean of 0 gives all zeros.
    Moment matching: r = mean^2 / (variance - mean), p = mean / variance.
    """
    unit = np.broadcast_to(np.asarray(unit, dtype=float), mean.shape)
    positive = mean > 0
    m = np.where(positive, mean / unit, 1.0)
    v = np.maximum(np.where(positive, variance / unit**2, 1.01), 1.01 * m)
    p = m / v
    r = m * p / (1 - p)
    counts = np.ceil(special.nbdtrik(levels, r[..., None], p[..., None]) - 1e-9)
    return np.where(positive[..., None], np.maximum(np.nan_to_num(counts), 0.0) * unit[..., None], 0.0)


def smallest_unit(demand: Floats) -> Floats:
    """(n,) unit in which each series is counted: 1, or its smallest demand where that is below 1 (metres, kilograms)."""
    least = np.where(demand > 0, demand, np.inf).min(axis=1, initial=np.inf)
    return np.where(np.isfinite(least), np.minimum(least, 1.0), 1.0)


class NegativeBinomial(FlatModel):
    """Exponentially weighted mean and variance of the observed periods, as a negative binomial of the sum."""

    name, complexity = "negative_binomial", 3

    def __init__(self, half_life_days: float = 120.0) -> None:
        self.half_life_days = half_life_days

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        rows = request.chosen(panel)
        demand, observed = panel.demand[rows], panel.observed[rows]
        age = np.arange(panel.periods - 1, -1, -1) * panel.days_per_period
        weight = observed * 0.5 ** (age / self.half_life_days)
        total = np.maximum(weight.sum(axis=1), 1e-12)
        mean = (weight * demand).sum(axis=1) / total
        variance = (weight * (demand - mean[:, None]) ** 2).sum(axis=1) / total
        lengths = np.asarray(request.lengths, dtype=float)
        values = negative_binomial_quantiles(
            mean[:, None] * lengths, variance[:, None] * lengths, request.levels, smallest_unit(demand)[:, None]
        )
        return QuantileForecast(request.levels, values, mean[:, None] * lengths)
