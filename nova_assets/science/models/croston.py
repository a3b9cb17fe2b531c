"""The Croston family through statsforecast: a point forecast of the rate, made a distribution by a negative binomial.

Croston (1972) smooths sizes and intervals apart; SBA is his method with the bias correction of Syntetos and Boylan
(2005); TSB (Teunter, Syntetos and Babai 2011) lets the rate decay while nothing is demanded, which is what obsolescence
looks like. Unobserved periods are cut out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nova_assets.science.models.base import FlatModel, Floats, QuantileForecast, Request
from nova_assets.science.models.negative_binomial import (
    negative_binomial_quantiles,
    smallest_unit,
    weighted_moments,
)
from nova_assets.science.models.tuning import tune
from nova_assets.science.panel import Panel


class PointRate(FlatModel):
    """A rate per period, with the variance-to-mean ratio of the series' own history."""

    def rates(self, panel: Panel, rows: NDArray[np.int64], request: Request) -> Floats:
        raise NotImplementedError

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        rows = request.chosen(panel)
        return _around(panel, rows, self.rates(panel, rows, request), request)


class Croston(PointRate):
    """Smoothed size over smoothed interval, the first interval counted from before the series; any constant."""

    name, complexity = "croston", 4

    def __init__(self, constant: float = 0.1) -> None:
        self._constant = constant

    def rates(self, panel: Panel, rows: NDArray[np.int64], request: Request) -> Floats:
        from statsforecast.models import SimpleExponentialSmoothing

        smoothing = SimpleExponentialSmoothing(alpha=self._constant)
        rates = np.zeros(len(rows))
        for i, row in enumerate(rows):
            history = panel.demand[row][panel.observed[row]]
            if (demanded := np.flatnonzero(history)).size:
                parts = history[demanded], np.diff(demanded, prepend=-1).astype(float)
                size, interval = (smoothing.forecast(y=part, h=1)["mean"][0] for part in parts)
                rates[i] = size / interval
        return rates


class CrostonSBA(PointRate):
    """Croston with the Syntetos-Boylan correction, smoothing 0.1."""

    name, complexity = "sba", 4

    def rates(self, panel: Panel, rows: NDArray[np.int64], request: Request) -> Floats:
        from statsforecast.models import CrostonSBA as Method

        return each(panel, rows, Method())


class TSB(PointRate):
    """Teunter-Syntetos-Babai; one smoothing constant for probability and size, tuned on the panel."""

    name, complexity = "tsb", 4
    constants = (0.1, 0.02, 0.05, 0.3)

    def rates(self, panel: Panel, rows: NDArray[np.int64], request: Request) -> Floats:
        def values(past: Panel, asked: Request, constant: float) -> Floats:
            chosen = asked.chosen(past)
            return _around(past, chosen, _tsb(past, chosen, constant), asked).values

        return _tsb(panel, rows, tune(self.name, panel, request, self.constants, values))


def _tsb(panel: Panel, rows: NDArray[np.int64], constant: float) -> Floats:
    from statsforecast.models import TSB as Method

    return each(panel, rows, Method(alpha_d=constant, alpha_p=constant))


def each(panel: Panel, rows: NDArray[np.int64], method: object) -> Floats:
    """(n,) one-step forecasts; series without any demand are 0 without asking."""
    rates = np.zeros(len(rows))
    for i, row in enumerate(rows):
        history = panel.demand[row][panel.observed[row]]
        if history.any():
            rates[i] = method.forecast(y=history, h=1)["mean"][0]  # type: ignore[attr-defined]
    return np.nan_to_num(rates)


def _around(panel: Panel, rows: NDArray[np.int64], rate: Floats, request: Request) -> QuantileForecast:
    mean, variance = weighted_moments(panel, rows, float(panel.periods))
    ratio = np.where(mean > 0, variance / np.where(mean > 0, mean, 1.0), 1.0)
    total = rate[:, None] * np.asarray(request.lengths, dtype=float)
    unit = smallest_unit(panel.demand[rows])[:, None]
    values = negative_binomial_quantiles(total, ratio[:, None] * total, request.levels, unit)
    return QuantileForecast(request.levels, values, total)
