"""The panel is what the rows say: zeros, gaps, unobserved days, periods, and refusals that name the row."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pytest

from nova_assets.science.panel import PanelError, build_panel

DAY = dt.date(2024, 3, 4)  # a Monday


def rows(*cells: tuple, extra: tuple[str, ...] = ()) -> pl.DataFrame:
    return pl.DataFrame(cells, schema=["series_id", "date", "quantity", *extra], orient="row")


def test_absent_dates_are_zeros_from_the_first_row_to_the_as_of():
    panel = build_panel(rows(("a", DAY, 2.0), ("a", DAY + dt.timedelta(3), 1.0)), "D", DAY + dt.timedelta(5))
    assert panel.demand.tolist() == [[2, 0, 0, 1, 0, 0]]
    assert panel.observed.all()


def test_rows_after_the_as_of_change_nothing():
    past = rows(("a", DAY, 2.0), ("b", DAY + dt.timedelta(1), 1.0))
    future = pl.concat([past, rows(("a", DAY + dt.timedelta(9), 99.0), ("c", DAY + dt.timedelta(9), 5.0))])
    one, two = (build_panel(frame, "D", DAY + dt.timedelta(2)) for frame in (past, future))
    assert one.ids.tolist() == two.ids.tolist()
    assert np.array_equal(one.demand, two.demand)


def test_a_day_marked_unavailable_is_missing_and_not_zero():
    panel = build_panel(
        rows(("a", DAY, 3.0, True), ("a", DAY + dt.timedelta(1), 0.0, False), extra=("available",)), "D"
    )
    assert panel.observed.tolist() == [[True, False]]


def test_null_quantity_is_not_observed_and_duplicates_add_up():
    panel = build_panel(rows(("a", DAY, 3.0), ("a", DAY, 4.0), ("a", DAY + dt.timedelta(1), None)), "D")
    assert panel.demand.tolist() == [[7, 0]]
    assert panel.observed.tolist() == [[True, False]]


def test_daily_rows_become_whole_weeks_and_the_running_week_is_left_out():
    days = [(("a", DAY + dt.timedelta(i), 1.0)) for i in range(17)]
    panel = build_panel(rows(*days), "W")
    assert panel.demand.tolist() == [[7, 7]]
    assert panel.dates.astype(str).tolist() == ["2024-03-04", "2024-03-11"]


def test_weekly_labels_keep_their_weekday_and_their_last_week():
    sundays = [("a", dt.date(2024, 3, 3) + dt.timedelta(7 * i), float(i)) for i in range(3)]
    panel = build_panel(rows(*sundays), "W", dt.date(2024, 3, 17))
    assert panel.demand.tolist() == [[0, 1, 2]]
    assert str(panel.dates[-1]) == "2024-03-17"


def test_months_of_daily_rows():
    panel = build_panel(rows(("a", dt.date(2024, 1, 15), 1.0), ("a", dt.date(2024, 3, 31), 2.0)), "MS")
    assert panel.demand.tolist() == [[1, 0, 2]]


def test_pandas_and_arrow_frames_give_the_same_panel():
    frame = rows(("b", DAY, 1.0), ("a", DAY, 2.0))
    panels = [build_panel(source, "D") for source in (frame, frame.to_arrow(), pd.DataFrame(frame.to_dicts()))]
    assert all(p.ids.tolist() == ["a", "b"] and p.demand.tolist() == [[2], [1]] for p in panels)


def test_statics_are_the_last_known_ones():
    frame = rows(("a", DAY, 1.0, "old"), ("a", DAY + dt.timedelta(1), 1.0, "new"), extra=("family",))
    assert build_panel(frame, "D").static("family").tolist() == ["new"]
    assert build_panel(frame, "D", DAY).static("family").tolist() == ["old"]


def test_cutting_drops_unborn_series():
    panel = build_panel(rows(("a", DAY, 1.0), ("b", DAY + dt.timedelta(4), 1.0)), "D")
    assert panel.until(3).ids.tolist() == ["a"]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pl.DataFrame({"series_id": ["a"], "date": [DAY]}), "column 'quantity' is missing"),
        (rows(("a", DAY, 1.0), ("a", DAY, -2.0)), "row 2: quantity -2.0 is negative"),
        (rows(("a", DAY, float("inf"))), "row 1: quantity inf is negative or infinite"),
        (rows(("a", "2024-13-01", 1.0)), "row 1: date '2024-13-01' is not a date"),
        (rows((None, DAY, 1.0)), "row 1: series_id None is empty"),
        (rows(("a", "2024-01-01", "12,5")), "row 1: quantity '12,5' is not a number"),
    ],
)
def test_refusals_name_column_and_row(frame: pl.DataFrame, message: str):
    with pytest.raises(PanelError, match=message.replace("(", r"\(")):
        build_panel(frame, "D")


def test_nothing_known_yet_is_said():
    with pytest.raises(PanelError, match="no rows on or before"):
        build_panel(rows(("a", DAY, 1.0)), "D", DAY - dt.timedelta(1))


def test_unknown_frequency_is_said():
    with pytest.raises(ValueError, match="freq must be one of D, W, MS"):
        build_panel(rows(("a", DAY, 1.0)), "M")
