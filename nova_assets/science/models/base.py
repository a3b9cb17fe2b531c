"""The one protocol that every forecasting model follows, and what it is asked for and gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nova_assets.science.panel import Panel
from nova_assets.science.quantiles import MOST_SCORED, SCORE_LEVELS, tidy

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Request:
    """Which sums to forecast: for each target k, demand summed over the steps begins[k]+1 .. begins[k]+lengths[k]."""

    lengths: tuple[int, ...]  # (K,) periods in each sum, >= 1
    levels: Floats  # (Q,) quantile levels
    begins: tuple[int, ...] = ()  # (K,) periods between the as-of and the sum's first period; default 0
    seed: int = 0
    rows: NDArray[np.int64] | None = None  # series to predict (positions in the panel); None = all. Learn from all.
    leads: tuple[int, ...] = ()  # begins at which parameters are tuned and examples read; default: a spread of `begins`

    def __post_init__(self) -> None:
        if not self.lengths or min(self.lengths) < 1:
            raise ValueError(f"a forecast needs horizons of at least one period, got {list(self.lengths)}")
        if not self.begins:
            object.__setattr__(self, "begins", (0,) * len(self.lengths))
        if not self.leads:
            object.__setattr__(self, "leads", spread(self.begins))

    @property
    def horizon(self) -> int:
        """The one length at which parameters are tuned: the middle one asked for."""
        return sorted(self.lengths)[len(self.lengths) // 2]

    @property
    def score_levels(self) -> Floats:
        """Levels at which parameters are tuned: those asked for, or the service levels when a whole grid is."""
        return self.levels if len(self.levels) <= MOST_SCORED else np.asarray(SCORE_LEVELS)

    @property
    def memory(self) -> float:
        """Periods in which forgetting is counted: the horizon of a sum; for steps, between a step and how far they go.

        What matters twelve months ahead is not what mattered to the last month alone.
        """
        return float(np.sqrt(self.horizon * (self.horizon + max(self.leads))))

    def chosen(self, panel: Panel) -> NDArray[np.int64]:
        return np.arange(len(panel)) if self.rows is None else self.rows


def spread(begins: Sequence[int], most: int = 4) -> tuple[int, ...]:
    """At most `most` of the distinct begins, evenly spread from the first to the last."""
    distinct = sorted(set(begins))
    return tuple(dict.fromkeys(distinct[round(i * (len(distinct) - 1) / (most - 1))] for i in range(most)))


@dataclass(frozen=True)
class QuantileForecast:
    """Distributions of the requested sums for the n requested series, in units of demand."""

    levels: Floats  # (Q,)
    values: Floats  # (n, K, Q) non-negative, non-decreasing along Q
    mean: Floats  # (n, K)
    borrowed: Floats = field(default_factory=lambda: np.zeros(0))  # (n,) share of the evidence taken from other series

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tidy(self.values))
        object.__setattr__(self, "mean", np.maximum(np.nan_to_num(self.mean), 0.0))
        if not self.borrowed.size:
            object.__setattr__(self, "borrowed", np.zeros(len(self.values)))


class Model(Protocol):
    """A forecasting model: stateless, deterministic given the request's seed, blind to everything but the panel."""

    name: str
    flat: bool  # the distribution of a sum does not depend on how far ahead it begins

    @property
    def complexity(self) -> float:
        """Rank for "the simpler model wins within one standard error"; zero is 0."""
        ...

    def eligible(self, panel: Panel) -> NDArray[np.bool_]:
        """(n,) series that this model can be trusted with; the others fall back to the next model in the race."""
        ...

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        """Learn from the panel and forecast the requested sums. Never fails on degenerate series."""
        ...


class FlatModel:
    """Shared by models without trend or season: every series is eligible, only the length of a sum matters."""

    flat = True

    def eligible(self, panel: Panel) -> NDArray[np.bool_]:
        return np.ones(len(panel), dtype=bool)
