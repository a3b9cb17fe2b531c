"""The rules of a decision about one item-site, and its explanation. Plain numbers in, plain numbers out.

An order is due when everything on hand and on the way, late orders included, falls below the reorder point: what is
ordered already is never ordered again. The risk is judged without the late orders: a late order is to be expedited only
where its absence makes a stock-out likely, the oldest first and no more of them than it takes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from nova_assets.analytics.stock_policies import LEVELS, number
from nova_assets.science import quantiles, stock
from nova_assets.science.quantiles import GRID

PRIORITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
LIKELY, POSSIBLE = 0.5, 0.2
HIGH_CRITICALITY = 8.0
FAR_DAYS = 3650
"""A stock that lasts longer than this has no run-out date."""

_STOCK_TERMS = (
    "on_hand", "on_order", "on_order_late", "on_order_later", "on_order_abandoned", "reserved", "backorder", "position",
    "supply",
)  # fmt: skip
_POLICY_TERMS = (
    "protection_days", "lead_time_days", "review_days", "service_level", "reorder_point", "order_up_to",
    "min_order_qty", "order_multiple", "unit_cost", "holding_cost_unit_day", "shortage_cost_unit",
)  # fmt: skip
_SHOWN_LEVELS = (0.5, 0.9, 0.95, 0.99)


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
    def demand_day(self) -> float:
        return self.row["mean"] / self.row["protection_days"]

    def risk(self, position: float) -> float:
        """Probability that protection demand exceeds a position in units."""
        return float(stock.stockout_probability(LEVELS, self.demand[None, :], position)[0])

    @property
    def price(self) -> float:
        """R$ per unit at the chosen source, else the standard cost; 0 where neither is known."""
        price = json.loads(self.row["terms"])["unit_price"]["value"]
        return float(price if price is not None else self.row["unit_cost"] or 0.0)


@dataclass(frozen=True)
class Act:
    """What to do: `before` is the position in units from which the action starts, `order` the line to expedite."""

    case: Case
    action: str
    quantity: float
    before: float
    order: dict | None = None


def decide(case: Case) -> list[Act]:
    """Late orders to expedite and at most one order to place, else one HOLD. What is discontinued is not bought."""
    row, reached = case.row, case.row["position"]
    acts: list[Act] = []
    if row["active"]:
        for order in case.late:
            if reached >= row["reorder_point"] or case.risk(reached) < POSSIBLE:
                break
            acts.append(Act(case, "EXPEDITE", order["remaining"], reached, order))
            reached += order["remaining"]
        quantity = reorder_quantity(row)
        if quantity > 0:
            acts.append(Act(case, "REORDER", quantity, row["supply"]))
    return acts or [Act(case, "HOLD", 0.0, row["position"])]


def reorder_quantity(row: dict) -> float:
    """Units that bring the supply to the order-up-to level, in whole lots; 0 while it covers the reorder point."""
    if row["supply"] >= row["reorder_point"]:
        return 0.0
    lots = stock.Terms(min_order=row["min_order_qty"], multiple=row["order_multiple"])
    return float(stock.round_order(row["order_up_to"] - row["supply"], lots))


def priority(action: str, probability: float, criticality: float | None, backorder: float) -> str:
    """LOW to CRITICAL by the probability of a stock-out, one step up each for a critical material and for debts."""
    if action == "HOLD":
        return "LOW"
    step = 2 if probability >= LIKELY else 1 if probability >= POSSIBLE else 0
    step += (criticality or 0.0) >= HIGH_CRITICALITY
    step += backorder > 0
    return PRIORITIES[min(step, len(PRIORITIES) - 1)]


def dates(act: Act) -> tuple[date | None, date | None]:
    """(last day to act, day of arrival). An order can wait while the position still covers lead time + waiting."""
    case, row = act.case, act.case.row
    if act.action == "HOLD":
        return None, None
    if act.action == "EXPEDITE":
        return case.as_of, run_out(case)
    share = max(row["position"], 0.0) / row["reorder_point"] if row["reorder_point"] > 0 else 0.0
    spare = share * row["protection_days"] - row["lead_time_days"]
    order_by = case.as_of + timedelta(days=floor(min(max(spare, 0.0), row["review_days"])))
    return order_by, order_by + timedelta(days=ceil(row["lead_time_days"]))


def run_out(case: Case) -> date | None:
    """Day on which what is free on the shelf ends at the mean rate of demand; None when that is very far."""
    row = case.row
    free = row["on_hand"] - row["reserved"] - row["backorder"]
    if free <= 0:
        return case.as_of
    days = free / case.demand_day if case.demand_day > 0 else FAR_DAYS
    return case.as_of + timedelta(days=floor(days)) if days < FAR_DAYS else None


def explain(case: Case) -> str:
    """JSON: the whole calculation with its own numbers."""
    row = case.row
    level = float(quantiles.interpolate(LEVELS, case.demand, [row["service_level"]])[0])
    return json.dumps(
        {
            **{name: number(row[name]) for name in (*_POLICY_TERMS, *_STOCK_TERMS)},
            "inventory_date": str(row["stock_date"]),
            "protection_quantile": number(level),
            "protection_mean": number(row["mean"]),
            **{f"protection_p{round(100 * at)}": number(case.demand[GRID.index(at)]) for at in _SHOWN_LEVELS},
            "mean_30": number(row["mean_30"]),
            "model": row["model"],
            "supplier_code": row["supplier_code"],
            "unit_price": number(case.price),
            "active": row["active"],
            "open_orders": [
                {
                    "order": line["order_ref"],
                    "quantity": number(line["remaining"]),
                    "due": str(line["due"]),
                    "state": line["state"],
                }
                for line in (*case.late, *case.coming)
            ],
        },
        ensure_ascii=False,
    )


def flips(act: Act, covered: float) -> str:
    """JSON list: for each input the value, the others kept, beyond which the decision turns; smallest change first.

    `covered` is the probability that demand stays within what the action starts from. The reorder point is taken to
    move in proportion to demand and to the protected days. An input that no value of which would turn it is left out.
    """
    row, up = act.case.row, act.action == "HOLD"
    held, point = row["position"] if act.action == "EXPEDITE" else row["supply"], row["reorder_point"]
    found: list[tuple[str, float, float]] = [("position", held, float(point))]
    if 0 < covered < 1:
        found.append(("service_level", row["service_level"], covered))
    if point > 0 and held > 0:
        found.append(("demand_per_month", row["mean_30"], held / point * row["mean_30"]))
        lead = held / point * row["protection_days"] - row["review_days"]
        found += [("lead_time_days", row["lead_time_days"], lead)] if lead > 0 else []
    found.sort(key=lambda change: abs(change[2] - change[1]) / max(abs(change[1]), 1e-9))
    to = "REORDER" if up else "HOLD"
    return json.dumps(
        [{"input": name, "now": number(now), "flips_at": number(at), "to_action": to} for name, now, at in found]
    )
