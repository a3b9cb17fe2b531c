"""Supplier scorecard on orders whose figures can be worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from nova_assets.analytics.supplier_scorecard import scorecard

AS_OF = date(2026, 6, 30)


def day(ago: int | None) -> date | None:
    return None if ago is None else AS_OF - timedelta(days=ago)


def line(
    ordered: int, promised: int | None, received: int | None, quantity=10.0, got=None, price=5.0, **given: object
) -> dict:
    """An order line; times in days before the as-of."""
    got = (quantity if received is not None else 0.0) if got is None else got
    return {
        "item_id": 1, "supplier_id": 7, "family": "F", "order_date": day(ordered), "expected_date": day(promised),
        "received_date": day(received), "quantity": quantity, "received_quantity": got, "unit_price": price,
        "cancelled": False, "open": received is None,
    } | given  # fmt: skip


def frame(*lines: dict) -> pl.DataFrame:
    dates = dict.fromkeys(("order_date", "expected_date", "received_date"), pl.Date)
    return pl.DataFrame(list(lines), schema_overrides=dates)


def one(*lines: dict) -> dict:
    (row,) = scorecard(frame(*lines), AS_OF).to_dicts()
    return row


def test_promises_kept_quantities_delivered_and_what_is_open():
    row = one(line(100, 80, 82), line(90, 70, 70), line(60, 40, 35, got=8.0), line(50, 30, 29), line(20, 5, None))
    assert (row["orders"], row["receipts"], row["open_orders"], row["late_orders"]) == (5, 4, 1, 1)
    assert row["on_time_share"] == 0.5 and row["promised_days"] == 20
    assert row["quantity_accuracy"] == pytest.approx((1 + 1 + 0.8 + 1) / 4)


def test_an_open_order_lengthens_the_tail():
    quick = [line(300 - 10 * k, 280 - 10 * k, 290 - 10 * k) for k in range(10)]
    kept, waiting = one(*quick), one(*quick, line(90, 80, None), line(95, 80, None))
    assert kept["p50_days"] == 10 and kept["p95_days"] <= 12
    assert waiting["mean_days"] > kept["mean_days"]


def test_price_drift_weighs_materials_by_what_was_spent():
    row = one(
        line(300, None, 290, price=10.0), line(30, None, 20, price=11.0, quantity=100.0),
        line(300, None, 290, price=10.0, item_id=2), line(30, None, 20, price=20.0, item_id=2, quantity=1.0),
        line(30, None, 20, price=99.0, item_id=3),
    )  # fmt: skip
    assert row["price_drift"] == pytest.approx((0.1 * 1100 + 1.0 * 20) / 1120)
    assert row["on_time_share"] is None


def test_old_and_cancelled_orders_do_not_count():
    orders = frame(line(800, 780, 770), line(10, 5, None, supplier_id=8, cancelled=True))
    assert scorecard(orders, AS_OF).is_empty()
