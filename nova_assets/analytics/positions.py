"""Inventory position of every item-site: what is there, what is coming and when, what is promised already.

Position = on hand + open orders expected inside the protection period - reserved - backorder. Orders past their
promised day are left out of the position and shown beside it; they still count as on the way when it comes to ordering
more.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from nova_assets.analytics import frames
from nova_resources.postgres import Database

ABANDONED_AFTER_DAYS = 180
"""An order this late is one that nobody closed: it stays visible and counts for nothing."""

KEY = ["item_id", "site_id"]


def load_positions(db: Database, as_of: date, policies: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(positions, open orders) of the item-sites of `policies` (item_id, site_id, lead_time_days, protection_days).

    Positions: stock_date, on_hand, reserved, backorder, on_order, on_order_late, on_order_later, on_order_abandoned,
    position (without late orders) and supply (with them); only item-sites whose stock is known. Open orders: order_ref,
    supplier_id, remaining, due (promised day, else order date + mean lead time), state IN_WINDOW, LATE, LATER,
    ABANDONED.
    """
    stock = frames.read(db, "analytics/inputs/stock", as_of=as_of)
    orders = open_orders(frames.read(db, "analytics/inputs/orders", as_of=as_of), policies, as_of)
    return positions(stock, orders), orders


def open_orders(orders: pl.DataFrame, policies: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Open lines of inputs/orders.sql with what is still due, when, and how that counts; oldest due first."""
    plan = policies.select(*KEY, "lead_time_days", "protection_days")
    lines = orders.filter("open").join(plan, on=KEY, how="inner")
    usual = pl.col("order_date") + pl.duration(days=pl.col("lead_time_days").ceil().cast(pl.Int64))
    days = (pl.col("due") - pl.lit(as_of)).dt.total_days()
    state = (
        pl.when(days < -ABANDONED_AFTER_DAYS).then(pl.lit("ABANDONED"))
        .when(days < 0).then(pl.lit("LATE"))
        .when(days <= pl.col("protection_days")).then(pl.lit("IN_WINDOW"))
        .otherwise(pl.lit("LATER"))
    )  # fmt: skip
    return (
        lines.with_columns(
            order_ref=pl.concat_str("order_no", pl.lit("/"), "line_no"),
            remaining=pl.col("quantity") - pl.col("received_quantity"),
            due=pl.coalesce("expected_date", usual.cast(pl.Date)),
        )
        .with_columns(state=state)
        .select(*KEY, "order_ref", "supplier_id", "order_date", "due", "remaining", "state")
        .sort(*KEY, "due", "order_ref")
    )


def positions(stock: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """Stock and open orders added up per item-site, for those whose stock is known."""
    due = {
        "on_order": "IN_WINDOW",
        "on_order_late": "LATE",
        "on_order_later": "LATER",
        "on_order_abandoned": "ABANDONED",
    }
    sums = orders.group_by(KEY).agg(
        **{name: pl.col("remaining").filter(pl.col("state") == state).sum() for name, state in due.items()}
    )
    held = stock.join(sums, on=KEY, how="left", maintain_order="left").with_columns(pl.col(list(due)).fill_null(0.0))
    position = pl.col("on_hand") + pl.col("on_order") - pl.col("reserved") - pl.col("backorder")
    return held.with_columns(position=position, supply=position + pl.col("on_order_late"))
