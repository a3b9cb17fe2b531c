"""Forecast value added: what each step from "forecast nothing" to the planner's own number gains over the one before.

The selected step is what was served, each series by the model in force for it and calibrated where that is. Overrides
are few: they are compared with the forecasts that they replaced, alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from nova_assets.analytics import Tools, defaults, frames
from nova_assets.science import overrides, quantiles
from nova_assets.science.quantiles import GRID, SCORE_LEVELS
from nova_assets.science.scoreboard import LEVEL, stocking_cost
from nova_assets.science.selection import SELECTED
from nova_resources.postgres import Database
from nova_resources.tables import Window

MODELS = ("zero", "naive", "historic_mean", "tsb")
OVERRIDE = "override"
STEPS = (*MODELS, SELECTED, OVERRIDE)
ALL = "*"


@dataclass(frozen=True)
class Sums:
    """Sums over forecasts of a step: pinball loss and demand in units, cost in R$."""

    forecasts: int
    loss: float
    demand: float
    cost: float | None

    @property
    def pinball(self) -> float | None:
        return 2 * self.loss / self.demand if self.demand > 0 else None


Cells = dict[tuple[str, str], Sums]
"""(demand class, model) to the sums of a target."""


def compute_forecast_value_added(db: Database, window: Window, tools: Tools | None = None) -> pa.Table:
    """analytics.forecast_value_added of the month, from its backtest and settled overrides."""
    as_of = frames.as_of_date(window)
    scored = frames.read(db, "analytics/inputs/backtest_losses", as_of=as_of)
    overridden = frames.read(db, "analytics/inputs/overridden_forecasts", as_of=as_of)
    rows = [
        {"target": str(target), **step}
        for (target,), part in scored.group_by(["target"], maintain_order=True)
        for step in staircase(_cells(part))
    ]
    rows += override_steps(overridden)
    names = ("target", "demand_class", "step", "position", "forecasts", "pinball", "previous_pinball", "value_added",
             "cost", "previous_cost")  # fmt: skip
    return frames.rows_of(
        "analytics.forecast_value_added", as_of, {name: [row[name] for row in rows] for name in names}
    )


def staircase(cells: Cells) -> Iterator[dict]:
    """Steps of every demand class and of all together ('*')."""
    for demand_class in sorted({demand_class for demand_class, _ in cells}):
        before: Sums | None = None
        for step in (*MODELS, SELECTED):
            if found := cells.get((demand_class, step)):
                yield _row(demand_class, step, found, before)
                before = found


def override_steps(overridden: pl.DataFrame) -> Iterator[dict]:
    """The planners' step for each target and class with settled overrides, against the forecasts they replaced.

    An override replaces the mean; the stored distribution is scaled with it (all levels equal where the mean was 0).
    """
    if overridden.is_empty():
        return
    every = overridden.with_columns(demand_class=pl.lit(ALL))
    both = pl.concat([overridden.filter(pl.col("demand_class").is_not_null()), every])
    for (target, demand_class), rows in both.group_by(["target", "demand_class"], maintain_order=True):
        stored = np.array(rows["quantile_values"].to_list(), dtype=float)
        mean, said = rows["mean"].to_numpy(), rows["said"].to_numpy()
        moved = overrides.moved(np.asarray(GRID), stored, mean, said)
        before, after = (_sums(rows, values) for values in (stored, moved))
        yield {"target": target, **_row(str(demand_class), OVERRIDE, after, before)}


def _sums(rows: pl.DataFrame, values: np.ndarray) -> Sums:
    actual = rows["actual"].to_numpy()
    at = [GRID.index(level) for level in SCORE_LEVELS]
    loss = quantiles.pinball(actual, values[:, at], np.asarray(SCORE_LEVELS)).mean(axis=1)
    cost = rows["unit_cost"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    days = rows["horizon_days"].to_numpy()
    money = stocking_cost(values[:, GRID.index(LEVEL)], actual, cost, days, defaults.HOLDING_RATE_YEAR)
    known = np.isfinite(money)
    return Sums(len(rows), float(loss.sum()), float(actual.sum()), float(money[known].sum()) if known.any() else None)


def _row(demand_class: str, step: str, found: Sums, before: Sums | None) -> dict:
    gained = None
    if before and before.pinball and found.pinball is not None:
        gained = 1 - found.pinball / before.pinball
    return {
        "demand_class": demand_class,
        "step": step,
        "position": STEPS.index(step) + 1,
        "forecasts": found.forecasts,
        "pinball": found.pinball,
        "previous_pinball": before.pinball if before else None,
        "value_added": gained,
        "cost": found.cost,
        "previous_cost": before.cost if before else None,
    }


def _cells(scored: pl.DataFrame) -> Cells:
    return {
        (row["demand_class"], row["model"]): Sums(
            row["series"],
            row["loss"] * row["series"],
            row["mean_demand"] * row["series"],
            row["cost"] * row["cost_count"] if row["cost"] is not None else None,
        )
        for row in scored.iter_rows(named=True)
    }
