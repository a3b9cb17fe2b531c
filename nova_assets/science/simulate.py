"""Day-by-day simulation of (s, S) and (s, Q) policies over many item-sites at once: what a policy would have done to
this demand.

Each day: what was ordered a lead time ago arrives, backorders are filled, demand is met as far as stock reaches, and on
review days an order is placed when the inventory position is at or below s. The rest of unmet demand waits or is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from nova_assets.science.stock import Terms, fit_order
from nova_assets.science.supplier_orders import Minimums, joint_orders

Floats = NDArray[np.float64]


Revise = Callable[[int, Floats, Floats, Floats, Floats], tuple[Floats, Floats]]
"""Of a day, what is on hand (n,), what arrives on each of the days after it (n, H), and both levels (n,) as they are
set: the levels (n,) to order by on that day."""


@dataclass(frozen=True)
class Simulation:
    """Daily record of n item-sites over T days, units, at the end of each day."""

    on_hand: Floats  # (n, T)
    backorder: Floats  # (n, T) waiting; always 0 where sales are lost
    met: Floats  # (n, T) demand of the day met from stock on the day
    ordered: Floats  # (n, T)
    received: Floats  # (n, T)
    demand: Floats  # (n, T)

    def summary(self, unit_holding_cost: ArrayLike = 0.0, unit_shortage_cost: ArrayLike = 0.0) -> pl.DataFrame:
        """One row per item-site: fill_rate (null without demand), stockout_days (days with unmet demand), orders,
        mean_on_hand, and costs: holding per unit and day on hand, shortage per unit not met on its day."""
        total, met = self.demand.sum(axis=1), self.met.sum(axis=1)
        held, short = self.on_hand.sum(axis=1), (self.demand - self.met).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            fill = np.where(total > 0, met / total, np.nan)
        return pl.DataFrame(
            {
                "demand": total,
                "fill_rate": pl.Series(fill).fill_nan(None),
                "stockout_days": (self.met < self.demand - 1e-9).sum(axis=1),
                "orders": (self.ordered > 0).sum(axis=1),
                "mean_on_hand": self.on_hand.mean(axis=1),
                "holding_cost": held * np.asarray(unit_holding_cost, dtype=float),
                "shortage_cost": short * np.asarray(unit_shortage_cost, dtype=float),
            }
        )


def simulate_policy(
    demand: Floats,
    lead_times: ArrayLike,
    reorder_point: ArrayLike,
    order_up_to: ArrayLike,
    initial_stock: ArrayLike,
    review_days: ArrayLike = 1,
    lost_sales: ArrayLike = False,
    terms: Terms | None = None,
    order_quantity: ArrayLike | None = None,
    revise: Revise | None = None,
    minimums: Minimums | None = None,
) -> Simulation:
    """Run an (s, S) policy over demand (n, T), or an (s, Q) policy where `order_quantity` (n,) is given: as many whole
    Q as lift the position above s, and `order_up_to` is not looked at.

    `lead_times` (n, T) or broadcastable: whole days that an order placed at the close of day t takes. It serves from
    day t + 1 + lead time on, so that a position has to cover lead time + review. `reorder_point` and `order_up_to` are
    (n,), or (n, T) for a policy that is revised. `lost_sales` (n,) chooses per item-site. `terms` gives minimum,
    multiple and ceiling, `minimums` what suppliers ask of a whole order; `revise` sets the levels anew from the stock
    of each day. Raises ValueError on negative demand or lead times.
    """
    demand = np.asarray(demand, dtype=float)
    n, days = demand.shape
    lead = np.broadcast_to(_column(lead_times), (n, days)).astype(np.int64)
    if (demand < 0).any() or (lead < 0).any():
        raise ValueError("demand and lead times cannot be negative")
    low, high = (np.broadcast_to(_column(x), (n, days)) for x in (reorder_point, order_up_to))
    quantity = None if order_quantity is None else np.broadcast_to(_column(order_quantity), (n, days))
    review = np.broadcast_to(np.asarray(review_days, dtype=np.int64), n)
    lost = np.broadcast_to(np.asarray(lost_sales, dtype=bool), n)
    terms = terms or Terms()
    arriving = np.zeros((n, days + int(lead.max(initial=0)) + 2))
    stock = np.broadcast_to(np.asarray(initial_stock, dtype=float), n).copy()
    waiting, coming, rows = np.zeros(n), np.zeros(n), np.arange(n)
    on_hand, backorder, met, ordered = (np.zeros((n, days)) for _ in range(4))
    for day in range(days):
        stock += arriving[:, day]
        coming -= arriving[:, day]
        filled = np.minimum(stock, waiting)
        stock, waiting = stock - filled, waiting - filled
        met[:, day] = np.minimum(stock, demand[:, day])
        stock -= met[:, day]
        waiting += np.where(lost, 0.0, demand[:, day] - met[:, day])
        position = stock + coming - waiting
        point, upto = low[:, day], high[:, day]
        if revise is not None:
            point, upto = revise(day, stock, arriving[:, day + 1 :], point, upto)
        looked_at = (day + 1) % review == 0
        lots = None if quantity is None else quantity[:, day]
        ask = partial(_order, position, point, upto, lots, looked_at, terms)
        order = ask(np.zeros(n)) if minimums is None else joint_orders(ask, minimums)[0]
        arriving[rows, day + 1 + lead[:, day]] += order
        coming += order
        ordered[:, day], on_hand[:, day], backorder[:, day] = order, stock, waiting
    return Simulation(on_hand, backorder, met, ordered, arriving[:, :days], demand)


def _order(
    position: Floats, point: Floats, upto: Floats, lots: Floats | None, looked_at: NDArray[np.bool_], terms: Terms,
    used: Floats,
) -> Floats:  # fmt: skip
    """(n,) units to order once `used` more were gone; what is not stocked is ordered for nobody in advance."""
    low = position - np.where(upto > 0, used, 0.0)
    wanted = np.maximum(upto - low, 0.0)
    if lots is not None:
        wanted = lots * (np.floor((point - low) / np.maximum(lots, 1e-9)) + 1)
    return fit_order(np.where((low <= point) & looked_at, wanted, 0.0), position, terms)


def _column(values: ArrayLike) -> Floats:
    """A vector (n,) as a column (n, 1), so that it broadcasts over days; matrices and scalars unchanged."""
    array = np.asarray(values, dtype=float)
    return array[:, None] if array.ndim == 1 else array
