"""Models that are called by name: against published numbers, against theory, and on seasons and calendars."""

from __future__ import annotations

import datetime as dt
import logging

import numpy as np
import polars as pl
import pytest

from nova_assets.science import registry
from nova_assets.science.holidays_brazil import closed_weekdays
from nova_assets.science.models import intermittent
from nova_assets.science.models.arima import psi_weights
from nova_assets.science.models.base import QuantileForecast, Request
from nova_assets.science.models.croston import Croston
from nova_assets.science.models.intermittent import ADIDA, IMAPA, SES
from nova_assets.science.models.seasonal import monthly_profiles
from nova_assets.science.panel import Panel, build_panel

LEVELS = np.array([0.1, 0.5, 0.9])
RATES = ("croston", "sba", "tsb", "ses", "adida", "imapa")

# Monthly scripts of one product of the Australian Pharmaceutical Benefits Scheme, July 1991 to June 2008 (open data of
# the Department of Health; the series that R's forecast::croston was compared on).
PBS_SCRIPTS = [
    1, 1, 1, 0, 0, 1, 3, 1, 1, 1, 1, 1, 2, 1, 1, 0, 0, 2, 0, 0, 1, 2, 0, 1, 0, 0, 1, 1, 1, 1, 0, 0, 2, 1, 0, 0, 0, 1,
    0, 3, 3, 2, 4, 1, 1, 3, 3, 1, 0, 4, 1, 3, 0, 1, 2, 5, 14, 2, 0, 0, 3, 6, 2, 2, 2, 5, 1, 6, 3, 3, 2, 0, 1, 1, 0, 0,
    0, 1, 4, 12, 4, 0, 7, 0, 2, 1, 4, 1, 3, 1, 0, 6, 9, 3, 1, 3, 1, 7, 1, 3, 3, 3, 5, 6, 10, 5, 1, 3, 1, 1, 1, 2, 1,
    3, 7, 11, 10, 5, 5, 2, 2, 1, 0, 3, 6, 5, 8, 9, 1, 1, 0, 0, 0, 1, 2, 2, 0, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1, 0, 1, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 3, *[0] * 38,
]  # fmt: skip


def ask(panel: Panel, name: str, lengths: tuple[int, ...], begins: tuple[int, ...] = ()) -> QuantileForecast:
    return registry.predict(panel, Request(lengths, LEVELS, begins), [name])[name]


def monthly(values: list[float] | np.ndarray, start: dt.date = dt.date(2021, 1, 1), **columns: list) -> Panel:
    dates = pl.date_range(start, interval="1mo", end=start.replace(year=start.year + 40), eager=True)[: len(values)]
    frame = pl.DataFrame({"series_id": "s", "date": dates, "quantity": np.asarray(values, dtype=float), **columns})
    return build_panel(frame, "MS")


def weekly(matrix: np.ndarray, start: dt.date = dt.date(2021, 1, 4), **statics: list) -> Panel:
    n, weeks = matrix.shape
    dates = [start + dt.timedelta(weeks=w) for w in range(weeks)]
    frame = pl.DataFrame(
        {"series_id": np.repeat([f"s{i}" for i in range(n)], weeks), "date": dates * n, "quantity": matrix.ravel()}
    ).with_columns(**{name: pl.Series(np.repeat(values, weeks)) for name, values in statics.items()})
    return build_panel(frame, "W")


@pytest.mark.parametrize(("constant", "answer"), [(0.1, 0.8688921), (0.5, 0.6754646), (0.05, 1.405808)])
def test_croston_agrees_with_r_on_the_scripts(constant, answer):
    """R's forecast::croston(y, alpha = constant)."""
    panel = monthly(PBS_SCRIPTS, dt.date(1991, 7, 1))
    assert panel.periods == 204
    said = Croston(constant).fit_predict(panel, Request((1,), LEVELS)).mean[0, 0]
    assert said == pytest.approx(answer, abs=1e-6)
    assert constant != 0.1 or ask(panel, "croston", (1,)).mean[0, 0] == said


@pytest.mark.parametrize(
    ("name", "series", "answer"),
    [
        ("croston", [0, 0, 2, 7, 0, 0, 0, 5, 0, 0, 0, 0, 3], 0.8871483376),
        ("sba", [0, 0, 2, 7, 0, 0, 0, 5, 0, 0, 0, 0, 3], 0.8427909207),
        ("croston", [1, 0, 0, 0, 2, 0, 0], 0.8461538462),
    ],
)
def test_published_cases_of_the_croston_family(name, series, answer):
    assert ask(monthly(series), name, (1,)).mean[0, 0] == pytest.approx(answer, abs=1e-9)


