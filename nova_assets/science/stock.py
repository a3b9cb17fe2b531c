"""Stock policy per item-site from the distribution of demand over the protection period (lead time + review).

The reorder point is a quantile of that distribution; nothing here assumes it normal. All functions are vectorised over
rows: n item-sites, one quantile grid each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from nova_assets.science import quantiles
from nova_assets.science.inventory.eoq import economic_order_quantity
from nova_assets.science.inventory.newsvendor import critical_ratio

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Terms:
    """What the planning rules and the source say, one entry per item-site (scalars are broadcast)."""

    service_level: ArrayLike | None = None  # wanted P(no shortage in a protection period)
    shortage_cost: ArrayLike | None = None  # R$ per unit short; with holding_cost gives the level by critical ratio
    holding_cost: ArrayLike = 0.0  # R$ per unit and protection period
    holding_cost_year: ArrayLike = 0.0  # R$ per unit and year, for the order quantity
    order_cost: ArrayLike = 0.0  # R$ per order
    min_order: ArrayLike = 0.0  # units
    multiple: ArrayLike = 0.0  # units; 0 = any quantity
    max_stock: ArrayLike = np.inf  # units, ceiling of the order-up-to level


@dataclass(frozen=True)
class Policy:
    """(s, S) policy of n item-sites, all in units; `service_level` is the level that was used."""

    service_level: Floats
    reorder_point: Floats
    safety_stock: Floats  # reorder point - expected demand over the protection period; can be negative
    order_quantity: Floats  # economic, after minimum and multiple
    order_up_to: Floats
    expected_demand: Floats

    def frame(self) -> pl.DataFrame:
        """One column per field, one row per item-site."""
        return pl.DataFrame({name: np.asarray(getattr(self, name)) for name in self.__dataclass_fields__})


def stock_policy(levels: Floats, values: Floats, mean: Floats, demand_per_year: ArrayLike, terms: Terms) -> Policy:
    """Policy from protection demand: grid levels (Q,), values (n, Q), mean (n,), and the yearly rate (n,).

    The level is `service_level` where given, else the critical ratio shortage / (shortage + holding). The reorder point
    is rounded up to a whole unit, since a fraction of one covers nothing.
    """
    n = len(values)
    level = wanted_level(terms, n)
    reorder = np.ceil(quantile_at(levels, values, level) - 1e-9)
    yearly = np.broadcast_to(np.asarray(demand_per_year, dtype=float), n)
    economic = economic_order_quantity(terms.order_cost, terms.holding_cost_year, yearly)
    quantity = round_order(np.maximum(economic, np.where(yearly > 0, 1.0, 0.0)), terms)
    ceiling = np.broadcast_to(np.asarray(terms.max_stock, dtype=float), n)
    reorder = np.minimum(reorder, ceiling)
    return Policy(level, reorder, reorder - mean, quantity, np.minimum(reorder + quantity, ceiling), mean)


def wanted_level(terms: Terms, n: int) -> Floats:
    """(n,) service level: as set, else the critical ratio. ValueError where a row has neither."""
    level = np.full(n, np.nan)
    if terms.service_level is not None:
        level = np.broadcast_to(np.asarray(terms.service_level, dtype=float), n).copy()
    if terms.shortage_cost is not None:
        level = np.where(np.isnan(level), critical_ratio(terms.shortage_cost, terms.holding_cost), level)
    if np.isnan(level).any() or (level <= 0).any() or (level >= 1).any():
        raise ValueError("every item-site needs a service level in (0, 1), or shortage and holding costs above 0")
    return level


def round_order(quantity: ArrayLike, terms: Terms) -> Floats:
    """Order quantity raised to the minimum and up to the next multiple; 0 stays 0 (nothing to order)."""
    quantity = np.asarray(quantity, dtype=float)
    multiple = np.broadcast_to(np.asarray(terms.multiple, dtype=float), quantity.shape)
    raised = np.maximum(quantity, np.asarray(terms.min_order, dtype=float))
    lot = np.where(multiple > 0, multiple, 1.0)
    lots = np.ceil(raised / lot - 1e-9) * lot
    return np.where(quantity > 0, lots, 0.0)


def order_now(position: ArrayLike, policy: Policy, terms: Terms) -> Floats:
    """(n,) units to order: up to S when the position (on hand + on order - reserved - backorder) is at or below s.

    The ceiling wins over minimum and multiple: an order that would break it is cut to the lots that fit, maybe 0.
    """
    position = np.asarray(position, dtype=float)
    due = (position <= policy.reorder_point) & (policy.order_up_to > 0)
    return fit_order(np.where(due, np.maximum(policy.order_up_to - position, 0.0), 0.0), position, terms)


def fit_order(quantity: ArrayLike, position: ArrayLike, terms: Terms) -> Floats:
    """`round_order` of a quantity, cut to the whole lots that the ceiling leaves room for above a position."""
    order = round_order(quantity, terms)
    room = np.asarray(terms.max_stock, dtype=float) - np.asarray(position, dtype=float)
    multiple = np.asarray(terms.multiple, dtype=float)
    lot = np.where(multiple > 0, multiple, 1.0)
    fitting = np.where(np.isfinite(room), np.floor(np.maximum(room, 0.0) / lot + 1e-9) * lot, order)
    return np.where(order <= room, order, np.where(fitting >= np.asarray(terms.min_order, dtype=float), fitting, 0.0))


def stockout_probability(levels: Floats, values: Floats, position: ArrayLike) -> Floats:
    """(n,) P(demand > position) over the period that the grid describes."""
    return 1 - quantiles.probability_at_most(levels, values, position)


def quantile_at(levels: Floats, values: Floats, level: Floats) -> Floats:
    """Quantile of each row at its own level (n,)."""
    unique, where = np.unique(level, return_inverse=True)
    return quantiles.interpolate(levels, values, unique)[np.arange(len(values)), where]
