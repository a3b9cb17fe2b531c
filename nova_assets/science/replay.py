"""Replay of history through candidate policies: what each would have held, missed and cost, at several service levels.

Every policy is set anew at the begin of each month from what was known then: the panel is cut there before anything is
derived from it, and the model is chosen by a race on the panel's past before the replay begins. Demand, drawn lead
times and the random numbers behind them are the same for all policies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nova_assets.science import randomness
from nova_assets.science.backtest import Progress, run_backtest
from nova_assets.science.balance import balanced_points
from nova_assets.science.economic import Costs, economic_points
from nova_assets.science.forecast import Forecast, LeadTimes, forecast_protection
from nova_assets.science.inventory.eoq import economic_order_quantity
from nova_assets.science.inventory.newsvendor import critical_ratio
from nova_assets.science.inventory.service import reorder_point_normal
from nova_assets.science.panel import Panel
from nova_assets.science.selection import Selection, select_models
from nova_assets.science.simulate import Simulation, simulate_policy
from nova_assets.science.stock import Terms, quantile_at, round_order

Floats = NDArray[np.float64]

LEVELS = (0.80, 0.85, 0.90, 0.925, 0.95, 0.975, 0.99, 0.995)
MODELS = ("historic_mean", "negative_binomial", "tsb", "block_bootstrap")
"""Candidates of the race: the quick ones, for there is a forecast to make for every month."""

REFIT_DAYS, YEAR_DAYS = 30, 365
LONGEST_COVER_DAYS = 365.0
IMPLIED_LEVEL = 0.95
"""Service level whose implied shortage cost is used where no shortage cost is known."""

_RACE_SERIES = 400
_NEAR = 1e-9


@dataclass(frozen=True)
class Targets:
    """What planning rules ask of n series, (n,) each."""

    level: Floats  # wanted service level
    group: NDArray[np.object_]  # the series of one have the level as their mean
    by_costs: NDArray[np.bool_]  # their costs decide in its place

    def moved(self, level: float) -> Floats:
        """(n,) levels whose odds are moved alike, so that a level as high as their mean comes to be `level`."""
        mean = float(self.level.mean())
        odds = self.level / (1 - self.level) * (level / (1 - level)) / (mean / (1 - mean))
        return odds / (1 + odds)


@dataclass(frozen=True)
class History:
    """n series to replay from column `first` of the panel to its end. Vectors are (n,); times in days."""

    panel: Panel  # what was recorded: all that a policy may look at, up to each decision
    demand: Floats  # (n, T - first) what was really asked for
    first: int
    lead_times: LeadTimes
    review_days: Floats
    lost_sales: NDArray[np.bool_]
    unit_cost: Floats  # 0 where unknown
    holding_day: Floats  # per unit and day
    order_cost: Floats  # per order
    shortage_cost: Floats  # per unit; NaN where unknown
    min_order: Floats
    multiple: Floats
    targets: Targets | None = None  # None: every ABC class at the level asked for, costs deciding where they are known

    @property
    def period(self) -> float:
        """Days in a period of the panel."""
        return self.panel.days_per_period

    @property
    def review(self) -> Floats:
        """Whole periods between two looks."""
        return np.maximum(np.round(self.review_days / self.period), 1.0)


@dataclass(frozen=True)
class Setting:
    """A policy at one service level for n series: order when the position is at or below `point`, up to `upto`, or in
    multiples of `quantity` where `lots`."""

    point: Floats
    upto: Floats
    quantity: Floats
    lots: bool = False


Policy = Callable[[History, Panel, "Forecast | None", float], Setting]


def platform_policy(history: History, past: Panel, forecast: Forecast | None, level: float) -> Setting:
    """As recommendations plan where demand waits: the exact (s, S) where costs decide, else the rules' service levels,
    each the mean of its group and spent where it costs least."""
    assert forecast is not None
    targets = history.targets or Targets(
        np.full(len(history.panel), level), abc_classes(history), ~np.isnan(history.shortage_cost)
    )
    holding = np.maximum(history.holding_day, _NEAR)
    values, wanted = forecast.values[:, 0], targets.moved(level)
    setting = _above(history, forecast, balanced_points(forecast.levels, values, holding, wanted, targets.group))
    priced = targets.by_costs & (history.shortage_cost > 0)
    point, upto, _ = economic_points(forecast.levels, values[priced], _costs(history, forecast).rows(priced))
    setting.point[priced], setting.upto[priced] = point - _NEAR, upto
    return setting


def _costs(history: History, forecast: Forecast) -> Costs:
    return Costs(
        mean=forecast.mean[:, 0],
        protection_days=_protection(history),
        lead_sd=history.lead_times.atoms().std(axis=1),
        review_days=history.review * history.period,
        holding_day=history.holding_day,
        shortage=history.shortage_cost,
        order_cost=history.order_cost,
        least_order=np.maximum(history.min_order, history.multiple),
    )


def quantile_policy(history: History, past: Panel, forecast: Forecast | None, level: float) -> Setting:
    """The same level everywhere: the quantile of forecast protection demand, below which the economic quantity is
    ordered."""
    return _by_forecast(history, forecast, np.full(len(history.panel), level))


def economic_policy(history: History, past: Panel, forecast: Forecast | None, level: float) -> Setting:
    """The same with each series' own level, the critical ratio of its costs; `level` where they are unknown."""
    assert forecast is not None
    rate = forecast.mean[:, 0] / _protection(history)
    held = held_days(history, order_quantity(history, rate), rate)
    ratio = critical_ratio(history.shortage_cost, history.holding_day * held)
    return _by_forecast(history, forecast, np.where((ratio > 0) & (ratio < 1), ratio, level))