@pytest.mark.parametrize("name", RATES)
def test_all_zero_and_single_demand_do_not_fail(name):
    assert ask(monthly([0] * 12), name, (1,)).mean[0, 0] == 0
    single = ask(monthly([0, 0, 0, 4, 0, 0, 0, 0]), name, (1,)).mean[0, 0]
    assert 0 <= single <= 4


@pytest.mark.parametrize("name", (*RATES, "naive", "historic_mean", "negative_binomial"))
def test_use_is_corrected_for_months_without_stock(name):
    """515 units in six months, three of them without stock: 171.67 a month and not 85.83."""
    panel = monthly([515 / 3, 0, 515 / 3, 0, 0, 515 / 3], available=[True, False, True, False, False, True])
    assert ask(panel, name, (6,)).mean[0, 0] / 6 == pytest.approx(171.67 if name != "sba" else 0.95 * 171.67, abs=0.01)


def test_adida_and_imapa_agree_with_their_definitions():
    """ADIDA: smoothed sums over buckets of the mean interval, spread evenly; IMAPA: mean of that over 1..interval."""
    from statsforecast.models import SimpleExponentialSmoothingOptimized as Smooth

    series = np.array([0, 0, 2, 7, 0, 0, 0, 5, 0, 0, 0, 0, 3, 0, 2, 0, 0, 6], dtype=float)
    interval = round(np.diff(np.r_[-1, np.flatnonzero(series)]).mean())

    def of(length: int) -> float:
        whole = series[len(series) % length :].reshape(-1, length).sum(axis=1)
        return float(Smooth().forecast(y=whole, h=1)["mean"][0]) / length

    assert ask(monthly(series), "adida", (1,)).mean[0, 0] == pytest.approx(of(interval), rel=1e-6)
    wanted = np.mean([of(length) for length in range(1, interval + 1)])
    assert ask(monthly(series), "imapa", (1,)).mean[0, 0] == pytest.approx(
        wanted, rel=5e-3
    )  # its constants are found coarser
    assert len({model.name for model in (SES, ADIDA, IMAPA)}) == 3


def test_seasonal_naive_repeats_the_window_of_a_year_ago():
    panel = monthly(np.arange(30))
    assert ask(panel, "seasonal_naive", (3, 1), (0, 13)).mean[0].tolist() == [18 + 19 + 20, 19]
    assert ask(monthly([1, 2, 3]), "seasonal_naive", (1,)).mean[0, 0] == 3


def test_psi_weights_are_those_of_the_textbook():
    """ARIMA(0,1,1): 1, 1 + theta, 1 + theta, ...; AR(1): powers of phi."""
    assert psi_weights(np.array([1.0, -1.0]), np.array([-0.4]), 4) == pytest.approx([1, 0.6, 0.6, 0.6])
    assert psi_weights(np.array([1.0, -0.5]), np.zeros(0), 4) == pytest.approx([1, 0.5, 0.25, 0.125])


@pytest.mark.parametrize("name", ["theta", "auto_arima", "sarimax", "auto_ets"])
def test_the_spread_of_a_sum_grows_as_that_of_a_sum(name):
    """White noise of standard deviation 10 about 100: four weeks' sum has 20, not 40 (quantiles added up)."""
    noise = np.random.default_rng(2).normal(100, 10, (6, 156))
    values = ask(weekly(noise), name, (4,)).values[:, 0]
    spread = (values[:, 2] - values[:, 0]) / (2 * 1.2816)
    assert 15 < spread.mean() < 30
    assert np.allclose(values[:, 1], 400, atol=30)


def test_arima_follows_a_trend():
    trend = np.arange(100, 250, dtype=float) + np.random.default_rng(1).normal(0, 2, 150)
    assert ask(weekly(trend[None]), "auto_arima", (1,), (10,)).mean[0, 0] == pytest.approx(260, abs=6)


