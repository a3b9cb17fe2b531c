"""Examples to learn from: a season that moved every series is nobody's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nova_assets.science.examples import Examples, weights_of
from nova_assets.science.models.base import Request

REQUEST = Request((30,), np.array([0.5, 0.9]))


def _means(panel) -> np.ndarray:
    """Mean outcome of each origin; the series of an origin come in ascending order."""
    examples = Examples.of(panel, 30, REQUEST)
    origin = np.concatenate([[0], np.cumsum(np.diff(examples.then.series) < 0)])
    return np.bincount(origin, examples.outcomes[:, 0]) / np.bincount(origin)


def test_a_common_season_is_levelled_and_a_steady_past_is_left_alone(make_panel):
    demand = np.random.default_rng(12).poisson(0.3, size=(400, 360)).astype(float)
    season = np.where((np.arange(360) // 60) % 2 == 1, 3.0, 1.0)
    steady, moved = (_means(make_panel(d)) for d in (demand, demand * season))
    assert np.ptp(steady) < 0.12
    raw = demand * season
    ends = np.arange(90, 331, 15)
    swing = np.array([raw[:, e : e + 30].sum() / raw[:, e - 30 : e].sum() for e in ends])
    assert np.ptp(swing) > 1.5 and np.ptp(moved) < 0.5 * np.ptp(swing)


def test_few_series_are_not_told_from_chance(make_panel):
    """Three series of one demand a month: nearly all of what an origin's outcomes have in common stays."""
    demand = np.random.default_rng(13).poisson(0.03, size=(3, 360)).astype(float)
    assert np.ptp(_means(make_panel(demand))) > 0.5


def test_outcomes_after_the_as_of_are_unknown(sparse_panel):
    changed = sparse_panel.demand.copy()
    changed[:, 200:] += 50
    one, two = (
        Examples.of(replace(sparse_panel, demand=d).until(200), 30, REQUEST) for d in (sparse_panel.demand, changed)
    )
    assert np.array_equal(one.outcomes, two.outcomes) and np.array_equal(one.then.features, two.then.features)


def test_an_example_speaks_for_the_demands_expected_of_it(sparse_panel):
    """Scale over typical size, up to twenty: a state of 0.5 demands says half as much as one of 1."""
    now = Examples.of(sparse_panel, 30, REQUEST).now
    assert weights_of(np.log([[0.5, 9.0], [1.0, 9.0], [400.0, 9.0]])).tolist() == [0.5, 1.0, 20.0]
    total, events = sparse_panel.demand[now.series].sum(axis=1), (sparse_panel.demand[now.series] > 0).sum(axis=1)
    some = events > 0
    assert np.allclose(weights_of(now.features)[some], np.minimum(now.scale[some] * events[some] / total[some], 20))
