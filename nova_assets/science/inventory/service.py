"""Service levels, safety stocks and buffers: what a stock promises, and the stock that a promise needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from nova_assets.science.inventory.losses import Floats, normal_shortage


def lead_time_demand(
    mean: ArrayLike, sd: ArrayLike, lead_time: ArrayLike, lead_time_sd: ArrayLike = 0.0, review: ArrayLike = 0.0
) -> tuple[Floats, Floats]:
    """(mean, sd) of demand over a random lead time plus a review period: sd^2 = (L + R) sd_d^2 + d^2 sd_L^2.

    Demand by period and lead time are independent. The variance of demand covers the review period too: leaving it out
    is the usual mistake with periodic review.
    """
    d, s, lead, ls, wait = (np.asarray(x, dtype=float) for x in (mean, sd, lead_time, lead_time_sd, review))
    return d * (lead + wait), np.sqrt((lead + wait) * s**2 + d**2 * ls**2)


def safety_stock_normal(
    service_level: ArrayLike, mean: ArrayLike, sd: ArrayLike, lead_time: ArrayLike, lead_time_sd: ArrayLike = 0.0,
    review: ArrayLike = 0.0,
) -> Floats:  # fmt: skip
    """z x sd of demand over the protection period. Valid where that demand is near normal: many independent small
    demands. It fails for slow movers and for lumpy demand."""
    return norm.ppf(service_level) * lead_time_demand(mean, sd, lead_time, lead_time_sd, review)[1]


def reorder_point_normal(
    service_level: ArrayLike, mean: ArrayLike, sd: ArrayLike, lead_time: ArrayLike, lead_time_sd: ArrayLike = 0.0,
    review: ArrayLike = 0.0,
) -> Floats:  # fmt: skip
    """Mean demand over the protection period plus its normal safety stock."""
    expected, _ = lead_time_demand(mean, sd, lead_time, lead_time_sd, review)
    return expected + safety_stock_normal(service_level, mean, sd, lead_time, lead_time_sd, review)


def fill_rate_normal(reorder_point: ArrayLike, quantity: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> Floats:
    """Share of demand met from stock in an (r, Q) policy: 1 - E[(D_L - r)+] / Q, D_L normal over the lead time."""
    return 1 - normal_shortage(reorder_point, mean, sd) / np.asarray(quantity, dtype=float)


def availability_adjusted_rate(issued: ArrayLike, periods: ArrayLike, periods_out: ArrayLike) -> Floats:
    """Demand per period when stock was out for part of the time: issued / (periods - periods out)."""
    open_periods = np.asarray(periods, dtype=float) - np.asarray(periods_out, dtype=float)
    return np.asarray(issued, dtype=float) / np.where(open_periods > 0, open_periods, np.nan)


@dataclass(frozen=True)
class Buffer:
    """Zones of a demand-driven buffer, units: order up to the top of green once the net flow is out of green."""

    red: float
    yellow: float
    green: float

    @property
    def tops(self) -> tuple[float, float, float]:
        """Top of red, of yellow and of green."""
        return self.red, self.red + self.yellow, self.red + self.yellow + self.green

    def order(self, net_flow: float) -> float:
        """Units to order at a net flow (on hand + on order - qualified demand)."""
        _, yellow, green = self.tops
        return green - net_flow if net_flow <= yellow else 0.0


def demand_driven_buffer(
    daily_use: float, lead_time: float, lead_time_factor: float, variability_factor: float, min_order: float = 0.0,
    order_cycle: float = 0.0,
) -> Buffer:  # fmt: skip
    """Zones of DDMRP (Ptak and Smith 2016) from average daily use and the decoupled lead time in days."""
    cover = daily_use * lead_time
    base = cover * lead_time_factor
    return Buffer(base * (1 + variability_factor), cover, max(base, min_order, order_cycle * daily_use))