def test_sarimax_learns_what_a_holiday_week_does():
    """Weeks lose 30 of 100 for each public holiday on a weekday; the forecast of a week with one is lower."""
    dates = np.datetime64("2021-01-04") + 7 * np.arange(170)
    counts = closed_weekdays(dates, 7)[:, 1]
    demand = 100 - 30 * counts + np.random.default_rng(4).normal(0, 3, 170)
    cut = 150
    ahead = np.arange(20)
    answer = ask(weekly(demand[None, :cut]), "sarimax", (1,) * 20, tuple(ahead)).mean[0]
    assert counts[cut:].max() > 0
    assert answer[counts[cut:] == 0].mean() - answer[counts[cut:] == 1].mean() == pytest.approx(30, abs=8)


def test_holidays_of_brazil_public_and_optional():
    """2025: Carnival Monday, Tuesday and Ash Wednesday are optional; 21 April (Tiradentes) is a public Monday."""
    begin = np.array(["2025-03-03", "2025-04-21"], dtype="datetime64[D]")
    assert closed_weekdays(begin, 3).tolist() == [[3, 0, 3], [3, 1, 0]]


def test_prophet_knows_week_and_holidays_says_the_same_twice_and_keeps_quiet(capfd):
    """Daily demand of 50 that rests at weekends and on holidays."""
    days = np.datetime64("2023-01-02") + np.arange(600)
    working = closed_weekdays(days, 1)
    demand = 50 * (working[:, 0] - working[:, 1] - working[:, 2]) + np.random.default_rng(7).poisson(2, 600)
    frame = pl.DataFrame({"series_id": "s", "date": days, "quantity": demand})
    panel = build_panel(frame, "D")
    state = np.random.get_state()[1].copy()
    first, again = (ask(panel, "prophet", (5, 2, 7), (0, 5, 0)) for _ in range(2))
    assert (first.values == again.values).all() and (np.random.get_state()[1] == state).all()
    told = capfd.readouterr()
    assert "cmdstanpy" not in told.err + told.out and "plotly" not in told.err + told.out
    assert not logging.getLogger("cmdstanpy").isEnabledFor(logging.INFO)
    begin = panel.dates[-1] + 1
    future = closed_weekdays(begin + np.arange(7), 1)
    actual = 50 * (future[:, 0] - future[:, 1] - future[:, 2]) + 2
    assert np.allclose(first.mean[0], [actual[:5].sum(), actual[5:].sum(), actual.sum()], atol=15)


def test_a_family_profile_moves_a_sparse_member_with_the_season():
    """A family that doubles in June; one sparse member is told more for June and less for the months around it."""
    month = (np.datetime64("2020-01") + np.arange(48)).astype(int) % 12
    rng = np.random.default_rng(9)
    rate = np.where(month == 5, 2.0, 1.0)
    demand = rng.poisson(rate * np.r_[np.full(12, 20), 0.5][:, None]).astype(float)
    dates = pl.date_range(dt.date(2020, 1, 1), interval="1mo", end=dt.date(2023, 12, 1), eager=True)
    frame = pl.concat(
        pl.DataFrame({"series_id": f"s{i:02d}", "date": dates, "quantity": row, "family": "F"})
        for i, row in enumerate(demand)
    )
    panel = build_panel(frame, "MS")
    profile = monthly_profiles(panel)["F"]
    assert profile.mean() == pytest.approx(1) and profile.argmax() == 5 and profile[5] > 1.5
    answer = ask(panel, "seasonal_profile", (1, 1), (4, 5)).mean[-1]  # May, June
    assert answer[1] > 1.4 * answer[0]


def test_noise_has_no_profile():
    demand = np.random.default_rng(3).poisson(30, 48).astype(float)
    assert np.abs(monthly_profiles(monthly(demand))[""] - 1).max() < 0.15


def test_names_from_the_command_line_reach_every_model():
    for name in ("seasonal_naive", "ses", "auto_ets", "auto_arima", "theta", "croston", "sba", "tsb", "adida", "imapa"):
        assert registry.get(name).name == name
    assert {"prophet", "sarimax", "auto_arima"}.isdisjoint(registry.CANDIDATES)


@pytest.mark.parametrize("name", ["ses", "adida", "imapa"])
def test_a_rate_never_exceeds_the_largest_demand(name, monkeypatch):
    """The search for a smoothing constant may run away; what comes of it is kept within what was seen."""
    monkeypatch.setattr(intermittent, "each", lambda panel, rows, method: np.full(len(rows), 7e96))
    assert ask(monthly([0, 3, 0, 5]), name, (1,)).mean[0, 0] == 5
