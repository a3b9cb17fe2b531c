"""Replay of history through candidate policies: what each would have held, missed and cost, at several service levels.

Every policy is set anew at the begin of each month from what was known then: the panel is cut there before anything is
derived from it, and the model is chosen by a race on the panel's past before the replay begins. Demand, drawn lead
times and the random numbers behind them are the same for all policies.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nova_assets.science import randomness
from nova_assets.science.backtest import Progress, run_backtest
from nova_assets.science.candidates import (
    FORECASTING,
    IMPLIED_LEVEL,
    NEAR,
    POLICIES,
    PROJECTING,
    History,
    Setting,
    abc_classes,
    born,
    classical,
    implied_shortage,
    lot_terms,
    period_moments,
    protection_days,
    supplier_minimums,
)
from nova_assets.science.forecast import Forecast, LeadTimes, forecast_protection
from nova_assets.science.lost_replay import Steps, lost_steps, projection
from nova_assets.science.panel import Panel
from nova_assets.science.selection import Selection, select_models
from nova_assets.science.simulate import Simulation, simulate_policy

Floats = NDArray[np.float64]

LEVELS = (0.80, 0.85, 0.90, 0.925, 0.95, 0.975, 0.99, 0.995)
MODELS = ("historic_mean", "negative_binomial", "tsb", "block_bootstrap")
"""Candidates of the race: the quick ones, for there is a forecast to make for every month."""

REFIT_DAYS = 30
_RACE_SERIES = 400


def replay(
    history: History, names: Sequence[str], levels: Sequence[float] = LEVELS, seed: int = 0,
    progress: Progress | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Curves of the policies: one row per policy, level and ABC class ('*' is all), as `summary` describes them.

    ValueError for a policy that is not known or a history without a month to replay.
    """
    unknown = [name for name in names if name not in POLICIES]
    if unknown:
        raise ValueError(f"no policy {unknown[0]!r}: known are {', '.join(POLICIES)}")
    if history.demand.shape[1] < 1 or history.first < 2:
        raise ValueError("nothing to replay: the range must lie inside the history and leave some of it to learn from")
    pasts = [history.panel.until(cut) for cut in refits(history)]
    forecasts, lost = _forecasts(history, names, pasts, seed, progress)
    classes, implied = abc_classes(history), implied_shortage(history)
    lead = lead_periods(history, seed)
    tables = []
    for done, name in enumerate(names):
        months = [POLICIES[name](history, past, said) for past, said in zip(pasts, forecasts, strict=True)]
        asked = levels_of(history, name, levels)
        for tried, level in enumerate(asked):
            if progress:
                progress(f"{name} at {level:g}", (done + tried / len(asked)) / len(names))
            run = _simulate(history, [at(level) for at in months], lead, lost)
            told = {"policy": pl.lit(name), "level": pl.lit(level)}
            tables.append(summary(history, run, classes, implied).with_columns(**told))
    keys = ["policy", "level", "abc_class"]
    table = pl.concat(tables)
    return table.select(*keys, *(name for name in table.columns if name not in keys))


def levels_of(history: History, name: str, levels: Sequence[float]) -> list[float]:
    """Levels at which a policy is replayed; the platform's also at the mean of its rules, which is as it plans."""
    ruled = [] if name != "platform" or history.targets is None else [float(history.targets.level.mean())]
    return sorted({*levels, *ruled})


def refits(history: History) -> list[int]:
    """Columns known at the begin of each month of the replay, the first one being the replay's own begin."""
    return list(range(history.first, history.panel.periods, refit_periods(history)))


def refit_periods(history: History) -> int:
    return max(round(REFIT_DAYS / history.period), 1)


def summary(history: History, run: Simulation, classes: NDArray[np.object_], shortage_cost: Floats) -> pl.DataFrame:
    """By ABC class and in all: item_sites, empty_share (item-days that close with an empty shelf), short_share (with
    demand unmet or owed), fill_rate, unmet (units), stock_value (mean), orders, holding_cost, order_cost,
    shortage_cost, total_cost.

    Money is over the whole replay; an unknown shortage cost is the one implied by a service level of IMPLIED_LEVEL.
    """
    days = run.demand.shape[1]
    unmet = run.demand - run.met
    orders = (run.ordered > 0).sum(axis=1)
    rows = pl.DataFrame(
        {
            "abc_class": pl.Series(classes, dtype=pl.String),
            "item_sites": np.ones(len(classes)),
            "item_days": np.full(len(classes), days * history.period),
            "empty": (run.on_hand <= NEAR).sum(axis=1) * history.period,
            "short": ((unmet > NEAR) | (run.backorder > NEAR)).sum(axis=1) * history.period,
            "demand": run.demand.sum(axis=1),
            "met": run.met.sum(axis=1),
            "stock_value": run.on_hand.mean(axis=1) * history.unit_cost,
            "orders": orders.astype(float),
            "holding_cost": run.on_hand.sum(axis=1) * history.holding_day * history.period,
            "order_cost": orders * history.order_cost,
            "shortage_cost": unmet.sum(axis=1) * shortage_cost,
        }
    )
    sums = pl.concat(
        [
            part.group_by("abc_class").agg(pl.exclude("abc_class").sum())
            for part in (rows, rows.with_columns(abc_class=pl.lit("*")))
        ]
    ).sort("abc_class")
    met = pl.when(pl.col("demand") > 0).then(pl.col("met") / pl.col("demand"))
    return sums.select(
        "abc_class",
        pl.col("item_sites").cast(pl.Int64),
        (pl.col("empty") / pl.col("item_days")).alias("empty_share"),
        (pl.col("short") / pl.col("item_days")).alias("short_share"),
        met.alias("fill_rate"),
        (pl.col("demand") - pl.col("met")).alias("unmet"),
        "stock_value",
        pl.col("orders").cast(pl.Int64),
        "holding_cost",
        "order_cost",
        "shortage_cost",
        total_cost=pl.col("holding_cost") + pl.col("order_cost") + pl.col("shortage_cost"),
    )


