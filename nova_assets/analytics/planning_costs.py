"""What an item-site costs and is asked for: holding, shortage and order cost, service level, order quantity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nova_assets.analytics import defaults
from nova_assets.analytics.planning_terms import PlanningTerms
from nova_assets.science import stock
from nova_assets.science.inventory.eoq import economic_order_quantity, lost_sales_pay
from nova_assets.science.inventory.newsvendor import critical_ratio

Floats = NDArray[np.float64]


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


def settle_costs(terms: PlanningTerms, mean: Floats, protection: Floats) -> Economics:
    """Costs, service level and order quantity of each item-site; `mean` is demand over `protection` days.

    A level that follows from costs is the newsvendor's: shortage / (shortage + holding of one unit until it is used or
    looked at again); 0 where demand is better lost than served in lots. Conversely a level set by rule implies the
    shortage cost that would make it optimal.
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
    shortage = terms.number("shortage_cost_unit")
    ratio = critical_ratio(shortage, holding * held)
    economic = costs_decide(terms) & (ratio > 0) & (ratio < 1)
    lost = (terms.frame["unmet_demand"].fill_null(defaults.UNMET_DEMAND) == "LOST").to_numpy()
    in_lots = economic & lost & ((order_cost > 0) | (quantity > 1))
    pays = lost_sales_pay(shortage, order_cost, holding, demand_day, quantity)
    level = np.where(economic, np.where(in_lots & ~pays, 0.0, ratio), set_levels(terms))
    implied = holding * held * level / (1 - level)
    return Economics(
        unit_cost, holding, np.where(np.isnan(shortage), implied, shortage), np.isnan(shortage), level, economic,
        demand_day, wanted, quantity, held,
    )  # fmt: skip


def set_levels(terms: PlanningTerms) -> Floats:
    """(n,) service level by rule, else the default of the ABC class."""
    usual = pl.col("abc_class").replace_strict(defaults.SERVICE_LEVELS, default=min(defaults.SERVICE_LEVELS.values()))
    return terms.frame.select(pl.coalesce("service_level", usual).cast(pl.Float64)).to_series().to_numpy()


def level_groups(terms: PlanningTerms) -> NDArray[np.object_]:
    """(n,) what an item-site shares its service level with: the rule that gave it, else the ABC class."""
    rule = pl.col("service_level_rule").cast(pl.String)
    return terms.frame.select(pl.coalesce(rule, "abc_class").fill_null("")).to_series().to_numpy().astype(object)


def costs_decide(terms: PlanningTerms) -> NDArray[np.bool_]:
    """(n,) whether a shortage cost is given more narrowly than a service level."""
    return terms.number("shortage_cost_unit_specificity", -1) > terms.number("service_level_specificity", -1)


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
