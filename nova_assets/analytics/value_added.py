"""Forecast value added: what each step from "forecast nothing" to the planner's own number gains over the one before.

Totals of a class are sums over its families, each served by the model in force there; what the families leave over is
served by the class's own model. Overrides are few: they are compared with the forecasts that they replaced, alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl
import pyarrow as pa

from nova_assets.analytics import Tools, defaults, frames
from nova_assets.analytics.panels import HORIZONS, PROTECTION, models_in_force
from nova_assets.science import overrides, quantiles
from nova_assets.science.quantiles import GRID, SCORE_LEVELS
from nova_assets.science.scoreboard import LEVEL, stocking_cost
from nova_assets.science.selection import Selection
from nova_resources.postgres import Database
from nova_resources.tables import Window

MODELS = ("zero", "naive", "historic_mean", "tsb")
SELECTED, OVERRIDE = "selected", "override"
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

    def without(self, other: Sums) -> Sums:
        cost = None if self.cost is None else self.cost - (other.cost or 0.0)
        return Sums(
            self.forecasts - other.forecasts, max(self.loss - other.loss, 0.0), self.demand - other.demand, cost
        )

    def plus(self, other: Sums) -> Sums:
        costs = [cost for cost in (self.cost, other.cost) if cost is not None]
        return Sums(
            self.forecasts + other.forecasts,
            self.loss + other.loss,
            self.demand + other.demand,
            sum(costs) if costs else None,
        )


NOTHING = Sums(0, 0.0, 0.0, None)
Cells = dict[tuple[str, str, str], Sums]
"""(demand class, family, model) to the sums of a target."""


def compute_forecast_value_added(db: Database, window: Window, tools: Tools | None = None) -> pa.Table:
    """analytics.forecast_value_added of the month, from its backtest, its choice of models and settled overrides."""
    as_of = frames.as_of_date(window)
    scored = frames.read(db, "analytics/inputs/backtest_losses", as_of=as_of)
    chosen = models_in_force(db, as_of + timedelta(days=1))
    overridden = frames.read(db, "analytics/inputs/overridden_forecasts", as_of=as_of)
    rows = [
        {"target": str(target), **step}
        for (target,), part in scored.group_by(["target"], maintain_order=True)
        for step in staircase(_cells(part), chosen[PROTECTION if target == PROTECTION else "sums"], str(target))
    ]
    rows += override_steps(overridden)
    names = ("target", "demand_class", "step", "position", "forecasts", "pinball", "previous_pinball", "value_added",
             "cost", "previous_cost")  # fmt: skip
    return frames.rows_of(
        "analytics.forecast_value_added", as_of, {name: [row[name] for row in rows] for name in names}
    )


def staircase(cells: Cells, chosen: Selection, target: str) -> Iterator[dict]:
    """Steps of every demand class and of all together ('*')."""
    horizon = HORIZONS.get(target, 0)
    classes = sorted({demand_class for demand_class, family, _ in cells if demand_class != ALL and family == ALL})
    everything: dict[str, Sums] = dict.fromkeys((*MODELS, SELECTED), NOTHING)
    for demand_class in classes:
        sums: dict[str, Sums] = {
            model: cells[demand_class, ALL, model] for model in MODELS if (demand_class, ALL, model) in cells
        }
        sums[SELECTED] = _selected(cells, demand_class, chosen, horizon)
        everything = {step: everything[step].plus(found) for step, found in sums.items()}
        yield from _steps(demand_class, sums)
    if classes:
        yield from _steps(ALL, everything)


def _selected(cells: Cells, demand_class: str, chosen: Selection, horizon: int) -> Sums:
    """Sums of the models in force over the families of a class."""
    own = chosen.lookup(demand_class, "", horizon)[0]
    total, rest = NOTHING, cells[demand_class, ALL, own]
    for family in sorted({f for c, f, _ in cells if c == demand_class and f != ALL}):
        model = chosen.lookup(demand_class, family, horizon)[0]
        total = total.plus(cells[demand_class, family, model])
        rest = rest.without(cells[demand_class, family, own])
    return total.plus(rest)


def _steps(demand_class: str, sums: dict[str, Sums]) -> Iterator[dict]:
    before: Sums | None = None
    for step, found in sums.items():
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
        (row["demand_class"], row["family"], row["model"]): Sums(
            row["series"],
            row["loss"] * row["series"],
            row["mean_demand"] * row["series"],
            row["cost"] * row["cost_count"] if row["cost"] is not None else None,
        )
        for row in scored.iter_rows(named=True)
    }
