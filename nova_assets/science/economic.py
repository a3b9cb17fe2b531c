"""Order point and order-up-to level of least expected cost, where holding, shortage and orders have a price.

Every item-site is looked at once per review period: the exact (s, S) of `inventory.ss` on the forecast distribution of
its protection demand, turned into probabilities of whole units. Where unmet demand waits; a unit short is charged in
each review period that it is short in, which is the newsvendor's account and its optimum where orders cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom, poisson

from nova_assets.science import quantiles
from nova_assets.science.inventory.eoq import economic_order_quantity
from nova_assets.science.inventory.ss import exact_ss_rows

Floats = NDArray[np.float64]

POSITIONS = 192
"""Positions looked at per item-site; demand that needs more is counted in larger units."""

_TOP = 0.999
_CYCLES = 3.0
_ROWS = 64
_OVERDISPERSED = 1.001


@dataclass(frozen=True)
class Costs:
    """What n item-sites are decided on, (n,) each: days, R$ and units."""

    mean: Floats  # of protection demand
    protection_days: Floats  # mean lead time + review
    lead_sd: Floats  # days
    review_days: Floats
    holding_day: Floats  # R$ per unit and day
    shortage: Floats  # R$ per unit short
    order_cost: Floats  # R$ per order
    least_order: Floats  # units, 0 for any

    def rows(self, part: slice | NDArray[np.bool_] | NDArray[np.int64]) -> Costs:
        return Costs(**{name: getattr(self, name)[part] for name in self.__dataclass_fields__})


def economic_points(levels: Floats, values: Floats, terms: Costs) -> tuple[Floats, Floats, Floats]:
    """(reorder point, order-up-to level, R$ per day) of demand quantiles (n, Q): an order is due below the point.

    Nothing is stocked where there is no demand, or where waiting costs less than holding does.
    """
    found = np.zeros((3, len(values)))
    for first in range(0, len(values), _ROWS):
        part = slice(first, first + _ROWS)
        found[:, part] = _part(levels, values[part], terms.rows(part))
    return found[0], found[1], found[2]


def _part(levels: Floats, values: Floats, terms: Costs) -> tuple[Floats, Floats, Floats]:
    rate = terms.mean / terms.protection_days
    lot = np.maximum(economic_order_quantity(terms.order_cost, terms.holding_day, rate), terms.least_order)
    reach = quantiles.interpolate(levels, values, [_TOP])[:, 0] + _CYCLES * lot
    unit = np.maximum(np.ceil(reach / (POSITIONS - 1)), 1.0)
    demand = whole_units(levels, values, unit, POSITIONS)
    low, high, cost = exact_ss_rows(
        demand,
        review_demand(demand, unit, terms),
        terms.holding_day * terms.review_days * unit,
        terms.shortage * unit,
        terms.order_cost,
        np.ceil(terms.least_order / unit),
    )
    stocked = terms.mean > 0
    point, upto = np.where(stocked, (low + 1) * unit, 0.0), np.where(stocked, high * unit, 0.0)
    return point, upto, np.where(stocked, cost / terms.review_days, 0.0)


def whole_units(levels: Floats, values: Floats, unit: Floats, count: int) -> Floats:
    """(n, count) probabilities of 0, 1, 2, … times `unit` (n,), each of the demand nearest to it; a fraction of a unit
    counts as a whole one, what is beyond the last as the last."""
    edges = np.arange(count)[None, :] * unit[:, None] + (unit[:, None] - 1) / 2
    repeated = np.repeat(values, count, axis=0)
    below = quantiles.probability_at_most(levels, repeated, edges.ravel()).reshape(len(values), count)
    below[:, -1] = 1.0
    return np.diff(np.maximum.accumulate(below, axis=1), axis=1, prepend=0.0)


def review_demand(protection: Floats, unit: Floats, terms: Costs) -> Floats:
    """(n, N) probabilities of the demand of one review period, in units of `unit`: negative binomial, or Poisson where
    demand is no more spread than that.

    Its mean is the protection demand's share of the period, and so is its variance once what the uncertain lead time
    adds, rate^2 x variance of the lead time, is taken off.
    """
    count = np.arange(protection.shape[1])
    mean_p = protection @ count * unit
    variance = np.maximum(protection @ count.astype(float) ** 2 * unit**2 - mean_p**2, 0.0)
    rate = terms.mean / terms.protection_days
    share = terms.review_days / terms.protection_days
    mean = rate * terms.review_days
    spread = (variance - (rate * terms.lead_sd) ** 2) * share
    ratio = np.maximum(spread / np.maximum(mean, 1e-12), 1.0)
    edges = count[None, :] * unit[:, None] + np.floor((unit[:, None] - 1) / 2)
    steady = poisson.cdf(edges, mean[:, None])
    p = 1 / np.maximum(ratio, _OVERDISPERSED)
    shape = np.maximum(mean, 1e-12) * p / (1 - p)
    below = np.where(ratio[:, None] > _OVERDISPERSED, nbinom.cdf(edges, shape[:, None], p[:, None]), steady)
    below[:, -1] = 1.0
    return np.diff(below, axis=1, prepend=0.0)
