"""Demand classes on series whose class is known by construction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nova_assets.science.classes import classify


def test_every_class(make_panel):
    days = 400
    demand = np.zeros((8, days))
    demand[0] = 10  # smooth
    demand[1] = np.where(np.arange(days) % 4 == 0, 60, 2)  # erratic
    demand[2, ::10] = 5  # intermittent
    demand[3, ::20], demand[3, 10::20] = 50, 1  # lumpy
    demand[4, -30], demand[4, -2] = 1, 1  # new
    demand[5, -10] = 3  # single event
    demand[6, 0:60:10] = 2  # dead: 340 days idle, although ADI is 67
    names = classify(make_panel(demand)).name.tolist()
    assert names == ["smooth", "erratic", "intermittent", "lumpy", "new", "single_event", "dead", "none"]


def test_numbers_of_a_known_series(make_panel):
    result = classify(make_panel([[0, 2, 0, 0, 4, 0]]))
    assert (result.adi[0], result.events[0], result.idle_days[0]) == (3.0, 2, 1.0)
    assert np.isclose(result.cv2[0], (1 / 3) ** 2)


def test_stocked_out_days_do_not_lengthen_the_interval(make_panel):
    panel = make_panel([[1, 0, 1, 0, 1, 0]])
    hidden = panel.observed.copy()
    hidden[0, 1::2] = False
    assert classify(replace(panel, observed=hidden)).adi[0] == 1.0


def test_frame_has_nulls_where_undefined(make_panel):
    row = classify(make_panel([[0, 0]])).frame().to_dicts()[0]
    assert (row["demand_class"], row["adi"], row["cv2"], row["idle_days"]) == ("none", None, None, None)
