"""Exponentially weighted block bootstrap: paths glued from recent blocks of a series' own history.

Willemain, Smart and Schwarz (2004) with the moving blocks of Viswanathan and Zhou (2008): blocks keep the clustering
that drawing single periods loses. Unobserved periods are cut out of the history before blocks are formed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nova_assets.science import randomness
from nova_assets.science.models.base import FlatModel, Floats, QuantileForecast, Request
from nova_assets.science.models.tuning import tune
from nova_assets.science.panel import Panel, cumulative

_CELLS = 4_000_000
"""Random numbers held at once."""

_TUNING_DRAWS = 100

History = tuple[Floats, NDArray[np.int64]]
"""Cumulative demand of observed periods and their number, as `_compressed` gives them."""


class BlockBootstrap(FlatModel):
    """Blocks of about the square root of the horizon; the half-life of a block's weight is tuned on the panel."""

    name, complexity = "block_bootstrap", 5
    half_lives: tuple[float, ...] = (4.0, 0.5, 1.0, 2.0, 8.0, 16.0)  # in horizons
    draws = 300

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        histories: dict[int, History] = {}

        def values(past: Panel, asked: Request, multiple: float) -> Floats:
            if past.periods not in histories:
                histories[past.periods] = _compressed(past, asked.chosen(past))
            return self._predict(past, asked, histories[past.periods], multiple, _TUNING_DRAWS).values

        multiple = tune(self.name, panel, request, self.half_lives, values)
        return self._predict(panel, request, _compressed(panel, request.chosen(panel)), multiple, self.draws)

    def _predict(self, panel: Panel, request: Request, past: History, multiple: float, draws: int) -> QuantileForecast:
        rows, (history, length) = request.chosen(panel), past
        block = min(max(round(request.horizon**0.5), 1), panel.periods)
        keys = randomness.series_keys(panel.ids[rows], panel.dates[-1], request.seed, self.name)
        count = -(-max(request.lengths) // block)
        values = np.zeros((len(rows), len(request.lengths), len(request.levels)))
        mean = np.zeros(values.shape[:2])
        step = max(_CELLS // (draws * count), 1)
        for first in range(0, len(rows), step):
            part = slice(first, first + step)
            uniform = randomness.uniforms(keys[part], draws, count)
            age = _ages(uniform, length[part], block, 0.5 ** (1 / (multiple * request.memory)))
            for k, sums in enumerate(_path_sums(history[part], age, block, request.lengths)):
                values[part, k], mean[part, k] = _read(sums, request.levels), sums.mean(axis=1)
        return QuantileForecast(request.levels, values, mean)


def _compressed(panel: Panel, rows: NDArray[np.int64]) -> History:
    """Cumulative demand (n, T+1) of observed periods only, pushed to the right end, and their number (n,)."""
    demand, observed = panel.demand[rows], panel.observed[rows]
    length = observed.sum(axis=1)
    gaps = length < panel.periods - panel.start[rows]
    if gaps.any():
        order = np.argsort(observed[gaps], axis=1, kind="stable")
        demand[gaps] = np.take_along_axis(demand[gaps], order, axis=1)
    return cumulative(demand), length


def _ages(uniform: Floats, length: NDArray[np.int64], block: int, decay: float) -> NDArray[np.int64]:
    """Periods between each drawn block's end and the as-of: geometric, truncated to each series' history."""
    choices = np.maximum(length - block + 1, 1)[:, None, None]
    tail = decay**choices
    drawn = np.log1p(-uniform * (1 - tail)) / np.log(decay)
    return np.minimum(drawn.astype(np.int64), choices - 1)


def _path_sums(total: Floats, age: NDArray[np.int64], block: int, lengths: Sequence[int]) -> Iterator[Floats]:
    """(n, draws) demand over the first periods of each path, for each of the lengths; the last block is cut to fit."""
    n, width = total.shape
    end = width - 1 - age
    end += (np.arange(n) * width)[:, None, None]
    flat = total.ravel()
    ending = flat.copy()  # demand of the block that ends there; no block reaches into the row before
    ending[block:] -= flat[:-block]
    drawn = ending[end]
    for wanted in lengths:
        whole, rest = divmod(wanted, block)
        sums = drawn[:, :, :whole].sum(axis=2)
        if rest:
            begin = end[:, :, whole] - block
            sums += flat[begin + rest] - flat[begin]
        yield sums


def _read(sums: Floats, levels: Floats) -> Floats:
    """(n, Q) quantiles of draws (n, D)."""
    return np.quantile(sums, levels, axis=1).T
