"""Reorder point, safety stock and order-up-to level of every item-site, with where each number came from.

An order is due when the position falls below the reorder point, and brings it up to the order-up-to level: with an
order quantity of one that is a base stock at the reorder point itself. `order_points` tells how they are made.
"""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pyarrow as pa

from nova_assets.analytics import Tools, defaults, frames
from nova_assets.analytics.order_points import OrderPoints, order_points
from nova_assets.analytics.planning_costs import Economics, settle_costs
from nova_assets.analytics.planning_terms import SCOPE, PlanningTerms, load_terms
from nova_resources.postgres import Database
from nova_resources.tables import Window

_SALE = ("unit_price", "min_order_qty", "order_multiple")
_BECAUSE = {
    "QUANTILE": "demand of the protection period",
    "BALANCED": "service level shared where it costs least",
    "COSTS": "least cost of holding, shortage and orders",
    "PROJECTION": "unmet demand is lost",
}


def compute_stock_policies(db: Database, window: Window, tools: Tools | None = None) -> pa.Table:
    """analytics.stock_policies of the window's last day."""
    as_of = frames.as_of_date(window)
    terms = load_terms(db, as_of)
    forecasts = frames.read(db, "analytics/inputs/forecasts", as_of=as_of, target="PROTECTION")
    joined = terms.frame.select("item_id", "site_id").join(
        forecasts, on=["item_id", "site_id"], how="left", maintain_order="left"
    )
    if joined["mean"].null_count():
        missing = joined["mean"].null_count()
        raise ValueError(f"{missing} item-sites have no forecast on {as_of}: materialize analytics.forecasts first")
    selection = frames.read(db, "analytics/inputs/model_selection", as_of=as_of)
    chosen_on = str(selection["as_of"][0]) if len(selection) else None
    mean, protection = joined["mean"].to_numpy(), joined["horizon_days"].to_numpy()
    costs = settle_costs(terms, mean, protection)
    points = order_points(db, as_of, terms, costs, joined, tools)
    frame = terms.frame
    return frames.rows_of(
        "analytics.stock_policies",
        as_of,
        {
            "item_id": frame["item_id"],
            "site_id": frame["site_id"],
            "supplier_id": frame["supplier_id"],
            "service_level": points.level,
            "review_days": terms.review_days,
            "lead_time_days": terms.number("lead_mean"),
            "protection_days": protection,
            "reorder_point": points.point,
            "safety_stock": points.point - mean,
            "order_up_to": points.upto,
            "min_order_qty": terms.number("min_order_qty", 0.0),
            "order_multiple": terms.number("order_multiple", 0.0),
            "max_stock": terms.number("max_stock"),
            "supplier_min_value": terms.number("supplier_min_value"),
            "unit_cost": costs.unit_cost,
            "holding_cost_unit_day": costs.holding_day,
            "shortage_cost_unit": costs.shortage,
            "unmet_demand": frame["unmet_demand"].fill_null(defaults.UNMET_DEMAND),
            "terms": _explanations(terms, costs, points, joined, chosen_on),
        },
    )


