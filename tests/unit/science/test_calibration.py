"""Calibration of the chosen models' quantiles: factors, what is kept, and that nothing of the tested origin is used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nova_assets.science import quantiles
from nova_assets.science.backtest import Backtest, run_backtest
from nova_assets.science.calibration import BOUNDS, Calibration, Past, calibrate, fitted
from nova_assets.science.forecast import LeadTimes, forecast_protection, forecast_steps, forecast_sums
from nova_assets.science.selection import SELECTED, Selection, select_models, with_selected

LEVELS = np.array([0.5, 0.8, 0.95])


def past(said: float, shocks: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0), count: int = 300) -> Past:
    """Poisson(20) sums at several origins, each with its own shock, forecast by their quantiles times `said`."""
    rng = np.random.default_rng(5)
    actual = np.concatenate([rng.poisson(20 * shock, count) for shock in shocks]).astype(float)
    known = np.quantile(rng.poisson(20, 100_000), LEVELS)
    cut = np.repeat(10 * np.arange(len(shocks)), count)
    return Past(np.tile(known * said, (len(actual), 1)), actual, np.ones(len(actual)), cut, 10)


def test_a_bias_that_every_origin_shows_is_taken_out() -> None:
    verdict = calibrate(past(0.7), LEVELS)
    assert verdict is not None and verdict.kept and verdict.gain > 0.1
    assert verdict.factors == pytest.approx([1 / 0.7] * 3, rel=0.1)


def test_good_forecasts_and_seasons_that_do_not_repeat_are_left_alone() -> None:
    good, shared = calibrate(past(1.0), LEVELS), calibrate(past(1.0, (0.6, 1.4, 0.7, 1.5)), LEVELS)
    assert good is not None and shared is not None and not good.kept and not shared.kept
    assert shared.standard_error > 0.01
    assert (shared.at(np.array([0.1, 0.9])) == 1).all()


def test_factors_are_those_of_the_lowest_pinball_loss() -> None:
    sample = past(0.7)
    found = fitted(sample.values, sample.actual, sample.unit, LEVELS)
    loss = {
        step: quantiles.pinball(sample.actual, sample.values * found * step, LEVELS).mean(axis=0)
        for step in (0.95, 1.0, 1.05)
    }
    assert (loss[1.0] <= np.minimum(loss[0.95], loss[1.05]) + 1e-9).all()


def test_an_origin_is_judged_by_origins_that_do_not_touch_it() -> None:
    overlapping = replace(past(0.7), cut=past(0.7).cut // 2)
    assert calibrate(replace(past(0.7), reach=31), LEVELS) is None
    verdict = calibrate(overlapping, LEVELS)
    assert verdict is not None and verdict.origins == 4
    assert calibrate(replace(past(0.7), actual=np.zeros(1200), values=np.zeros((1200, 3))), LEVELS) is None


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    arrays(float, (12, 3), elements=st.floats(0, 1e12)),
    arrays(float, 12, elements=st.floats(0, 1e12)),
)
def test_any_past_gives_bounded_factors_and_valid_quantiles(values: np.ndarray, actual: np.ndarray) -> None:
    values = quantiles.tidy(values)
    found = fitted(values, actual, np.ones(12), LEVELS)
    assert ((found >= BOUNDS[0]) & (found <= BOUNDS[1])).all()
    moved = quantiles.tidy(values * found)
    assert (moved >= 0).all() and (np.diff(moved, axis=1) >= 0).all()


@pytest.fixture(scope="module")
def doubled(sparse_panel) -> Selection:
    """One model for everything, whose lumpy and intermittent series are kept to be told twice as much above 0.9."""
    verdict = Calibration((0.5, 0.9, 0.95), (1.0, 2.0, 2.0), True, 0.1, 0.01, 4)
    cells = {(c, "all", 30): verdict for c in ("lumpy", "intermittent")}
    return Selection({("all", "all", 30): "negative_binomial"}, (30,), calibration=cells)


def test_every_door_applies_what_was_kept(sparse_panel, doubled) -> None:
    from nova_assets.science.classes import classify

    plain = replace(doubled, calibration={})
    moved = np.isin(classify(sparse_panel).name, ["lumpy", "intermittent"])
    assert 0 < moved.sum() < len(moved)
    lead = LeadTimes(np.array([0.5]), np.full((len(sparse_panel), 1), 20.0))
    for ask in (
        lambda chosen: forecast_sums(sparse_panel, [30], [0.5, 0.95], chosen),
        lambda chosen: forecast_steps(sparse_panel, 2, 30, [0.5, 0.95], chosen),
        lambda chosen: forecast_protection(sparse_panel, lead, 10.0, [0.5, 0.95], chosen),
    ):
        one, two = ask(plain), ask(doubled)
        assert np.array_equal(one.mean, two.mean)
        assert np.allclose(two.values[moved, :, 1], 2 * one.values[moved, :, 1])
        assert np.allclose(two.values[moved, :, 0], one.values[moved, :, 0])
        assert np.array_equal(one.values[~moved], two.values[~moved])


def test_calibration_is_stored_with_the_choice_and_comes_back(sparse_panel) -> None:
    selection = select_models(run_backtest(sparse_panel, [14], ("historic_mean", "negative_binomial")))
    assert selection.calibration
    again = Selection.from_rows(selection.frame_rows())
    assert again.calibration == selection.calibration


def test_what_comes_after_the_last_window_moves_no_factor(sparse_panel) -> None:
    """Verdicts of the panel's past are those of the panel cut there."""
    short = sparse_panel.until(200)
    later = replace(sparse_panel, demand=np.where(np.arange(240) < 200, sparse_panel.demand, 50.0)).until(200)
    one, two = (select_models(run_backtest(p, [14], ("negative_binomial",))) for p in (short, later))
    assert one.calibration == two.calibration != {}


