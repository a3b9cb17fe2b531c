"""Further point forecasts of an intermittent rate through statsforecast, each made a distribution as in `croston`.

ADIDA (Nikolopoulos et al. 2011) smooths sums over buckets of the mean interval; IMAPA (Petropoulos and Kourentzes
2015) averages that over all bucket lengths up to it. Simple exponential smoothing (Brown 1956), its constant fitted to
each series, is what they all set out to improve on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nova_assets.science.models.base import Floats, Request
from nova_assets.science.models.croston import PointRate, each
from nova_assets.science.panel import Panel


class StatsforecastRate(PointRate):
    """A method of statsforecast with its own defaults; the class is named so that it is imported only when asked."""

    complexity = 4

    def __init__(self, name: str, method: str) -> None:
        self.name, self._method = name, method

    def rates(self, panel: Panel, rows: NDArray[np.int64], request: Request) -> Floats:
        from statsforecast import models

        method: Any = getattr(models, self._method)
        # Smoothed sizes lie between those seen; the search for a constant has been seen to run away.
        return np.clip(each(panel, rows, method()), 0.0, panel.demand[rows].max(axis=1))


SES = StatsforecastRate("ses", "SimpleExponentialSmoothingOptimized")
ADIDA = StatsforecastRate("adida", "ADIDA")
IMAPA = StatsforecastRate("imapa", "IMAPA")