def _explanations(
    terms: PlanningTerms, costs: Economics, points: OrderPoints, forecasts: pl.DataFrame, chosen_on: str | None
) -> list[str]:
    """JSON per item-site: every parameter with its value and its source, and the terms of the formulas."""
    by = f"backtest of {chosen_on}" if chosen_on else "default before the first backtest"
    told = zip(terms.frame.iter_rows(named=True), forecasts.iter_rows(named=True), strict=True)
    return [
        json.dumps(
            {
                "service_level": _service_level(row, n, terms, costs, points),
                "review_days": _given(row, "review_days", terms, defaults.REVIEW_DAYS),
                "lead_time_days": _lead_time(row, terms),
                "supplier": {"value": row["supplier_code"], "source": row["source_from"]},
                **{name: {"value": row[name], "source": row["source_from"]} for name in _SALE},
                "holding_rate_year": _given(row, "holding_rate_year", terms, defaults.HOLDING_RATE_YEAR),
                "holding_cost_unit_day": _given(
                    row, "holding_cost_unit_day", terms, costs.holding_day[n], "yearly rate on unit cost"
                ),
                "shortage_cost_unit": _given(
                    row, "shortage_cost_unit", terms, costs.shortage[n], "implied by the service level"
                ),
                "fixed_order_cost": _given(row, "fixed_order_cost", terms, defaults.FIXED_ORDER_COST),
                "max_stock": _given(row, "max_stock", terms, None, "no maximum"),
                "supplier_min_value": {"value": number(row["supplier_min_value"]), "source": "terms of sale"},
                "unmet_demand": _given(row, "unmet_demand", terms, defaults.UNMET_DEMAND),
                "model": {"value": points.model[n], "source": "race on weeks" if points.raced[n] else by},
                "demand_mean": _demand_mean(said),
                "economic_order_quantity": {"value": number(costs.economic_quantity[n]), "source": "formula"},
                "order_quantity": {"value": number(_order_quantity(n, costs, points)), "source": "formula"},
                "method": {"value": points.method[n], "source": _BECAUSE[points.method[n]]},
            },
            ensure_ascii=False,
        )
        for n, (row, said) in enumerate(told)
    ]


def _service_level(row: dict, n: int, terms: PlanningTerms, costs: Economics, points: OrderPoints) -> dict:
    """The item-site's own level, and where it follows from; `group_level` is the mean that it has its share in."""
    if costs.economic[n]:
        return {"value": number(points.level[n]), "source": "shortage and holding cost"}
    told = _given(row, "service_level", terms, costs.level[n])
    if points.method[n] == "BALANCED" or points.level[n] != costs.level[n]:
        told |= {"value": number(points.level[n]), "group_level": number(costs.level[n])}
    return told


def _order_quantity(n: int, costs: Economics, points: OrderPoints) -> float:
    """Smallest order of the policy: from just below the reorder point up to the level."""
    return points.upto[n] - points.point[n] + 1 if points.method[n] == "COSTS" else costs.order_quantity[n]


def _demand_mean(said: dict) -> dict:
    """Mean of the protection period that is planned with, beside the computed one where a planner has moved it."""
    if said["override_id"] is None:
        return {"value": number(said["mean"]), "source": "forecast of the protection period"}
    return {
        "value": number(said["mean"]),
        "source": "planner's override of the forecast",
        "computed": number(said["baseline_mean"]),
    }


def _given(row: dict, name: str, terms: PlanningTerms, otherwise: object, derived: str = "default") -> dict:
    """Value and source of one parameter: the rule that won, else `otherwise` and what it follows from."""
    if row[name] is None:
        return {"value": number(otherwise), "source": derived}
    rule = terms.rules[row[f"{name}_rule"]]
    scope = [f"{key}={rule[key]}" for key in SCOPE if rule[key] is not None]
    if rule["criticality_min"] is not None:
        scope.append(f"criticality>={rule['criticality_min']:g}")
    return {"value": number(row[name]), "source": "rule", "scope": ", ".join(scope) or "*"}


def _lead_time(row: dict, terms: PlanningTerms) -> dict:
    if row["lead_from"] == "rule":
        return _given(row, "lead_time_days", terms, None)
    told = {"value": number(row["lead_mean"]), "source": row["lead_from"], "sd": number(row["lead_sd"])}
    if row["lead_from"] == "profile":
        told |= {"stage": row["lead_stage"], "receipts": row["lead_receipts"], "pool": row["lead_pool"]}
    return told


def number(value: object) -> object:
    """A JSON number of at most six decimals; None for NaN; anything else as it is."""
    if isinstance(value, (float, np.floating)):
        return round(float(value), 6) if np.isfinite(value) else None
    return value
