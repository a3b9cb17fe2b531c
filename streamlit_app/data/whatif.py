"""What-if on the stored quantile grids: demand, lead time, service and budget of a selection, reckoned at once.

Nothing is forecast here and nothing is written: the stored distribution of protection demand is scaled and read at
another level, no stock going beyond a rule's maximum. With demand times d and a protection period r times as long, the
mean grows by d·r and the spread around it by d·√r (days taken as independent). The position that meets the demand lies
anywhere between reorder point and order-up-to level alike (Hadley and Whitin 1963, chapter 4). The recorded replay,
which simulates day by day, is the answer to decide on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from streamlit_app.access.sessions import Session
from streamlit_app.data.cache import made
from streamlit_app.data.filters import Filters

YEAR_DAYS = 365
# Levels of the curve of service against stock.
CURVE_LEVELS = (0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975, 0.98, 0.99)
Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Change:
    """What the reader turns: factors of demand and lead time (1 is today), a service level (None keeps each one's own),
    and how much may be spent today (None is no limit, R$)."""

    demand: float = 1.0
    lead_time: float = 1.0
    service: float | None = None
    budget: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A selection under a change. Money in R$; `available` is a share.

    capital: value of the mean stock. holding_year: its holding cost per year. available: mean probability that an
    item-site is not out of stock at the end of a protection period. shortage_cost: expected cost of the shortage of
    one. need: purchases due today; spend: those within the budget; avoided: the shortage cost that these avoid;
    lines: how many they are.
    """

    capital: float
    holding_year: float
    available: float
    shortage_cost: float
    need: float
    spend: float
    avoided: float
    lines: int


@dataclass(frozen=True, slots=True)
class Grid:
    """The selection as arrays: n item-sites, k quantile levels."""

    levels: Array
    values: Array
    mean: Array
    reorder_point: Array
    order_up_to: Array
    max_stock: Array  # infinite where no rule caps it
    position: Array
    lead_time_days: Array
    review_days: Array
    unit_cost: Array
    holding: Array
    shortage: Array
    family: Array


@dataclass(frozen=True, slots=True)
class _Policy:
    """Levels of every item-site under a change, with the distribution that they face (each n, values n × k)."""

    values: Array
    mean: Array
    reorder_point: Array
    order_up_to: Array


def grid(session: Session, filters: Filters) -> Grid | None:
    """The stored grid of a selection; None when it holds nothing."""
    return made(session, _grid, "whatif_grid", **filters.params())


def _grid(rows: pd.DataFrame) -> Grid | None:
    return None if rows.empty else grid_of(rows)


def grid_of(rows: pd.DataFrame) -> Grid:
    """Arrays of the rows of sql/app/whatif_grid.sql; every row has a grid of the same length."""

    def numbers(name: str) -> Array:
        return rows[name].to_numpy(float)

    return Grid(
        levels=np.vstack(rows["quantile_levels"].ffill().to_list()).astype(float),
        values=np.vstack(rows["quantile_values"].to_list()).astype(float),
        mean=numbers("mean"),
        reorder_point=numbers("reorder_point"),
        order_up_to=numbers("order_up_to"),
        max_stock=rows["max_stock"].astype(float).fillna(np.inf).to_numpy(),
        position=numbers("position"),
        lead_time_days=numbers("lead_time_days"),
        review_days=numbers("review_days"),
        unit_cost=numbers("unit_cost"),
        holding=numbers("holding_cost_unit_day"),
        shortage=numbers("shortage_cost_unit"),
        family=rows["family"].fillna("").to_numpy(str),
    )


def outcome(given: Grid, change: Change) -> Outcome:
    """The selection under a change."""
    policy = _policy(given, change)
    buy, spend, avoided = _purchases(given, policy)
    chosen = _within(spend, avoided, change.budget) & buy
    return Outcome(
        capital=float(_capital(given, policy).sum()),
        holding_year=float((_mean_stock(policy) * given.holding).sum()) * YEAR_DAYS,
        available=float(_available(given.levels, policy).mean()),
        shortage_cost=float((_shortage(given.levels, policy) * given.shortage).sum()),
        need=float(spend[buy].sum()),
        spend=float(spend[chosen].sum()),
        avoided=float(avoided[chosen].sum()),
        lines=int(chosen.sum()),
    )


def curve(given: Grid, change: Change) -> pd.DataFrame:
    """What every item-site aiming at the same service level would come to: service, capital, available."""
    rows = []
    for level in CURVE_LEVELS:
        policy = _policy(given, Change(change.demand, change.lead_time, level))
        capital, available = float(_capital(given, policy).sum()), float(_available(given.levels, policy).mean())
        rows.append({"service": level, "capital": capital, "available": available})
    return pd.DataFrame(rows)


def by_family(given: Grid, change: Change) -> pd.DataFrame:
    """Where the capital goes: family, capital_before, capital_after, shortage cost before and after."""
    today, then = _policy(given, Change()), _policy(given, change)
    table = {"family": given.family}
    for name, policy in (("before", today), ("after", then)):
        table[f"capital_{name}"] = _capital(given, policy)
        table[f"shortage_{name}"] = _shortage(given.levels, policy) * given.shortage
    return cast(pd.DataFrame, pd.DataFrame(table).groupby("family", as_index=False).sum())


def _policy(given: Grid, change: Change) -> _Policy:
    before = given.lead_time_days + given.review_days
    after = given.lead_time_days * change.lead_time + given.review_days
    longer = np.divide(after, before, out=np.ones_like(before), where=before > 0)
    spread = change.demand * np.sqrt(longer)
    mean = change.demand * longer * given.mean
    values = np.maximum(mean[:, None] + spread[:, None] * (given.values - given.mean[:, None]), 0.0)
    if change.service is None:
        # The same probability as today: the level moves with the distribution.
        point = np.maximum(mean + spread * (given.reorder_point - given.mean), 0.0)
    else:
        point = _at(given.levels, values, change.service)
    lot = np.maximum(given.order_up_to - given.reorder_point, 0.0) * change.demand
    return _Policy(values, mean, np.minimum(point, given.max_stock), np.minimum(point + lot, given.max_stock))


def _mean_stock(policy: _Policy) -> Array:
    """Safety stock plus half of the cycle, never below zero (units)."""
    return np.maximum(policy.reorder_point - policy.mean, 0.0) + (policy.order_up_to - policy.reorder_point) / 2


def _capital(given: Grid, policy: _Policy) -> Array:
    """Value of the mean stock (R$)."""
    return _mean_stock(policy) * given.unit_cost


def _at(levels: Array, values: Array, wanted: float) -> Array:
    """Quantile of each row at one level, by linear interpolation; the grid's ends beyond it."""
    last = levels.shape[1] - 1
    right = np.clip((levels < wanted).sum(axis=1), 1, last)
    rows = np.arange(len(levels))
    low, high = levels[rows, right - 1], levels[rows, right]
    weight = np.clip((wanted - low) / (high - low), 0.0, 1.0)
    return values[rows, right - 1] * (1 - weight) + values[rows, right] * weight


def _available(levels: Array, policy: _Policy) -> Array:
    """Probability that the position covers the demand."""
    room = (policy.order_up_to - policy.reorder_point)[:, None]
    left = policy.order_up_to[:, None] - policy.values
    some = np.divide(left, room, out=(left >= 0).astype(float), where=room > 0)
    return (_mass(levels) * np.clip(some, 0.0, 1.0)).sum(axis=1)


def _shortage(levels: Array, policy: _Policy) -> Array:
    """Expected units short."""
    room = (policy.order_up_to - policy.reorder_point)[:, None]
    from_point, from_top = (
        np.maximum(policy.values - stock[:, None], 0.0) for stock in (policy.reorder_point, policy.order_up_to)
    )
    mean = np.divide(from_point**2 - from_top**2, 2 * room, out=from_point, where=room > 0)
    return (_mass(levels) * mean).sum(axis=1)


def _shortage_at(levels: Array, values: Array, stock: Array) -> Array:
    """Expected units short of one position: the loss function."""
    return (_mass(levels) * np.maximum(values - stock[:, None], 0.0)).sum(axis=1)


def _mass(levels: Array) -> Array:
    """Probability that each value of the grid stands for: half way to its neighbours, the ends all beyond them."""
    halfway = (levels[:, 1:] + levels[:, :-1]) / 2
    return np.diff(halfway, axis=1, prepend=0.0, append=1.0)


def _purchases(given: Grid, policy: _Policy) -> tuple[Array, Array, Array]:
    """Which item-sites order today, what each order costs and the shortage cost that it avoids."""
    buy = (given.position < policy.reorder_point) & (policy.order_up_to > given.position)
    quantity = np.where(buy, policy.order_up_to - given.position, 0.0)
    without = _shortage_at(given.levels, policy.values, given.position)
    with_it = _shortage_at(given.levels, policy.values, given.position + quantity)
    return buy, quantity * given.unit_cost, (without - with_it) * given.shortage


def _within(spend: Array, avoided: Array, budget: float | None) -> Array:
    """The orders that fit into the budget, the most avoided cost per R$ first."""
    if budget is None:
        return np.ones(len(spend), dtype=bool)
    worth = np.divide(avoided, spend, out=np.full_like(avoided, np.inf), where=spend > 0)
    order = np.argsort(-worth, kind="stable")
    fits = np.zeros(len(spend), dtype=bool)
    fits[order] = np.cumsum(spend[order]) <= budget
    return fits
