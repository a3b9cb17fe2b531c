"""The curve of service against stock: what the whole catalogue would hold and miss at other service levels."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from nova_assets.analytics import Tools, frames
from nova_assets.analytics.positions import KEY
from nova_assets.analytics.stock_policies import LEVELS
from nova_assets.science import quantiles
from nova_assets.science.quantiles import GRID
from nova_resources.postgres import Database
from nova_resources.tables import Window

SERVICE_LEVELS = (0.80, 0.85, 0.90, 0.925, 0.95, 0.975, 0.98, 0.99)
CURRENT = "current"
DIMENSIONS = {"company": pl.lit("*"), "family": pl.col("family").fill_null("UNSPECIFIED"), "abc": pl.col("abc_class")}


def compute_scenarios(db: Database, window: Window, tools: Tools | None = None) -> pa.Table:
    """analytics.scenarios of the window's last day: today's policies and each of SERVICE_LEVELS for everything."""
    as_of = frames.as_of_date(window)
    pairs = frames.read(db, "analytics/inputs/item_sites", as_of=as_of).select(*KEY, "family", "abc_class")
    policies = frames.read(db, "analytics/inputs/stock_policies", as_of=as_of)
    forecasts = frames.read(db, "analytics/inputs/forecasts", as_of=as_of, target="PROTECTION")
    table = pairs.join(policies, on=KEY).join(forecasts.select(*KEY, "mean", "quantile_values"), on=KEY).sort(KEY)
    values = np.array(table["quantile_values"].to_list(), dtype=float).reshape(len(table), len(GRID))
    current = table["reorder_point"].to_numpy()
    parts = [_scenario(table, values, CURRENT, None, current)]
    for level in SERVICE_LEVELS:
        point = np.ceil(quantiles.interpolate(LEVELS, values, [level])[:, 0] - 1e-9) + 0.0
        parts.append(_scenario(table, values, f"service_{level:g}", level, point))
    rows = pl.concat(parts).filter(pl.col("item_sites") > 0).sort("scenario_code", "dimension", "member")
    return frames.rows_of("analytics.scenarios", as_of, rows.to_dict())


def _scenario(
    table: pl.DataFrame, values: NDArray[np.float64], code: str, level: float | None, point: NDArray[np.float64]
) -> pl.DataFrame:
    """Figures of one scenario, whose reorder points are `point` (n,), by dimension and member."""
    lots = (table["order_up_to"] - table["reorder_point"]).to_numpy()
    order_up_to = np.where(point > 0, point + lots, 0.0)
    held = np.maximum(point - table["mean"].to_numpy(), 0.0)
    rows = table.select("family", "abc_class").with_columns(
        stock_value=pl.Series(order_up_to * table["unit_cost"].fill_null(0.0).to_numpy()),
        expected_shortage=pl.Series(quantiles.expected_shortage(LEVELS, values, point)),
        holding_cost_year=pl.Series(held * table["holding_cost_unit_day"].fill_null(0.0).to_numpy() * 365),
    )
    sums = [pl.len().alias("item_sites"), pl.col("stock_value", "expected_shortage", "holding_cost_year").sum()]
    groups = [
        rows.group_by(member=member, maintain_order=True).agg(sums).with_columns(dimension=pl.lit(dimension))
        for dimension, member in DIMENSIONS.items()
    ]
    parameters = json.dumps({"service_level": level} if level is not None else {})
    return pl.concat(groups).with_columns(
        scenario_code=pl.lit(code), service_level=pl.lit(level, dtype=pl.Float64), parameters=pl.lit(parameters)
    )
