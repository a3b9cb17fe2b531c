"""Models by name, and asking several of them the same thing at the price of each one once.

Adding a model is one file in `models/` and one line here.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from nova_assets.science.models.arima import AutoARIMA, Sarimax
from nova_assets.science.models.base import Model, QuantileForecast, Request
from nova_assets.science.models.baselines import ClassicalNormal, HistoricMean, Naive, Zero
from nova_assets.science.models.bootstrap import BlockBootstrap
from nova_assets.science.models.croston import TSB, Croston, CrostonSBA
from nova_assets.science.models.ensemble import Ensemble
from nova_assets.science.models.exponential_smoothing import AutoETS, Theta
from nova_assets.science.models.forest import QuantileForest
from nova_assets.science.models.gradient_boosting import GradientBoosting
from nova_assets.science.models.intermittent import ADIDA, IMAPA, SES
from nova_assets.science.models.negative_binomial import NegativeBinomial
from nova_assets.science.models.pooled import PooledEmpirical
from nova_assets.science.models.prophet import Prophet
from nova_assets.science.models.seasonal import SeasonalNaive, SeasonalProfile
from nova_assets.science.panel import Panel

_NIGHTLY: tuple[Model, ...] = (
    Zero(),
    Naive(),
    HistoricMean(),
    ClassicalNormal(),
    NegativeBinomial(),
    CrostonSBA(),
    TSB(),
    BlockBootstrap(),
    PooledEmpirical(),
    AutoETS(),
    Ensemble("ensemble", (NegativeBinomial(), BlockBootstrap(), PooledEmpirical())),
    Ensemble("median_ensemble", (NegativeBinomial(), BlockBootstrap(), PooledEmpirical(), QuantileForest()), np.median),
)

_BY_NAME: tuple[Model, ...] = (
    SeasonalNaive(),
    SeasonalProfile(),
    Croston(),
    SES,
    ADIDA,
    IMAPA,
    Theta(),
    AutoARIMA(),
    Sarimax(),
    Prophet(),
    QuantileForest(),
    GradientBoosting(),
)
"""Too dear for thousands of series every month, or never better there than what races; they race on aggregates.

The forest races as one of four in the median: alone it was at most half a per cent better, and 3 to 10 % worse where
the season that it had learned from did not come again.
"""

MODELS: dict[str, Model] = {model.name: model for model in (*_NIGHTLY, *_BY_NAME)}

ALWAYS_IN_THE_RACE = ("zero", "naive")
"""Scored whatever else is asked for."""

BASELINES = (*ALWAYS_IN_THE_RACE, "historic_mean", "classical_normal")
"""A model that does not beat those of these that raced is not used."""

CANDIDATES = tuple(model.name for model in _NIGHTLY)
"""The nightly race, in order of complexity."""

FALLBACK = "negative_binomial"
"""Serves series that the chosen model declares itself not eligible for, and panels too short for a race."""


def get(name: str) -> Model:
    """The model of that name; ValueError naming the nearest one."""
    if name not in MODELS:
        near = difflib.get_close_matches(name, MODELS, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(f"no model {name!r}: {hint}known are {', '.join(MODELS)}")
    return MODELS[name]


def predict(
    panel: Panel, request: Request, names: Sequence[str], seconds: dict[str, float] | None = None
) -> dict[str, QuantileForecast]:
    """Forecasts by model name, for all requested rows: series that a model is not eligible for get the fallback's.

    Members of ensembles are computed once, flat models once per distinct length. `seconds` of processor time, where
    given, is added to.
    """
    done: dict[str, QuantileForecast] = {}

    def run(model: Model) -> QuantileForecast:
        if model.name not in done:
            rows = request.chosen(panel)
            fit = model.eligible(panel)[rows]
            parts = [run(member) for member in model.members] if isinstance(model, Ensemble) else []
            spare = None if fit.all() else run(get(FALLBACK))
            began = time.process_time()
            if isinstance(model, Ensemble):
                done[model.name] = model.combine(parts)
            elif spare is None:
                done[model.name] = _ask(panel, request, model)
            else:
                done[model.name] = _patched(spare, fit, panel, replace(request, rows=rows[fit]), model)
            if seconds is not None:
                seconds[model.name] = seconds.get(model.name, 0.0) + time.process_time() - began
        return done[model.name]

    # Threads of BLAS spin more than they work on these small blocks, and round differently on other numbers of cores.
    with threadpool_limits(limits=1, user_api="blas"):
        return {name: run(get(name)) for name in names}


def _patched(
    spare: QuantileForecast, fit: NDArray[np.bool_], panel: Panel, request: Request, model: Model
) -> QuantileForecast:
    """The fallback's forecast with the rows that the model is eligible for replaced by the model's."""
    if not fit.any():
        return spare
    answer = _ask(panel, request, model)
    values, mean, borrowed = spare.values.copy(), spare.mean.copy(), spare.borrowed.copy()
    values[fit], mean[fit], borrowed[fit] = answer.values, answer.mean, answer.borrowed
    return QuantileForecast(request.levels, values, mean, borrowed)


def _ask(panel: Panel, request: Request, model: Model) -> QuantileForecast:
    if not model.flat:
        return model.fit_predict(panel, request)
    unique = tuple(sorted(set(request.lengths)))
    answer = model.fit_predict(panel, replace(request, lengths=unique, begins=(), leads=request.leads))
    where = [unique.index(length) for length in request.lengths]
    return QuantileForecast(answer.levels, answer.values[:, where], answer.mean[:, where], answer.borrowed)
