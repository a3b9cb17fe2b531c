"""Quantile ensemble: the average of its members' quantiles (Vincentisation), never of their points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nova_assets.science.models.base import Model, QuantileForecast, Request
from nova_assets.science.panel import Panel


class Ensemble:
    """Equal-weight average. The engine computes members once for everybody and calls `combine`."""

    def __init__(self, name: str, complexity: int, members: Sequence[Model]) -> None:
        self.name, self.complexity, self.members = name, complexity, tuple(members)
        self.flat = all(member.flat for member in members)

    def eligible(self, panel: Panel) -> NDArray[np.bool_]:
        """Series that every member can serve."""
        return np.logical_and.reduce([member.eligible(panel) for member in self.members])

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        return self.combine([member.fit_predict(panel, request) for member in self.members])

    def combine(self, parts: Sequence[QuantileForecast]) -> QuantileForecast:
        """Average of the members' quantiles, means and borrowed shares; all for the same request."""
        return QuantileForecast(
            parts[0].levels,
            np.mean([part.values for part in parts], axis=0),
            np.mean([part.mean for part in parts], axis=0),
            np.mean([part.borrowed for part in parts], axis=0),
        )
