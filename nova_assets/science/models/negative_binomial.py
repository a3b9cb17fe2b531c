"""Negative binomial on exponentially weighted moments: the parametric yardstick, instant for any number of series."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from nova_assets.science.models.base import FlatModel, QuantileForecast, Request
from nova_assets.science.models.tuning import tune
from nova_assets.science.panel import Panel

Floats = NDArray[np.float64]


def negative_binomial_quantiles(mean: Floats, variance: Floats, levels: Floats, unit: Floats | float = 1.0) -> Floats:
    """Quantiles (..., Q) of a negative binomial in multiples of `unit` with this mean and variance (both (...)).

    A variance at or below the mean becomes Poisson-like (variance 1.01 x mean); a mean of 0 gives all zeros.
    Moment matching: r = mean^2 / (variance - mean), p = mean / variance.
    """
    positive = mean > 0
    unit = np.broadcast_to(np.asarray(unit, dtype=float), mean.shape)[positive]
    m = mean[positive] / unit
    v = np.maximum(variance[positive] / unit**2, 1.01 * m)
    p = m / v
    r = m * p / (1 - p)
    counts = np.ceil(special.nbdtrik(levels, r[:, None], p[:, None]) - 1e-9)
    values = np.zeros((*mean.shape, len(levels)))
    values[positive] = np.maximum(np.nan_to_num(counts), 0.0) * unit[:, None]
    return values


def smallest_unit(demand: Floats) -> Floats:
    """(n,) unit in which each series is counted: 1, or its smallest demand where that is below 1 (metres)."""
    least = np.where(demand > 0, demand, np.inf).min(axis=1, initial=np.inf)
    return np.where(np.isfinite(least), np.minimum(least, 1.0), 1.0)


class NegativeBinomial(FlatModel):
    """Exponentially weighted mean and variance of the observed periods, as a negative binomial of the sum.

    The half-life, in multiples of the horizon, is the one that would have served this panel best.
    """

    name, complexity = "negative_binomial", 3
    half_lives = (4.0, 0.5, 1.0, 2.0, 8.0, 16.0)

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        return self._predict(panel, request, self.half_life(panel, request))

    def half_life(self, panel: Panel, request: Request) -> float:
        """Periods after which a past one counts half, as tuned on the panel."""
        options = [multiple * request.memory for multiple in self.half_lives]
        return tune(self.name, panel, request, options, lambda p, r, h: self._predict(p, r, h).values)

    def _predict(self, panel: Panel, request: Request, half_life: float) -> QuantileForecast:
        rows = request.chosen(panel)
        lengths = np.asarray(request.lengths, dtype=float)
        mean, variance = weighted_moments(panel, rows, half_life)
        unit = smallest_unit(panel.demand[rows])[:, None]
        values = negative_binomial_quantiles(mean[:, None] * lengths, variance[:, None] * lengths, request.levels, unit)
        return QuantileForecast(request.levels, values, mean[:, None] * lengths)


def weighted_moments(panel: Panel, rows: NDArray[np.int64], half_life: float) -> tuple[Floats, Floats]:
    """(n,) exponentially weighted mean and variance per observed period; half-life in periods."""
    demand = panel.demand[rows]
    weight = 0.5 ** (np.arange(panel.periods - 1, -1, -1) / half_life)
    total = np.maximum(panel.observed[rows] @ weight, 1e-12)
    mean = demand @ weight / total
    return mean, np.maximum(demand**2 @ weight / total - mean**2, 0.0)
