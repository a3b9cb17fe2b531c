"""The panel of a date, the sums that are forecast from it and the models in force: where every forecast begins."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import polars as pl

from nova_assets.analytics import defaults, frames
from nova_assets.science import registry
from nova_assets.science.panel import Panel, build_panel
from nova_assets.science.selection import Selection
from nova_resources.postgres import Database

HORIZONS = {"D30": 30, "D60": 60, "D90": 90}
PROTECTION = "PROTECTION"
SEPARATOR = "\x1f"
"""Between item code and site code in a series id."""


def load_panel(db: Database, as_of: date) -> Panel | None:
    """Daily panel of everything stocked or asked for by the date; None when there is nothing yet."""
    rows = frames.read(db, "analytics/inputs/panel", as_of=as_of)
    return build_panel(rows, "D", as_of) if len(rows) else None


def models_in_force(db: Database, as_of: date) -> dict[str, Selection]:
    """Selection for the fixed horizons ('sums') and for the protection period; the engine's fallback before the first
    backtest."""
    rows = frames.read(db, "analytics/inputs/model_selection", as_of=as_of)
    horizon = pl.col("target").replace_strict(HORIZONS, default=0, return_dtype=pl.Int64)
    star = {"*": "all"}
    cells = rows.with_columns(
        horizon=horizon, demand_class=pl.col("demand_class").replace(star), family=pl.col("family").replace(star)
    )
    by_target = {PROTECTION: pl.col("target") == PROTECTION, "sums": pl.col("target") != PROTECTION}
    return {
        name: Selection.from_rows(
            [row | {"calibration": json.loads(row["calibration"] or "null")} for row in cells.filter(mask).to_dicts()]
        )
        if len(cells.filter(mask))
        else Selection.only(registry.FALLBACK)
        for name, mask in by_target.items()
    }


def protection_length(orders: pl.DataFrame) -> int:
    """Days for which the protection target is scored: median time from request to receipt, plus the usual review.

    A length within a tenth of a fixed horizon is scored as that one: the same folds serve both targets.
    """
    received = orders.drop_nulls("received_date").filter(~pl.col("cancelled"))
    begin = pl.coalesce("requested_date", "order_date")
    days = received.select((pl.col("received_date") - begin).dt.total_days().alias("days")).filter(pl.col("days") >= 0)
    lead = float(np.median(days["days"].to_numpy())) if len(days) else defaults.LEAD_TIME_DAYS
    length = max(round(lead + defaults.REVIEW_DAYS), 1)
    return next((fixed for fixed in HORIZONS.values() if abs(length - fixed) < 0.1 * fixed), length)
