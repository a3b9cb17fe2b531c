"""What a panel file tells ahead: used where it helps, ignored where it does not, and nothing else of the future."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from nova_assets.science import regressors
from nova_assets.science.forecast import Forecast
from nova_assets.science.panel import build_panel
from tests.unit.science.test_commands import run

SERIES, WEEKS, HORIZON = 40, 120, 8
START = dt.date(2023, 1, 2)
LEVELS = [0.1, 0.5, 0.9]


def weekly(noise: bool = False) -> pl.DataFrame:
    """Poisson demand that triples in weeks of a campaign, known ahead; the next eight weeks have one from week 4 on."""
    random = np.random.default_rng(4)
    campaign = random.random((SERIES, WEEKS // 4 + 2)).repeat(4, axis=1)[:, : WEEKS + HORIZON] < 0.25
    campaign[:, WEEKS:] = np.arange(HORIZON) >= 4
    quantity = random.poisson(np.where(campaign, 6.0, 2.0)).astype(float)
    quantity[:, WEEKS:] = np.nan
    told = random.permuted(campaign) if noise else campaign
    return pl.DataFrame(
        {
            "series_id": np.repeat([f"s{number:02d}" for number in range(SERIES)], WEEKS + HORIZON),
            "date": [START + dt.timedelta(weeks=week) for week in range(WEEKS + HORIZON)] * SERIES,
            "quantity": quantity.ravel(),
            "campaign": told.astype(float).ravel(),
            "family": "F",
        }
    ).with_columns(pl.col("quantity").fill_nan(None))


def said(frame: pl.DataFrame, steps: bool = False) -> tuple[Forecast, list]:
    panel = build_panel(frame, "W")
    return regressors.forecast(panel, HORIZON, LEVELS, "negative_binomial", steps=steps)


def test_a_column_with_future_values_is_known_ahead_and_others_are_static() -> None:
    panel = build_panel(weekly(), "W")
    assert (panel.periods, panel.as_of) == (WEEKS, START + dt.timedelta(weeks=WEEKS - 1))
    assert panel.known["campaign"].shape == (SERIES, WEEKS + HORIZON)
    assert list(panel.statics) == ["family"]
    assert panel.take(np.array([3])).until(50).known["campaign"].shape == (1, WEEKS + HORIZON)


def test_what_is_known_ahead_moves_sums_and_steps_where_it_helps() -> None:
    total, (verdict,) = said(weekly())
    assert verdict.kept and verdict.gain > 0.1
    without, nothing = said(weekly().drop_nulls("quantity").drop("campaign"))
    assert nothing == []
    assert total.mean.mean() == pytest.approx(4 * 2 + 4 * 6, rel=0.15)
    assert without.mean.mean() < 0.85 * total.mean.mean()
    steps = said(weekly(), steps=True)[0].mean.mean(axis=0)
    assert steps[:4].max() < 3.5 and steps[4:].min() > 4.5
    assert (np.diff(total.values, axis=2) >= 0).all()


def test_a_column_of_noise_is_told_and_not_used() -> None:
    answer, (verdict,) = said(weekly(noise=True))
    assert not verdict.kept
    assert (answer.values == said(weekly().drop_nulls("quantity").drop("campaign"))[0].values).all()


@pytest.mark.parametrize("column", ["quantity", "campaign"])
def test_nothing_of_an_unknown_future_is_seen(column: str) -> None:
    """Later rows with a quantity are history that had not happened: whatever they hold changes nothing."""
    frame, as_of = weekly(), START + dt.timedelta(weeks=WEEKS - 21)
    past = pl.col("date") <= as_of
    happened = frame.drop_nulls("quantity")
    changed = happened.with_columns(pl.when(past).then(column).otherwise(1e6).alias(column))
    panels = [build_panel(rows, "W", as_of) for rows in (happened, changed)]
    answers = [regressors.forecast(panel, HORIZON, LEVELS, ["sba"]) for panel in panels]
    assert (answers[0][0].values == answers[1][0].values).all() and answers[0][1] == answers[1][1] == []


def test_the_commands_tell_what_they_used(tmp_path) -> None:
    from nova_cli import backtest, forecast

    path, out = tmp_path / "panel.csv", tmp_path / "out.csv"
    weekly().write_csv(path)
    common = (path, "--freq", "W", "--horizon", HORIZON)
    made = run(forecast.command, *common, "--out", out, "--model", "negative_binomial")
    assert made.exit_code == 0 and "campaign: used, gains" in made.stderr
    told = run(backtest.command, *common, "--models", "negative_binomial", "--json")
    assert '"known_ahead": [{"name": "campaign"' in told.stdout
