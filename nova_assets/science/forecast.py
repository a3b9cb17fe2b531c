"""The one forecasting engine: distributions of sums, of chart steps, and of demand over a random protection period.

Which model serves which series is either given (a name, or a stored `Selection`) or found by a quick race on the
panel's own past. The engine asks each model once for everything it has to answer and never adds quantiles up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nova_assets.science import quantiles, registry
from nova_assets.science.backtest import Progress, run_backtest
from nova_assets.science.models.base import Floats, Request
from nova_assets.science.panel import Panel
from nova_assets.science.quantiles import GRID
from nova_assets.science.selection import Selection, select_models

RACE_SERIES = 3000
"""Series scored when the choice of model is settled on the fly."""

Choice = str | Sequence[str] | Selection
"""'auto' (race of the default candidates), a model name, the names to race, or a stored selection."""


@dataclass(frozen=True)
class Forecast:
    """Distributions for n series x K targets: horizons in periods, or step numbers, or 0 for the protection period."""

    ids: NDArray[np.object_]  # (n,)
    targets: tuple[int, ...]  # (K,)
    levels: Floats  # (Q,)
    values: Floats  # (n, K, Q)
    mean: Floats  # (n, K)
    model: NDArray[np.object_]  # (n, K) name of the model that made each row
    borrowed: Floats  # (n, K) share of the evidence taken from other series

    def frame(self) -> pl.DataFrame:
        """One row per series and target: series_id, target, mean, quantile_levels, quantile_values, model,
        borrowed_share."""
        n, k = self.mean.shape
        values = pl.Series("quantile_values", self.values.reshape(n * k, -1)).cast(pl.List(pl.Float64))
        return pl.DataFrame(
            {
                "series_id": np.repeat(self.ids, k),
                "target": np.tile(np.asarray(self.targets, dtype=np.int64), n),
                "mean": self.mean.ravel(),
                "quantile_levels": pl.Series([list(self.levels)] * (n * k), dtype=pl.List(pl.Float64)),
                "quantile_values": values,
                "model": self.model.ravel(),
                "borrowed_share": self.borrowed.ravel(),
            },
            schema_overrides={"series_id": pl.String, "model": pl.String},
        )

    def long_frame(self) -> pl.DataFrame:
        """One row per series, target and level: series_id, step, quantile, value, mean, model."""
        return (
            self.frame()
            .explode("quantile_levels", "quantile_values")
            .select(
                "series_id",
                pl.col("target").alias("step"),
                pl.col("quantile_levels").alias("quantile"),
                pl.col("quantile_values").alias("value"),
                "mean",
                "model",
            )
        )


@dataclass(frozen=True)
class LeadTimes:
    """Lead-time distributions of n series, in days: values (n, M) at levels (M,)."""

    levels: Floats
    days: Floats

    @classmethod
    def fixed(cls, days: Floats) -> LeadTimes:
        """Lead times known for certain, days (n,)."""
        return cls(np.array([0.5]), np.asarray(days, dtype=float)[:, None])

    def atoms(self, count: int = 20) -> Floats:
        """(n, count) equally likely lead times in days that stand for the distribution."""
        if len(self.levels) == 1:
            return np.maximum(self.days, 0.0)
        middle = (np.arange(count) + 0.5) / count
        knots = np.clip(middle, self.levels[0], self.levels[-1])
        right = np.clip(np.searchsorted(self.levels, knots), 1, len(self.levels) - 1)
        share = (knots - self.levels[right - 1]) / (self.levels[right] - self.levels[right - 1])
        return np.maximum(self.days[:, right - 1] * (1 - share) + self.days[:, right] * share, 0.0)


def forecast_sums(
    panel: Panel,
    horizons: Sequence[int],
    levels: Sequence[float] = GRID,
    models: Choice = "auto",
    seed: int = 0,
    family: str | None = "family",
    progress: Progress | None = None,
) -> Forecast:
    """Distribution of total demand over the next h periods, for each horizon h (periods of the panel)."""
    request = Request(tuple(int(h) for h in horizons), quantiles.check_levels(levels), seed=seed)
    selection = resolve(panel, request, models, family, progress)
    assigned = selection.assign(panel, request.lengths)
    factors = selection.factors(panel, request.lengths, request.levels)
    return _nested(_calibrated(_answer(panel, request, request.lengths, assigned, progress), factors))


def forecast_steps(
    panel: Panel,
    steps: int = 13,
    step_periods: int = 1,
    levels: Sequence[float] = GRID,
    models: Choice = "auto",
    seed: int = 0,
    family: str | None = "family",
    progress: Progress | None = None,
) -> Forecast:
    """Distribution of each of the next `steps` steps of `step_periods` periods, for charts: targets 1..steps."""
    lengths = (step_periods,) * steps
    begins = tuple(step_periods * k for k in range(steps))
    request = Request(lengths, quantiles.check_levels(levels), begins, seed)
    selection = resolve(panel, request, models, family, progress)
    assigned = np.repeat(selection.assign(panel, (step_periods,)), steps, axis=1)
    factors = selection.factors(panel, (step_periods,), request.levels)
    return _calibrated(_answer(panel, request, tuple(range(1, steps + 1)), assigned, progress), factors)


def forecast_protection(
    panel: Panel,
    lead_times: LeadTimes,
    review_days: Floats | float,
    levels: Sequence[float] = GRID,
    models: Choice = "auto",
    seed: int = 0,
    family: str | None = "family",
    progress: Progress | None = None,
) -> Forecast:
    """Distribution of demand over lead time + review (days), with the lead time random and independent of demand.

    `lead_times` has one row per series of the panel, in panel order. Demand is forecast for a ladder of lengths, read
    at each of a series' equally likely protection periods, and mixed. One target per series, numbered 0.
    """
    if len(lead_times.days) != len(panel):
        raise ValueError(f"{len(panel)} series but lead times for {len(lead_times.days)}: give one row per series")
    atoms = (lead_times.atoms() + np.asarray(review_days, dtype=float).reshape(-1, 1)) / panel.days_per_period
    ladder = length_ladder(atoms)
    dense = np.unique(np.concatenate([quantiles.GRID, levels, [0.001, 0.999]]))
    dense = dense[(dense > 0) & (dense < 1)]
    request = Request(ladder, dense, seed=seed)
    selection = resolve(panel, request, models, family, progress)
    typical = (int(np.median(atoms)) or 1,)
    assigned = np.repeat(selection.assign(panel, typical), len(ladder), axis=1)
    factors = selection.factors(panel, typical, request.levels)
    whole = _nested(_calibrated(_answer(panel, request, ladder, assigned, progress), factors))
    values, mean = _read_ladder(whole, np.asarray(ladder, dtype=float), atoms)
    wanted = quantiles.check_levels(levels)
    mixed = values[:, 0] if atoms.shape[1] == 1 else None
    if mixed is None:
        even = np.full(atoms.shape[1], 1 / atoms.shape[1])
        mixed = quantiles.mixture(dense, values, even, wanted)
    else:
        mixed = quantiles.interpolate(dense, mixed, wanted)
    return Forecast(
        panel.ids, (0,), wanted, quantiles.tidy(mixed)[:, None, :], mean.mean(axis=1)[:, None],
        whole.model[:, :1], whole.borrowed[:, :1],
    )  # fmt: skip


def length_ladder(lengths: Floats, most: int = 10) -> tuple[int, ...]:
    """Whole lengths at which to forecast so that any of `lengths` can be read by interpolation: exact when few, else
    geometric between the shortest and the longest."""
    low, high = max(int(np.floor(lengths.min())), 1), max(int(np.ceil(lengths.max())), 1)
    exact = np.unique(np.concatenate([np.floor(lengths), np.ceil(lengths)]).clip(1)).astype(int)
    if len(exact) <= most:
        return tuple(int(x) for x in exact)
    return tuple(int(x) for x in np.unique(np.geomspace(low, high, most).round().astype(int)))


def _read_ladder(whole: Forecast, ladder: Floats, atoms: Floats) -> tuple[Floats, Floats]:
    """Quantiles (n, M, Q) and means (n, M) at fractional lengths, linear between rungs and from zero to the first."""
    rungs = np.concatenate([[0.0], ladder])
    right = np.clip(np.searchsorted(rungs, atoms), 1, len(rungs) - 1)
    share = (atoms - rungs[right - 1]) / (rungs[right] - rungs[right - 1])
    values = np.concatenate([np.zeros_like(whole.values[:, :1]), whole.values], axis=1)
    mean = np.concatenate([np.zeros_like(whole.mean[:, :1]), whole.mean], axis=1)
    row = np.arange(len(atoms))[:, None]
    mixed = values[row, right - 1] * (1 - share[..., None]) + values[row, right] * share[..., None]
    return mixed, mean[row, right - 1] * (1 - share) + mean[row, right] * share


def resolve(panel: Panel, request: Request, models: Choice, family: str | None, progress: Progress | None) -> Selection:
    """The selection that a choice stands for; 'auto' and lists of names are settled by a race on the panel's past."""
    if isinstance(models, Selection):
        return models
    if isinstance(models, str) and models != "auto":
        registry.get(models)
        return Selection.only(models)
    names = registry.CANDIDATES if models == "auto" else tuple(models)
    lengths = sorted(set(request.lengths))
    middle = tuple(dict.fromkeys(lengths[round(i * (len(lengths) - 1) / 2)] for i in range(3)))
    result = run_backtest(
        panel, middle, names, request.score_levels, seed=request.seed, family=family, max_series=RACE_SERIES,
        progress=progress, leads=request.leads,
    )  # fmt: skip
    return select_models(result, family)


