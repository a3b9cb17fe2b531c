"""The curve of service against stock: what the whole catalogue would hold and miss at other service levels; and the
replays of history that people asked for."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from nova_assets.analytics import Tools, defaults, frames
from nova_assets.analytics.histories import platform_history
from nova_assets.analytics.order_points import LEVELS
from nova_assets.analytics.positions import KEY
from nova_assets.science import quantiles
from nova_assets.science.backtest import Progress
from nova_assets.science.quantiles import GRID
from nova_assets.science.replay import replay
from nova_resources.postgres import Database
from nova_resources.tables import Window

SERVICE_LEVELS = (0.80, 0.85, 0.90, 0.925, 0.95, 0.975, 0.98, 0.99)
CURRENT = "current"
MONTH_DAYS = 365.25 / 12
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
    requests = frames.read(db, "analytics/inputs/scenario_requests", as_of=as_of)
    parts += [
        _replayed(db, as_of, request, tools.progress if tools else None) for request in requests.iter_rows(named=True)
    ]
    rows = pl.concat(parts, how="diagonal_relaxed").filter(pl.col("item_sites") > 0)
    rows = rows.sort("scenario_code", "dimension", "member")
    return frames.rows_of("analytics.scenarios", as_of, rows.to_dict())


def _scenario(
    table: pl.DataFrame, values: NDArray[np.float64], code: str, level: float | None, point: NDArray[np.float64]
) -> pl.DataFrame:
    """Figures of one scenario, whose reorder points are `point` (n,), by dimension and member."""
    lots = (table["order_up_to"] - table["reorder_point"]).to_numpy()
    ceiling = table["max_stock"].cast(pl.Float64).fill_null(np.inf).to_numpy()
    order_up_to = np.minimum(np.where(point > 0, point + lots, 0.0), ceiling)
    point = np.minimum(point, ceiling)
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


def _replayed(db: Database, as_of: date, request: dict, progress: Progress | None) -> pl.DataFrame:
    """Answer to a request of support.request_scenario: its policies replayed over the months up to the date, one
    scenario per policy and level. Every figure of the replay stands in the parameters."""
    asked = json.loads(request["parameters"])
    begin = as_of - timedelta(days=round(float(asked["months"]) * MONTH_DAYS) - 1)
    history = platform_history(db, begin, as_of)

    def tell(doing: str, share: float) -> None:
        if progress:
            progress(f"request {request['request_id']}: {doing}", share)

    curves = replay(history, asked["policies"], asked["levels"], defaults.SEED, tell)
    year = 365 / ((as_of - begin).days + 1)
    asked_for = {"request_id": request["request_id"], "from": str(begin), "to": str(as_of)}
    told = [asked_for | row for row in curves.to_dicts()]
    everything = pl.col("abc_class") == "*"
    return curves.select(
        scenario_code=pl.format("request_{}_{}_{}", pl.lit(request["request_id"]), "policy", "level"),
        dimension=pl.when(everything).then(pl.lit("company")).otherwise(pl.lit("abc")),
        member="abc_class",
        service_level="level",
        item_sites="item_sites",
        stock_value="stock_value",
        expected_shortage="unmet",
        holding_cost_year=pl.col("holding_cost") * year,
        parameters=pl.Series([json.dumps(row) for row in told]),
    )
