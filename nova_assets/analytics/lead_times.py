"""Lead-time profiles of every material and supplier, by stage of the order's way."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa

from nova_assets.analytics import Tools, frames
from nova_assets.science import leadtimes
from nova_assets.science.quantiles import GRID
from nova_resources.postgres import Database
from nova_resources.tables import Window

STAGES = {
    "REQUEST_TO_ORDER": ("requested_date", "order_date"),
    "ORDER_TO_RECEIPT": ("order_date", "received_date"),
    "REQUEST_TO_RECEIPT": ("requested_date", "received_date"),
}
AGREED = "agreed"
PAIR = ["item_id", "supplier_id"]


def compute_lead_time_profiles(db: Database, window: Window, tools: Tools | None = None) -> pa.Table:
    """analytics.lead_time_profiles of the window's last day."""
    as_of = frames.as_of_date(window)
    orders = frames.read(db, "analytics/inputs/orders", as_of=as_of).filter(~pl.col("cancelled"))
    agreed = frames.read(db, "analytics/inputs/agreed_lead_times", as_of=as_of)
    profiles = _profiles(orders, agreed, as_of)
    share = _on_time(orders)
    table = profiles.join(share, on=PAIR, how="left", maintain_order="left")
    on_time = pl.when(pl.col("stage") != "REQUEST_TO_ORDER").then(pl.col("on_time_share"))
    table = table.with_columns(on_time_share=on_time).sort(*PAIR, "stage")
    return frames.rows_of("analytics.lead_time_profiles", as_of, table.to_dict())


def _profiles(orders: pl.DataFrame, agreed: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One row per stage and pair that was ever ordered or is on sale; stages without any evidence have no rows."""
    spans = _spans(orders)
    fitted = leadtimes.lead_time_profiles(spans, as_of)
    pairs = pl.concat([orders.select(*PAIR, "family"), agreed.select(*PAIR, "family")]).unique().sort(PAIR)
    stages = pl.DataFrame({"stage": list(STAGES)})
    found = leadtimes.profiles_for(pairs.join(stages, how="cross"), fitted).drop_nulls("level")
    measured = found.filter(pl.col("level") != "global").with_columns(pooled_level=_pool())
    promised = _agreed(pairs, agreed, found)
    used = promised.select(*PAIR, "stage")
    unknown = (
        found.filter(pl.col("level") == "global")
        .join(used, on=[*PAIR, "stage"], how="anti")
        .with_columns(pooled_level=pl.lit("global"))
    )
    columns = [*PAIR, "stage", "receipts", "open_orders", "mean_days", "sd_days", "quantile_levels", "quantile_values"]
    own = (pl.col("level") == "item").cast(pl.Int64)
    tables = [
        part.with_columns(receipts=pl.col("n") * own, open_orders=pl.col("n_open") * own)
        for part in (measured, unknown)
    ]
    return pl.concat([t.select(*columns, "borrowed_share", "pooled_level") for t in (*tables, promised)])


def _spans(orders: pl.DataFrame) -> pl.DataFrame:
    """One row per order line and stage whose begin is known."""
    return pl.concat(
        orders.select(*PAIR, "family", stage=pl.lit(stage), start_date=pl.col(begin), end_date=pl.col(end)).drop_nulls(
            "start_date"
        )
        for stage, (begin, end) in STAGES.items()
    )


def _pool() -> pl.Expr:
    """The pool next above the pair's own receipts, NULL where those speak (almost) alone."""
    nearest = pl.when(pl.col("level") == "item").then(pl.lit("family")).otherwise(pl.col("level"))
    return pl.when(pl.col("borrowed_share") >= 0.05).then(nearest)


def _agreed(pairs: pl.DataFrame, agreed: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Pairs whose supplier has delivered nothing yet: the agreed time, after the company's own way to the order.

    A promise says more about a new supplier than the mean of all the others.
    """
    known = found.filter(pl.col("level") != "global").filter(pl.col("stage") == "ORDER_TO_RECEIPT").select(PAIR)
    fresh = agreed.drop_nulls("agreed_days").join(known, on=PAIR, how="anti")
    inner = found.filter(pl.col("stage") == "REQUEST_TO_ORDER")
    way = fresh.join(inner.select(*PAIR, "mean_days", "sd_days", "quantile_values"), on=PAIR, how="inner")
    parts = [
        _promise(
            fresh, "ORDER_TO_RECEIPT", np.zeros((len(fresh), len(GRID))), np.zeros(len(fresh)), np.zeros(len(fresh))
        ),
        _promise(
            way,
            "REQUEST_TO_RECEIPT",
            np.vstack(way["quantile_values"].to_list()) if len(way) else np.zeros((0, len(GRID))),
            way["mean_days"].to_numpy(),
            way["sd_days"].to_numpy(),
        ),
    ]
    return pl.concat(parts)


def _promise(pairs: pl.DataFrame, stage: str, before: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> pl.DataFrame:
    """Agreed days behind a stretch whose quantiles (n, Q), mean and sd are `before`, `mean` and `sd`."""
    days = pairs["agreed_days"].to_numpy().astype(float)
    values = days[:, None] + before
    return pl.DataFrame(
        {
            "item_id": pairs["item_id"],
            "supplier_id": pairs["supplier_id"],
            "stage": pl.Series([stage] * len(pairs), dtype=pl.String),
            "receipts": pl.zeros(len(pairs), dtype=pl.Int64, eager=True),
            "open_orders": pl.zeros(len(pairs), dtype=pl.Int64, eager=True),
            "mean_days": days + mean,
            "sd_days": sd.astype(float),
            "quantile_levels": pl.Series([list(GRID)] * len(pairs), dtype=pl.List(pl.Float64)),
            "quantile_values": pl.Series(values.tolist(), dtype=pl.List(pl.Float64)),
            "borrowed_share": pl.ones(len(pairs), dtype=pl.Float64, eager=True),
            "pooled_level": pl.Series([AGREED] * len(pairs), dtype=pl.String),
        }
    )


def _on_time(orders: pl.DataFrame) -> pl.DataFrame:
    """Share of each pair's receipts with a promise that came on or before the promised day."""
    received = orders.drop_nulls(["received_date", "expected_date"])
    on_time = (pl.col("received_date") <= pl.col("expected_date")).mean()
    return received.group_by(PAIR).agg(on_time_share=on_time)
