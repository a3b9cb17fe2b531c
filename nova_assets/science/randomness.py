"""Reproducible random numbers that belong to a series, not to its place in the panel.

Every stream is a pure function of (seed, as-of, series id, purpose): adding, dropping or reordering other series
changes nothing. Counter-based (SplitMix64, Steele, Lea and Flood 2014): a whole panel is drawn in one vectorised call.
"""

from __future__ import annotations

import functools
import hashlib

import numpy as np
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_KNOWN_NAMES = 1 << 17


def series_keys(ids: NDArray[np.object_], *context: object) -> NDArray[np.uint64]:
    """One 64-bit key per series id, mixed with the context (seed, as-of, purpose): shape (n,)."""
    return keyed(digests(ids), *context)


def digests(ids: NDArray[np.object_]) -> NDArray[np.uint64]:
    """(n,) numbers of series ids, to be used with several contexts."""
    return np.fromiter((_digest(name) for name in ids), dtype=np.uint64, count=len(ids))


def keyed(names: NDArray[np.uint64], *context: object) -> NDArray[np.uint64]:
    """(n,) keys of the ids with these digests in a context."""
    salt = np.uint64(_digest("\x1f".join(str(part) for part in context)))
    with np.errstate(over="ignore"):
        return _mixed(_mixed(names + _GOLDEN) ^ salt)


def uniforms(keys: NDArray[np.uint64], *shape: int) -> NDArray[np.float64]:
    """Uniform numbers in (0, 1), shape (n, *shape): row i is a pure function of keys[i]."""
    counter = np.arange(1, int(np.prod(shape)) + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        state = _mixed(keys[:, None] + counter * _GOLDEN)
    return ((state >> np.uint64(11)).astype(np.float64) + 0.5).reshape(len(keys), *shape) * 2.0**-53


@functools.lru_cache(maxsize=_KNOWN_NAMES)
def _digest(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
