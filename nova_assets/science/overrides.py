"""A planner's number in the place of a forecast's mean: what becomes of its distribution and of the other sums."""

from __future__ import annotations

import numpy as np
from scipy.stats import poisson

from nova_assets.science.models.base import Floats
from nova_assets.science.quantiles import tidy

MOST_SCALED = 3.0
"""A distribution is scaled up to this; of the shape of much larger demand the forecast says nothing."""


def moved(levels: Floats, values: Floats, mean: Floats, wanted: Floats) -> Floats:
    """Quantiles (n, Q) of the distributions `values` (n, Q) of `mean` (n,) with their mean moved to `wanted` (n,).

    Scaled; what goes beyond MOST_SCALED times the mean, and all of it where the mean is zero, comes as Poisson demand
    that is high when the forecast's is. So every quantile rises with the planner's number, from zero on.
    """
    most = np.where(mean > 0, MOST_SCALED, 0.0)
    ratio = np.divide(wanted, mean, out=most, where=wanted < MOST_SCALED * mean)
    rest = np.maximum(wanted - ratio * mean, 0.0)
    return tidy(values * ratio[:, None] + poisson.ppf(levels, rest[:, None]))


def other_mean(mean: Floats, days: Floats, overridden: Floats, overridden_days: Floats, said: Floats) -> Floats:
    """(n,) mean over `days` when the sum over `overridden_days`, forecast as `overridden`, is `said` by a planner.

    What the planner adds or takes is spread evenly over the overridden days; the sum gets what falls into its own.
    """
    return np.maximum(mean + (said - overridden) * np.minimum(days / overridden_days, 1.0), 0.0)
