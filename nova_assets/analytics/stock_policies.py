"""Reorder point, safety stock and order-up-to level of every item-site, from the quantiles of its protection demand.

The reorder point is the wanted quantile of the demand over lead time + review. Where unmet demand is lost it follows
instead from the shelf and the orders of the day, projected to the next order's arrival. An order is due when the
position falls below it, and brings the position up to `reorder point + order quantity - 1`: with an order quantity of
one that is a base stock at the reorder point itself. Where it is zero nothing is stocked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from nova_assets.analytics import Tools, defaults, frames
from nova_assets.analytics.lost_sales import lost_sales_points
from nova_assets.analytics.planning_terms import SCOPE, PlanningTerms, load_terms
from nova_assets.science import stock
from nova_assets.science.inventory.eoq import economic_order_quantity
from nova_assets.science.inventory.newsvendor import critical_ratio
from nova_assets.science.quantiles import GRID
from nova_resources.postgres import Database
from nova_resources.tables import Window

Floats = NDArray[np.float64]
LEVELS = np.asarray(GRID)
_SALE = ("unit_price", "min_order_qty", "order_multiple")


@dataclass(frozen=True)
class Economics:
    """Costs and quantities behind the policies, (n,) each; NaN where a cost is unknown."""

    unit_cost: Floats  # R$ per unit
    holding_day: Floats  # R$ per unit and day
    shortage: Floats  # R$ per unit short
    shortage_implied: NDArray[np.bool_]  # True where it follows from the service level
    level: Floats  # P(no shortage in the protection period) aimed at
    economic: NDArray[np.bool_]  # True where the level follows from the costs
    demand_day: Floats  # units
    economic_quantity: Floats  # units, before minimum and multiple
    order_quantity: Floats  # units
    held_days: Floats  # how long a marginal unit stays on the shelf


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
    values = np.array(joined["quantile_values"].to_list(), dtype=float).reshape(len(joined), len(GRID))
    mean, protection = joined["mean"].to_numpy(), joined["horizon_days"].to_numpy()
    costs = settle_costs(terms, mean, protection)
    policy = stock.stock_policy(LEVELS, values, mean, costs.demand_day * 365, stock.Terms(service_level=costs.level))
    projected = lost_sales_points(db, as_of, terms, costs.level, protection, tools)
    reorder = np.where(np.isnan(projected), policy.reorder_point, projected) + 0.0  # no negative zero
    order_up_to = np.where(reorder > 0, reorder + np.maximum(costs.order_quantity - 1, 0), 0.0)
    frame = terms.frame
    return frames.rows_of(
        "analytics.stock_policies",
        as_of,
        {
            "item_id": frame["item_id"],
            "site_id": frame["site_id"],
            "supplier_id": frame["supplier_id"],
            "service_level": costs.level,
            "review_days": terms.review_days,
            "lead_time_days": terms.number("lead_mean"),
            "protection_days": protection,
            "reorder_point": reorder,
            "safety_stock": reorder - mean,
            "order_up_to": order_up_to,
            "min_order_qty": terms.number("min_order_qty", 0.0),
            "order_multiple": terms.number("order_multiple", 0.0),
            "unit_cost": costs.unit_cost,
            "holding_cost_unit_day": costs.holding_day,
            "shortage_cost_unit": costs.shortage,
            "unmet_demand": frame["unmet_demand"].fill_null(defaults.UNMET_DEMAND),
            "terms": _explanations(terms, costs, joined, chosen_on, ~np.isnan(projected)),
        },
    )


def settle_costs(terms: PlanningTerms, mean: Floats, protection: Floats) -> Economics:
    """Costs, service level and order quantity of each item-site; `mean` is demand over `protection` days.

    A level that follows from costs is the newsvendor's: shortage / (shortage + holding of one unit until it is used or
    looked at again). Conversely a level set by rule implies the shortage cost that would make it optimal.
    """
    unit_cost = unit_costs(terms)
    holding = holding_cost_day(terms, unit_cost)
    demand_day = mean / protection
    order_cost = terms.number("fixed_order_cost", defaults.FIXED_ORDER_COST)
    wanted = economic_order_quantity(order_cost, np.nan_to_num(holding) * 365, demand_day * 365)
    wanted = np.minimum(wanted, np.ceil(demand_day * defaults.LONGEST_COVER_DAYS))
    lots = stock.Terms(min_order=terms.number("min_order_qty", 0.0), multiple=terms.number("order_multiple", 0.0))
    quantity = stock.round_order(np.maximum(wanted, np.where(demand_day > 0, 1.0, 0.0)), lots)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Between two orders of one unit nothing is left over but what the review period keeps.
        cycle = np.where(demand_day > 0, np.maximum(quantity - 1, 0.0) / demand_day, 0.0)
    held = np.clip(np.maximum(cycle, terms.review_days), 1.0, defaults.LONGEST_COVER_DAYS)
    shortage, set_level = terms.number("shortage_cost_unit"), terms.number("service_level")
    narrower = terms.number("shortage_cost_unit_specificity", -1) > terms.number("service_level_specificity", -1)
    ratio = critical_ratio(shortage, holding * held)
    economic = narrower & (ratio > 0) & (ratio < 1)
    level = np.where(economic, ratio, np.where(np.isnan(set_level), defaults.SERVICE_LEVEL, set_level))
    implied = holding * held * level / (1 - level)
    return Economics(
        unit_cost, holding, np.where(np.isnan(shortage), implied, shortage), np.isnan(shortage), level, economic,
        demand_day, wanted, quantity, held,
    )  # fmt: skip


def unit_costs(terms: PlanningTerms) -> Floats:
    """R$ per unit: the material's standard cost, else the price at its source; NaN where neither is known."""
    return np.where(np.isnan(terms.number("unit_cost")), terms.number("unit_price"), terms.number("unit_cost"))