def test_what_is_selected_is_scored_as_it_is_served(sparse_panel) -> None:
    """Each series by the model of its class, calibrated by other origins: the gain is the one of the verdict."""
    backtest = run_backtest(sparse_panel, [14], ("historic_mean", "negative_binomial"))
    chosen = select_models(backtest)
    used = replace(chosen, calibration={key: replace(v, kept=True) for key, v in chosen.calibration.items()})
    plain, moved = (with_selected(backtest, choice) for choice in (replace(chosen, calibration={}), used))
    for fold in plain.folds:
        for n, group in enumerate(zip(fold.demand_class, fold.family, strict=True)):
            model = chosen.lookup(*group, 14)[0]
            assert np.array_equal(fold.values[SELECTED][n], fold.values[model][n])
            assert fold.mean[SELECTED][n] == fold.mean[model][n]
    assert used.calibration
    for (demand_class, _, _), verdict in used.calibration.items():
        before, after = (_decision_loss(result, demand_class) for result in (plain, moved))
        assert 1 - after / before == pytest.approx(verdict.gain, abs=1e-6) and verdict.gain != 0


def _decision_loss(backtest: Backtest, demand_class: str) -> float:
    scores = backtest.scores().filter(model=SELECTED, demand_class=demand_class, family="all")
    return float(scores["decision_loss"].item())


def test_what_is_selected_at_an_origin_knows_nothing_of_its_outcomes(sparse_panel) -> None:
    backtest = run_backtest(sparse_panel, [14], ("historic_mean", "negative_binomial"))
    chosen = select_models(backtest)
    used = replace(chosen, calibration={key: replace(v, kept=True) for key, v in chosen.calibration.items()})
    first, *others = backtest.folds
    changed = replace(backtest, folds=(replace(first, actual=3 * first.actual + 50), *others))
    before, after = (with_selected(result, used).folds for result in (backtest, changed))
    assert np.array_equal(before[0].values[SELECTED], after[0].values[SELECTED])
    assert not np.array_equal(before[1].values[SELECTED], after[1].values[SELECTED])
