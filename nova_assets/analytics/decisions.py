"""The rules of a decision about one item-site. Plain numbers in, plain numbers out.

An order is due when everything on hand and on the way, late and approved orders included, falls below the reorder
point: what is ordered already is never ordered again. The risk is judged without the late orders: a late order is to be
expedited only where its absence makes a stock-out likely, the oldest first and no more of them than it takes.

What keeps the advice steady from day to day: an order is at least the economic quantity, so that after one the supply
has to fall by as much before the next is due; and what somebody decided is not asked again (see positions.py).
"""

from __future__ import annotations

import json
from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from nova_assets.analytics.order_points import LEVELS
from nova_assets.science import stock

PRIORITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
LIKELY, POSSIBLE = 0.5, 0.2
HIGH_CRITICALITY = 8.0
FAR_DAYS = 3650
"""A stock that lasts longer than this has no run-out date."""

BRINGS = ("EXPEDITE", "REORDER", "REALLOCATE", "SUBSTITUTE")
"""Actions that raise the stock, as opposed to HOLD, REDUCE and DISPOSE."""


@dataclass(frozen=True)
class Case:
    """One item-site on one date. `row` holds its stock, policy, pair and forecast by column name, `demand` the
    quantiles (Q,) of protection demand on the grid."""

    as_of: date
    row: dict
    demand: NDArray[np.float64]
    late: list[dict]  # open orders past their promised day, oldest first
    coming: list[dict]  # the other open orders

    @property
    def key(self) -> tuple[int, int]:
        return self.row["item_id"], self.row["site_id"]

    @cached_property
    def policy(self) -> dict:
        """The policy's parameters with their sources."""
        return json.loads(self.row["terms"])

    @property
    def method(self) -> str:
        """How the reorder point was made: QUANTILE, BALANCED, COSTS or PROJECTION."""
        return self.policy["method"]["value"]

    @property
    def demand_day(self) -> float:
        return self.row["mean"] / self.row["protection_days"]

    @property
    def free(self) -> float:
        """Units on the shelf that nobody is waiting for, less what was decided to be given away."""
        row = self.row
        return row["on_hand"] - row["reserved"] - row["backorder"] + min(row["on_order_approved"], 0.0)

    def risk(self, position: float) -> float:
        """Probability that protection demand exceeds a position in units."""
        return float(stock.stockout_probability(LEVELS, self.demand[None, :], position)[0])

    @property
    def price(self) -> float:
        """R$ per unit at the chosen source, else the standard cost; 0 where neither is known."""
        price = self.policy["unit_price"]["value"]
        return float(price if price is not None else self.row["unit_cost"] or 0.0)


@dataclass(frozen=True)
class Act:
    """What to do: `before` is the position in units from which the action starts, `order` the line to expedite, `other`
    the item-site that gives or stands in, `days` how long the material takes where that is not the supplier's lead
    time, `spend` R$, `told` further terms of the decision."""

    case: Case
    action: str
    quantity: float
    before: float
    order: dict | None = None
    other: Case | None = None
    days: float | None = None
    spend: float = 0.0
    told: dict = field(default_factory=dict)


def decide(case: Case, settled: Set[tuple] = frozenset()) -> list[Act]:
    """Late orders to expedite and at most one order to place, else one HOLD. What is discontinued is not bought.

    `settled` holds (item_id, site_id, action, order_ref) of what people have decided on: a late order is pressed once.
    """
    row, reached = case.row, case.row["position"]
    acts: list[Act] = []
    if row["active"]:
        for order in case.late:
            if reached >= row["reorder_point"] or case.risk(reached) < POSSIBLE:
                break
            if (*case.key, "EXPEDITE", order["order_ref"]) not in settled:
                acts.append(Act(case, "EXPEDITE", order["remaining"], reached, order))
            reached += order["remaining"]
        order = reorder(case)
        acts += [order] if order else []
    return acts or [hold(case)]


def hold(case: Case) -> Act:
    return Act(case, "HOLD", 0.0, case.row["position"])


def reorder(case: Case, extra: float = 0.0) -> Act | None:
    """Order of what is missing once `extra` units have come from elsewhere; None while the reorder point is covered."""
    quantity = reorder_quantity(case.row, extra)
    if quantity <= 0:
        return None
    return Act(case, "REORDER", quantity, case.row["supply"] + extra, spend=quantity * case.price)


def reorder_quantity(row: dict, extra: float = 0.0, used: float = 0.0) -> float:
    """Units that bring the supply to the order-up-to level, in whole lots, as far as the maximum stock leaves room; 0
    while it covers the reorder point. `extra` units have come from elsewhere, `used` more are gone."""
    supply = row["supply"] + extra
    if supply - used >= row["reorder_point"]:
        return 0.0
    ceiling = np.inf if row["max_stock"] is None else float(row["max_stock"])
    lots = stock.Terms(min_order=row["min_order_qty"], multiple=row["order_multiple"], max_stock=ceiling)
    return float(stock.fit_order(row["order_up_to"] - supply + used, supply, lots))


def priority(action: str, probability: float, criticality: float | None, backorder: float) -> str:
    """LOW to CRITICAL by the probability of a stock-out, one step up each for a critical material and for debts."""
    if action not in BRINGS:
        return "LOW"
    step = 2 if probability >= LIKELY else 1 if probability >= POSSIBLE else 0
    step += (criticality or 0.0) >= HIGH_CRITICALITY
    step += backorder > 0
    return PRIORITIES[min(step, len(PRIORITIES) - 1)]


def dates(act: Act) -> tuple[date | None, date | None]:
    """(last day to act, day of arrival). An order can wait while the position still covers lead time + waiting, unless
    unmet demand is lost: that quantity is made for the very arrival of an order placed today."""
    case, row = act.case, act.case.row
    if act.action not in BRINGS:
        return None, None
    if act.action == "EXPEDITE":
        return case.as_of, run_out(case)
    if act.days is not None:
        return case.as_of, case.as_of + timedelta(days=ceil(act.days))
    share = max(row["position"], 0.0) / row["reorder_point"] if row["reorder_point"] > 0 else 0.0
    spare = share * row["protection_days"] - row["lead_time_days"]
    waits = 0.0 if row["unmet_demand"] == "LOST" else min(max(spare, 0.0), row["review_days"])
    order_by = case.as_of + timedelta(days=floor(waits))
    return order_by, order_by + timedelta(days=ceil(row["lead_time_days"]))


def run_out(case: Case) -> date | None:
    """Day on which what is free on the shelf ends at the mean rate of demand; None when that is very far."""
    row = case.row
    free = row["on_hand"] - row["reserved"] - row["backorder"]
    if free <= 0:
        return case.as_of
    days = free / case.demand_day if case.demand_day > 0 else FAR_DAYS
    return case.as_of + timedelta(days=floor(days)) if days < FAR_DAYS else None
