"""Candidate policies of a replay: what each would have every item-site order, from what was known on the day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nova_assets.science.balance import Balance
from nova_assets.science.economic import Costs, economic_points
from nova_assets.science.forecast import Forecast, LeadTimes
from nova_assets.science.inventory.eoq import economic_order_quantity, lost_sales_pay
from nova_assets.science.inventory.newsvendor import critical_ratio
from nova_assets.science.inventory.service import reorder_point_normal
from nova_assets.science.panel import Panel
from nova_assets.science.stock import Terms, quantile_at, round_order
from nova_assets.science.supplier_orders import Minimums

Floats = NDArray[np.float64]

YEAR_DAYS = 365
LONGEST_COVER_DAYS = 365.0
IMPLIED_LEVEL = 0.95
"""Service level whose implied shortage cost is used where no shortage cost is known."""

NEAR = 1e-9


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
    max_stock: Floats | float = np.inf  # most units on hand and on order
    supplier: NDArray[np.int64] | None = None  # from whom each is bought, 0, 1, ...; None: from nobody with a minimum
    supplier_min_value: Floats | float = 0.0  # R$ that an order of the supplier is worth at least
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
    multiples of `quantity` where `lots`. Where sales are lost, `projected` is the wanted P(no shortage in the step of
    arrival) of a policy that projects its shelf instead."""

    point: Floats
    upto: Floats
    quantity: Floats
    lots: bool = False
    projected: Floats | None = None


At = Callable[[float], Setting]
Policy = Callable[[History, Panel, "Forecast | None"], At]
"""Of a history, what was known of it on a day, and the forecast of protection demand made then: the setting at each
service level."""


def platform_policy(history: History, past: Panel, forecast: Forecast | None) -> At:
    """As recommendations plan: the exact (s, S) where costs decide, else the rules' service levels, each the mean of
    its group and spent where it costs least; where sales are lost the shelf is projected, at either's level."""
    assert forecast is not None
    targets = history.targets or Targets(
        np.full(len(history.panel), IMPLIED_LEVEL), abc_classes(history), ~np.isnan(history.shortage_cost)
    )
    priced = targets.by_costs & (history.shortage_cost > 0) & (history.holding_day > 0)
    least = _least_cost(history, forecast, history.shortage_cost, priced)
    ratio, balance = _ratio(history, forecast, history.shortage_cost), _balance(history, forecast, targets.group)

    def at(level: float) -> Setting:
        wanted = targets.moved(level)
        setting = _above(history, forecast, balance.points(wanted))
        setting.point[priced], setting.upto[priced] = least
        return _projecting(setting, np.where(priced, ratio, wanted))

    return at


def economic_policy(history: History, past: Panel, forecast: Forecast | None) -> At:
    """Costs decide everywhere, as where a rule gives the shortage cost: the exact (s, S). Where none is known the level
    stands for the one that it implied when the replay began."""
    assert forecast is not None

    def at(level: float) -> Setting:
        shortage = implied_shortage(history, level)
        priced = (shortage > 0) & (history.holding_day > 0)
        setting = _above(history, forecast, _protected(forecast, level))
        setting.point[priced], setting.upto[priced] = _least_cost(history, forecast, shortage, priced)
        return _projecting(setting, np.where(priced, _ratio(history, forecast, shortage), level))

    return at


def _projecting(setting: Setting, level: Floats) -> Setting:
    """The setting with the levels (n,) of a projection; what is at level 0 is not stocked."""
    stocked = level > 0
    return replace(setting, upto=np.where(stocked, setting.upto, 0.0), projected=level)