def balanced_policy(history: History, past: Panel, forecast: Forecast | None, level: float) -> Setting:
    """The same forecasts, the level being the mean of each ABC class and spent where it costs least."""
    assert forecast is not None
    holding = np.maximum(history.holding_day, _NEAR)
    point = balanced_points(forecast.levels, forecast.values[:, 0], holding, level, abc_classes(history))
    return _above(history, forecast, point)


def _by_forecast(history: History, forecast: Forecast | None, level: Floats) -> Setting:
    assert forecast is not None
    return _above(history, forecast, np.ceil(quantile_at(forecast.levels, forecast.values[:, 0], level) - _NEAR))


def _above(history: History, forecast: Forecast, point: Floats) -> Setting:
    """The economic quantity above a reorder point."""
    quantity = order_quantity(history, forecast.mean[:, 0] / _protection(history))
    # An order is due below the point, not at it.
    return Setting(point - _NEAR, np.where(point > 0, point + np.maximum(quantity - 1, 0), 0.0), quantity)


def minmax_policy(history: History, past: Panel, forecast: Forecast | None, level: float) -> Setting:
    """Classical min/max on the last year's mean and deviation: the minimum is the normal reorder point of the
    protection period, the maximum lies an economic quantity above."""
    rate, point, quantity = _classical(history, past, level)
    return Setting(np.where(rate > 0, point, -_NEAR), np.where(rate > 0, point + quantity, 0.0), quantity)


def sq_policy(history: History, past: Panel, forecast: Forecast | None, level: float) -> Setting:
    """Classical (s, Q): the same minimum, and always whole economic quantities."""
    rate, point, quantity = _classical(history, past, level)
    # What is owed without a rate of demand is bought in the smallest lots.
    lots = np.where(rate > 0, quantity, round_order(np.ones(len(rate)), _lots(history)))
    return Setting(np.where(rate > 0, point, -_NEAR), np.where(rate > 0, point + quantity, 0.0), lots, lots=True)


