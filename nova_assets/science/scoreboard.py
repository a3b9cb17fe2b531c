"""What a backtest says beyond its losses: scaled errors beside those of the zero forecast, and money.

MAPE is told only over actuals above zero, with their number: on sparse demand it is defined nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from nova_assets.science import quantiles
from nova_assets.science.backtest import Backtest, Fold
from nova_assets.science.inventory.newsvendor import newsvendor_cost
from nova_assets.science.models.base import Floats
from nova_assets.science.panel import Panel, cumulative

KEYS = ["model", "demand_class", "family", "horizon"]
LEVEL = 0.95
"""Quantile that is stocked in the cost; a unit short costs what makes it the cheapest level to stock."""


def scoreboard(backtest: Backtest, panel: Panel, unit_cost: Floats, holding_rate_year: float) -> pl.DataFrame:
    """The backtest's `scores` with, per cell: mase, zero_mase, mape, mape_count, loss, cost, cost_count.

    `unit_cost` (n,) in R$ for the series of the panel, NaN where unknown. `loss` is the mean pinball loss of a forecast
    in units. `cost` is the mean of what stocking the 0.95 quantile for the horizon would have cost in R$, over the
    `cost_count` forecasts whose unit cost is known: holding what was left, and a shortage price of h x 0.95 / 0.05 for
    what was short, h being the holding cost of a unit over the horizon.
    """
    parts: list[pl.DataFrame] = []
    for fold in backtest.folds:
        place = np.searchsorted(panel.ids.astype(str), fold.ids.astype(str))
        scale = _naive_error(panel.take(place), fold.cut, fold.horizon)
        days = fold.horizon * panel.days_per_period
        for model in backtest.models:
            parts.append(_rows(fold, model, backtest.levels, scale, unit_cost[place], holding_rate_year, days))
    if not parts:
        return pl.DataFrame()
    rows, every = pl.concat(parts), pl.lit("all")
    totals = [{}, {"family": every}, {"demand_class": every}, {"family": every, "demand_class": every}]
    cells = [rows.with_columns(**total).group_by(KEYS).agg(_aggregates()) for total in totals]
    table = pl.concat(cells).unique(subset=KEYS, keep="first")
    zero = table.filter(pl.col("model") == "zero").select(*KEYS[1:], pl.col("mase").alias("zero_mase"))
    table = table.join(zero, on=KEYS[1:], how="left")
    return backtest.scores().join(table, on=KEYS, how="left").sort(KEYS)


def stocking_cost(
    stocked: Floats, actual: Floats, unit_cost: Floats, days: Floats | float, holding_rate_year: float
) -> Floats:
    """(m,) R$ of having `stocked` for `days` when `actual` was asked for; NaN where the unit cost is unknown."""
    holding = unit_cost * holding_rate_year * days / 365
    short = np.maximum(actual - stocked, 0.0)
    return newsvendor_cost(stocked, short, actual, holding, holding * LEVEL / (1 - LEVEL))


def _rows(
    fold: Fold, model: str, levels: Floats, scale: Floats, unit_cost: Floats, holding_rate_year: float, days: float
) -> pl.DataFrame:
    """What a model said of a fold's series, whose naive errors in sample are `scale` (m,)."""
    values, mean = fold.values[model], fold.mean[model]
    stocked = values[:, int(np.argmin(np.abs(levels - LEVEL)))]
    error = np.abs(fold.actual - mean)
    positive = fold.actual > 0
    columns = {
        "loss": quantiles.pinball(fold.actual, values, levels).mean(axis=1),
        "scaled_error": np.where(scale > 0, error / np.where(scale > 0, scale, 1.0), np.nan),
        "relative_error": np.where(positive, error / np.where(positive, fold.actual, 1.0), np.nan),
        "money": stocking_cost(stocked, fold.actual, unit_cost, days, holding_rate_year),
    }
    return pl.DataFrame(
        {
            "model": model,
            "demand_class": pl.Series(fold.demand_class, dtype=pl.String),
            "family": pl.Series(fold.family, dtype=pl.String),
            "horizon": fold.horizon,
            **columns,
        }
    ).with_columns(pl.col(list(columns)).fill_nan(None))


def _aggregates() -> Sequence[pl.Expr]:
    return (
        pl.col("loss").mean(),
        pl.col("scaled_error").mean().alias("mase"),
        pl.col("relative_error").mean().alias("mape"),
        pl.col("relative_error").count().alias("mape_count"),
        pl.col("money").mean().alias("cost"),
        pl.col("money").count().alias("cost_count"),
    )


def _naive_error(panel: Panel, cut: int, horizon: int) -> Floats:
    """(m,) mean absolute difference between consecutive H-sums before the cut; 0 where there are not two of them."""
    total = cumulative(panel.demand[:, :cut])
    rolling = total[:, horizon:] - total[:, :-horizon]
    if rolling.shape[1] <= horizon:
        return np.zeros(len(panel))
    change = np.abs(rolling[:, horizon:] - rolling[:, :-horizon])
    inside = np.arange(change.shape[1])[None, :] >= panel.start[:, None]
    return np.where(inside, change, 0.0).sum(axis=1) / np.maximum(inside.sum(axis=1), 1)
