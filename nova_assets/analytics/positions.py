"""Inventory position of every item-site: what is there, what is coming and when, what is promised already.

Position = on hand + open orders expected inside the protection period + approved orders that the ERP has not seen yet -
reserved - backorder. Orders past their promised day are left out of the position and shown beside it; they still count
as on the way when it comes to ordering more.

A decision counts from the day on which it was taken, as seen from a later as-of, until an order of the same material
and site arrives in the ERP, is received or withdrawn, or APPROVED_COUNTS_DAYS have passed: what nobody ordered by then
was forgotten, and is advised again. A transfer counts the same at both ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from nova_assets.analytics import frames
from nova_resources.postgres import Database

ABANDONED_AFTER_DAYS = 180
"""An order this late is one that nobody closed: it stays visible and counts for nothing."""

APPROVED_COUNTS_DAYS = 14
"""Days for which a decision is waited for in the ERP."""

COMING = ["REORDER", "REALLOCATE", "SUBSTITUTE"]
"""Actions that bring material; the others are settled once somebody has said a word about them."""

KEY = ["item_id", "site_id"]


@dataclass(frozen=True)
class Decided:
    """What people decided in the last APPROVED_COUNTS_DAYS: quantities on the way (item_id, site_id, action, quantity,
    decided_on; negative for what a site gives) and lines that are settled, so that nobody is asked again the next day
    (item_id, site_id, action, order_ref)."""

    incoming: pl.DataFrame
    settled: frozenset[tuple[int, int, str, str]]


def load_positions(db: Database, as_of: date, policies: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(positions, open orders) of the item-sites of `policies` (item_id, site_id, lead_time_days, protection_days).

    Positions: stock_date, on_hand, reserved, backorder, on_order, on_order_approved, on_order_late, on_order_later,
    on_order_abandoned, position (without late orders) and supply (with them); only item-sites whose stock is known.
    Open orders: order_ref, supplier_id, supplier_code, remaining, due (promised day, else order date + lead time),
    state IN_WINDOW, LATE, LATER, ABANDONED.
    """
    stock = frames.read(db, "analytics/inputs/stock", as_of=as_of)
    orders = open_orders(frames.read(db, "analytics/inputs/orders", as_of=as_of), policies, as_of)
    return positions(stock, orders, load_decided(db, as_of).incoming), orders


def load_decided(db: Database, as_of: date) -> Decided:
    """What people had decided by a date."""
    told = frames.read(db, "analytics/inputs/decided", as_of=as_of, counts_days=APPROVED_COUNTS_DAYS)
    return decisions_in_force(told, frames.read(db, "analytics/inputs/decision_pairs", as_of=as_of))


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
        .select(*KEY, "order_ref", "supplier_id", "supplier_code", "order_date", "due", "remaining", "state")
        .sort(*KEY, "due", "order_ref")
    )


def decisions_in_force(told: pl.DataFrame, pairs: pl.DataFrame) -> Decided:
    """Rows of inputs/decided.sql as quantities on the way, a transfer at both its ends, and settled lines."""
    coming = told.filter(pl.col("action").is_in(COMING) & (pl.col("open_quantity") > 0)).select(
        *KEY, "action", "from_site_code", "decided_on", quantity="open_quantity"
    )
    given = (
        coming.filter(pl.col("action") == "REALLOCATE")
        .drop("site_id")
        .join(pairs.select(*KEY, from_site_code="site_code"), on=["item_id", "from_site_code"], how="inner")
        .with_columns(quantity=-pl.col("quantity"))
        .select(coming.columns)
    )
    quiet = told.filter(~pl.col("action").is_in(COMING) | (pl.col("state") == "REJECTED"))
    lines = quiet.select(*KEY, "action", "order_ref").iter_rows()
    return Decided(pl.concat([coming, given]).drop("from_site_code"), frozenset(lines))


def positions(stock: pl.DataFrame, orders: pl.DataFrame, incoming: pl.DataFrame) -> pl.DataFrame:
    """Stock, open orders and decisions added up per item-site, for those whose stock is known."""
    due = {
        "on_order": "IN_WINDOW",
        "on_order_late": "LATE",
        "on_order_later": "LATER",
        "on_order_abandoned": "ABANDONED",
    }
    sums = orders.group_by(KEY).agg(
        **{name: pl.col("remaining").filter(pl.col("state") == state).sum() for name, state in due.items()}
    )
    approved = incoming.group_by(KEY).agg(on_order_approved=pl.col("quantity").sum())
    held = (
        stock.join(sums, on=KEY, how="left", maintain_order="left")
        .join(approved, on=KEY, how="left", maintain_order="left")
        .with_columns(pl.col(*due, "on_order_approved").fill_null(0.0))
    )
    coming = pl.col("on_order") + pl.col("on_order_approved")
    position = pl.col("on_hand") + coming - pl.col("reserved") - pl.col("backorder")
    return held.with_columns(position=position, supply=position + pl.col("on_order_late"))