def holding_cost_day(terms: PlanningTerms, unit_cost: Floats) -> Floats:
    """R$ per unit and day: a rule's amount or the yearly rate on the unit cost, the narrower rule of the two."""
    amount, rate = terms.number("holding_cost_unit_day"), terms.number("holding_rate_year", defaults.HOLDING_RATE_YEAR)
    by_amount = terms.number("holding_cost_unit_day_specificity", -1) >= terms.number(
        "holding_rate_year_specificity", -1
    )
    return np.where(by_amount & ~np.isnan(amount), amount, unit_cost * rate / 365)


def _explanations(
    terms: PlanningTerms,
    costs: Economics,
    forecasts: pl.DataFrame,
    chosen_on: str | None,
    projected: NDArray[np.bool_],
) -> list[str]:
    """JSON per item-site: every parameter with its value and its source, and the terms of the formulas."""
    by = f"backtest of {chosen_on}" if chosen_on else "default before the first backtest"
    told = zip(terms.frame.iter_rows(named=True), forecasts["model"], forecasts["mean"], strict=True)
    return [
        json.dumps(
            {
                "service_level": {"value": number(costs.level[n]), "source": "shortage and holding cost"}
                if costs.economic[n]
                else _given(row, "service_level", terms, defaults.SERVICE_LEVEL),
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
                "unmet_demand": _given(row, "unmet_demand", terms, defaults.UNMET_DEMAND),
                "model": {"value": model, "source": by},
                "demand_mean": {"value": number(mean), "source": "forecast of the protection period"},
                "economic_order_quantity": {"value": number(costs.economic_quantity[n]), "source": "formula"},
                "order_quantity": {"value": number(costs.order_quantity[n]), "source": "formula"},
                "method": {
                    "value": "PROJECTION" if projected[n] else "QUANTILE",
                    "source": "unmet demand is lost" if projected[n] else "demand of the protection period",
                },
            },
            ensure_ascii=False,
        )
        for n, (row, model, mean) in enumerate(told)
    ]


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