def _nested(sums: Forecast) -> Forecast:
    """Sums over the next periods, whose targets are their lengths, with no longer sum below a shorter one."""
    values, mean = (quantiles.nested(part, sums.targets) for part in (sums.values, sums.mean))
    return replace(sums, values=values, mean=mean)


def _calibrated(answer: Forecast, factors: Floats) -> Forecast:
    """Quantiles moved by the factors (n, K or 1, Q) of their class; the mean stays the model's."""
    return replace(answer, values=quantiles.tidy(answer.values * factors))


def _answer(
    panel: Panel, request: Request, targets: tuple[int, ...], assigned: NDArray[np.object_], progress: Progress | None
) -> Forecast:
    """Run every model on the series assigned to it; series it is not eligible for go to the fallback."""
    n, k = assigned.shape
    model = assigned.copy()
    for name in sorted(set(model.ravel())):
        unfit = ~registry.get(name).eligible(panel)
        model[unfit] = np.where(model[unfit] == name, registry.FALLBACK, model[unfit])
    values, mean, borrowed = np.zeros((n, k, len(request.levels))), np.zeros((n, k)), np.zeros((n, k))
    names = sorted(set(model.ravel()))
    for done, name in enumerate(names):
        if progress:
            progress(f"forecast {name}", done / len(names))
        mask = model == name
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        part = replace(
            request,
            rows=rows,
            lengths=tuple(request.lengths[c] for c in columns),
            begins=tuple(request.begins[c] for c in columns),
        )
        answer = registry.predict(panel, part, [name])[name]
        block = np.ix_(rows, columns)
        keep = mask[block]
        values[block] = np.where(keep[..., None], answer.values, values[block])
        mean[block] = np.where(keep, answer.mean, mean[block])
        borrowed[block] = np.where(keep, answer.borrowed[:, None], borrowed[block])
    return Forecast(panel.ids, targets, request.levels, values, mean, model, borrowed)
