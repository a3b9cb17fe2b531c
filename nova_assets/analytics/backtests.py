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
from nova_assets.science import registry
from nova_assets.science.backtest import run_backtest
from nova_assets.science.models.base import Floats
from nova_assets.science.panel import Panel
from nova_assets.science.scoreboard import scoreboard
from nova_assets.science.selection import Selection, select_models, with_selected
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
    chosen = select_models(result)
    board = scoreboard(with_selected(result, chosen), panel, unit_costs(db, panel), defaults.HOLDING_RATE_YEAR)
    rows = _rows(as_of, _with_choice(board, chosen), horizons)
    sampled = result.sampled or len(panel)
    return with_details(rows, provenance.engine(rows["model"].to_pylist()) | {"series": sampled, "of": len(panel)})


def _with_choice(board: pl.DataFrame, chosen: Selection) -> pl.DataFrame:
    """The scores with the standard errors on which each cell was decided, and its evidence at the chosen model."""
    keys = {"demand_class": pl.String, "family": pl.String, "horizon": pl.Int64, "model": pl.String}
    told = {cell: chosen.told(cell) for cell in chosen.choice}
    errors = [(*cell, name, error) for cell in told for name, error in told[cell]["standard_error"].items()]
    evidence = [(*cell, chosen.choice[cell], json.dumps(found)) for cell, found in told.items()]
    scores = board.with_columns(pl.col("horizon").cast(pl.Int64))
    for name, dtype, rows in (("pinball_se", pl.Float64, errors), ("evidence", pl.String, evidence)):
        scores = scores.join(pl.DataFrame(rows, keys | {name: dtype}, orient="row"), on=list(keys), how="left")
    return scores


def unit_costs(db: Database, panel: Panel) -> Floats:
    """(n,) R$ of one unit of each series' material, NaN where unknown."""
    cost = dict(frames.read(db, "analytics/inputs/item_attributes").select("item_code", "unit_cost").iter_rows())
    found = [cost.get(series.split(SEPARATOR)[0]) for series in panel.ids]
    return np.array([np.nan if value is None else value for value in found], dtype=float)


def compute_model_selection(db: Database, window: Window, tools: Tools | None = None) -> pa.Table:
    """analytics.model_selection of the month: what the stored backtest chose for each cell, and why."""
    as_of = frames.as_of_date(window)
    scores = frames.read(db, "analytics/inputs/backtests", as_of=as_of).sort(*KEY, "model")
    chosen = scores.drop_nulls("evidence")
    if len(scores) and chosen.is_empty():
        raise ValueError(
            f"the backtests of {as_of} come from a version that told no choice: materialize analytics.backtests of "
            "that month first"
        )
    gains = [_gains(model, json.loads(found)) for model, found in chosen.select("model", "evidence").iter_rows()]
    columns = {name: chosen[name] for name in (*KEY, "model", "evidence")}
    columns |= {f"gain_over_{name}": [gain[name] for gain in gains] for name in BASELINES}
    rows = frames.rows_of("analytics.model_selection", as_of, columns)
    return with_details(rows, provenance.engine(rows["model"].to_pylist()))


def _gains(model: str, evidence: dict) -> dict[str, float | None]:
    """1 - loss over that of each model that always races; None where no demand came."""
    loss = evidence["pinball"]
    known = loss[model] is not None
    return {name: 1 - loss[model] / loss[name] if known and loss[name] else None for name in BASELINES}


def _rows(as_of: date, scores: pl.DataFrame, horizons: dict[str, int]) -> pa.Table:
    """The table from the engine's scores; a horizon that serves two targets is told for both."""
    measures = {
        "origins": "origins", "series": "n_forecasts", "mean_demand": "mean_demand", "pinball": "decision_loss",
        "pinball_se": "pinball_se", "coverage_50": "coverage_0.5", "coverage_90": "coverage_0.9",
        "coverage_95": "coverage_0.95", "coverage_99": "coverage_0.99", "bias": "bias", "wape": "wape",
        "rmsse": "rmsse", "zero_rmsse": "zero_rmsse", "mase": "mase", "zero_mase": "zero_mase", "mape": "mape",
        "mape_count": "mape_count", "loss": "loss", "cost": "cost", "cost_count": "cost_count", "evidence": "evidence",
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
