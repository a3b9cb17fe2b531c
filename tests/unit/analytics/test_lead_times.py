"""Lead-time profiles: stages, receipts that speak for themselves, promises where nothing was ever delivered."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from nova_assets.analytics.lead_times import STAGES, _on_time, _profiles

AS_OF = date(2026, 6, 1)
SCHEMA = {
    "item_id": pl.Int64, "supplier_id": pl.Int64, "family": pl.String, "requested_date": pl.Date,
    "order_date": pl.Date, "expected_date": pl.Date, "received_date": pl.Date,
}  # fmt: skip


def orders(*lines: tuple[int, int, int, int | None, int]) -> pl.DataFrame:
    """(item, supplier, days from request to order, days from order to receipt or None, promised days)."""
    placed = AS_OF - timedelta(days=100)
    rows = [
        (
            item, supplier, "F", placed - timedelta(days=before), placed, placed + timedelta(days=promised),
            None if took is None else placed + timedelta(days=took),
        )
        for item, supplier, before, took, promised in lines
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def agreed(*rows: tuple[int, int, float | None]) -> pl.DataFrame:
    schema = {"item_id": pl.Int64, "supplier_id": pl.Int64, "family": pl.String, "agreed_days": pl.Float64}
    return pl.DataFrame([(item, supplier, "F", days) for item, supplier, days in rows], schema=schema, orient="row")


def row_of(profiles: pl.DataFrame, item: int, supplier: int, stage: str) -> dict:
    wanted = (pl.col("item_id") == item) & (pl.col("supplier_id") == supplier) & (pl.col("stage") == stage)
    (row,) = profiles.filter(wanted).to_dicts()
    return row


def test_every_pair_has_every_stage_once() -> None:
    found = _profiles(orders((1, 7, 5, 20, 20), (2, 8, 5, None, 20)), agreed((1, 7, 20.0), (3, 7, 15.0)), AS_OF)
    assert found.select("item_id", "supplier_id", "stage").is_duplicated().sum() == 0
    assert len(found) == 3 * len(STAGES)


def test_many_receipts_speak_for_themselves() -> None:
    found = _profiles(orders(*[(1, 7, 5, 20, 20)] * 40, *[(2, 8, 5, 60, 20)] * 40), agreed(), AS_OF)
    row = row_of(found, 1, 7, "ORDER_TO_RECEIPT")
    assert (row["receipts"], row["open_orders"]) == (40, 0)
    assert row["mean_days"] == pytest.approx(20, abs=1.5)
    assert row["borrowed_share"] < 0.2
    assert row_of(found, 1, 7, "REQUEST_TO_RECEIPT")["mean_days"] == pytest.approx(25, abs=1.5)


def test_open_orders_are_censored_not_ignored() -> None:
    done = [(1, 7, 5, 20, 20)] * 10
    with_open = _profiles(orders(*done, *[(1, 7, 5, None, 20)] * 10), agreed(), AS_OF)
    without = _profiles(orders(*done), agreed(), AS_OF)
    row = row_of(with_open, 1, 7, "ORDER_TO_RECEIPT")
    assert row["open_orders"] == 10
    assert row["mean_days"] >= row_of(without, 1, 7, "ORDER_TO_RECEIPT")["mean_days"]


def test_a_promise_serves_until_the_supplier_has_delivered() -> None:
    found = _profiles(orders(*[(1, 7, 6, 20, 20)] * 20), agreed((2, 9, 33.0)), AS_OF)
    order = row_of(found, 2, 9, "ORDER_TO_RECEIPT")
    assert (order["mean_days"], order["sd_days"], order["pooled_level"]) == (33.0, 0.0, "agreed")
    whole, inner = row_of(found, 2, 9, "REQUEST_TO_RECEIPT"), row_of(found, 2, 9, "REQUEST_TO_ORDER")
    assert whole["mean_days"] == pytest.approx(33.0 + inner["mean_days"])
    assert np.diff(whole["quantile_values"]).min() >= 0


def test_without_any_orders_only_promises_are_told() -> None:
    found = _profiles(orders(), agreed((2, 9, 33.0), (3, 9, None)), AS_OF)
    assert found.select("item_id", "stage", "mean_days").rows() == [(2, "ORDER_TO_RECEIPT", 33.0)]


def test_on_time_share_counts_receipts_with_a_promise() -> None:
    share = _on_time(orders((1, 7, 5, 20, 20), (1, 7, 5, 21, 20), (1, 7, 5, None, 20)))
    assert share.rows() == [(1, 7, 0.5)]
