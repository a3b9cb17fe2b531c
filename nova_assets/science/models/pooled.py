"""Pooled empirical distribution: what followed series that looked like this one, and what followed itself.

Every series at every past origin is an example: its state then (see `states`) and the sum that came. A forecast takes
the nearest examples in state space (Altman 1992, k nearest neighbours), scales their outcomes by the expected sum, adds
the series' own past windows, and reads quantiles off that weighted sample. How much the analogues weigh against own
windows, and how fast own windows are forgotten, is tuned on the panel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from nova_assets.science.examples import Examples
from nova_assets.science.models.base import FlatModel, Floats, QuantileForecast, Request
from nova_assets.science.models.negative_binomial import NegativeBinomial
from nova_assets.science.models.tuning import tune
from nova_assets.science.panel import Panel, cumulative

NEIGHBOURS = 300
MIN_PERIODS = 4
_ROWS_AT_ONCE = 4096

_HISTORIES_AT_ONCE = 256
"""Two years of so many daily series lie in a core's cache."""


@dataclass(frozen=True)
class Mix:
    """`analogues`: how many own windows all neighbours together count as; `memory`: half-life of an own window."""

    analogues: float
    memory: float  # horizons


class PooledEmpirical(FlatModel):
    """Analogues plus own history; always available, also for series that never had a demand."""

    name, complexity = "pooled_empirical", 6
    mixes = (Mix(10, 8), Mix(1000, 8), Mix(33, 2), Mix(5, 8), Mix(3, 16))

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        rows = request.chosen(panel)
        samples = (
            [_Analogues(panel, length, rows, request) for length in request.lengths]
            if panel.periods >= MIN_PERIODS
            else []
        )
        if not samples or not all(samples):
            return NegativeBinomial().fit_predict(panel, request)
        past_samples: dict[int, _Analogues] = {}

        def values(past: Panel, asked: Request, mix: Mix) -> Floats:
            if past.periods not in past_samples:
                past_samples[past.periods] = _Analogues(past, asked.lengths[0], asked.chosen(past), asked)
            return past_samples[past.periods].read(asked.levels, mix)[0][:, None]

        mix = tune(self.name, panel, request, self.mixes, values)
        answers = [sample.read(request.levels, mix) for sample in samples]
        middle = request.lengths.index(request.horizon)
        return QuantileForecast(
            request.levels,
            np.stack([answer[0] for answer in answers], axis=1),
            np.stack([answer[1] for answer in answers], axis=1),
            answers[middle][2],
        )


class _Analogues:
    """Neighbours' and own outcomes of some rows of a panel for one length, ready to be mixed."""

    def __init__(self, panel: Panel, length: int, rows: NDArray[np.int64], request: Request) -> None:
        examples = Examples.of(panel, length, request)
        now, then = examples.now, examples.then
        place = np.searchsorted(now.series, rows)
        self.scale = now.scale[place] * length / examples.length
        self.count = min(NEIGHBOURS, len(examples))
        if not self:
            return
        tree = KDTree(then.features, leafsize=64)
        near = tree.query(now.features[place], k=self.count, workers=-1)[1].reshape(len(rows), self.count)
        ratios = examples.outcomes[near, np.arange(self.count) % examples.outcomes.shape[1]]
        self.others = (then.series[near] != rows[:, None]).mean(axis=1)
        own, self.own_known, self.own_age = _own_windows(panel, rows, examples.length, now.scale[place])
        # Sorted once for every mix: only the weights differ.
        self.sample = np.concatenate([ratios, own], axis=1)
        self.order = np.empty(self.sample.shape, dtype=np.int16)
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            part = slice(first, first + _ROWS_AT_ONCE)
            order = np.argsort(self.sample[part], axis=1)
            self.sample[part], self.order[part] = np.take_along_axis(self.sample[part], order, axis=1), order

    def __bool__(self) -> bool:
        """Whether anything was learned: False when no past window was observed well enough."""
        return self.count > 0

    def read(self, levels: Floats, mix: Mix) -> tuple[Floats, Floats, Floats]:
        """Quantiles (n, Q), mean (n,) and borrowed share (n,); zeros when nothing was learned."""
        if not self:
            return np.zeros((len(self.scale), len(levels))), np.zeros(len(self.scale)), np.zeros(len(self.scale))
        own_weight = self.own_known * 0.5 ** (self.own_age / mix.memory) / OVERLAP
        values, mean = np.empty((len(self.scale), len(levels))), np.empty(len(self.scale))
        for first in range(0, len(self.scale), _ROWS_AT_ONCE):
            part = slice(first, first + _ROWS_AT_ONCE)
            analogue = np.full((len(own_weight[part]), self.count), mix.analogues / self.count)
            weight = np.concatenate([analogue, own_weight[part]], axis=1)
            weight = np.take_along_axis(weight, self.order[part], axis=1)
            values[part], mean[part] = _weighted(self.sample[part], weight, levels)
        own = own_weight.sum(axis=1)
        return values * self.scale[:, None], mean * self.scale, mix.analogues * self.others / (mix.analogues + own)


OVERLAP = 4
"""Own windows start every quarter of a horizon, so each counts a quarter."""

_MOST_OWN = 48


def _own_windows(
    panel: Panel, rows: NDArray[np.int64], length: int, scale: Floats
) -> tuple[Floats, NDArray[np.bool_], Floats]:
    """Own past sums (n, w) as multiples of the expected one, which are known, and their ages in horizons (w,)."""
    step = max(length // OVERLAP, 1)
    ends = np.arange(panel.periods, length - 1, -step)[:_MOST_OWN]
    begin = ends - length
    shape = (len(rows), len(ends))
    sums, known = np.empty(shape), np.empty(shape, dtype=bool)
    for first in range(0, len(rows), _HISTORIES_AT_ONCE):
        part = slice(first, first + _HISTORIES_AT_ONCE)
        total, seen = cumulative(panel.demand[rows[part]]), cumulative(panel.observed[rows[part]])
        count = seen[:, ends] - seen[:, begin]
        known[part] = (begin >= panel.start[rows[part]][:, None]) & (count >= 0.8 * length)
        sums[part] = (total[:, ends] - total[:, begin]) * length / np.maximum(count, 1)
    return np.where(known, sums / scale[:, None], 0.0), known, (panel.periods - ends) / length


def _weighted(sample: Floats, weight: Floats, levels: Floats) -> tuple[Floats, Floats]:
    """Quantiles (n, Q) and mean (n,) of weighted, ascending samples (n, m), linear between mid-probabilities."""
    total = weight.sum(axis=1, keepdims=True)
    middle = (np.cumsum(weight, axis=1) - weight / 2) / total
    offset = np.arange(len(sample))[:, None] * 2.0  # all rows in one interpolation, each in its own interval
    # A level below the first atom's middle would be read between this row and the one before it.
    inside = np.clip(levels, middle[:, :1], middle[:, -1:])
    values = np.interp((offset + inside).ravel(), (offset + middle).ravel(), sample.ravel())
    return values.reshape(len(sample), len(levels)), (sample * weight).sum(axis=1) / total[:, 0]
