"""Rows that are interpolated in one call must not see each other."""

from __future__ import annotations

import numpy as np

from nova_assets.science import quantiles
from nova_assets.science.models.pooled import _weighted


def test_a_heavy_first_atom_does_not_read_the_row_before() -> None:
    sample = np.array([[0.0, 1000.0], [0.0, 1.0]])
    weight = np.array([[0.5, 0.5], [0.9, 0.1]])
    levels = np.array([0.001, 0.3, 0.999])
    values, _ = _weighted(sample, weight, levels)
    alone, _ = _weighted(sample[1:], weight[1:], levels)
    np.testing.assert_allclose(values[1], alone[0])
    assert values[1].max() <= 1


def test_a_mixture_of_few_atoms_keeps_to_its_row() -> None:
    levels = np.array([0.5])
    values = np.array([[[1000.0], [1000.0]], [[1.0], [2.0]]])
    mixed = quantiles.mixture(levels, values, np.array([0.5, 0.5]), np.array([0.01, 0.99]))
    np.testing.assert_allclose(mixed[1], [1.0, 2.0])
