"""Quantile regression forest (Meinshausen 2006) of extremely randomised trees (Geurts, Ernst and Wehenkel 2006).

One forest for all series learns which past states are alike in what followed them; the outcomes that share a leaf with
today's state are the forecast, for every level at once. Global, scaled by each series' own expected sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nova_assets.science.examples import Examples
from nova_assets.science.models.base import FlatModel, Floats, QuantileForecast, Request
from nova_assets.science.models.negative_binomial import NegativeBinomial
from nova_assets.science.panel import Panel

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesRegressor

TREES = 80
PER_LEAF = 6
"""Outcomes read from each leaf."""

MOST_LEARNED = 20_000
"""Examples each tree is grown on."""

MIN_EXAMPLES = 400
_LEAF = 30
Leaves = list[tuple[NDArray[np.int64], Floats]]
"""For each tree: leaves of its examples, ascending, and their outcomes, ascending within a leaf."""

_ROWS_AT_ONCE = 4096


class QuantileForest(FlatModel):
    """Few examples are left to the negative binomial."""

    name, complexity = "quantile_forest", 9

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        rows = request.chosen(panel)
        values = np.empty((len(rows), len(request.lengths), len(request.levels)))
        mean = np.empty(values.shape[:2])
        for k, length in enumerate(request.lengths):
            examples = Examples.of(panel, length, request)
            if len(examples) < MIN_EXAMPLES:
                return NegativeBinomial().fit_predict(panel, request)
            place = np.searchsorted(examples.now.series, rows)
            scale = examples.now.scale[place] * length / examples.length
            grown = _grown(examples, request.seed)
            for first in range(0, len(rows), _ROWS_AT_ONCE):
                part = slice(first, first + _ROWS_AT_ONCE)
                outcomes = _outcomes(*grown, examples.now.features[place[part]])
                sums = np.quantile(outcomes, request.levels, axis=1, method="inverted_cdf").T
                values[part, k] = sums * scale[part, None]
                mean[part, k] = outcomes.mean(axis=1) * scale[part]
        return QuantileForecast(request.levels, values, mean, np.full(len(rows), 1.0))


def _outcomes(forest: ExtraTreesRegressor, leaves: Leaves, features: Floats) -> Floats:
    """(n, TREES x PER_LEAF) outcomes evenly spread over the leaves in which states (n, F) fall."""
    reached = forest.apply(features.astype(np.float32))
    drawn = np.empty((len(features), TREES, PER_LEAF))
    spread = (np.arange(PER_LEAF) + 0.5) / PER_LEAF
    for tree, (leaf, outcome) in enumerate(leaves):
        begin = np.searchsorted(leaf, reached[:, tree], "left")[:, None]
        end = np.searchsorted(leaf, reached[:, tree], "right")[:, None]
        drawn[:, tree] = outcome[begin + (spread * (end - begin)).astype(np.int64)]
    return drawn.reshape(len(features), -1)


def _grown(examples: Examples, seed: int) -> tuple[ExtraTreesRegressor, Leaves]:
    """The forest of the examples and where their outcomes lie in it."""
    from sklearn.ensemble import ExtraTreesRegressor

    leads = examples.outcomes.shape[1]
    features = examples.then.features.astype(np.float32)
    lead = np.arange(len(features)) % leads
    outcome = examples.outcomes[np.arange(len(features)), lead]
    forest = ExtraTreesRegressor(
        TREES,
        min_samples_leaf=_LEAF,
        max_features=0.5,
        bootstrap=True,
        max_samples=min(1.0, MOST_LEARNED / len(features)),
        random_state=seed,
        n_jobs=-1,  # each tree has its own seed: the number of cores changes nothing
    ).fit(features, np.log1p(outcome))
    # With the outcomes in order first, a stable sort by leaf keeps them so; on 16-bit numbers it is a radix sort.
    order = np.argsort(outcome, kind="stable")
    leaves, outcome = forest.apply(features[order]).T, outcome[order]
    short = np.uint16 if leaves.max() < 1 << 16 else leaves.dtype
    sorted_leaves = []
    for leaf in leaves:
        place = np.argsort(leaf.astype(short), kind="stable")
        sorted_leaves.append((leaf[place], outcome[place]))
    return forest, sorted_leaves
