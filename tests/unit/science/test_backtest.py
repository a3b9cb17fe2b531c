"""Rolling origins, scores and the choice of model, with their evidence."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from nova_assets.science import registry
from nova_assets.science.backtest import Backtest, Fold, origin_cuts, run_backtest
from nova_assets.science.selection import Selection, choose, select_models

MODELS = ("negative_binomial", "historic_mean")


@pytest.fixture(scope="module")
def result(sparse_panel):
    return run_backtest(sparse_panel, [14, 30], MODELS)


def test_windows_do_not_overlap_and_leave_a_past(make_panel):
    panel = make_panel(np.ones((1, 240)))
    assert origin_cuts(panel, 30) == [210, 180, 150, 120]


def test_short_histories_have_overlapping_or_no_origins(make_panel):
    assert (
        origin_cuts(make_panel(np.ones((1, 40))), 14) == [26] or len(origin_cuts(make_panel(np.ones((1, 40))), 14)) > 1
    )
    assert origin_cuts(make_panel(np.ones((1, 8))), 14) == []


def test_zero_and_naive_always_race(result):
    assert result.models[:2] == ("zero", "naive")
    assert {"zero", "naive"} <= set(result.scores()["model"])


def test_zero_scores_what_it_must(result):
    """2 x mean of the levels: the pinball loss of a zero forecast is level x demand."""
    zero = result.scores().filter(model="zero", demand_class="all", family="all", horizon=30).row(0, named=True)
    assert np.isclose(zero["pinball"], 1.656)
    assert np.isclose(zero["bias"], -1) and np.isclose(zero["wape"], 1)


def test_scores_are_those_of_a_hand_computation(result):
    folds = [fold for fold in result.folds if fold.horizon == 30]
    actual = np.concatenate([fold.actual for fold in folds])
    mean = np.concatenate([fold.mean["historic_mean"] for fold in folds])
    row = result.scores().filter(model="historic_mean", demand_class="all", family="all", horizon=30).row(0, named=True)
    assert np.isclose(row["bias"], mean.sum() / actual.sum() - 1)
    assert np.isclose(row["wape"], np.abs(actual - mean).sum() / actual.sum())
    assert row["n_forecasts"] == len(actual) and row["origins"] == 4


def test_totals_weigh_their_parts(result):
    scores = result.scores().filter(model="naive", horizon=30, family="all")
    parts = scores.filter(pl.col("demand_class") != "all").select(
        (pl.col("pinball") * pl.col("mean_demand") * pl.col("n_forecasts")).sum()
        / (pl.col("mean_demand") * pl.col("n_forecasts")).sum()
    )
    assert np.isclose(parts.item(), scores.filter(demand_class="all")["pinball"].item())


def test_the_future_of_the_panel_does_not_reach_a_fold(sparse_panel):
    from dataclasses import replace

    changed = sparse_panel.demand.copy()
    changed[:, 210:] += 500
    one, two = (run_backtest(p, [30], MODELS) for p in (sparse_panel, replace(sparse_panel, demand=changed)))
    last = max(range(4), key=lambda i: one.folds[i].origin)
    assert np.array_equal(one.folds[last].values["negative_binomial"], two.folds[last].values["negative_binomial"])


def test_selection_beats_the_baselines_on_ordinary_demand(result):
    selection = select_models(result)
    evidence = selection.evidence[("all", "all", 30)]
    chosen = selection.choice[("all", "all", 30)]
    assert evidence["pinball"][chosen] <= min(evidence["pinball"]["zero"], evidence["pinball"]["naive"])
    assert evidence["series"] == 120


def test_dead_stock_is_forecast_by_zero_because_nothing_beats_it(make_panel):
    demand = np.zeros((60, 600))
    demand[:, :200:20] = 3
    panel = make_panel(demand)
    assert set(select_models(run_backtest(panel, [30], MODELS)).assign(panel, (30,)).ravel()) == {"zero"}


def test_the_simpler_model_wins_within_one_standard_error(make_panel):
    demand = np.random.default_rng(4).poisson(1.0, size=(60, 300)).astype(float)
    selection = select_models(run_backtest(make_panel(demand), [30], ("historic_mean", "negative_binomial", "sba")))
    assert selection.choice[("all", "all", 30)] == "historic_mean"


def test_small_families_follow_their_class_and_small_classes_borrow(result):
    selection = select_models(result, min_series=10_000)
    assert {family for _, family, _ in selection.choice} == {"all"}
    assert selection.lookup("lumpy", "cable", 28)[1] == ("lumpy", "all", 30)
    assert selection.evidence["lumpy", "all", 30]["borrowed"] > 0.9
    assert selection.evidence["all", "all", 30]["borrowed"] == 0
    assert selection.lookup("smooth", "cable", 28)[1] == ("all", "all", 30)


def test_selection_survives_being_stored(result, sparse_panel):
    selection = select_models(result)
    again = Selection.from_rows(selection.frame_rows())
    assert again.choice == selection.choice
    assert np.array_equal(again.assign(sparse_panel, (14, 30, 90)), selection.assign(sparse_panel, (14, 30, 90)))


def test_a_panel_that_was_never_observed_is_served_by_the_fallback(make_panel):
    from dataclasses import replace

    panel = make_panel(np.zeros((3, 200)))
    blind = replace(panel, observed=np.zeros_like(panel.observed))
    assert set(select_models(run_backtest(blind, [30], MODELS)).choice.values()) == {"negative_binomial"}


def test_a_baseline_serves_only_where_nothing_beats_it():
    close = {"zero": 1.0, "naive": 2.0, "historic_mean": 0.99, "negative_binomial": 0.98, "block_bootstrap": 0.97}
    wide = dict.fromkeys(close, 0.5)
    assert choose(close, wide)[0] == "negative_binomial"
    assert choose(close | {"historic_mean": 0.96}, wide) == ("historic_mean", "no model beats it")
    worse = dict.fromkeys(("historic_mean", "negative_binomial", "block_bootstrap"), 1.01)
    assert choose(close | worse, wide) == ("zero", "no model beats it")


def test_no_choice_loses_to_a_baseline_on_the_folds_it_was_made_on(result):
    """Every cell: the loss of what serves it is below every baseline's, or it is the best baseline."""
    selection = select_models(result)
    for key, chosen in selection.choice.items():
        loss = selection.evidence[key]["pinball"]
        assert loss[chosen] <= min(loss[name] for name in registry.BASELINES if name in loss)