def _least_cost(
    history: History, forecast: Forecast, shortage: Floats, rows: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """(point, order-up-to level) of least expected cost of some rows."""
    costs = Costs(
        mean=forecast.mean[:, 0],
        protection_days=protection_days(history),
        lead_sd=history.lead_times.atoms().std(axis=1),
        review_days=history.review * history.period,
        holding_day=history.holding_day,
        shortage=shortage,
        order_cost=history.order_cost,
        least_order=np.maximum(history.min_order, history.multiple),
    )
    point, upto, _ = economic_points(forecast.levels, forecast.values[rows, 0], costs.rows(rows))
    return point - NEAR, upto


def _ratio(history: History, forecast: Forecast, shortage: Floats) -> Floats:
    """(n,) critical ratio of costs: a shortage against holding the marginal unit; 0 where demand is better lost than
    served in lots."""
    rate = forecast.mean[:, 0] / protection_days(history)
    quantity = order_quantity(history, rate)
    ratio = critical_ratio(shortage, history.holding_day * held_days(history, quantity, rate))
    in_lots = history.lost_sales & ((history.order_cost > 0) | (quantity > 1))
    pays = lost_sales_pay(shortage, history.order_cost, history.holding_day, rate, quantity)
    return np.where(in_lots & ~pays, 0.0, ratio)


def quantile_policy(history: History, past: Panel, forecast: Forecast | None) -> At:
    """The same level everywhere: the quantile of forecast protection demand, below which the economic quantity is
    ordered."""
    assert forecast is not None
    return lambda level: _above(history, forecast, _protected(forecast, level))


def balanced_policy(history: History, past: Panel, forecast: Forecast | None) -> At:
    """The same forecasts, the level being the mean of each ABC class and spent where it costs least."""
    assert forecast is not None
    balance = _balance(history, forecast, abc_classes(history))
    return lambda level: _above(history, forecast, balance.points(level))


def _balance(history: History, forecast: Forecast, groups: NDArray[np.object_]) -> Balance:
    return Balance(forecast.levels, forecast.values[:, 0], np.maximum(history.holding_day, NEAR), groups)


def _protected(forecast: Forecast, level: float) -> Floats:
    every = np.full(len(forecast.values), level)
    return np.ceil(quantile_at(forecast.levels, forecast.values[:, 0], every) - NEAR)


def _above(history: History, forecast: Forecast, point: Floats) -> Setting:
    """The economic quantity above a reorder point."""
    quantity = order_quantity(history, forecast.mean[:, 0] / protection_days(history))
    # An order is due below the point, not at it.
    return Setting(point - NEAR, np.where(point > 0, point + np.maximum(quantity - 1, 0), 0.0), quantity)


def minmax_policy(history: History, past: Panel, forecast: Forecast | None) -> At:
    """Classical min/max on the last year's mean and deviation: the minimum is the normal reorder point of the
    protection period, the maximum lies an economic quantity above."""

    moments = period_moments(history, past)

    def at(level: float) -> Setting:
        rate, point, quantity = classical(history, moments, level)
        return Setting(np.where(rate > 0, point, -NEAR), np.where(rate > 0, point + quantity, 0.0), quantity)

    return at


def sq_policy(history: History, past: Panel, forecast: Forecast | None) -> At:
    """Classical (s, Q): the same minimum, and always whole economic quantities."""

    moments = period_moments(history, past)

    def at(level: float) -> Setting:
        rate, point, quantity = classical(history, moments, level)
        # What is owed without a rate of demand is bought in the smallest lots.
        lots = np.where(rate > 0, quantity, round_order(np.ones(len(rate)), lot_terms(history)))
        return Setting(np.where(rate > 0, point, -NEAR), np.where(rate > 0, point + quantity, 0.0), lots, lots=True)

    return at


POLICIES: dict[str, Policy] = {
    "platform": platform_policy,
    "quantile": quantile_policy,
    "economic": economic_policy,
    "balanced": balanced_policy,
    "minmax": minmax_policy,
    "sq": sq_policy,
}
FORECASTING = ("platform", "quantile", "economic", "balanced")
PROJECTING = ("platform", "economic")
"""Those that project the shelf where sales are lost."""


def order_quantity(history: History, rate: Floats) -> Floats:
    """Economic quantity of a daily rate (n,), at most a year's demand, in whole lots; 0 without demand."""
    best = economic_order_quantity(history.order_cost, history.holding_day, rate)
    best = np.minimum(best, np.ceil(rate * LONGEST_COVER_DAYS))
    return round_order(np.maximum(best, np.where(rate > 0, 1.0, 0.0)), lot_terms(history))


def held_days(history: History, quantity: Floats, rate: Floats) -> Floats:
    """Days that the marginal unit of safety is held: until the next order may come."""
    with np.errstate(divide="ignore", invalid="ignore"):
        cycle = np.where(rate > 0, np.maximum(quantity - 1, 0.0) / rate, 0.0)
    return np.clip(np.maximum(cycle, history.review_days), 1.0, LONGEST_COVER_DAYS)


def implied_shortage(history: History, level: float = IMPLIED_LEVEL) -> Floats:
    """(n,) shortage cost per unit: as known, else the one under which `level` was the critical ratio when the replay
    began."""
    rate, _, quantity = classical(history, period_moments(history, history.panel.until(history.first)), level)
    implied = history.holding_day * held_days(history, quantity, rate) * level / (1 - level)
    return np.where(np.isnan(history.shortage_cost), implied, history.shortage_cost)


def abc_classes(history: History) -> NDArray[np.object_]:
    """(n,) A, B or C by the value of the demand of the year before the replay: 80 %, 95 %, rest."""
    width = round(YEAR_DAYS / history.period)
    value = history.panel.demand[:, max(history.first - width, 0) : history.first].sum(axis=1) * np.where(
        history.unit_cost > 0, history.unit_cost, 1.0
    )
    order = np.argsort(-value, kind="stable")
    before = np.cumsum(value[order]) - value[order]
    share = before / max(value.sum(), NEAR)
    found = np.empty(len(value), dtype=object)
    found[order] = np.where(value[order] <= 0, "C", np.where(share < 0.8, "A", np.where(share < 0.95, "B", "C")))
    return found


def period_moments(history: History, past: Panel) -> tuple[Floats, Floats]:
    """(n,) mean and deviation of the demand of a period over the last year seen; 0 for series that are not born."""
    width = min(round(YEAR_DAYS / history.period), past.periods)
    seen, demand = past.observed[:, -width:], past.demand[:, -width:]
    count = np.maximum(seen.sum(axis=1), 1)
    mean = demand.sum(axis=1) / count
    spread = np.sqrt((np.where(seen, demand - mean[:, None], 0.0) ** 2).sum(axis=1) / np.maximum(count - 1, 1))
    alive = born(history, past)
    every_mean, every_spread = np.zeros(len(alive)), np.zeros(len(alive))
    every_mean[alive], every_spread[alive] = mean, spread
    return every_mean, every_spread


def born(history: History, past: Panel) -> NDArray[np.bool_]:
    """(n,) series of the history that the past knows."""
    known = set(past.ids)
    return np.fromiter((series in known for series in history.panel.ids), bool, len(history.panel))


def classical(history: History, moments: tuple[Floats, Floats], level: float) -> tuple[Floats, Floats, Floats]:
    """(rate per day, reorder point, order quantity) of the classical rules from `period_moments`."""
    mean, spread = moments
    atoms = history.lead_times.atoms() / history.period
    point = reorder_point_normal(
        level, mean, spread, atoms.mean(axis=1), atoms.std(axis=1), history.review_days / history.period
    )
    rate = mean / history.period
    return rate, np.ceil(point - NEAR), order_quantity(history, rate)


def protection_days(history: History) -> Floats:
    """Mean lead time + review in days."""
    return history.lead_times.atoms().mean(axis=1) + history.review_days


def lot_terms(history: History) -> Terms:
    return Terms(min_order=history.min_order, multiple=history.multiple, max_stock=history.max_stock)


def supplier_minimums(history: History) -> Minimums | None:
    """What suppliers ask of a whole order, brought forward at the rate of the year before the replay; None where nobody
    asks for anything."""
    least = np.broadcast_to(np.asarray(history.supplier_min_value, dtype=float), len(history.panel))
    if history.supplier is None or not (least > 0).any():
        return None
    mean, _ = period_moments(history, history.panel.until(history.first))
    longest = max(int(LONGEST_COVER_DAYS / history.period), 1)
    return Minimums(history.supplier, least, history.unit_cost, mean, longest)
