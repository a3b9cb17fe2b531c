"""Which method makes the order point of each item-site, and what it gives.

QUANTILE: the level is kept at the item-site itself, because nothing is there to share it with or no cost to share by.
BALANCED: the level is the mean of the item-sites that one rule governs, spent where it costs least.
COSTS: holding, shortage and order cost are known, and decide by the exact (s, S).
PROJECTION: unmet demand is lost, and the stock of the day is projected to the arrival of an order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nova_assets.analytics import Tools, defaults
from nova_assets.analytics.lost_sales import lost_sales_points
from nova_assets.analytics.planning_costs import Economics, level_groups
from nova_assets.analytics.planning_terms import PlanningTerms
from nova_assets.science import economic, quantiles
from nova_assets.science.balance import balanced_points
from nova_assets.science.quantiles import GRID
from nova_assets.science.stock import quantile_at
from nova_resources.postgres import Database

Floats = NDArray[np.float64]
LEVELS = np.asarray(GRID)
HIGHEST = 0.9999
"""Own levels end here: a whole unit may cover all of the demand that a forecast knows."""


@dataclass(frozen=True)
class OrderPoints:
    """(n,) each: an order is due below `point` and goes up to `upto`, units."""

    level: Floats  # P(no shortage) aimed at by the item-site itself
    point: Floats
    upto: Floats
    method: NDArray[np.object_]
    model: list[str]  # whose forecast it stands on
    raced: NDArray[np.bool_]  # the model was chosen today, on weeks, and not by the last backtest


def order_points(
    db: Database, as_of: date, terms: PlanningTerms, costs: Economics, forecasts: pl.DataFrame,
    tools: Tools | None = None,
) -> OrderPoints:  # fmt: skip
    """Order points of the item-sites of the terms, in their order, as are `forecasts` (inputs/forecasts.sql)."""
    values = np.array(forecasts["quantile_values"].to_list(), dtype=float).reshape(len(forecasts), len(GRID))
    lost = (terms.frame["unmet_demand"].fill_null(defaults.UNMET_DEMAND) == "LOST").to_numpy()
    level, point = costs.level.copy(), np.ceil(quantile_at(LEVELS, values, costs.level) - 1e-9)
    method = np.full(len(level), "QUANTILE", dtype=object)
    shared = shares_level(terms, costs)
    point[shared] = balanced_points(
        LEVELS, values[shared], costs.holding_day[shared], costs.level[shared], level_groups(terms)[shared]
    )
    covered = quantiles.probability_at_most(LEVELS, values[shared], point[shared])
    level[shared] = np.clip(covered, 1 - HIGHEST, HIGHEST)
    method[shared] = "BALANCED"
    upto = _above(point, costs)
    priced = costs.economic & ~lost & (costs.holding_day > 0)
    point[priced], upto[priced], _ = economic.economic_points(
        LEVELS, values[priced], _prices(terms, costs, forecasts).rows(priced)
    )
    level[priced] = quantiles.probability_at_most(LEVELS, values[priced], point[priced])
    method[priced] = "COSTS"
    projected = lost_sales_points(db, as_of, terms, level, forecasts, tools)
    known = ~np.isnan(projected.point)
    point = np.where(known, projected.point, point) + 0.0  # no negative zero
    upto = np.where(known, _above(point, costs), upto)
    ceiling = terms.number("max_stock", np.inf)
    point, upto = np.minimum(point, ceiling), np.minimum(upto, ceiling)
    method[known] = "PROJECTION"
    model = [own or given for own, given in zip(projected.model, forecasts["model"], strict=True)]
    return OrderPoints(level, point, upto, method, model, projected.raced)


def shares_level(terms: PlanningTerms, costs: Economics) -> NDArray[np.bool_]:
    """(n,) whether a level is shared: it was set, not made by costs, the holding cost is known, and more than one such
    item-site has it from the same rule."""
    able = ~costs.economic & (costs.holding_day > 0) & (costs.demand_day > 0)
    _, member, count = np.unique(level_groups(terms)[able], return_inverse=True, return_counts=True)
    shared = able.copy()
    shared[able] = count[member] > 1
    return shared


def _above(point: Floats, costs: Economics) -> Floats:
    """The economic quantity above a point; where nothing is stocked nothing is ordered up to."""
    return np.where(point > 0, point + np.maximum(costs.order_quantity - 1, 0), 0.0)


def _prices(terms: PlanningTerms, costs: Economics, forecasts: pl.DataFrame) -> economic.Costs:
    return economic.Costs(
        mean=forecasts["mean"].to_numpy(),
        protection_days=forecasts["horizon_days"].to_numpy(),
        lead_sd=terms.number("lead_sd", 0.0),
        review_days=np.maximum(terms.review_days, 1.0),
        holding_day=costs.holding_day,
        shortage=costs.shortage,
        order_cost=terms.number("fixed_order_cost", defaults.FIXED_ORDER_COST),
        least_order=np.maximum(terms.number("min_order_qty", 0.0), terms.number("order_multiple", 0.0)),
    )
