"""Orders raised to what the supplier takes: the rule of science/supplier_orders on the decisions of a day."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nova_assets.analytics.decisions import Act, Case, reorder_quantity
from nova_assets.science.supplier_orders import Minimums, joint_orders

_RAISED = {"HOLD", "EXPEDITE", "REORDER"}


def raise_orders(acts: dict[tuple[int, int], list[Act]], cases: list[Case], kept: Container[tuple[int, int]]) -> None:
    """Orders below their supplier's minimum with what comes due soonest added to them; changes `acts`.

    What was approved already goes with them. Left as they are: item-sites of `kept`, which give to others, and those
    that are served from elsewhere, out of use or replaced.
    """
    bought = [case for case in cases if (case.row["supplier_min_value"] or 0) > 0 and case.price > 0]
    if not bought:
        return
    due = np.array([_ordered(acts[case.key]) for case in bought])
    flexible = [
        bool(case.row["active"])
        and not case.row["successor_code"]
        and case.row["order_up_to"] > 0
        and case.key not in kept
        and {act.action for act in acts[case.key]} <= _RAISED
        for case in bought
    ]

    def order(used: NDArray[np.float64]) -> NDArray[np.float64]:
        if not used.any():
            return due
        return np.array([
            reorder_quantity(case.row, used=gone) if able and gone > 0 else now
            for case, able, gone, now in zip(bought, flexible, used, due, strict=True)
        ])  # fmt: skip

    _, supplier = np.unique([case.row["supplier_id"] for case in bought], return_inverse=True)
    price = np.array([case.price for case in bought])
    least = np.array([float(case.row["supplier_min_value"]) for case in bought])
    rate = np.array([case.demand_day for case in bought])
    promised = np.array([max(case.row["on_order_approved"], 0.0) for case in bought]) * price
    approved = np.bincount(supplier, promised).astype(float)[supplier]
    quantity, ahead = joint_orders(order, Minimums(supplier, least, price, rate), approved)
    value = np.bincount(supplier, quantity * price)[supplier] + approved
    was_short = np.bincount(supplier, due * price)[supplier] + approved < least
    for n in np.flatnonzero((quantity > 0) & was_short):
        case, units = bought[n], float(quantity[n])
        told = {
            "supplier_min_value": least[n],
            "supplier_order_value": float(value[n]),
            "days_ahead": int(ahead[n]),
            "due_quantity": float(due[n]),
        }
        others = [act for act in acts[case.key] if act.action not in {"HOLD", "REORDER"}]
        now = next((act for act in acts[case.key] if act.action == "REORDER"), None)
        now = now or Act(case, "REORDER", 0.0, case.row["supply"])
        acts[case.key] = [*others, replace(now, quantity=units, spend=units * case.price, told=now.told | told)]


def _ordered(acts: list[Act]) -> float:
    return sum(act.quantity for act in acts if act.action == "REORDER")
