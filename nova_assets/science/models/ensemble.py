"""Quantile ensembles: the middle of its members' quantiles (Vincentisation), never of their points."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from nova_assets.science.models.base import Model, QuantileForecast, Request
from nova_assets.science.panel import Panel

Middle = Callable[..., NDArray[np.float64]]


class Ensemble:
    """Equal weights. The engine computes members once for everybody and calls `combine`.

    `middle` is the average, or the median: a member that is far off for some kind of series then moves nothing.
    """

    def __init__(self, name: str, members: Sequence[Model], middle: Middle = np.mean) -> None:
        self.name, self.members, self.middle = name, tuple(members), middle
        self.flat = all(member.flat for member in members)

    @property
    def complexity(self) -> float:
        """Just before the simplest member; of two ensembles the one with fewer members first.

        Equal weights are not estimated, and the error of an average varies less than that of its members (Bates and
        Granger 1969): where losses do not tell them apart, the average is the safer choice.
        """
        return min(member.complexity for member in self.members) - 1 / len(self.members)

    def eligible(self, panel: Panel) -> NDArray[np.bool_]:
        """Series that every member can serve."""
        return np.logical_and.reduce([member.eligible(panel) for member in self.members])

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        return self.combine([member.fit_predict(panel, request) for member in self.members])

    def combine(self, parts: Sequence[QuantileForecast]) -> QuantileForecast:
        """Middle of the members' quantiles, means and borrowed shares; all for the same request."""
        return QuantileForecast(
            parts[0].levels,
            self.middle([part.values for part in parts], axis=0),
            self.middle([part.mean for part in parts], axis=0),
            np.mean([part.borrowed for part in parts], axis=0),
        )
