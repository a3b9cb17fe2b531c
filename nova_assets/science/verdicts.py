"""Does a correction of the forecasts help? The same past forecasts with and without it, and the error of the gain.

A correction is a factor per series that scales its distribution. It is kept only where it lowers the pinball loss of
the sum by more than one standard error and by at least one per cent: of a dozen tries at a time, some pass a standard
error by luck, and a smaller gain is not worth a moving part. Every verdict is recorded, kept or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nova_assets.science import quantiles
from nova_assets.science.backtest import ORIGINS, Progress, origin_cuts
from nova_assets.science.forecast import Choice, forecast_sums
from nova_assets.science.models.base import Floats
from nova_assets.science.panel import Panel
from nova_assets.science.quantiles import SCORE_LEVELS


@dataclass(frozen=True)
class Trial:
    """What was forecast at one origin for one horizon, and what came, for the m series alive then and seen after."""

    cut: int  # periods known
    horizon: int
    rows: NDArray[np.int64]  # (m,) positions in the panel
    values: Floats  # (m, Q) at SCORE_LEVELS
    mean: Floats  # (m,)
    actual: Floats  # (m,)
    unit: Floats  # (m,) mean size of a demand: losses are counted in these, so that no unit of measure dominates


@dataclass(frozen=True)
class Verdict:
    """A correction's record. Losses are 2 x mean pinball over mean demand, both in mean sizes of a series' demand."""

    name: str
    horizon: int
    kept: bool
    without: float | None  # None where no demand came
    with_it: float | None
    gain: float | None  # 1 - with / without
    standard_error: float | None  # of the gain, over series
    origins: int
    forecasts: int


MIN_GAIN = 0.01

Factor = Callable[[Trial], Floats]
"""(m,) factors of a trial's forecasts, from what was known at its origin."""


def trials(
    panel: Panel, horizons: Sequence[int], models: Choice, seed: int = 0, progress: Progress | None = None
) -> list[Trial]:
    """Forecasts by the models in force at up to four past origins of each horizon."""
    plan: dict[int, list[int]] = {}
    for horizon in sorted(set(horizons)):
        for cut in origin_cuts(panel, horizon, ORIGINS):
            plan.setdefault(cut, []).append(horizon)
    events = (panel.demand > 0).sum(axis=1)
    size = np.where(events > 0, panel.demand.sum(axis=1) / np.maximum(events, 1), 1.0)
    made = []
    for done, (cut, lengths) in enumerate(sorted(plan.items())):
        if progress:
            progress(f"corrections at {panel.dates[cut - 1]}", done / len(plan))
        said = forecast_sums(panel.until(cut), lengths, SCORE_LEVELS, models, seed)
        born = np.flatnonzero(panel.start < cut)
        for k, horizon in enumerate(lengths):
            actual = panel.sums(cut, cut + horizon)[born]
            known = np.isfinite(actual)
            rows = born[known]
            made.append(
                Trial(cut, horizon, rows, said.values[known, k], said.mean[known, k], actual[known], size[rows])
            )
    return made


def judge(name: str, past: Sequence[Trial], factor: Factor) -> Verdict:
    """Verdict over trials of one horizon."""
    levels = np.asarray(SCORE_LEVELS)
    series = np.concatenate([trial.rows for trial in past]) if past else np.zeros(0, dtype=np.int64)
    before, after = [], []
    for trial in past:
        moved = trial.values * factor(trial)[:, None]
        for values, losses in ((trial.values, before), (moved, after)):
            losses.append(quantiles.pinball(trial.actual, values, levels).mean(axis=1) / trial.unit)
    demand = sum(float((trial.actual / trial.unit).sum()) for trial in past)
    horizon = past[0].horizon if past else 0
    if demand <= 0:
        return Verdict(name, horizon, False, None, None, None, None, len(past), len(series))
    without, with_it = np.concatenate(before), np.concatenate(after)
    saved = np.bincount(np.unique(series, return_inverse=True)[1], without - with_it)
    gain = float(saved.sum() / without.sum())
    error = float(np.sqrt(len(saved)) * saved.std(ddof=1) / without.sum()) if len(saved) > 1 else float("inf")
    return Verdict(
        name,
        horizon,
        gain > max(error, MIN_GAIN),
        2 * float(without.sum()) / demand,
        2 * float(with_it.sum()) / demand,
        gain,
        error if np.isfinite(error) else None,
        len(past),
        len(series),
    )


def corrected(trial: Trial, factor: Floats) -> Trial:
    """The trial with a kept correction applied."""
    return replace(trial, values=trial.values * factor[:, None], mean=trial.mean * factor)
