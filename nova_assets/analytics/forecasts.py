"""Forecasts of demand sums and of the weekly path for charts, for every material at every site."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa

from nova_assets.analytics import Tools, defaults, frames, provenance
from nova_assets.analytics.corrections import in_force, load_world
from nova_assets.analytics.panels import HORIZONS, PROTECTION, load_panel, models_in_force
from nova_assets.analytics.planning_terms import load_terms
from nova_assets.artifacts import with_details
from nova_assets.science import corrections
from nova_assets.science.forecast import Forecast, LeadTimes, forecast_protection, forecast_steps, forecast_sums
from nova_assets.science.models.base import Floats
from nova_assets.science.panel import Panel
from nova_assets.science.quantiles import GRID
from nova_resources.postgres import Database
from nova_resources.tables import Window

STEPS, STEP_DAYS = 13, 7
PATH_LEVELS = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


def compute_forecasts(db: Database, window: Window, tools: Tools | None = None) -> pa.Table:
    """analytics.forecasts of the window's last day."""
    as_of = frames.as_of_date(window)
    panel = load_panel(db, as_of)
    terms = load_terms(db, as_of)
    if panel is None:
        return _rows(as_of, terms.frame.clear(), [], {})
    chosen = models_in_force(db, as_of)
    options = {"seed": defaults.SEED, "progress": tools.progress if tools else None}
    order = _positions(panel, terms.frame)
    lead, review = terms.lead_days[order], terms.review_days[order]
    sums = forecast_sums(panel, list(HORIZONS.values()), models=chosen["sums"], **options)
    protection = forecast_protection(
        panel, LeadTimes(np.asarray(GRID), lead), review, models=chosen[PROTECTION], **options
    )
    horizon = terms.number("lead_mean")[order] + review
    flat = np.ones(len(panel))
    parts = [(target, sums, k, days * flat) for k, (target, days) in enumerate(HORIZONS.items())]
    made = [(PROTECTION, protection, 0, horizon), *parts]
    means = {target: (round(float(np.median(days))), part.mean[:, k]) for target, part, k, days in made}
    rows = _rows(as_of, terms.frame[order], made, correction_factors(db, as_of, panel, means))
    return with_details(rows, provenance.engine(rows["model"].to_pylist()) | provenance.in_force(db, as_of))


def compute_forecast_paths(db: Database, window: Window, tools: Tools | None = None) -> pa.Table:
    """analytics.forecast_paths of the window's last day."""
    as_of = frames.as_of_date(window)
    panel = load_panel(db, as_of)
    pairs = frames.read(db, "analytics/inputs/item_sites", as_of=as_of)
    names = ("item_id", "site_id", "model", "step_days", "mean", *PATH_LEVELS)
    if panel is None:
        return frames.rows_of("analytics.forecast_paths", as_of, {name: [] for name in names})
    pairs = pairs[_positions(panel, pairs)]
    path = forecast_steps(
        panel, STEPS, STEP_DAYS, levels=list(PATH_LEVELS.values()), models=models_in_force(db, as_of)["sums"],
        seed=defaults.SEED, progress=tools.progress if tools else None,
    )  # fmt: skip
    factor = _step_factors(db, as_of, panel, path.mean)
    quantiles = {name: frames.number_lists(path.values[:, :, q] * factor) for q, name in enumerate(PATH_LEVELS)}
    rows = frames.rows_of(
        "analytics.forecast_paths",
        as_of,
        {
            "item_id": pairs["item_id"],
            "site_id": pairs["site_id"],
            "model": path.model[:, 0],
            "step_days": np.full(len(panel), STEP_DAYS),
            "mean": frames.number_lists(path.mean * factor),
            **quantiles,
        },
    )
    return with_details(rows, provenance.engine(path.model[:, 0]) | provenance.in_force(db, as_of))


def correction_factors(
    db: Database, as_of: date, panel: Panel, means: dict[str, tuple[int, Floats]]
) -> dict[str, Floats]:
    """(n,) factors of each target by the corrections in force, from its length in days and the models' means (n,)."""
    kept = in_force(db, as_of)
    wanted = {driver for target in kept.values() for driver in target.drivers}
    if not wanted and not any(target.level for target in kept.values()):
        return {target: np.ones(len(panel)) for target in means}
    world = load_world(db, as_of, panel, wanted)
    return {
        target: corrections.factors(mean, days, panel, world.groups, world.drivers, kept[target], defaults.SEED)
        for target, (days, mean) in means.items()
    }


def _step_factors(db: Database, as_of: date, panel: Panel, mean: Floats) -> Floats:
    """(n, STEPS) factors of the steps: those of the shortest fixed sum that a step lies in."""
    ends = np.arange(1, STEPS + 1) * STEP_DAYS
    means = {target: (days, mean[:, ends <= days].sum(axis=1)) for target, days in HORIZONS.items()}
    factors = correction_factors(db, as_of, panel, means)
    lengths = list(HORIZONS.values())
    covering = [min(np.searchsorted(lengths, end), len(lengths) - 1) for end in ends]
    return np.stack([factors[list(HORIZONS)[k]] for k in covering], axis=1)


def _positions(panel: Panel, pairs: pl.DataFrame) -> np.ndarray:
    """Row of `pairs` for each series of the panel. Both hold the same series; ValueError when one lacks any."""
    where = {series: row for row, series in enumerate(pairs["series_id"])}
    missing = [series for series in panel.ids if series not in where]
    if missing:
        raise ValueError(
            f"{len(missing)} series have facts but no row in analytics.demand_classes on {panel.as_of}: "
            "materialize analytics.demand_classes for that date first"
        )
    return np.array([where[series] for series in panel.ids], dtype=np.int64)


def _rows(
    as_of: date,
    pairs: pl.DataFrame,
    parts: list[tuple[str, Forecast, int, Floats]],
    factors: dict[str, Floats],
) -> pa.Table:
    """Long table of (target, forecast, its column, days summed), all in the order of `pairs`, and their corrections."""
    tables = [
        frames.rows_of(
            "analytics.forecasts",
            as_of,
            {
                "item_id": pairs["item_id"],
                "site_id": pairs["site_id"],
                "target": [target] * len(pairs),
                "horizon_days": days,
                "model": made.model[:, k],
                "mean": made.mean[:, k] * factors[target],
                "quantile_levels": frames.repeated_list(GRID, len(pairs)),
                "quantile_values": frames.number_lists(made.values[:, k] * factors[target][:, None]),
                "borrowed_share": made.borrowed[:, k],
                "correction": factors[target],
            },
        )
        for target, made, k, days in parts
    ]
    empty = {name: [] for name in ("item_id", "site_id", "target", "horizon_days", "model", "mean")}
    lists = {name: [] for name in ("quantile_levels", "quantile_values", "borrowed_share", "correction")}
    return pa.concat_tables(tables) if tables else frames.rows_of("analytics.forecasts", as_of, empty | lists)
