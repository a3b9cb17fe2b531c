"""Inventory position: what counts as on the way, and when."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from nova_assets.analytics.positions import ABANDONED_AFTER_DAYS, decisions_in_force, open_orders, positions

AS_OF = date(2026, 11, 20)
POLICIES = pl.DataFrame({"item_id": [1], "site_id": [1], "lead_time_days": [20.0], "protection_days": [30.0]})


def orders(*lines: tuple[str, int | None, float, float, bool]) -> pl.DataFrame:
    """(order, days until the promised day or None, quantity, received, open) for material 1 at site 1."""
    schema = {
        "item_id": pl.Int64, "site_id": pl.Int64, "supplier_id": pl.Int64, "supplier_code": pl.String,
        "order_no": pl.String, "line_no": pl.String,
        "order_date": pl.Date, "expected_date": pl.Date, "quantity": pl.Float64, "received_quantity": pl.Float64,
        "open": pl.Boolean,
    }  # fmt: skip
    rows = [
        (
            1,
            1,
            7,
            "F7",
            name,
            "1",
            AS_OF - timedelta(days=25),
            None if due is None else AS_OF + timedelta(days=due),
            *rest,
        )
        for name, due, *rest in lines
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


PAIRS = pl.DataFrame({"item_id": [1, 1], "site_id": [1, 2], "site_code": ["S1", "S2"]})


def decided(*rows: tuple) -> pl.DataFrame:
    """(site, action, order_ref, state, open quantity, giving site) of decisions about material 1."""
    schema = {
        "item_id": pl.Int64, "site_id": pl.Int64, "action": pl.String, "order_ref": pl.String, "state": pl.String,
        "open_quantity": pl.Float64, "from_site_code": pl.String, "decided_on": pl.Date,
    }  # fmt: skip
    return pl.DataFrame([(1, *row, AS_OF) for row in rows], schema=schema, orient="row")


NOTHING = decisions_in_force(decided(), PAIRS).incoming


def stock(on_hand: float, reserved: float = 0.0, backorder: float = 0.0) -> pl.DataFrame:
    row = {"item_id": 1, "site_id": 1, "stock_date": AS_OF, "on_hand": on_hand, "reserved": reserved}
    return pl.DataFrame([row | {"backorder": backorder}])


def test_orders_count_by_their_promised_day() -> None:
    found = open_orders(
        orders(
            ("TODAY", 0, 10, 0, True),
            ("EDGE", 30, 10, 0, True),
            ("FAR", 31, 10, 0, True),
            ("LATE", -1, 10, 4, True),
            ("OLD", -ABANDONED_AFTER_DAYS - 1, 10, 0, True),
            ("DONE", 5, 10, 10, False),
            ("UNPROMISED", None, 10, 0, True),
        ),
        POLICIES,
        AS_OF,
    )
    assert dict(zip(found["order_ref"], found["state"], strict=True)) == {
        "OLD/1": "ABANDONED",
        "UNPROMISED/1": "LATE",  # ordered 25 days ago, the lead time is 20
        "LATE/1": "LATE",
        "TODAY/1": "IN_WINDOW",
        "EDGE/1": "IN_WINDOW",
        "FAR/1": "LATER",
    }
    assert found["due"].is_sorted()
    assert found.filter(pl.col("order_ref") == "LATE/1")["remaining"].to_list() == [6]


def test_position_is_dated_and_true() -> None:
    lines = open_orders(
        orders(("A", 3, 9, 0, True), ("LATE", -2, 5, 0, True), ("FAR", 90, 50, 0, True), ("OLD", -400, 7, 0, True)),
        POLICIES,
        AS_OF,
    )
    (row,) = positions(stock(8, reserved=3, backorder=1), lines, NOTHING).to_dicts()
    assert row["position"] == 8 + 9 - 3 - 1
    assert row["supply"] == row["position"] + 5
    assert (row["on_order"], row["on_order_late"], row["on_order_later"], row["on_order_abandoned"]) == (9, 5, 50, 7)


def test_without_orders_the_position_is_what_is_free() -> None:
    (row,) = positions(stock(8, reserved=3), open_orders(orders(), POLICIES, AS_OF), NOTHING).to_dicts()
    assert (row["position"], row["supply"], row["on_order"]) == (5, 5, 0)


def test_only_item_sites_with_a_known_stock_have_a_position() -> None:
    lines = open_orders(orders(("A", 3, 9, 0, True)), POLICIES, AS_OF)
    assert positions(stock(1).clear(), lines, NOTHING).is_empty()


def test_what_was_approved_is_on_order_until_the_erp_has_it() -> None:
    told = decided((1, "REORDER", "", "APPROVED", 6.0, None))
    found = decisions_in_force(told, PAIRS)
    (row,) = positions(stock(8), open_orders(orders(), POLICIES, AS_OF), found.incoming).to_dicts()
    assert (row["on_order_approved"], row["position"], row["supply"]) == (6, 14, 14)
    assert not found.settled


def test_a_transfer_counts_at_both_of_its_ends() -> None:
    found = decisions_in_force(decided((1, "REALLOCATE", "", "EXPORTED", 4.0, "S2")), PAIRS)
    sums = {row["site_id"]: row["quantity"] for row in found.incoming.to_dicts()}
    assert sums == {1: 4.0, 2: -4.0}


def test_what_brings_nothing_is_settled_once_somebody_spoke() -> None:
    told = decided(
        (1, "EXPEDITE", "P1/1", "APPROVED", 5.0, None),
        (1, "REDUCE", "", "APPROVED", 9.0, None),
        (2, "REALLOCATE", "", "REJECTED", 0.0, "S1"),
    )
    found = decisions_in_force(told, PAIRS)
    assert found.incoming.is_empty()
    assert found.settled == {(1, 1, "EXPEDITE", "P1/1"), (1, 1, "REDUCE", ""), (1, 2, "REALLOCATE", "")}
