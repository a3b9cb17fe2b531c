"""Distributions of a non-negative quantity held as a grid of quantiles: cleaning, probability, loss, mixing.

A grid is `levels` (Q,), strictly increasing inside (0, 1), and `values` (..., Q), the quantile at each level. Between
two levels the quantile function is linear; below the first it runs linearly from zero; above the last one the tail is
exponential, its scale taken from the upper part of the grid, so that a position beyond the last quantile still has an
honest, non-zero risk.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

GRID: tuple[float, ...] = (
    0.01, 0.025, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975, 0.98, 0.99,
    0.995,
)  # fmt: skip
"""Levels stored with every forecast, lead-time profile and policy."""

SCORE_LEVELS: tuple[float, ...] = (0.5, 0.8, 0.9, 0.95, 0.99)
"""Levels at which forecasts compete: the median and the service levels that are stocked."""

MOST_SCORED = 12
"""Levels that are asked for are also those at which models compete, unless there are more than this."""

_TAIL_FROM = 0.95


def check_levels(levels: Sequence[float] | Floats) -> Floats:
    """Levels as a float array. ValueError unless strictly increasing inside (0, 1)."""
    array = np.asarray(levels, dtype=float)
    if array.ndim != 1 or array.size == 0 or array.min() <= 0 or array.max() >= 1 or (np.diff(array) <= 0).any():
        raise ValueError(f"quantile levels must increase strictly inside (0, 1), got {list(array)}")
    return array


def nested(values: Floats, lengths: Sequence[int]) -> Floats:
    """`values` (n, K, …) of sums over the next `lengths` (K,) periods, none below that of a shorter sum.

    Demand is not negative, so that a longer sum lies above a shorter one in every quantile; models that were fitted
    apart, or chosen apart, may say otherwise. Half way between the running maximum and, from the far end, minimum.
    """
    order = np.argsort(lengths, kind="stable")
    rising = np.maximum.accumulate(values[:, order], axis=1)
    falling = np.minimum.accumulate(values[:, order[::-1]], axis=1)[:, ::-1]
    out = np.empty_like(values)
    out[:, order] = rising / 2 + falling / 2
    return out


def tidy(values: Floats) -> Floats:
    """Quantiles made valid: no NaN (taken as 0), none negative, none crossing along the last axis."""
    return np.maximum.accumulate(np.maximum(np.nan_to_num(values, nan=0.0, posinf=np.finfo(float).max), 0.0), axis=-1)


def interpolate(levels: Floats, values: Floats, wanted: ArrayLike) -> Floats:
    """Quantiles at `wanted` (W,) from a grid with values (..., Q): shape (..., W). Tails as the module says."""
    levels, wanted = np.asarray(levels, dtype=float), np.asarray(wanted, dtype=float)
    knots = np.concatenate([[0.0], levels])
    padded = np.concatenate([np.zeros_like(values[..., :1]), values], axis=-1)
    right = np.clip(np.searchsorted(knots, wanted, side="left"), 1, len(levels))
    share = (wanted - knots[right - 1]) / (knots[right] - knots[right - 1])
    inside = padded[..., right - 1] + np.minimum(share, 1.0) * (padded[..., right] - padded[..., right - 1])
    beyond = np.log((1 - levels[-1]) / np.maximum(1 - np.maximum(wanted, levels[-1]), 1e-12))
    return inside + tail_scale(levels, values)[..., None] * beyond


def tail_scale(levels: Floats, values: Floats) -> Floats:
    """Scale (...) of the exponential tail above the last level: mean excess beyond the last quantile."""
    levels = np.asarray(levels, dtype=float)
    anchor = int(np.clip(np.searchsorted(levels, _TAIL_FROM), 0, max(len(levels) - 2, 0)))
    if len(levels) == 1:
        return values[..., -1] / -np.log(1 - levels[-1])
    rise = values[..., -1] - values[..., anchor]
    return rise / np.log((1 - levels[anchor]) / (1 - levels[-1]))


def probability_at_most(levels: Floats, values: Floats, position: ArrayLike) -> Floats:
    """P(D <= position) for each row: values (n, Q), position (n,) or scalar -> (n,). Negative positions give 0."""
    levels = np.asarray(levels, dtype=float)
    position = np.broadcast_to(np.asarray(position, dtype=float), values.shape[:-1])
    knots = np.concatenate([[0.0], levels])
    padded = np.concatenate([np.zeros_like(values[..., :1]), values], axis=-1)
    below = (padded <= position[..., None]).sum(axis=-1)  # number of knots at or below; ties count as covered
    left = np.clip(below - 1, 0, len(levels))
    right = np.clip(below, 0, len(levels))
    low, high = _pick(padded, left), _pick(padded, right)
    gap = np.where(high > low, high - low, 1.0)
    inside = knots[left] + (knots[right] - knots[left]) * np.clip((position - low) / gap, 0.0, 1.0)
    scale = tail_scale(levels, values)
    excess = np.maximum(position - values[..., -1], 0.0)
    survival = np.where(scale > 0, np.exp(-excess / np.where(scale > 0, scale, 1.0)), 0.0)
    probability = np.where(below > len(levels), 1 - (1 - levels[-1]) * survival, inside)
    return np.where(position < 0, 0.0, probability)


def mean(levels: Floats, values: Floats) -> Floats:
    """Mean (...) of the distribution: area under the quantile function plus the tail."""
    knots = np.concatenate([[0.0], np.asarray(levels, dtype=float)])
    padded = np.concatenate([np.zeros_like(values[..., :1]), values], axis=-1)
    body = (np.diff(knots) * (padded[..., 1:] + padded[..., :-1]) / 2).sum(axis=-1)
    return body + (1 - knots[-1]) * (values[..., -1] + tail_scale(levels, values))


def expected_shortage(levels: Floats, values: Floats, position: ArrayLike) -> Floats:
    """E[(D - position)+] per row (the loss function), values (n, Q), position (n,) or scalar, in units of demand.

    Integral of the quantile function above the position (Rockafellar and Uryasev's form of the loss function).
    """
    position = np.broadcast_to(np.asarray(position, dtype=float), values.shape[:-1])
    levels = np.asarray(levels, dtype=float)
    knots = np.concatenate([[0.0], levels])
    padded = np.concatenate([np.zeros_like(values[..., :1]), values], axis=-1)
    low, high = padded[..., :-1] - position[..., None], padded[..., 1:] - position[..., None]
    rise = np.where(high > low, high - low, 1.0)
    crossing = np.diff(knots) * high**2 / (2 * rise)  # a segment that starts below the position and ends above it
    whole = np.diff(knots) * (low + high) / 2
    body = np.where(low >= 0, whole, np.where(high > 0, crossing, 0.0)).sum(axis=-1)
    scale = tail_scale(levels, values)
    last = values[..., -1] - position
    survival = np.exp(np.minimum(last, 0.0) / np.where(scale > 0, scale, 1.0))
    tail = (1 - levels[-1]) * np.where(last >= 0, last + scale, np.where(scale > 0, scale * survival, 0.0))
    return body + tail


def expected_excess(levels: Floats, values: Floats, position: ArrayLike) -> Floats:
    """E[(position - D)+] per row, in units of demand: what is left over."""
    return np.asarray(position, dtype=float) - mean(levels, values) + expected_shortage(levels, values, position)


def mixture(levels: Floats, values: Floats, weights: Floats, wanted: ArrayLike) -> Floats:
    """Quantiles (n, W) of a mixture of M distributions per row: values (n, M, Q), weights (n, M) or (M,).

    Each component is discretised into the atoms of its grid (mass of the cell around each level), the atoms of a row
    are pooled, and the pooled distribution is read at `wanted` by linear interpolation at the atoms' mid-probabilities.
    """
    rows, components, size = values.shape
    edges = np.concatenate([[0.0], (levels[1:] + levels[:-1]) / 2, [1.0]])
    weights = np.broadcast_to(weights, (rows, components))
    mass = (weights[:, :, None] * np.diff(edges)).reshape(rows, components * size)
    atoms = values.reshape(rows, components * size)
    order = np.argsort(atoms, axis=1, kind="stable")
    atoms, mass = np.take_along_axis(atoms, order, axis=1), np.take_along_axis(mass, order, axis=1)
    total = mass.sum(axis=1, keepdims=True)
    middle = (np.cumsum(mass, axis=1) - mass / 2) / np.where(total > 0, total, 1.0)
    wanted = np.asarray(wanted, dtype=float)
    offsets = np.arange(rows)[:, None] * 2.0  # one interpolation for all rows: each row gets its own unit interval
    # A level beyond a row's first or last atom would be read between two rows.
    inside = np.clip(wanted, middle[:, :1], middle[:, -1:])
    return np.interp((offsets + inside).ravel(), (offsets + middle).ravel(), atoms.ravel()).reshape(rows, len(wanted))


def pinball(actual: Floats, values: Floats, levels: Floats) -> Floats:
    """Pinball loss (..., Q) of quantiles (..., Q) for actual (...), in units of demand."""
    error = actual[..., None] - values
    return np.maximum(levels * error, (levels - 1) * error)


def _pick(values: Floats, index: NDArray[np.intp]) -> Floats:
    return np.take_along_axis(values, index[..., None], axis=-1)[..., 0]