def lead_periods(history: History, seed: int) -> Floats:
    """(n, periods) lead time of an order placed in each period, drawn from its series' own distribution."""
    count = history.demand.shape[1]
    atoms = np.ceil(history.lead_times.atoms() / history.period)
    if atoms.shape[1] == 1:
        return np.repeat(atoms, count, axis=1)
    drawn = randomness.uniforms(randomness.series_keys(history.panel.ids, seed, "lead times"), count)
    return np.take_along_axis(atoms, (drawn * atoms.shape[1]).astype(np.int64), axis=1)


def _simulate(history: History, settings: list[Setting], lead: Floats, lost: list[Steps]) -> Simulation:
    """The whole replay under settings that change at each refit.

    A policy that stocks begins at its own reorder point and with half of the same order above it: who happens to have
    just bought an order that lasts for years must not decide between policies.
    """
    cuts = np.array(refits(history)) - history.first
    which = np.searchsorted(cuts, np.arange(history.demand.shape[1]), side="right") - 1
    point, upto, quantity = (
        np.stack([getattr(setting, name) for setting in settings], axis=1)[:, which]
        for name in ("point", "upto", "quantity")
    )
    moments = period_moments(history, history.panel.until(history.first))
    _, _, order = classical(history, moments, IMPLIED_LEVEL)
    begin = np.where(upto[:, 0] > 0, np.ceil(np.maximum(point[:, 0], 0.0) + order / 2), 0.0)
    return simulate_policy(
        history.demand, lead, point, upto, begin, history.review, history.lost_sales, lot_terms(history),
        quantity if settings[0].lots else None, projection(history, lost, settings, cuts), supplier_minimums(history),
    )  # fmt: skip


def _forecasts(
    history: History, names: Sequence[str], pasts: list[Panel], seed: int, progress: Progress | None
) -> tuple[list[Forecast] | list[None], list[Steps]]:
    """At each refit what the policies need: the forecast of protection demand, and by steps where sales are lost."""
    if not set(names) & set(FORECASTING):
        return [None] * len(pasts), []
    chosen = choose_model(history, pasts[0], seed, progress)
    made = []
    for done, past in enumerate(pasts):
        if progress:
            progress(f"forecasts as of {past.as_of}", done / len(pasts))
        alive = born(history, past)
        lead = LeadTimes(history.lead_times.levels, history.lead_times.days[alive])
        said = forecast_protection(past, lead, history.review_days[alive], models=chosen, seed=seed)
        made.append(_spread(said, alive, history.panel.ids))
    if not set(names) & set(PROJECTING):
        return made, []
    return made, lost_steps(history, pasts, refit_periods(history), chosen, seed)


def choose_model(history: History, past: Panel, seed: int, progress: Progress | None = None) -> Selection:
    """Race of MODELS on a sample of the past, at the middle protection period."""
    keys = randomness.series_keys(past.ids, "replay sample")
    sample = past.take(np.sort(np.argsort(keys)[:_RACE_SERIES]))
    horizon = max(int(np.median(protection_days(history)) / history.period), 1)
    return select_models(run_backtest(sample, [horizon], MODELS, seed=seed, progress=progress))


def _spread(said: Forecast, alive: NDArray[np.bool_], ids: NDArray[np.object_]) -> Forecast:
    """The forecast on all series, zero where the series was not alive."""
    if alive.all():
        return said
    values, mean = np.zeros((len(ids), 1, len(said.levels))), np.zeros((len(ids), 1))
    values[alive], mean[alive] = said.values, said.mean
    model, borrowed = np.full((len(ids), 1), "none", dtype=object), np.zeros((len(ids), 1))
    model[alive], borrowed[alive] = said.model, said.borrowed
    return Forecast(ids, said.targets, said.levels, values, mean, model, borrowed)
