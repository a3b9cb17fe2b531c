"""Order point and order-up-to level of least expected cost, where holding, shortage and orders have a price.

Every item-site is looked at once per review period: the exact (s, S) of `inventory.ss` on the forecast distribution of
its protection demand, turned into probabilities of whole units. Unmet demand waits; a unit short is charged once, when
it is asked for and not there, however long it waits then: what is short at the end of a protection period less what was
short already when the last order arrived (the backorders of a fill rate; Hadley and Whitin 1963). Charging the whole
shortage again in each review would pay for one large demand as often as reviews fit into the lead time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from nova_assets.science import quantiles
from nova_assets.science.inventory.eoq import economic_order_quantity
from nova_assets.science.inventory.ss import exact_ss_rows

Floats = NDArray[np.float64]

POSITIONS = 192
"""Positions looked at per item-site; demand that needs more is counted in larger units."""

_TOP = 0.999
_CYCLES = 3.0
_ROWS = 64
_STEADY = 0.001
"""Demand no more spread than this above Poisson is taken for it."""

_TINY = 1e-9


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
    stocked = np.flatnonzero(terms.mean > 0)
    for first in range(0, len(stocked), _ROWS):
        part = stocked[first : first + _ROWS]
        found[:, part] = _part(levels, values[part], terms.rows(part))
    return found[0], found[1], found[2]


def _part(levels: Floats, values: Floats, terms: Costs) -> tuple[Floats, Floats, Floats]:
    rate = terms.mean / terms.protection_days
    lot = np.maximum(economic_order_quantity(terms.order_cost, terms.holding_day, rate), terms.least_order)
    reach = quantiles.interpolate(levels, values, [_TOP])[:, 0] + _CYCLES * lot
    unit: Floats = np.maximum(np.ceil(reach / (POSITIONS - 1)), 1.0)
    demand = whole_units(levels, values, unit, POSITIONS)
    review, lead = split(demand, unit, terms)
    held, short = left_and_short(demand)
    one = terms.holding_day[:, None] * terms.review_days[:, None] * held
    one += terms.shortage[:, None] * (short - left_and_short(lead)[1])
    low, high, cost = exact_ss_rows(one * unit[:, None], review, terms.order_cost, np.ceil(terms.least_order / unit))
    return (low + 1) * unit, high * unit, cost / terms.review_days


def whole_units(levels: Floats, values: Floats, unit: Floats, count: int) -> Floats:
    """(n, count) probabilities of 0, 1, 2, … times `unit` (n,), each of the demand nearest to it; a fraction of a unit
    counts as a whole one, what is beyond the last as the last."""
    edges = np.arange(count)[None, :] * unit[:, None] + (unit[:, None] - 1) / 2
    repeated = np.repeat(values, count, axis=0)
    below = quantiles.probability_at_most(levels, repeated, edges.ravel()).reshape(len(values), count)
    below[:, -1] = 1.0
    return np.diff(np.maximum.accumulate(below, axis=1), axis=1, prepend=0.0)


def left_and_short(demand: Floats) -> tuple[Floats, Floats]:
    """(n, N) expected units left, and short, of the positions 0 .. N - 1 under demand probabilities (n, N)."""
    below = np.cumsum(demand, axis=1)
    left = np.concatenate([np.zeros((len(demand), 1)), np.cumsum(below, axis=1)[:, :-1]], axis=1)
    positions = np.arange(demand.shape[1])
    return left, left - positions + (demand @ positions)[:, None]


def split(protection: Floats, unit: Floats, terms: Costs) -> tuple[Floats, Floats]:
    """(n, N) probabilities of the demand of a review period and of the lead time, whose sum is protection demand.

    Of the units of a protection period each part has its share of the days. Units that come by themselves fall into it
    independently (Poisson demand), units that come in lumps together: beta-binomial, as the parts of a negative
    binomial sum are given the sum. How lumpy, tells the variance of protection demand against its mean, once what the
    uncertain lead time adds, rate^2 x variance of the lead time, is taken off.
    """
    n, size = protection.shape
    count = np.arange(size)
    mean = np.maximum(protection @ count, _TINY)
    rate = terms.mean / terms.protection_days / unit
    spread = protection @ count.astype(float) ** 2 - mean**2 - (rate * terms.lead_sd) ** 2
    shape = mean / np.maximum(spread / mean - 1, _STEADY)
    share = np.clip(terms.review_days / terms.protection_days, _TINY, 1 - _TINY)
    ways = [_log_weights((shape * part)[:, None], count) for part in (share, 1 - share, np.ones(n))]
    with np.errstate(divide="ignore"):
        whole = np.log(protection) - ways[2]
    review, lead = np.zeros((n, size)), np.zeros((n, size))
    for units in count:  # that fall into the review period, beside any number in the lead time
        both = np.exp(ways[0][:, units, None] + ways[1][:, : size - units] + whole[:, units:])
        review[:, units] = both.sum(axis=1)
        lead[:, : size - units] += both
    return review, lead


def _log_weights(shape: Floats, count: NDArray[np.int64]) -> Floats:
    """Logarithm of the negative binomial's weight of each count, its powers of p and 1 - p left out."""
    return gammaln(count + shape) - gammaln(shape) - gammaln(count + 1)
