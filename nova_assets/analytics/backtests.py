"""Rolling-origin scores of every model, and the choice of a model for each target, class and family from them."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa

from nova_assets.analytics import Tools, defaults, frames, provenance
from nova_assets.analytics.panels import HORIZONS, PROTECTION, SEPARATOR, load_panel, protection_length
from nova_assets.artifacts import with_details
from nova_assets.science import registry, selection
from nova_assets.science.backtest import run_backtest
from nova_assets.science.models.base import Floats
from nova_assets.science.panel import Panel
from nova_assets.science.scoreboard import scoreboard
from nova_resources.postgres import Database
from nova_resources.tables import Window

MOST_SERIES = 1000
"""Series scored at most: the choice is per class and family, and a sample of this size settles it."""

KEY = ["target", "demand_class", "family"]
ALL = "*"
BASELINES = registry.ALWAYS_IN_THE_RACE


def compute_backtests(db: Database, window: Window, tools: Tools | None = None) -> pa.Table:
    """analytics.backtests of the month: what every model would have said at past origins, and how wrong it was."""
    as_of = frames.as_of_date(window)
    panel = load_panel(db, as_of)
    horizons = HORIZONS | {PROTECTION: protection_length(frames.read(db, "analytics/inputs/orders", as_of=as_of))}
    if panel is None:
        return _rows(as_of, pl.DataFrame(), horizons)
    result = run_backtest(
        panel,
        sorted(set(horizons.values())),
        seed=defaults.SEED,
        max_series=MOST_SERIES,
        progress=tools.progress if tools else None,
    )
    if not result.folds:
        return _rows(as_of, pl.DataFrame(), horizons)
    evidence = selection.select_models(result).evidence
    errors = [
        {"demand_class": c, "family": f, "horizon": h, "model": model, "pinball_se": error}
        for (c, f, h), found in evidence.items()
        for model, error in found["standard_error"].items()
    ]
    schema = {
        "demand_class": pl.String,
        "family": pl.String,
        "horizon": pl.Int64,
        "model": pl.String,
        "pinball_se": pl.Float64,
    }
    board = scoreboard(result, panel, unit_costs(db, panel), defaults.HOLDING_RATE_YEAR)
    scores = board.with_columns(pl.col("horizon").cast(pl.Int64))
    keys = ["demand_class", "family", "horizon", "model"]
    rows = _rows(as_of, scores.join(pl.DataFrame(errors, schema=schema), on=keys, how="left"), horizons)
    sampled = result.sampled or len(panel)
    return with_details(rows, provenance.engine(rows["model"].to_pylist()) | {"series": sampled, "of": len(panel)})


def unit_costs(db: Database, panel: Panel) -> Floats:
    """(n,) R$ of one unit of each series' material, NaN where unknown."""
    cost = dict(frames.read(db, "analytics/inputs/item_attributes").select("item_code", "unit_cost").iter_rows())
    found = [cost.get(series.split(SEPARATOR)[0]) for series in panel.ids]
    return np.array([np.nan if value is None else value for value in found], dtype=float)


def compute_model_selection(db: Database, window: Window, tools: Tools | None = None) -> pa.Table:
    """analytics.model_selection of the month, decided by the stored scores alone."""
    as_of = frames.as_of_date(window)
    scores = frames.read(db, "analytics/inputs/backtests", as_of=as_of).sort(*KEY, "model")
    cells = [decide(cell) for _, cell in scores.group_by(KEY, maintain_order=True)]
    decided = [cell for cell in cells if cell is not None]
    names = ("target", "demand_class", "family", "model", "gain_over_naive", "gain_over_zero", "evidence")
    rows = frames.rows_of(
        "analytics.model_selection", as_of, {name: [cell[name] for cell in decided] for name in names}
    )
    return with_details(rows, provenance.engine(rows["model"].to_pylist()))


def decide(cell: pl.DataFrame) -> dict | None:
    """Model for one target, class and family by the engine's own rule, applied to the stored scores.

    None where the cell is too small to decide (no standard errors) or saw no demand (no loss to compare): its class,
    then everything, decides for it.
    """
    scored = cell.drop_nulls(["pinball", "pinball_se"])
    if scored.is_empty():
        return None
    loss = dict(zip(scored["model"], scored["pinball"], strict=True))
    error = dict(zip(scored["model"], scored["pinball_se"], strict=True))
    chosen, rule = selection.choose(loss, error)
    gains = {name: 1 - loss[chosen] / loss[name] if loss.get(name) else None for name in BASELINES}
    evidence = {
        "rule": rule,
        "pinball": loss,
        "standard_error": error,
        "origins": max(cell["origins"].to_list()),
        "forecasts": max(cell["series"].to_list()),
        "beats_baselines": chosen not in BASELINES,
    }
    return {
        **{name: cell[name][0] for name in KEY},
        "model": chosen,
        "gain_over_naive": gains["naive"],
        "gain_over_zero": gains["zero"],
        "evidence": json.dumps(evidence),
    }


def _rows(as_of: date, scores: pl.DataFrame, horizons: dict[str, int]) -> pa.Table:
    """The table from the engine's scores; a horizon that serves two targets is told for both."""
    measures = {
        "origins": "origins", "series": "n_forecasts", "mean_demand": "mean_demand", "pinball": "decision_loss",
        "pinball_se": "pinball_se", "coverage_50": "coverage_0.5", "coverage_90": "coverage_0.9",
        "coverage_95": "coverage_0.95", "coverage_99": "coverage_0.99", "bias": "bias", "wape": "wape",
        "rmsse": "rmsse", "zero_rmsse": "zero_rmsse", "mase": "mase", "zero_mase": "zero_mase", "mape": "mape",
        "mape_count": "mape_count", "loss": "loss", "cost": "cost", "cost_count": "cost_count",
    }  # fmt: skip
    names = (*KEY, "model", *measures)
    if scores.is_empty():
        return frames.rows_of("analytics.backtests", as_of, {name: [] for name in names})
    star = {"all": ALL}
    parts = [
        scores.filter(pl.col("horizon") == days).with_columns(
            pl.col("demand_class", "family").replace(star), target=pl.lit(target)
        )
        for target, days in horizons.items()
    ]
    table = pl.concat(parts).filter(pl.col("family") != "").sort(*KEY, "model")
    columns = {name: table[source] for name, source in measures.items()} | {
        name: table[name] for name in (*KEY, "model")
    }
    return frames.rows_of("analytics.backtests", as_of, columns)
