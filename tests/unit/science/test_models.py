"""Every model on ordinary, degenerate and hostile panels, and the Croston family against published numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nova_assets.science import registry
from nova_assets.science.models.base import QuantileForecast, Request
from nova_assets.science.models.croston import each
from nova_assets.science.panel import Panel

LEVELS = np.array([0.1, 0.5, 0.9, 0.99])


def ask(panel: Panel, name: str, lengths: tuple[int, ...] = (7, 30), begins: tuple[int, ...] = ()) -> QuantileForecast:
    return registry.predict(panel, Request(lengths, LEVELS, begins), [name])[name]


@pytest.mark.parametrize("name", registry.MODELS)
def test_ordinary_panel_gives_valid_distributions(sparse_panel, name):
    rows = np.arange(0, 120, 1 if name in registry.CANDIDATES else 10)
    answer = ask(sparse_panel.take(rows), name)
    assert answer.values.shape == (len(rows), 2, 4) and answer.mean.shape == (len(rows), 2)
    assert np.isfinite(answer.values).all() and (answer.values >= 0).all()
    assert (np.diff(answer.values, axis=2) >= 0).all()
    assert ((answer.borrowed >= 0) & (answer.borrowed <= 1)).all()


HOSTILE = {
    "one point": np.array([[3.0]]),
    "one zero": np.array([[0.0]]),
    "all zero": np.zeros((3, 50)),
    "single event": np.eye(1, 50, 20) * 7,
    "constant": np.full((2, 50), 4.0),
    "huge": np.array([[0, 1e12] * 25, [1e-6, 0] * 25]),
    "two periods": np.array([[1.0, 0.0]]),
    "leading zeros": np.concatenate([np.zeros((1, 190)), np.full((1, 10), 5.0)], axis=1),
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("name", registry.MODELS)
def test_hostile_panels_never_fail(make_panel, name, case):
    answer = ask(make_panel(HOSTILE[case]), name)
    assert np.isfinite(answer.values).all() and (answer.values >= 0).all()
    assert (np.diff(answer.values, axis=2) >= 0).all()


@pytest.mark.parametrize("seen_share", [0.0, 0.4])
@pytest.mark.parametrize("name", registry.MODELS)
def test_panels_that_are_hardly_observed_never_fail(sparse_panel, name, seen_share):
    observed = np.random.default_rng(8).random(sparse_panel.demand.shape) < seen_share
    panel = replace(sparse_panel, observed=observed, demand=np.where(observed, sparse_panel.demand, 0.0))
    answer = ask(panel, name)
    assert np.isfinite(answer.values).all() and (answer.values >= 0).all()


@pytest.mark.parametrize("name", ["historic_mean", "negative_binomial", "sba", "block_bootstrap", "pooled_empirical"])
def test_stocked_out_days_are_missing_and_not_zero(make_panel, name):
    """Demand of 5 a day, hidden every other fortnight: the forecast is that of 5 a day, not of 2.5."""
    demand = np.random.default_rng(3).poisson(5, size=(20, 200)).astype(float)
    hidden = (np.arange(200) // 14) % 2 == 1
    panel = make_panel(np.where(hidden, 0.0, demand))
    panel = replace(panel, observed=panel.observed & ~hidden)
    assert np.isclose(ask(panel, name, lengths=(10,)).mean.mean(), 50, rtol=0.1)


@pytest.mark.parametrize("name", ["negative_binomial", "block_bootstrap", "pooled_empirical", "ensemble"])
def test_poisson_demand_is_covered_as_promised(make_panel, name):
    rng = np.random.default_rng(5)
    demand = rng.poisson(0.5, size=(300, 300)).astype(float)
    future = rng.poisson(0.5 * 20, size=300)
    values = ask(make_panel(demand), name, lengths=(20,)).values[:, 0]
    assert np.allclose((future[:, None] <= values).mean(axis=0)[1:3], [0.58, 0.92], atol=0.08)


def test_a_new_series_takes_its_level_from_its_family(make_panel):
    """Two families of very different use; each gets a newcomer without demand yet."""
    rng = np.random.default_rng(2)
    demand = np.concatenate([rng.poisson(5, (15, 200)), rng.poisson(0.05, (15, 200)), np.zeros((2, 200))]).astype(float)
    panel = make_panel(demand, family=["fast"] * 15 + ["slow"] * 15 + ["fast", "slow"])
    start = panel.start.copy()
    start[30:] = 198
    observed = panel.observed & (np.arange(200)[None, :] >= start[:, None])
    answer = ask(replace(panel, start=start, observed=observed), "pooled_empirical")
    assert answer.mean[30, 1] > 5 * answer.mean[31, 1]
    assert (answer.borrowed[30:] > 0.9).all()


def test_croston_sba_published_cases(make_panel):
    series = [[0, 0, 2, 7, 0, 0, 0, 5, 0, 0, 0, 0, 3.0]]
    assert np.isclose(ask(make_panel(series), "sba", lengths=(1,)).mean[0, 0], 0.8427909207, atol=1e-9)
    assert np.isclose(
        ask(make_panel([[1, 0, 0, 0, 2, 0, 0]]), "sba", lengths=(1,)).mean[0, 0], 0.95 * 0.8461538, atol=1e-6
    )


def test_croston_published_cases(make_panel):
    from statsforecast.models import CrostonClassic

    for series, answer in (
        ([0, 0, 2, 7, 0, 0, 0, 5, 0, 0, 0, 0, 3.0], 0.8871483376),
        ([1, 0, 0, 0, 2, 0, 0], 0.8461538462),
        ([0, 0, 0], 0.0),
    ):
        assert np.isclose(each(make_panel([series]), np.array([0]), CrostonClassic())[0], answer, atol=1e-9)


def test_autoets_follows_a_trend_that_flat_models_miss(make_panel):
    noise = np.random.default_rng(6).normal(0, 1, size=420)
    weeks = np.repeat(np.arange(11, 71, dtype=float), 7) + noise
    answer = ask(make_panel([weeks]), "auto_ets", lengths=(7, 7), begins=(0, 70))
    assert answer.mean[0, 0] > 7 * 66 and answer.mean[0, 1] > answer.mean[0, 0] + 40


def test_unknown_model_names_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'negative_binomial'"):
        registry.get("negative_binomal")
