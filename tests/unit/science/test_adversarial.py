"""The engine on panels that nobody would wish for: valid quantiles for each, alike on any number of cores."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nova_assets.science import registry
from nova_assets.science.backtest import run_backtest
from nova_assets.science.forecast import Forecast, LeadTimes, forecast_protection, forecast_steps, forecast_sums
from nova_assets.science.models.base import Request
from nova_assets.science.panel import PanelError, build_panel
from nova_assets.science.selection import select_models
from nova_cli.benchmarks.forecast import sparse_panel as busy_panel
from tests.unit.science.conftest import START, long_frame, sparse_demand

LEVELS = [0.01, 0.5, 0.9, 0.995]
MANY, YEARS_20 = 50_000, 7_305
CHEAP = ("naive", "historic_mean", "classical_normal", "negative_binomial")
DRAWN = ("negative_binomial", "block_bootstrap", "pooled_empirical", "quantile_forest")


def check(answer: Forecast) -> None:
    assert np.isfinite(answer.values).all() and np.isfinite(answer.mean).all()
    assert (answer.values >= 0).all() and (answer.mean >= 0).all()
    assert (np.diff(answer.values, axis=2) >= 0).all()
    assert ((answer.borrowed >= 0) & (answer.borrowed <= 1)).all()


ROWS = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.integers(0, 500),
        st.sampled_from([0.0, 1.0, 1.0, 3.0, 0.25, 1e-9, 1e12, float("nan"), None]),
        st.sampled_from([True, True, True, False, None]),
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(ROWS, st.sampled_from(["D", "W", "MS"]), st.sampled_from(["auto", *registry.CANDIDATES]), st.booleans())
def test_any_rows_give_valid_quantiles(rows: list, freq: str, model: str, steps: bool) -> None:
    """Gaps, duplicates, unobserved and missing numbers, specks and mountains, one point or hardly any past."""
    frame = pl.DataFrame(
        [(series, START + dt.timedelta(day), quantity, seen) for series, day, quantity, seen in rows],
        schema={"series_id": pl.String, "date": pl.Date, "quantity": pl.Float64, "available": pl.Boolean},
        orient="row",
    )
    try:
        panel = build_panel(frame, freq)
    except PanelError as error:
        assert "no complete" in str(error)
        return
    check(forecast_steps(panel, 3, 1, LEVELS, model) if steps else forecast_sums(panel, [1, 10], LEVELS, model))


def hostile() -> dict[str, pl.DataFrame]:
    """Panels of 400 days by what is wrong with them."""
    busy = sparse_demand(8, 400)
    ordinary, nothing = long_frame(busy), np.zeros((8, 400))
    late, event, huge = busy.copy(), nothing.copy(), busy.copy()
    late[:, :380] = 0
    event[:, 150] = 4
    huge[:, ::50] = 1e12
    day = pl.col("date").dt.ordinal_day()
    return {
        "constant": long_frame(nothing + 5),
        "all zero": long_frame(nothing),
        "single event": long_frame(event),
        "one point": long_frame(busy[:, :1]),
        "gaps": ordinary.filter(day % 7 > 2),
        "duplicates": pl.concat([ordinary, ordinary.filter(day % 3 == 0)]),
        "huge values": long_frame(huge),
        "NaN": ordinary.with_columns(quantity=pl.when(day % 5 == 0).then(float("nan")).otherwise(pl.col("quantity"))),
        "leading zeros": long_frame(late),
        "one series": long_frame(busy[:1]),
    }


@pytest.mark.parametrize("wrong", hostile())
def test_hostile_panels_through_every_door(wrong: str) -> None:
    """Chosen by the engine: sums, steps, a random protection period and the backtest that chooses."""
    panel = build_panel(hostile()[wrong], "D")
    lead = LeadTimes(np.array([0.1, 0.9]), np.tile([3.0, 40.0], (len(panel), 1)))
    check(forecast_sums(panel, [1, 30], LEVELS))
    check(forecast_steps(panel, 3, 7, LEVELS))
    check(forecast_protection(panel, lead, 7.0, LEVELS))
    result = run_backtest(panel, [30])
    for fold in result.folds:
        for values in fold.values.values():
            assert np.isfinite(values).all() and (values >= 0).all() and (np.diff(values, axis=1) >= 0).all()
    assert select_models(result).assign(panel, (30,)).shape == (len(panel), 1)


def test_fifty_thousand_series() -> None:
    """Each of the cheap models; the dear ones are the same code on the same arrays."""
    demand = np.random.default_rng(1).poisson(0.2, (MANY, 40)).astype(float)
    dates = np.datetime64("2025-01-01") + np.arange(40)
    row, day = np.nonzero(demand)
    frame = pl.DataFrame({"series_id": row.astype(str), "date": dates[day], "quantity": demand[row, day]})
    panel = build_panel(frame, "D")
    assert len(panel) > 0.99 * MANY
    said = registry.predict(panel, Request((5, 10), np.asarray(LEVELS)), CHEAP)
    for answer in said.values():
        assert answer.values.shape == (len(panel), 2, 4)
        assert np.isfinite(answer.values).all() and (np.diff(answer.values, axis=2) >= 0).all()
        assert (answer.values >= 0).all()


@pytest.mark.parametrize("count", [1, 4])
def test_twenty_years_of_days(count: int) -> None:
    check(forecast_sums(build_panel(long_frame(sparse_demand(count, YEARS_20)), "D"), [30], LEVELS))


def test_a_last_day_of_huge_demand_after_years_of_nothing() -> None:
    demand = np.zeros((2, 900))
    demand[0, -1] = 1e12
    check(forecast_sums(build_panel(long_frame(demand), "D"), [30, 90], LEVELS))


def fingerprint() -> str:
    """Of what models that draw, search or use several threads say of a busy panel."""
    said = registry.predict(busy_panel(40, 300), Request((14,), np.asarray(LEVELS)), DRAWN)
    return hashlib.sha256(b"".join(said[name].values.tobytes() for name in DRAWN)).hexdigest()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot bind a process to a core")
def test_the_number_of_cores_changes_no_byte() -> None:
    code = (
        f"import os; os.sched_setaffinity(0, {{{min(os.sched_getaffinity(0))}}});"
        "from tests.unit.science.test_adversarial import fingerprint; print(fingerprint())"
    )
    alone = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert alone.stdout.strip() == fingerprint()