POLICIES: dict[str, Policy] = {
    "platform": platform_policy,
    "quantile": quantile_policy,
    "economic": economic_policy,
    "balanced": balanced_policy,
    "minmax": minmax_policy,
    "sq": sq_policy,
}
FORECASTING = ("platform", "quantile", "economic", "balanced")


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
    forecasts = _forecasts(history, pasts, seed, progress) if set(names) & set(FORECASTING) else [None] * len(pasts)
    classes, implied = abc_classes(history), implied_shortage(history, pasts[0])
    lead = lead_periods(history, seed)
    tables, runs = [], [(name, level) for name in names for level in levels_of(history, name, levels)]
    for done, (name, level) in enumerate(runs):
        if progress:
            progress(f"{name} at {level:g}", done / len(runs))
        settings = [POLICIES[name](history, past, said, level) for past, said in zip(pasts, forecasts, strict=True)]
        run = _simulate(history, settings, lead)
        tables.append(summary(history, run, classes, implied).with_columns(policy=pl.lit(name), level=pl.lit(level)))
    keys = ["policy", "level", "abc_class"]
    table = pl.concat(tables)
    return table.select(*keys, *(name for name in table.columns if name not in keys))


def levels_of(history: History, name: str, levels: Sequence[float]) -> list[float]:
    """Levels at which a policy is replayed; the platform's also at the mean of its rules, which is as it plans."""
    ruled = [] if name != "platform" or history.targets is None else [float(history.targets.level.mean())]
    return sorted({*levels, *ruled})


def refits(history: History) -> list[int]:
    """Columns known at the begin of each month of the replay, the first one being the replay's own begin."""
    step = max(round(REFIT_DAYS / history.period), 1)
    return list(range(history.first, history.panel.periods, step))


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
            "empty": (run.on_hand <= _NEAR).sum(axis=1) * history.period,
            "short": ((unmet > _NEAR) | (run.backorder > _NEAR)).sum(axis=1) * history.period,
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


def order_quantity(history: History, rate: Floats) -> Floats:
    """Economic quantity of a daily rate (n,), at most a year's demand, in whole lots; 0 without demand."""
    best = economic_order_quantity(history.order_cost, history.holding_day, rate)
    best = np.minimum(best, np.ceil(rate * LONGEST_COVER_DAYS))
    return round_order(np.maximum(best, np.where(rate > 0, 1.0, 0.0)), _lots(history))


def held_days(history: History, quantity: Floats, rate: Floats) -> Floats:
    """Days that the marginal unit of safety is held: until the next order may come."""
    with np.errstate(divide="ignore", invalid="ignore"):
        cycle = np.where(rate > 0, np.maximum(quantity - 1, 0.0) / rate, 0.0)
    return np.clip(np.maximum(cycle, history.review_days), 1.0, LONGEST_COVER_DAYS)


def implied_shortage(history: History, past: Panel) -> Floats:
    """(n,) shortage cost per unit: as known, else the one under which IMPLIED_LEVEL is the critical ratio."""
    rate, _, quantity = _classical(history, past, IMPLIED_LEVEL)
    implied = history.holding_day * held_days(history, quantity, rate) * IMPLIED_LEVEL / (1 - IMPLIED_LEVEL)
    return np.where(np.isnan(history.shortage_cost), implied, history.shortage_cost)


def abc_classes(history: History) -> NDArray[np.object_]:
    """(n,) A, B or C by the value of the demand of the year before the replay: 80 %, 95 %, rest."""
    width = round(YEAR_DAYS / history.period)
    value = history.panel.demand[:, max(history.first - width, 0) : history.first].sum(axis=1) * np.where(
        history.unit_cost > 0, history.unit_cost, 1.0
    )
    order = np.argsort(-value, kind="stable")
    before = np.cumsum(value[order]) - value[order]
    share = before / max(value.sum(), _NEAR)
    found = np.empty(len(value), dtype=object)
    found[order] = np.where(value[order] <= 0, "C", np.where(share < 0.8, "A", np.where(share < 0.95, "B", "C")))
    return found


