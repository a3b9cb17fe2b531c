"""The engine: sums, steps and protection periods; determinism, no leakage, indifference to order."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nova_assets.science.forecast import LeadTimes, forecast_protection, forecast_steps, forecast_sums, length_ladder
from nova_assets.science.panel import build_panel
from nova_assets.science.selection import Selection
from tests.unit.science.conftest import START, long_frame, sparse_demand

NAMES = ("negative_binomial", "block_bootstrap", "pooled_empirical", "median_ensemble")


def test_auto_frame_has_one_row_per_series_and_horizon(sparse_panel):
    frame = forecast_sums(sparse_panel, [30, 60], [0.5, 0.9]).frame()
    assert frame.columns == [
        "series_id", "target", "mean", "quantile_levels", "quantile_values", "model", "borrowed_share",
    ]  # fmt: skip
    assert frame.height == 240
    assert frame["quantile_values"].list.len().unique().to_list() == [2]


def test_models_chosen_apart_never_say_that_a_longer_sum_is_smaller(sparse_panel):
    apart = Selection({("all", "all", 30): "block_bootstrap", ("all", "all", 60): "zero"}, (30, 60))
    told = forecast_sums(sparse_panel, [60, 30], models=apart)
    assert (told.values[:, 0] >= told.values[:, 1]).all() and (told.mean[:, 0] >= told.mean[:, 1]).all()
    assert told.values[:, 0].max() > 0


def test_same_seed_same_numbers_and_other_seed_other_draws(sparse_panel):
    one, two, other = (forecast_sums(sparse_panel, [30], models="block_bootstrap", seed=s).values for s in (7, 7, 8))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("model", NAMES)
def test_what_happens_after_the_as_of_changes_nothing(model):
    demand = sparse_demand(40, 200)
    changed = demand.copy()
    changed[:, 150:] = 1000
    as_of = START + dt.timedelta(149)
    panels = [build_panel(long_frame(d), "D", as_of) for d in (demand, changed)]
    one, two = (forecast_sums(panel, [20], models=model).values for panel in panels)
    assert np.array_equal(one, two)


def test_the_race_does_not_see_past_the_as_of_either():
    demand = sparse_demand(40, 200)
    changed = np.where(np.arange(200) >= 150, 1000.0, demand)
    panels = [build_panel(long_frame(d), "D", START + dt.timedelta(149)) for d in (demand, changed)]
    one, two = (forecast_sums(panel, [20]).frame() for panel in panels)
    assert one.equals(two)


def test_order_of_rows_does_not_matter():
    frame = long_frame(sparse_demand(30, 120))
    one, two = (forecast_sums(build_panel(f, "D"), [14], models="ensemble") for f in (frame, frame.reverse()))
    assert one.ids.tolist() == two.ids.tolist()
    assert np.array_equal(one.values, two.values)


def test_draws_of_a_series_do_not_depend_on_its_neighbours():
    """The bootstrap with the same half-life gives a series the same paths alone or among others."""
    from nova_assets.science.models.base import Request
    from nova_assets.science.models.bootstrap import BlockBootstrap

    panel = build_panel(long_frame(sparse_demand(30, 120)), "D")
    model, request = BlockBootstrap(), Request((14,), np.array([0.5, 0.9, 0.99]))
    model.half_lives = (4.0,)
    everyone = model.fit_predict(panel, request).values
    alone = model.fit_predict(panel.take(np.array([17])), request).values
    assert np.array_equal(everyone[17:18], alone)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    demand=st.lists(st.lists(st.integers(0, 50), min_size=24, max_size=24), min_size=1, max_size=6),
    model=st.sampled_from(NAMES),
)
def test_quantiles_are_sorted_finite_and_not_negative(demand, model):
    panel = build_panel(long_frame(np.array(demand, dtype=float)), "D")
    values = forecast_sums(panel, [1, 5], models=model).values
    assert np.isfinite(values).all() and (values >= 0).all() and (np.diff(values, axis=2) >= 0).all()


def test_steps_of_a_flat_model_are_alike_and_numbered_from_one(sparse_panel):
    answer = forecast_steps(sparse_panel, 4, 7, [0.5, 0.9], "negative_binomial")
    assert answer.targets == (1, 2, 3, 4)
    assert np.array_equal(answer.values[:, 0], answer.values[:, 3])


def test_fixed_lead_time_is_the_sum_over_lead_time_plus_review(sparse_panel):
    fixed = LeadTimes.fixed(np.full(len(sparse_panel), 13.0))
    protection = forecast_protection(sparse_panel, fixed, 7, models="negative_binomial")
    total = forecast_sums(sparse_panel, [20], models="negative_binomial")
    assert np.allclose(protection.values, total.values, atol=0.01 + 0.02 * total.values.max())
    assert np.allclose(protection.mean, total.mean)


def test_a_random_lead_time_widens_the_distribution_and_keeps_the_mean(sparse_panel):
    n = len(sparse_panel)
    levels = np.linspace(0.05, 0.95, 19)
    wide = LeadTimes(levels, np.repeat(np.linspace(1, 39, 19)[None, :], n, axis=0))
    narrow = LeadTimes.fixed(np.full(n, 20.0))
    random, fixed = (forecast_protection(sparse_panel, lt, 0, models="historic_mean") for lt in (wide, narrow))
    busy = fixed.mean[:, 0] > 20
    assert np.allclose(random.mean, fixed.mean, rtol=0.02)
    assert (random.values[busy, 0, -2] > fixed.values[busy, 0, -2]).all()


def test_each_series_has_its_own_protection_period(sparse_panel):
    days = np.where(np.arange(len(sparse_panel)) % 2 == 0, 5.0, 50.0)
    answer = forecast_protection(sparse_panel, LeadTimes.fixed(days), 0, models="historic_mean")
    long = forecast_sums(sparse_panel, [5, 50], models="historic_mean").mean
    assert np.allclose(answer.mean[:, 0], np.where(days == 5, long[:, 0], long[:, 1]))


def test_ladder_is_exact_when_few_and_spans_when_many():
    assert length_ladder(np.array([[7.0, 30.0]])) == (7, 30)
    many = length_ladder(np.arange(1.0, 200.0)[None, :])
    assert many[0] == 1 and many[-1] == 199 and len(many) <= 10


def test_long_frame_follows_the_command_contract(sparse_panel):
    frame = forecast_sums(sparse_panel, [30], [0.5, 0.9], "naive").long_frame()
    assert frame.columns == ["series_id", "step", "quantile", "value", "mean", "model"]
    assert frame.filter(pl.col("series_id") == "s000")["quantile"].to_list() == [0.5, 0.9]
