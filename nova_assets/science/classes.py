"""Demand classes: what kind of demand a series has, which decides model, metric and policy.

Syntetos, Boylan and Croston (2005): average demand interval (ADI) against 1.32 and squared coefficient of variation of
the non-zero sizes (CV2) against 0.49, plus what those two numbers cannot speak about: none, dead, single_event, new.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nova_assets.science.panel import Panel

ADI_CUT = 1.32
CV2_CUT = 0.49
MIN_EVENTS = 3
DEAD_DAYS = 180.0
DEAD_INTERVALS = 4.0
CLASSES = ("smooth", "erratic", "intermittent", "lumpy", "new", "single_event", "dead", "none")


@dataclass(frozen=True)
class DemandClasses:
    """One row per series of the panel. NaN where a number is not defined (no demand; CV2 with a single event)."""

    ids: NDArray[np.object_]  # (n,)
    name: NDArray[np.object_]  # (n,) one of CLASSES
    adi: NDArray[np.float64]  # observed periods per period with demand
    cv2: NDArray[np.float64]  # squared coefficient of variation of the non-zero demands (population variance)
    events: NDArray[np.int64]  # periods with demand
    idle_days: NDArray[np.float64]  # observed days since the last demand: an empty shelf is no sign of death

    def frame(self) -> pl.DataFrame:
        """series_id, demand_class, adi, cv2, events, idle_days; undefined numbers are null."""
        return pl.DataFrame(
            {
                "series_id": pl.Series(self.ids, dtype=pl.String),
                "demand_class": pl.Series(self.name, dtype=pl.String),
                "adi": self.adi,
                "cv2": self.cv2,
                "events": self.events,
                "idle_days": self.idle_days,
            }
        ).with_columns(pl.col("adi", "cv2", "idle_days").fill_nan(None))


def classify(panel: Panel) -> DemandClasses:
    """Class of each series at the panel's frequency and as-of: a monthly and a daily panel of one item can differ."""
    happened = panel.demand > 0
    events = happened.sum(axis=1)
    some = np.maximum(events, 1)
    adi = np.where(events > 0, panel.observed.sum(axis=1) / some, np.nan)
    mean = panel.demand.sum(axis=1) / some
    square = (np.where(happened, panel.demand - mean[:, None], 0.0) ** 2).sum(axis=1) / some
    with np.errstate(divide="ignore", invalid="ignore"):
        cv2 = np.where(events > 1, square / mean**2, np.nan)
    last = panel.periods - 1 - np.argmax(happened[:, ::-1], axis=1)
    since = np.arange(panel.periods)[None, :] > last[:, None]
    idle = np.where(events > 0, (panel.observed & since).sum(axis=1) * panel.days_per_period, np.nan)
    dead = idle >= np.maximum(DEAD_DAYS, DEAD_INTERVALS * np.nan_to_num(adi) * panel.days_per_period)
    sparse, varied = adi >= ADI_CUT, np.nan_to_num(cv2) >= CV2_CUT
    name = np.select(
        [events == 0, dead, events == 1, events < MIN_EVENTS, sparse & varied, sparse, varied],
        ["none", "dead", "single_event", "new", "lumpy", "intermittent", "erratic"],
        default="smooth",
    ).astype(object)
    return DemandClasses(panel.ids, name, adi, cv2, events, idle)
