"""Several stocking points, against published answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from nova_assets.science.inventory.losses import poisson_shortage
from nova_assets.science.inventory.multi_echelon import (
    Stage,
    guaranteed_service,
    metric_backorders,
    serial_optimum,
    shang_song,
)

SERIAL = {"holding_costs": [3, 2, 2], "lead_times": [1, 1, 2], "shortage_cost": 37.12, "mean": 5, "sd": 1}


def test_serial_heuristic():
    """Shang and Song (2003) on the three-stage example of Snyder and Shen."""
    assert np.allclose(shang_song(**SERIAL), [6.4908810, 12.0274347, 22.6340324], atol=5e-7)


def test_serial_optimum():
    """Snyder and Shen, example 6.1, on a coarse grid there; the stage at the customer is a newsvendor."""
    levels, cost = serial_optimum(**SERIAL)
    assert np.allclose(levels[1:], [11.9966, 22.7906], rtol=0.01)
    assert levels[0] == pytest.approx(norm.ppf((37.12 + 4) / (37.12 + 7), 5, 1), abs=0.02)
    assert cost == pytest.approx(47.7747, rel=0.01)


def test_the_optimum_is_near_the_heuristic_but_never_dearer():
    """A finer grid moves the optimum by less than its own step."""
    coarse, fine = (serial_optimum(**SERIAL, step=step) for step in (0.04, 0.02))
    assert np.abs(coarse[0] - fine[0]).max() <= 0.08 and abs(coarse[1] - fine[1]) < 0.05


def test_guaranteed_service_on_a_tree():
    """Snyder and Shen, example 6.5: one supplier, one assembly, two customers."""
    both = np.sqrt(2)
    stages = {
        "1": Stage(2, 1, both, inbound=1),
        "2": Stage(1, 3, 1, outbound=0),
        "3": Stage(1, 2, both),
        "4": Stage(1, 3, 1, outbound=1),
    }
    times, cost = guaranteed_service(stages, [("1", "3"), ("3", "2"), ("3", "4")])
    assert times == {"1": 0, "2": 0, "3": 0, "4": 1}
    assert cost == pytest.approx(2 * np.sqrt(2) + np.sqrt(6) + 3)


def test_metric_of_a_depot_and_four_bases():
    """Rates 0.1, depot repair 10, transit 2, one at each base; depot stock 0 to 5."""
    found = [metric_backorders([0.1] * 4, [1] * 4, depot, 10, 2)[0] for depot in range(6)]
    assert np.allclose(found, [0.501194, 0.339553, 0.210602, 0.121499, 0.068800, 0.041488], atol=5e-7)


def test_metric_agrees_with_a_simulation_where_it_is_exact():
    """Palm's theorem: units in repair are Poisson, so with no stock at the depot a base waits for repair + transit."""
    rng = np.random.default_rng(1)
    moments = np.sort(rng.uniform(0, 400_000, size=40_000))  # rate 0.1
    seen = rng.uniform(1000, 399_000, size=200_000)
    waiting = np.searchsorted(moments, seen) - np.searchsorted(moments, seen - 12.0)
    assert np.maximum(waiting - 1, 0).mean() == pytest.approx(float(poisson_shortage(1, 1.2)), rel=0.02)
    assert metric_backorders([0.1], [1], 0, 10, 2)[0] == pytest.approx(float(poisson_shortage(1, 1.2)))
