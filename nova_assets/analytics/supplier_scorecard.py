"""Supplier scorecard: what suppliers promised and what they did, over the year before a date."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pyarrow as pa

from nova_assets.analytics import Tools, frames
from nova_assets.science import leadtimes
from nova_resources.postgres import Database
from nova_resources.tables import Window

YEAR_DAYS, RECENT_DAYS = 365, 180
TAIL = {"p50_days": 0.5, "p90_days": 0.9, "p95_days": 0.95}


def compute_supplier_scorecard(db: Database, window: Window, tools: Tools | None = None) -> pa.Table:
    """analytics.supplier_scorecard of the window's last day."""
    as_of = frames.as_of_date(window)
    orders = frames.read(db, "analytics/inputs/orders", as_of=as_of)
    return frames.rows_of("analytics.supplier_scorecard", as_of, scorecard(orders, as_of).to_dict())


def scorecard(orders: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One row per supplier with an order, a receipt or an open line in the last year; `orders` as inputs/orders.sql
    gives them. Shares are null where nothing was received that they could be judged by."""
    since = as_of - timedelta(days=YEAR_DAYS)
    kept = orders.filter(~pl.col("cancelled"))
    year = kept.filter((pl.col("order_date") > since) | (pl.col("received_date") > since) | pl.col("open"))
    table = year.group_by("supplier_id").agg(
        orders=(pl.col("order_date") > since).sum(),
        open_orders=pl.col("open").sum(),
        late_orders=(pl.col("open") & (pl.col("expected_date") < as_of)).sum(),
    )
    for part in (_receipts(kept, since), _lead_times(kept, as_of), _price_drift(kept, as_of, since)):
        table = table.join(part, on="supplier_id", how="left")
    return table.with_columns(pl.col("receipts").fill_null(0)).sort("supplier_id")


def _receipts(orders: pl.DataFrame, since: date) -> pl.DataFrame:
    """On-time share (against the last promise), quantity accuracy and the lead time promised, of the year's receipts.

    Accuracy is 1 - |received - ordered| / ordered of lines that are closed, at least 0, averaged over lines.
    """
    received = orders.filter(pl.col("received_date") > since)
    gap = (pl.col("received_quantity") - pl.col("quantity")).abs() / pl.col("quantity")
    closed = ~pl.col("open") & (pl.col("quantity") > 0)
    return received.group_by("supplier_id").agg(
        receipts=pl.len(),
        on_time_share=(pl.col("received_date") <= pl.col("expected_date")).mean(),
        quantity_accuracy=(1 - gap).clip(lower_bound=0).filter(closed).mean(),
        promised_days=(pl.col("expected_date") - pl.col("order_date")).dt.total_days().mean(),
    )


def _lead_times(orders: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Quantiles of the days from order to receipt, open orders counted as censored, over the whole history."""
    spans = orders.select("item_id", "supplier_id", "family", start_date="order_date", end_date="received_date")
    levels = list(TAIL.values())
    profiles = leadtimes.lead_time_profiles(spans.drop_nulls("start_date"), as_of, levels)
    values = pl.col("quantile_values").list
    return profiles.filter(pl.col("level") == "supplier").select(
        "supplier_id", "mean_days", **{name: values.get(at) for at, name in enumerate(TAIL)}
    )


def _price_drift(orders: pl.DataFrame, as_of: date, since: date) -> pl.DataFrame:
    """Mean price of the last half-year over that of the half-year before, less 1, of materials bought in both; each
    material weighs what was spent on it."""
    recent = as_of - timedelta(days=RECENT_DAYS)
    bought = orders.filter((pl.col("order_date") > since) & (pl.col("unit_price") > 0) & (pl.col("quantity") > 0))
    price, quantity = pl.col("unit_price").cast(pl.Float64), pl.col("quantity").cast(pl.Float64)
    new = pl.col("order_date") > recent
    by_item = bought.group_by("supplier_id", "item_id").agg(
        now=price.filter(new).mean(), before=price.filter(~new).mean(), spent=(price * quantity).filter(new).sum()
    )
    drift = ((pl.col("now") / pl.col("before") - 1) * pl.col("spent")).sum() / pl.col("spent").sum()
    return by_item.drop_nulls(["now", "before"]).group_by("supplier_id").agg(price_drift=drift)
