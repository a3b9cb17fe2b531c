"""Distributions that planners' overrides put in the place of forecasts: what policies and recommendations plan by."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from nova_assets.analytics import Tools, frames
from nova_assets.science import overrides
from nova_assets.science.quantiles import GRID
from nova_resources.postgres import Database
from nova_resources.tables import Window


def compute_forecast_overrides(db: Database, window: Window, tools: Tools | None = None) -> pa.Table:
    """analytics.forecast_overrides of the window's last day: every sum of the item-sites with an override in force."""
    as_of = frames.as_of_date(window)
    found = frames.read(db, "analytics/inputs/overrides", as_of=as_of)
    mean, days, overridden, overridden_days, said = (
        found[name].to_numpy().astype(float)
        for name in ("mean", "horizon_days", "overridden_mean", "overridden_days", "value")
    )
    wanted = overrides.other_mean(mean, days, overridden, overridden_days, said)
    values = np.array(found["quantile_values"].to_list(), dtype=float).reshape(len(found), len(GRID))
    moved = overrides.moved(np.asarray(GRID), values, mean, wanted)
    return frames.rows_of(
        "analytics.forecast_overrides",
        as_of,
        {
            "item_id": found["item_id"],
            "site_id": found["site_id"],
            "target": found["target"],
            "override_id": found["override_id"],
            "baseline_mean": mean,
            "mean": wanted,
            "quantile_levels": frames.repeated_list(GRID, len(found)),
            "quantile_values": frames.number_lists(moved),
        },
    )
