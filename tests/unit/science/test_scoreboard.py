"""Numbers of the scoreboard against hand-made backtests."""

from __future__ import annotations

import numpy as np
import pytest

from nova_assets.science.backtest import Backtest, Fold, run_backtest
from nova_assets.science.quantiles import SCORE_LEVELS
from nova_assets.science.scoreboard import scoreboard, stocking_cost


def test_cost_is_holding_for_what_is_left_and_nineteen_times_that_for_what_is_short():
    holding = 100 * 0.25 * 30 / 365
    cost = stocking_cost(np.array([5.0, 5.0]), np.array([2.0, 6.0]), np.array([100.0, 100.0]), 30, 0.25)
    assert cost == pytest.approx([3 * holding, 19 * holding])


@pytest.fixture(scope="module")
def board(make_panel):
    """Two series of one a day, then actual sums of 10 and 0; 'half' says 5 and the levels 1 to 5."""
    panel = make_panel(np.ones((2, 100)), family=["a", "b"])
    fold = Fold(
        panel.dates[79], 10, panel.ids, np.array(["smooth", "smooth"], dtype=object), panel.static("family"),
        np.array([10.0, 0.0]), np.ones(2),
        {"zero": np.zeros((2, 5)), "naive": np.full((2, 5), 10.0), "half": np.tile([1.0, 2, 3, 4, 5], (2, 1))},
        {"zero": np.zeros(2), "naive": np.full(2, 10.0), "half": np.full(2, 5.0)},
        np.ones(2),
    )  # fmt: skip
    backtest = Backtest((fold,), np.asarray(SCORE_LEVELS), ("zero", "naive", "half"), (10,), {"zero": 0.0})
    table = scoreboard(backtest, panel, np.array([73.0, np.nan]), 0.25)
    return {
        (row["model"], row["family"]): row for row in table.iter_rows(named=True) if row["demand_class"] == "smooth"
    }


def test_mape_stands_on_positive_actuals_only(board):
    assert (board["half", "all"]["mape"], board["half", "all"]["mape_count"]) == (0.5, 1)
    assert board["half", "b"]["mape"] is None and board["half", "b"]["mape_count"] == 0


def test_cost_leaves_unknown_unit_costs_out(board):
    holding = 73 * 0.25 * 10 / 365
    assert board["half", "all"]["cost_count"] == 1
    assert board["half", "all"]["cost"] == pytest.approx(6 * 19 * holding)  # 4 of the 0.95 quantile in stock, 10 asked


def test_loss_is_in_units_and_agrees_with_the_scaled_pinball(board):
    row = board["half", "all"]
    assert 2 * row["loss"] / row["mean_demand"] == pytest.approx(row["pinball"])


def test_scaled_errors_stand_beside_those_of_zero(sparse_panel):
    result = run_backtest(sparse_panel, [20], ["historic_mean"])
    table = scoreboard(result, sparse_panel, np.full(120, np.nan), 0.25)
    rows = {row["model"]: row for row in table.iter_rows(named=True) if row["demand_class"] == row["family"] == "all"}
    assert rows["historic_mean"]["zero_mase"] == rows["zero"]["mase"] > 0
    assert rows["historic_mean"]["mase"] < rows["naive"]["mase"]
    assert rows["zero"]["cost"] is None
