"""Rolling-origin backtest: what every model would have said at past dates, and how wrong it was.

Each fold cuts the panel at an origin, so nothing of the test window can leak; test windows of one horizon do not
overlap while the history is long enough. Losses are of sums over the horizon, the quantity that is stocked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nova_assets.science import quantiles, randomness, registry
from nova_assets.science.classes import classify
from nova_assets.science.models.base import Floats, Request
from nova_assets.science.panel import Panel, cumulative
from nova_assets.science.quantiles import SCORE_LEVELS
from nova_assets.science.states import typical_demand

Progress = Callable[[str, float], None]
"""Called with what is being done and the share done, 0 to 1."""

ORIGINS = 4


@dataclass(frozen=True)
class Fold:
    """One origin and horizon: what was said and what came, for the m series alive then and observed afterwards."""

    origin: np.datetime64  # first day of the last period known to the models
    horizon: int  # periods
    ids: NDArray[np.object_]  # (m,)
    demand_class: NDArray[np.object_]  # (m,) as of the origin
    family: NDArray[np.object_]  # (m,) '' where unknown
    actual: Floats  # (m,) sum over the horizon
    naive_scale: Floats  # (m,) mean square of H-sum minus the H-sum before it, in sample; 0 where undefined
    values: dict[str, Floats]  # model -> (m, Q)
    mean: dict[str, Floats]  # model -> (m,)
    unit: Floats  # (m,) typical demand: mean of the non-zero ones known then, the panel's median before the first
    lead: int = 0  # periods between the origin and the sum's first period
    cut: int = 0  # periods known to the models


@dataclass(frozen=True)
class Backtest:
    """Folds and how they were made; `scores` is the tidy table."""

    folds: tuple[Fold, ...]
    levels: Floats
    models: tuple[str, ...]
    horizons: tuple[int, ...]
    seconds: dict[str, float] = field(default_factory=dict)  # model -> processor time of fits and predictions
    sampled: int = 0  # series scored when the panel has more; 0 = all of them

    def scores(self) -> pl.DataFrame:
        """One row per model x class x family x horizon, 'all' marking totals. Columns:

        decision_loss  as pinball, but each series counted in its own typical demands: what models are chosen on
        pinball        2 x mean pinball over levels / mean demand (0 is perfect; demand-free groups give null)
        pinball_<q>    the same for one level, without the factor 2;   coverage_<q>  share of actuals <= quantile
        bias           sum of means / sum of actuals - 1;   wape  sum |actual - mean| / sum actual
        rmsse          mean of |error| / in-sample root mean square of H-sum differences; zero_rmsse beside it
        n_series, n_forecasts, origins, mean_demand, seconds (processor time of the model, whole backtest)
        """
        parts = [self._rows(fold, name) for fold in self.folds for name in self.models]
        if not parts:
            return pl.DataFrame()
        rows = pl.concat(parts)
        every = pl.lit("all")
        groups = [
            rows,
            rows.with_columns(family=every),
            rows.with_columns(demand_class=every),
            rows.with_columns(family=every, demand_class=every),
        ]
        keys = ["model", "demand_class", "family", "horizon"]
        table = pl.concat([g.group_by(keys).agg(self._aggregates()) for g in groups]).unique(subset=keys, keep="first")
        zero = table.filter(pl.col("model") == "zero").select(*keys[1:], pl.col("rmsse").alias("zero_rmsse"))
        cost = pl.DataFrame({"model": list(self.seconds), "seconds": list(self.seconds.values())})
        return table.join(zero, on=keys[1:], how="left").join(cost, on="model", how="left").sort(keys)

    def _rows(self, fold: Fold, name: str) -> pl.DataFrame:
        loss = quantiles.pinball(fold.actual, fold.values[name], self.levels)
        covered = fold.actual[:, None] <= fold.values[name] + 1e-9
        error = fold.actual - fold.mean[name]
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = np.where(fold.naive_scale > 0, error**2 / fold.naive_scale, np.nan)
        tags = [f"{level:g}" for level in self.levels]
        return pl.DataFrame(
            {
                "model": name,
                "demand_class": pl.Series(fold.demand_class, dtype=pl.String),
                "family": pl.Series(fold.family, dtype=pl.String),
                "horizon": fold.horizon,
                "series_id": pl.Series(fold.ids, dtype=pl.String),
                "origin": str(fold.origin),
                "actual": fold.actual,
                "unit": fold.unit,
                "said": fold.mean[name],
                "absolute": np.abs(error),
                "scaled": scaled,
                **{f"pinball_{tag}": loss[:, q] for q, tag in enumerate(tags)},
                **{f"coverage_{tag}": covered[:, q] for q, tag in enumerate(tags)},
            },
        ).with_columns(pl.col("scaled").fill_nan(None))

    def _aggregates(self) -> list[pl.Expr]:
        tags = [f"{level:g}" for level in self.levels]
        total = pl.col("actual").sum()
        demand = pl.when(total > 0).then(total)
        return [
            pl.col("origin").n_unique().alias("origins"),
            pl.col("series_id").n_unique().alias("n_series"),
            pl.len().alias("n_forecasts"),
            pl.col("actual").mean().alias("mean_demand"),
            (
                2
                * (pl.sum_horizontal(pl.col(f"pinball_{tag}") for tag in tags) / pl.col("unit")).sum()
                / len(tags)
                / pl.when(total > 0).then((pl.col("actual") / pl.col("unit")).sum())
            ).alias("decision_loss"),
            (2 * pl.sum_horizontal(pl.col(f"pinball_{tag}").sum() for tag in tags) / len(tags) / demand).alias(
                "pinball"
            ),
            (pl.col("said").sum() / demand - 1).alias("bias"),
            (pl.col("absolute").sum() / demand).alias("wape"),
            pl.col("scaled").sqrt().mean().alias("rmsse"),
            *((pl.col(f"pinball_{tag}").sum() / demand).name.keep() for tag in tags),
            *(pl.col(f"coverage_{tag}").mean() for tag in tags),
        ]


def run_backtest(
    panel: Panel,
    horizons: Sequence[int],
    models: Sequence[str] = registry.CANDIDATES,
    levels: Sequence[float] | Floats = SCORE_LEVELS,
    origins: int = ORIGINS,
    seed: int = 0,
    family: str | None = "family",
    max_series: int | None = None,
    progress: Progress | None = None,
    leads: Sequence[int] = (0,),
) -> Backtest:
    """Score models on sums over each horizon (periods) at up to `origins` past dates; zero and naive always race.

    Each sum is scored from every one of `leads` periods after the origin: 0 for sums, several for chart steps.

    With `max_series`, only that many series are scored (a stable pseudo-random sample; pooled models still learn from
    all). A panel too short for any fold gives a backtest without folds.
    """
    names = tuple(dict.fromkeys((*registry.ALWAYS_IN_THE_RACE, *models)))
    grid = quantiles.check_levels(levels)
    plan: dict[int, list[int]] = {}
    for horizon in sorted(set(horizons)):
        for cut in origin_cuts(panel, horizon + max(leads), origins):
            plan.setdefault(cut, []).append(horizon)
    sample = _sample(panel, max_series)
    folds: list[Fold] = []
    seconds = dict.fromkeys(names, 0.0)
    for done, (cut, lengths) in enumerate(sorted(plan.items())):
        if progress:
            progress(f"backtest {panel.dates[cut - 1]}", done / len(plan))
        folds += _folds(panel, cut, lengths, names, grid, seed, family, sample, seconds, tuple(leads))
    sampled = int(sample.sum()) if max_series and len(panel) > max_series else 0
    return Backtest(tuple(folds), grid, names, tuple(sorted(set(horizons))), seconds, sampled)


def origin_cuts(panel: Panel, horizon: int, origins: int = ORIGINS) -> list[int]:
    """Numbers of periods known at each origin: the last `origins` windows of `horizon` periods, back from the end.

    A third of the panel, and at least two horizons where there are that many, is kept to learn from; when the windows
    do not fit side by side they overlap, and when even that is impossible there are fewer.
    """
    last = panel.periods - horizon
    first = max(min(2 * horizon, last), panel.periods // 3, 1)
    if last < first or last < 2:
        return []
    step = max(min(horizon, (last - first) // max(origins - 1, 1)), 1)
    return [cut for k in range(origins) if (cut := last - k * step) >= first]


def _folds(
    panel: Panel,
    cut: int,
    lengths: list[int],
    names: tuple[str, ...],
    levels: Floats,
    seed: int,
    family: str | None,
    sample: NDArray[np.bool_],
    seconds: dict[str, float],
    leads: tuple[int, ...],
) -> list[Fold]:
    past = panel.until(cut)
    born = panel.start < cut
    rows = np.flatnonzero(sample[born])
    targets = [(length, lead) for length in lengths for lead in leads]
    request = Request(tuple(t[0] for t in targets), levels, tuple(t[1] for t in targets), seed, rows)
    said = registry.predict(past, request, names, seconds)
    scored, unit = past.take(rows), typical_demand(past)
    demand_class, group = classify(scored).name, scored.static(family)
    folds = []
    for k, (length, lead) in enumerate(targets):
        actual = panel.sums(cut + lead, cut + lead + length)[born][rows]
        known = np.isfinite(actual)
        if not known.any():
            continue
        folds.append(
            Fold(
                past.dates[-1], length, scored.ids[known], demand_class[known], group[known], actual[known],
                _naive_scale(scored, length)[known],
                {name: said[name].values[known, k] for name in names},
                {name: said[name].mean[known, k] for name in names},
                unit[rows][known],
                lead,
                cut,
            )
        )  # fmt: skip
    return folds


def _naive_scale(panel: Panel, horizon: int) -> Floats:
    """(n,) mean squared difference between consecutive H-sums over each series' life; 0 where it has fewer than two."""
    total = cumulative(panel.demand)
    rolling = total[:, horizon:] - total[:, :-horizon]
    if rolling.shape[1] <= horizon:
        return np.zeros(len(panel))
    square = (rolling[:, horizon:] - rolling[:, :-horizon]) ** 2
    inside = np.arange(square.shape[1])[None, :] >= panel.start[:, None]
    return np.where(inside, square, 0.0).sum(axis=1) / np.maximum(inside.sum(axis=1), 1)


def _sample(panel: Panel, most: int | None) -> NDArray[np.bool_]:
    if most is None or len(panel) <= most:
        return np.ones(len(panel), dtype=bool)
    order = np.argsort(randomness.series_keys(panel.ids, "backtest sample"))
    mask = np.zeros(len(panel), dtype=bool)
    mask[order[:most]] = True
    return mask
