"""A planner's number in the place of a forecast's mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from nova_assets.science.overrides import MOST_SCALED, moved, other_mean
from nova_assets.science.quantiles import GRID

LEVELS = np.asarray(GRID)
SHAPE = poisson.ppf(LEVELS, 4.0)


def one(mean: float, wanted: float, values: np.ndarray = SHAPE) -> np.ndarray:
    return moved(LEVELS, values[None], np.array([mean]), np.array([wanted]))[0]


def test_a_distribution_is_scaled_with_its_mean() -> None:
    assert one(4.0, 8.0) == pytest.approx(2 * SHAPE)
    assert one(4.0, 1.0) == pytest.approx(SHAPE / 4)
    assert not one(4.0, 0.0).any()


def test_without_a_forecast_the_number_is_taken_as_poisson_demand() -> None:
    assert one(0.0, 3.0, np.zeros(len(LEVELS))) == pytest.approx(poisson.ppf(LEVELS, 3.0))


def test_the_shape_of_a_tiny_forecast_is_not_blown_up() -> None:
    rare = np.where(LEVELS >= 0.99, 1.0, 0.0)
    assert one(0.01, 10.0, rare)[GRID.index(0.5)] == pytest.approx(10.0, abs=1)
    assert one(0.01, 10.0, rare)[-1] <= MOST_SCALED + poisson.ppf(GRID[-1], 10.0)


@given(st.floats(0, 50), st.lists(st.floats(0, 1e6), min_size=2, max_size=2))
def test_quantiles_rise_with_the_number_and_never_cross(mean: float, numbers: list[float]) -> None:
    low, high = (one(mean, number, poisson.ppf(LEVELS, mean)) for number in sorted(numbers))
    assert (np.diff(low) >= 0).all() and (low >= 0).all() and np.isfinite(high).all()
    assert (high >= low - 1e-9 * (1 + low)).all()


def test_other_sums_get_what_the_planner_added_in_their_own_days() -> None:
    def other(mean: float, days: float, said: float) -> float:
        return other_mean(*(np.array([x]) for x in (mean, days, 6.0, 30.0, said)))[0]

    assert other(6.0, 30.0, 9.0) == 9.0  # the sum itself
    assert other(18.0, 90.0, 9.0) == 21.0  # a longer one: three more
    assert other(4.0, 20.0, 9.0) == 6.0  # a shorter one: its share of the three
    assert other(4.0, 20.0, 0.0) == 0.0
