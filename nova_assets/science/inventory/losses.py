"""Loss functions: expected units short E[(D - y)+] and their second order, for normal, Poisson and listed demand."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, poisson

Floats = NDArray[np.float64]


def normal_loss(z: ArrayLike) -> Floats:
    """Standard normal loss E[(Z - z)+] = phi(z) - z (1 - Phi(z))."""
    z = np.asarray(z, dtype=float)
    return norm.pdf(z) - z * norm.sf(z)


def normal_second_loss(z: ArrayLike) -> Floats:
    """E[((Z - z)+)^2] / 2, the integral of the standard normal loss above z (S&S appendix C)."""
    z = np.asarray(z, dtype=float)
    return ((z**2 + 1) * norm.sf(z) - z * norm.pdf(z)) / 2


def normal_shortage(position: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> Floats:
    """E[(D - position)+] for normal demand, units."""
    sd = np.asarray(sd, dtype=float)
    return sd * normal_loss((np.asarray(position) - np.asarray(mean)) / sd)


def poisson_shortage(position: ArrayLike, mean: ArrayLike) -> Floats:
    """E[(D - position)+] for Poisson demand and whole positions, negative ones included."""
    position, mean = np.asarray(position), np.asarray(mean, dtype=float)
    return mean * poisson.sf(position - 1, mean) - position * poisson.sf(position, mean)


def discrete_shortage(position: ArrayLike, pmf: ArrayLike) -> Floats:
    """E[(D - position)+] where D takes 0, 1, 2, … with probabilities `pmf`."""
    pmf = np.asarray(pmf, dtype=float)
    values = np.arange(len(pmf))
    return np.maximum(values - np.asarray(position, dtype=float)[..., None], 0.0) @ pmf