@pytest.fixture(scope="module")
def with_dead(make_panel):
    """200 ordinary series and seven that were dead long before the first origin."""
    demand = np.random.default_rng(11).poisson(0.2, size=(207, 600)).astype(float)
    demand[200:, 60:] = 0
    demand[200:, :60] = 3
    return make_panel(demand)


def test_a_small_class_is_served_by_zero_where_zero_wins_clearly(with_dead):
    selection = select_models(run_backtest(with_dead, [30], MODELS))
    assert selection.choice["all", "all", 30] != "zero"
    assert selection.choice["dead", "all", 30] == "zero"
    stored = Selection.from_rows(selection.frame_rows()).assign(with_dead, (30,))[:, 0]
    assert set(stored[200:]) == {"zero"} and "zero" not in stored[:200]


def test_a_small_class_is_served_by_what_beats_every_baseline_there(make_panel):
    """Four regular series among many rare ones: their own forecasts shut out what loses to a baseline on them."""
    rng = np.random.default_rng(2)
    demand = np.vstack([rng.poisson(0.05, (200, 600)), rng.poisson(8.0, (4, 600))]).astype(float)
    selection = select_models(run_backtest(make_panel(demand), [30], MODELS))
    found = selection.evidence["smooth", "all", 30]
    loss = found["pinball"]
    assert found["series"] == 4 and found["borrowed"] == pytest.approx(26 / 30, abs=0.02)
    assert loss[selection.choice["smooth", "all", 30]] <= min(loss[name] for name in registry.BASELINES if name in loss)


