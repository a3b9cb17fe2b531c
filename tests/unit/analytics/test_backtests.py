"""Choice of models from stored scores, and the length for which the protection target is scored."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from nova_assets.analytics import defaults
from nova_assets.analytics.backtests import _gains, _with_choice
from nova_assets.analytics.panels import protection_length
from nova_assets.science.backtest import Backtest, run_backtest
from nova_assets.science.panel import build_panel
from nova_assets.science.selection import Selection, select_models


@pytest.fixture(scope="module")
def result() -> Backtest:
    """40 steady series and three that died long ago, 300 days."""
    demand = np.random.default_rng(3).poisson(4, (43, 300)).astype(float)
    demand[40:, 40:] = 0
    start = date(2025, 1, 1)
    rows = [
        {"series_id": f"s{n:02d}", "date": start + timedelta(days=day), "quantity": demand[n, day], "family": "F"}
        for n in range(43)
        for day in range(300)
    ]
    models = ["historic_mean", "classical_normal", "negative_binomial", "sba"]
    return run_backtest(build_panel(pl.DataFrame(rows), "D"), [30], models=models, seed=1)


def test_each_cell_tells_its_choice_once(result: Backtest) -> None:
    chosen = select_models(result)
    told = _with_choice(result.scores(), chosen).drop_nulls("evidence")
    assert len(told) == len(chosen.choice)
    for cell in told.iter_rows(named=True):
        key = (cell["demand_class"], cell["family"], cell["horizon"])
        assert chosen.choice[key] == cell["model"]
        assert json.loads(cell["evidence"]) == json.loads(json.dumps(chosen.told(key)))


def test_what_is_stored_is_the_engines_choice_again(result: Backtest) -> None:
    """Models and calibration come back from the stored rows as they were decided."""
    chosen = select_models(result)
    told = _with_choice(result.scores(), chosen).drop_nulls("evidence")
    rows = [row | {"calibration": json.loads(row["evidence"]).get("calibration")} for row in told.to_dicts()]
    again = Selection.from_rows(rows)
    assert again.choice == chosen.choice and again.calibration == chosen.calibration
    assert chosen.calibration


def test_gains_are_over_what_always_races_and_unknown_without_demand(result: Backtest) -> None:
    chosen = select_models(result)
    everything, dead = (chosen.evidence[c, "all", 30] for c in ("all", "dead"))
    loss = everything["pinball"]
    model = chosen.choice["all", "all", 30]
    assert _gains(model, everything)["naive"] == pytest.approx(1 - loss[model] / loss["naive"])
    assert chosen.choice["dead", "all", 30] == "zero"
    assert _gains("zero", dead) == {"zero": None, "naive": None}


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
