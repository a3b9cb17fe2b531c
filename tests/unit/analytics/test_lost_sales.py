"""Weeks told as days, steps and arrivals of the projection."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy.stats import poisson

from nova_assets.analytics.lost_sales import _moved, arrivals, weekly_panel
from nova_assets.science.forecast import Forecast
from nova_assets.science.panel import build_panel
from nova_assets.science.projection import step_days
from nova_assets.science.quantiles import GRID

AS_OF = date(2026, 6, 28)


def panel(*days_ago: int):
    """A panel with demand of 5 that many days before the as-of."""
    dates = [AS_OF - timedelta(days=ago) for ago in days_ago]
    return build_panel(pl.DataFrame({"series_id": "s", "date": dates, "quantity": 5.0}), "D", AS_OF)


def test_demand_told_on_one_weekday_is_weekly():
    found = weekly_panel(panel(28, 21, 7, 0))
    assert found is not None and found.demand.tolist() == [[5, 5, 0, 5, 5]]
    assert (found.freq, found.dates[-1].astype(object)) == ("W", AS_OF)


def test_the_day_on_which_a_week_is_told_is_any_of_its_days():
    found = weekly_panel(panel(34, 27, 6))
    assert found is not None and found.demand.tolist() == [[5, 5, 0, 0, 5]]
    assert found.dates[-1].astype(object) == AS_OF


def test_demand_on_two_weekdays_stays_daily():
    assert weekly_panel(panel(28, 7, 3)) is None


def test_an_empty_shelf_hides_only_a_week_without_sales():
    """Told on Mondays; the shelf was empty on the Sundays that closed the second and the third week."""
    days = [AS_OF - timedelta(days=ago) for ago in (20, 13, 7, 0)]
    rows = {"series_id": "s", "date": days, "quantity": [5.0, 5.0, 0.0, 0.0], "available": [True, True, False, False]}
    found = weekly_panel(build_panel(pl.DataFrame(rows), "D", AS_OF))
    assert found is not None and found.observed.tolist() == [[True, True, False]]


def test_steps_are_reviews_unless_the_lead_time_has_too_many():
    assert step_days(np.array([7.0, 1.0, 0.0]), np.array([[14.0], [10.0], [100.0]])).tolist() == [7, 1, 4]


def test_orders_serve_from_the_nearest_step_on_and_late_ones_at_once():
    pairs = pl.DataFrame({"item_id": [1, 2], "site_id": [1, 1]})
    due = [AS_OF - timedelta(days=9), AS_OF, *(AS_OF + timedelta(days=n) for n in (1, 7, 8, 40))]
    orders = pl.DataFrame({"item_id": 1, "site_id": 1, "due": due, "remaining": [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]})
    assert arrivals(orders, pairs, AS_OF, 3, 7).tolist() == [[7, 24, 0], [0, 0, 0]]


def test_what_a_planner_adds_moves_every_step_and_nothing_else() -> None:
    values = np.tile(poisson.ppf(np.asarray(GRID), 4.0), (2, 3, 1))
    said = Forecast(
        np.array(["a", "b"], dtype=object), (1, 2, 3), np.asarray(GRID), values, np.full((2, 3), 4.0),
        np.full((2, 3), "tsb", dtype=object), np.zeros((2, 3)),
    )  # fmt: skip
    moved = _moved(said, np.array([1, 0]), np.array([4.0, 0.0]))
    assert np.allclose(moved[0], 2 * values[1])
    assert (moved[1] == values[0]).all()
    assert (said.values == values).all()