def lead_periods(history: History, seed: int) -> Floats:
    """(n, periods) lead time of an order placed in each period, drawn from its series' own distribution."""
    count = history.demand.shape[1]
    atoms = np.ceil(history.lead_times.atoms() / history.period)
    if atoms.shape[1] == 1:
        return np.repeat(atoms, count, axis=1)
    drawn = randomness.uniforms(randomness.series_keys(history.panel.ids, seed, "lead times"), count)
    return np.take_along_axis(atoms, (drawn * atoms.shape[1]).astype(np.int64), axis=1)


def _simulate(history: History, settings: list[Setting], lead: Floats) -> Simulation:
    """The whole replay under settings that change at each refit. A policy begins in the middle of its own cycle."""
    cuts = np.array(refits(history)) - history.first
    which = np.searchsorted(cuts, np.arange(history.demand.shape[1]), side="right") - 1
    point, upto, quantity = (
        np.stack([getattr(setting, name) for setting in settings], axis=1)[:, which]
        for name in ("point", "upto", "quantity")
    )
    middle = np.maximum(np.ceil((np.maximum(point[:, 0], 0.0) + upto[:, 0]) / 2), 0.0)
    return simulate_policy(
        history.demand, lead, point, upto, middle, history.review, history.lost_sales, _lots(history),
        quantity if settings[0].lots else None,
    )  # fmt: skip


def _forecasts(history: History, pasts: list[Panel], seed: int, progress: Progress | None) -> list[Forecast | None]:
    """Protection forecasts at each refit; series that do not exist yet then are expected to need nothing."""
    chosen = choose_model(history, pasts[0], seed, progress)
    made: list[Forecast | None] = []
    for done, past in enumerate(pasts):
        if progress:
            progress(f"forecasts as of {past.as_of}", done / len(pasts))
        alive = np.isin(history.panel.ids, past.ids)
        lead = LeadTimes(history.lead_times.levels, history.lead_times.days[alive])
        said = forecast_protection(past, lead, history.review_days[alive], models=chosen, seed=seed)
        made.append(_spread(said, alive, history.panel.ids))
    return made


def choose_model(history: History, past: Panel, seed: int, progress: Progress | None = None) -> Selection:
    """Race of MODELS on a sample of the past, at the middle protection period."""
    keys = randomness.series_keys(past.ids, "replay sample")
    sample = past.take(np.sort(np.argsort(keys)[:_RACE_SERIES]))
    horizon = max(int(np.median(_protection(history)) / history.period), 1)
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


def _classical(history: History, past: Panel, level: float) -> tuple[Floats, Floats, Floats]:
    """(rate per day, reorder point, order quantity) from mean and deviation by period over the last year seen."""
    width = min(round(YEAR_DAYS / history.period), past.periods)
    seen, demand = past.observed[:, -width:], past.demand[:, -width:]
    count = np.maximum(seen.sum(axis=1), 1)
    mean = demand.sum(axis=1) / count
    spread = np.sqrt((np.where(seen, demand - mean[:, None], 0.0) ** 2).sum(axis=1) / np.maximum(count - 1, 1))
    alive = np.isin(history.panel.ids, past.ids)
    every_mean, every_spread = np.zeros(len(alive)), np.zeros(len(alive))
    every_mean[alive], every_spread[alive] = mean, spread
    atoms = history.lead_times.atoms() / history.period
    point = reorder_point_normal(
        level, every_mean, every_spread, atoms.mean(axis=1), atoms.std(axis=1), history.review_days / history.period
    )
    rate = every_mean / history.period
    return rate, np.ceil(point - _NEAR), order_quantity(history, rate)


def _protection(history: History) -> Floats:
    """Mean lead time + review in days."""
    return history.lead_times.atoms().mean(axis=1) + history.review_days


def _lots(history: History) -> Terms:
    return Terms(min_order=history.min_order, multiple=history.multiple)
