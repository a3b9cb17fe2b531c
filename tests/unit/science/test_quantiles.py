"""Quantile grids against distributions whose answers are known."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import expon, norm

from nova_assets.science import quantiles
from nova_assets.science.inventory.losses import normal_shortage

LEVELS = np.asarray(quantiles.GRID)
DENSE = np.linspace(0.001, 0.999, 999)
NORMAL = norm.ppf(DENSE, 50, 8)[None, :]


def test_loss_of_a_normal_grid_is_the_normal_loss():
    position = np.array([40.0, 50.0, 56.6, 70.0])
    grid = np.repeat(NORMAL, 4, axis=0)
    expected = normal_shortage(position, 50, 8)
    assert np.allclose(quantiles.expected_shortage(DENSE, grid, position), expected, atol=0.01)


def test_probability_and_quantile_are_inverse():
    level = quantiles.probability_at_most(DENSE, NORMAL, np.array([55.0]))
    assert np.isclose(quantiles.interpolate(DENSE, NORMAL, level)[0, 0], 55.0)


def test_tail_beyond_the_grid_is_exponential():
    grid = expon.ppf(LEVELS, scale=10)[None, :]
    assert np.isclose(quantiles.probability_at_most(LEVELS, grid, 80.0)[0], expon.cdf(80.0, scale=10), atol=1e-6)
    assert np.isclose(quantiles.interpolate(LEVELS, grid, [0.9999])[0, 0], expon.ppf(0.9999, scale=10))


def test_atom_at_zero_is_fully_covered_by_a_position_of_zero():
    grid = np.where(LEVELS <= 0.8, 0.0, 5.0)[None, :]
    assert quantiles.probability_at_most(LEVELS, grid, 0.0)[0] == 0.8


def test_no_demand_has_no_risk():
    nothing = np.zeros((1, len(LEVELS)))
    assert quantiles.probability_at_most(LEVELS, nothing, 0.0)[0] == 1.0
    assert quantiles.expected_shortage(LEVELS, nothing, 0.0)[0] == 0.0


def test_mixture_of_one_distribution_is_itself():
    parts = np.repeat(NORMAL[:, None, :], 5, axis=1)
    mixed = quantiles.mixture(DENSE, parts, np.full(5, 0.2), [0.1, 0.5, 0.95])
    assert np.allclose(mixed, norm.ppf([0.1, 0.5, 0.95], 50, 8), atol=0.1)


def test_mixture_of_two_apart_is_bimodal():
    parts = np.stack([norm.ppf(DENSE, 10, 1), norm.ppf(DENSE, 100, 1)])[None]
    mixed = quantiles.mixture(DENSE, parts, np.array([0.5, 0.5]), [0.25, 0.75])
    assert np.allclose(mixed, [[10, 100]], atol=0.1)


grids = st.lists(st.floats(0, 1e6), min_size=21, max_size=21).map(lambda v: np.sort(v)[None, :])


@given(grid=grids, low=st.floats(0, 1e6), high=st.floats(0, 1e6))
def test_shortage_falls_and_probability_rises_with_the_position(grid, low, high):
    low, high = min(low, high), max(low, high)
    short = [quantiles.expected_shortage(LEVELS, grid, x)[0] for x in (low, high)]
    covered = [quantiles.probability_at_most(LEVELS, grid, x)[0] for x in (low, high)]
    assert short[0] >= short[1] - 1e-6 * max(short[0], 1)
    assert 0 <= covered[0] <= covered[1] + 1e-12 <= 1 + 1e-9


@given(grid=grids, position=st.floats(0, 1e6))
def test_excess_minus_shortage_is_position_minus_mean(grid, position):
    excess = quantiles.expected_excess(LEVELS, grid, position)[0]
    short = quantiles.expected_shortage(LEVELS, grid, position)[0]
    assert np.isclose(excess - short, position - quantiles.mean(LEVELS, grid)[0], rtol=1e-9, atol=1e-6)
    assert min(excess, short) >= -1e-6 * (1 + grid.max())


@given(values=st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=3, max_size=9))
def test_tidy_quantiles_are_valid(values):
    clean = quantiles.tidy(np.array([values]))
    assert np.isfinite(clean).all() and (clean >= 0).all() and (np.diff(clean) >= 0).all()


@given(
    values=st.lists(
        st.lists(st.floats(0, 1e300, allow_subnormal=False), min_size=4, max_size=4), min_size=3, max_size=3
    ),
    lengths=st.permutations([30, 60, 90]),
)
def test_a_longer_sum_is_never_below_a_shorter_one_in_any_quantile(values, lengths):
    said = quantiles.tidy(np.array([values]))
    told = quantiles.nested(said, lengths)
    assert (np.diff(told[:, np.argsort(lengths)], axis=1) >= 0).all() and (np.diff(told, axis=2) >= 0).all()
    assert said.min() <= told.min() <= told.max() <= said.max()


def test_sums_in_order_stay_as_they_are():
    said = np.array([[[1.0, 2.0], [1.0, 3.0], [4.0, 4.0]]])
    assert np.array_equal(quantiles.nested(said, (30, 60, 90)), said)
