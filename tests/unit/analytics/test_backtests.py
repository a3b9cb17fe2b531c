"""Choice of models from stored scores, and the length for which the protection target is scored."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from nova_assets.analytics import defaults
from nova_assets.analytics.backtests import decide
from nova_assets.analytics.panels import protection_length
from nova_assets.science.backtest import run_backtest
from nova_assets.science.panel import build_panel
from nova_assets.science.selection import select_models


def cell(**scores: tuple[float | None, float | None]) -> pl.DataFrame:
    rows = [
        {"target": "D30", "demand_class": "lumpy", "family": "*", "model": model, "origins": 4, "series": 100,
         "pinball": loss, "pinball_se": error}
        for model, (loss, error) in scores.items()
    ]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"pinball": pl.Float64, "pinball_se": pl.Float64})


def test_a_simpler_model_within_one_standard_error_is_preferred() -> None:
    found = decide(cell(zero=(1.6, 0.1), naive=(0.9, 0.1), tsb=(0.52, 0.03), pooled_empirical=(0.5, 0.0)))
    assert (found["model"], found["gain_over_naive"]) == ("tsb", pytest.approx(1 - 0.52 / 0.9))
    evidence = json.loads(found["evidence"])
    assert "pooled_empirical" in evidence["rule"]


def test_the_best_wins_outside_one_standard_error() -> None:
    assert decide(cell(zero=(1.6, 0.1), naive=(0.9, 0.1), tsb=(0.54, 0.03), ensemble=(0.5, 0.0)))["model"] == "ensemble"


def test_baselines_serve_only_where_nothing_beats_them() -> None:
    assert decide(cell(zero=(1.0, 0.5), naive=(1.2, 0.5), tsb=(0.9, 0.0)))["model"] == "tsb"
    beaten = decide(cell(zero=(0.8, 0.0), naive=(1.2, 0.1), tsb=(0.9, 0.05)))
    assert (beaten["model"], json.loads(beaten["evidence"])["beats_baselines"]) == ("zero", False)


def test_cells_without_evidence_decide_nothing() -> None:
    assert decide(cell(zero=(0.5, None), tsb=(0.4, None))) is None
    assert decide(cell(zero=(None, None), tsb=(None, None))) is None


def test_the_stored_scores_decide_like_the_engine() -> None:
    """Where no baseline is near, the rule on stored scores gives the engine's own choice."""
    rng = np.random.default_rng(3)
    start = date(2025, 1, 1)
    rows = [
        {
            "series_id": f"s{n:02d}",
            "date": start + timedelta(days=int(day)),
            "quantity": float(rng.poisson(4)),
            "family": "F",
        }
        for n in range(40)
        for day in range(300)
    ]
    result = run_backtest(
        build_panel(pl.DataFrame(rows), "D"), [30], models=["historic_mean", "negative_binomial", "sba"], seed=1
    )
    selection = select_models(result)
    (decided, found) = selection.choice[("all", "all", 30)], selection.evidence[("all", "all", 30)]
    scores = {name: (found["pinball"][name], found["standard_error"][name]) for name in found["pinball"]}
    assert decide(cell(**scores))["model"] == decided


def test_protection_is_scored_over_the_median_way_from_request_to_receipt() -> None:
    day = date(2026, 1, 1)
    orders = pl.DataFrame(
        {
            "requested_date": [day, None, day, day],
            "order_date": [day, day, day, day],
            "received_date": [day + timedelta(days=n) if n else None for n in (10, 20, 30, 0)],
            "cancelled": [False, False, False, False],
        },
        schema_overrides={"requested_date": pl.Date, "received_date": pl.Date},
    )
    assert protection_length(orders) == 20 + defaults.REVIEW_DAYS
    far = orders.with_columns(received_date=pl.col("received_date") + pl.duration(days=5))
    assert protection_length(far) == 30  # 32 days are scored as 30
    assert protection_length(orders.clear()) == defaults.LEAD_TIME_DAYS + defaults.REVIEW_DAYS
