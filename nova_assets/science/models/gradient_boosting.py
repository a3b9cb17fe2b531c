"""Gradient-boosted quantiles of the sum, learned across all series and scaled by each series' own expected sum.

Histogram trees of scikit-learn, one run per level; LightGBM's wheel would need the system's OpenMP library. The
quantile forest reads every level from one fit: it is the learned member of the nightly race, and this model is there by
name. Examples count by their expected demands: the loss of a multiple is then one in typical demands, as models are
chosen on, and not that of a thousand series which hardly ever ask for anything.
"""

from __future__ import annotations

import numpy as np

from nova_assets.science import quantiles, randomness
from nova_assets.science.examples import Examples, weights_of
from nova_assets.science.models.base import FlatModel, Floats, QuantileForecast, Request
from nova_assets.science.models.negative_binomial import NegativeBinomial
from nova_assets.science.panel import Panel

MIN_EXAMPLES = 400
MOST_LEARNED = 20_000
KNOTS = (0.1, 0.25, 0.5, 0.65, 0.8, 0.9, 0.95, 0.99)
"""Levels fitted when a whole grid is asked for; the others are read between them."""


class GradientBoosting(FlatModel):
    """Few examples are left to the negative binomial."""

    name, complexity = "gradient_boosting", 9

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        rows = request.chosen(panel)
        every = [Examples.of(panel, length, request) for length in request.lengths]
        if min(len(examples) for examples in every) < MIN_EXAMPLES:
            return NegativeBinomial().fit_predict(panel, request)
        levels = request.levels if len(request.levels) <= quantiles.MOST_SCORED else np.asarray(KNOTS)
        values, mean = [], []
        for length, examples in zip(request.lengths, every, strict=True):
            place = np.searchsorted(examples.now.series, rows)
            scale = examples.now.scale[place] * length / examples.length
            said = quantiles.tidy(_boosted(panel, examples, examples.now.features[place], levels, request.seed))
            values.append(_at(levels, said, request.levels) * scale[:, None])
            mean.append(quantiles.mean(levels, said) * scale)
        borrowed = np.ones(len(rows))
        return QuantileForecast(request.levels, np.stack(values, axis=1), np.stack(mean, axis=1), borrowed)


def _at(levels: Floats, said: Floats, wanted: Floats) -> Floats:
    return said if len(levels) == len(wanted) else quantiles.interpolate(levels, said, wanted)


def _boosted(panel: Panel, examples: Examples, features: Floats, levels: Floats, seed: int) -> Floats:
    """(n, levels) multiples of the expected sum for states (n, F). One thread: the same bytes on any machine."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    then = examples.then
    order = np.argsort(randomness.series_keys(panel.ids[then.series], "boosting", seed), kind="stable")
    learned = np.sort(order[:MOST_LEARNED])
    lead = np.arange(len(learned)) % examples.outcomes.shape[1]
    outcome, weight = examples.outcomes[learned, lead], weights_of(then.features[learned])
    said = np.empty((len(features), len(levels)))
    with threadpool_limits(limits=1):
        for k, level in enumerate(levels):
            trees = HistGradientBoostingRegressor(
                loss="quantile", quantile=level, max_iter=80, learning_rate=0.06, max_leaf_nodes=15,
                min_samples_leaf=40, random_state=seed,
                early_stopping=False,  # pyright: ignore[reportArgumentType] (documented, not annotated)
            )  # fmt: skip
            said[:, k] = trees.fit(then.features[learned], outcome, sample_weight=weight).predict(features)
    return said
