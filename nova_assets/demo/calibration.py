"""`stats`: the generated company measured against the figures it is calibrated to.

References: the company's own thirteen months of requisitions (demand classes of the codes by month, share of services,
internal buying cycle) and the service figures it set out from (5.2 % stock-outs, 8.1 % late orders).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from nova_assets.science.classes import ADI_CUT, CV2_CUT

CLASS_MONTHS = 13
# figure: (reference, lowest, highest value that counts as calibrated at the default scale)
REFERENCES: dict[str, tuple[float, float, float]] = {
    "codes_in_one_month": (0.48, 0.33, 0.52),
    "codes_intermittent": (0.33, 0.29, 0.44),
    "codes_lumpy": (0.18, 0.11, 0.24),
    "codes_smooth_or_erratic": (0.001, 0.0, 0.10),
    "service_line_share": (0.19, 0.15, 0.23),
    "stockout_rate": (0.052, 0.035, 0.070),
    "late_order_share": (0.081, 0.055, 0.105),
    "internal_cycle_median_days": (6.0, 5.0, 7.0),
    "internal_cycle_mean_days": (12.5, 11.0, 14.0),
}


def stats(landing: Path, truth: Path) -> pl.DataFrame:
    """One row per figure: figure, value, reference, low, high, within. Class shares need thirteen months of history.

    Stock-out rate: share of stocked item-site-days whose shelf is empty at close. Late: received after the latest
    promise, of the lines received in the range. Cycle: calendar days from request to order.
    """
    values = {**_classes(truth), **_service_share(landing), **_stockout_rate(landing, truth), **_orders(truth)}
    rows = [(name, values[name], *REFERENCES[name]) for name in REFERENCES]
    frame = pl.DataFrame(rows, schema=["figure", "value", "reference", "low", "high"], orient="row")
    return frame.with_columns(within=pl.col("value").is_between("low", "high"))


def monthly_classes(demand: pl.DataFrame, last: date) -> pl.DataFrame:
    """item_code and class over the thirteen months that end with `last`'s, of the items with recorded demand there."""
    month = pl.col("date").dt.truncate("1mo")
    since = pl.lit(last).dt.truncate("1mo").dt.offset_by(f"-{CLASS_MONTHS - 1}mo")
    monthly = (
        demand.filter("recorded")
        .filter(month >= since)
        .group_by("item_code", month=month)
        .agg(pl.col("quantity").sum())
    )
    seen = monthly.group_by("item_code").agg(
        months=pl.len(),
        adi=CLASS_MONTHS / pl.len(),
        cv2=(pl.col("quantity").std(ddof=0) / pl.col("quantity").mean()) ** 2,
    )
    sparse, varied = pl.col("adi") >= ADI_CUT, pl.col("cv2") >= CV2_CUT
    label = (
        pl.when(pl.col("months") == 1)
        .then(pl.lit("one_month"))
        .when(sparse & varied)
        .then(pl.lit("lumpy"))
        .when(sparse)
        .then(pl.lit("intermittent"))
        .otherwise(pl.lit("smooth_or_erratic"))
    )
    return seen.select("item_code", demand_class=label)


def _classes(truth: Path) -> dict[str, float]:
    demand = pl.read_parquet(truth / "demand.parquet")
    last = demand["date"].max()
    assert isinstance(last, date), "a demonstration has demand"
    classes = monthly_classes(demand, last)["demand_class"]
    names = {
        "codes_in_one_month": "one_month",
        "codes_intermittent": "intermittent",
        "codes_lumpy": "lumpy",
        "codes_smooth_or_erratic": "smooth_or_erratic",
    }
    return {figure: float((classes == name).sum()) / len(classes) for figure, name in names.items()}


def _service_share(landing: Path) -> dict[str, float]:
    lines = pl.read_csv(landing / "demand" / "*.csv", separator=";", infer_schema=False, columns=["item_code"])
    return {"service_line_share": float(lines["item_code"].str.starts_with("900.").sum()) / lines.height}


def _stockout_rate(landing: Path, truth: Path) -> dict[str, float]:
    stocked = sum(pq.read_metadata(path).num_rows for path in (landing / "inventory").glob("*.parquet"))
    return {"stockout_rate": pl.read_parquet(truth / "stockouts.parquet").height / stocked}


def _orders(truth: Path) -> dict[str, float]:
    orders = pl.read_parquet(truth / "orders.parquet")
    last = pl.read_parquet(truth / "moves.parquet")["date"].max()
    arrived = orders.filter(pl.col("received") <= last)
    cycle = orders.filter(pl.col("ordered") <= last).select((pl.col("ordered") - pl.col("requested")).dt.total_days())
    return {
        "late_order_share": float(arrived.select((pl.col("received") > pl.col("promised_then")).mean()).item()),
        "internal_cycle_median_days": float(cycle.to_series().median()),  # pyright: ignore[reportArgumentType]
        "internal_cycle_mean_days": float(cycle.to_series().mean()),  # pyright: ignore[reportArgumentType]
    }
