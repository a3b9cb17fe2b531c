"""Small panels that every science test can have made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from nova_assets.science.panel import Panel, build_panel

START = dt.date(2024, 1, 1)


def long_frame(demand: np.ndarray, **statics: list) -> pl.DataFrame:
    """A long daily frame of a matrix (series x days); ids are s000, s001, ..."""
    n, days = demand.shape
    ids = np.array([f"s{i:03d}" for i in range(n)])
    dates = [START + dt.timedelta(days=int(d)) for d in range(days)]
    frame = pl.DataFrame({"series_id": np.repeat(ids, days), "date": dates * n, "quantity": demand.ravel()})
    return frame.with_columns(**{name: pl.Series(np.repeat(values, days)) for name, values in statics.items()})


def sparse_demand(n: int, days: int, seed: int = 1) -> np.ndarray:
    """Compound Poisson demand with rates from a few a year to one a day."""
    rng = np.random.default_rng(seed)
    rate = np.exp(rng.uniform(np.log(0.01), np.log(1.0), size=(n, 1)))
    return rng.poisson(rate, size=(n, days)) * rng.integers(1, 6, size=(n, days)).astype(float)


@pytest.fixture(scope="session")
def make_panel() -> Callable[..., Panel]:
    return lambda demand, **statics: build_panel(long_frame(np.asarray(demand, dtype=float), **statics), "D")


@pytest.fixture(scope="session")
def sparse_panel() -> Panel:
    """120 sparse daily series of 240 days in two families."""
    families = [("cable", "radio")[i % 2] for i in range(120)]
    return build_panel(long_frame(sparse_demand(120, 240), family=families), "D")