def test_a_class_of_one_series_is_settled_by_no_single_forecast(with_dead):
    one = with_dead.take(np.arange(201))
    key = ("dead", "all", 30)
    assert select_models(run_backtest(one, [30], MODELS)).choice[key] == "zero"
    settled = select_models(run_backtest(one, [30], MODELS, origins=1))
    assert settled.choice[key] == settled.choice["all", "all", 30] != "zero"


def test_a_later_origin_says_twice_as_much_as_the_one_before():
    """TSB is off by 3 at the two early origins, the negative binomial by 2 at the two late ones: 4 against 6 evenly."""
    off = {"zero": (9, 9, 9, 9), "naive": (9, 9, 9, 9), "negative_binomial": (0, 0, 2, 2), "tsb": (3, 3, 0, 0)}
    n, ones = 40, np.ones(40, dtype=np.float64)
    folds = tuple(
        Fold(
            np.datetime64("2025-01-01") + 7 * k, 1, np.array([f"s{i:02d}" for i in range(n)], dtype=object),
            np.full(n, "lumpy", dtype=object), np.full(n, "", dtype=object), 10 * ones, ones,
            {name: np.full((n, 1), 10.0 - by[k]) for name, by in off.items()}, dict.fromkeys(off, 10 * ones),
            ones, cut=10 + k,
        )
        for k in range(4)
    )  # fmt: skip
    chosen = select_models(Backtest(folds, np.array([0.5]), tuple(off), (1,)))
    assert chosen.choice["lumpy", "all", 1] == "tsb"
    told = chosen.evidence["lumpy", "all", 1]["pinball"]
    assert told["negative_binomial"] == pytest.approx(0.1) and told["tsb"] == pytest.approx(0.15)


def test_ensembles_rank_just_before_their_simplest_member():
    ranks = {name: registry.get(name).complexity for name in registry.CANDIDATES}
    assert ranks["historic_mean"] < ranks["ensemble"] < ranks["median_ensemble"] < ranks["negative_binomial"]


def test_history_too_short_for_a_race_is_served_by_the_fallback(make_panel):
    selection = select_models(run_backtest(make_panel(np.ones((2, 5))), [30], MODELS))
    assert set(selection.choice.values()) == {"negative_binomial"}


def test_metres_do_not_outvote_pieces(make_panel):
    """Twice the unit of some series is the same demand: no choice and no loss moves."""
    demand = np.random.default_rng(9).poisson(0.3, size=(80, 300)).astype(float)
    metres = np.where(np.arange(80)[:, None] < 10, 1000.0, 1.0)
    one, two = (run_backtest(make_panel(d), [30], ("historic_mean",)) for d in (demand, demand * metres))
    losses = [select_models(r).evidence[("all", "all", 30)]["pinball"]["zero"] for r in (one, two)]
    assert np.isclose(*losses) and np.isclose(losses[0], 1.656)
    assert np.isclose(one.scores()["decision_loss"][-1], two.scores()["decision_loss"][-1])


def test_steps_are_scored_as_far_ahead_as_they_are_asked_for(make_panel):
    demand = np.ones((2, 60))
    result = run_backtest(make_panel(demand), [1], ("historic_mean",), leads=(0, 5, 11))
    assert {fold.lead for fold in result.folds} == {0, 5, 11}
    assert max(str(fold.origin) for fold in result.folds) == str(make_panel(demand).dates[60 - 12 - 1])


def test_parameters_of_an_origin_do_not_see_later_ones(sparse_panel):
    """Origins share what was derived from earlier panels: scoring all of them changes none."""
    from dataclasses import replace

    changed = sparse_panel.demand.copy()
    changed[:, 150:] = 40
    names = ("ensemble", "quantile_forest")
    one, two = (run_backtest(p, [30], names) for p in (sparse_panel, replace(sparse_panel, demand=changed)))
    first = [min(r.folds, key=lambda fold: fold.origin) for r in (one, two)]
    assert str(first[0].origin) == str(sparse_panel.dates[119])
    for name in names:
        assert np.array_equal(first[0].values[name], first[1].values[name])
