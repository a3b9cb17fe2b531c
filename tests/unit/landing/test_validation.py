"""Every row is accepted or refused once, with the reason that the contract names."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nova_assets.staging.feeds import feed
from nova_assets.staging.validation import FILE, FILE_DATE, Reading, SeenKeys, Validator

TODAY = date(2026, 11, 21)


def check(name: str, *rows: dict[str, object], file_date: date | None = None, **signs: str):
    """(accepted rows, refused (line, reason, column, detail)) of rows on lines 2, 3, …"""
    columns = {key: None for row in rows for key in row}
    frame = pl.DataFrame({key: [row.get(key) for row in rows] for key in columns}, strict=False).with_columns(
        pl.lit(1).alias(FILE),
        pl.lit(file_date, dtype=pl.Date).alias(FILE_DATE),
        pl.int_range(2, len(rows) + 2).alias("_line"),
    )
    validator = Validator(feed(name, ""), TODAY, "America/Bahia")
    accepted, refused = validator.check(frame, Reading(signs))  # pyright: ignore[reportArgumentType]
    assert accepted.height + refused.height == len(rows)
    return accepted, refused.select("_line", "_reason", "_column", "_detail").rows()


def demand(**changes: object) -> dict[str, object]:
    return {"date": "2026-11-20", "item_code": "010.101", "site_code": "SSA-01", "quantity": "5"} | changes


@pytest.mark.parametrize(
    ("changes", "reason", "column", "detail"),
    [
        ({"date": None}, "missing_required", "date", None),
        ({"item_code": "  "}, "missing_required", "item_code", None),
        ({"date": "31/02/2026"}, "unreadable_date", "date", "31/02/2026"),
        ({"date": "1980-01-01"}, "date_out_of_range", "date", "1980-01-01"),
        ({"date": "2026-11-23"}, "date_out_of_range", "date", "2026-11-23"),
        ({"quantity": "dois"}, "unreadable_number", "quantity", "dois"),
        ({"quantity": "NaN"}, "non_finite", "quantity", "NaN"),
        ({"quantity": "0"}, "non_positive_quantity", "quantity", "0"),
        ({"quantity": "0.00001"}, "non_positive_quantity", "quantity", "0.00001"),
        ({"quantity": "-2"}, "non_positive_quantity", "quantity", "-2"),
        ({"quantity": "1e15"}, "value_out_of_range", "quantity", "1e15"),
        ({"fulfilled_quantity": "-1"}, "negative_value", "fulfilled_quantity", "-1"),
        ({"demand_type": "PAINTING"}, "unknown_value", "demand_type", "PAINTING"),
        ({"document_no": "x" * 201}, "too_long", "document_no", "x" * 200),
        ({"item_code": "a\0b"}, "unreadable_text", "item_code", None),
    ],
)
def test_reason_of_a_refused_demand_line(changes, reason, column, detail) -> None:
    accepted, refused = check("demand", demand(), demand(**changes))
    assert refused == [(3, reason, column, detail)]
    assert accepted["_line"].to_list() == [2]


def test_the_first_column_at_fault_names_the_reason() -> None:
    assert check("demand", demand(date="x", quantity="y"))[1] == [(2, "unreadable_date", "date", "x")]


def test_words_of_the_erp_become_the_contracts() -> None:
    accepted, _ = check("demand", demand(demand_type="Corretiva"), demand(demand_type="INSPEÇÃO"))
    assert accepted["demand_type"].to_list() == ["CORRECTIVE", "INSPECTION"]
    items = [
        {"item_code": "1", "unit_measure": u, "active": a, "item_kind": "Serviço"}
        for u, a in (("m²", "Não"), ("pç", "S"))
    ]
    accepted, _ = check("items", *items)
    assert accepted.select("unit_measure", "active", "item_kind").rows() == [
        ("M2", False, "SERVICE"),
        ("UN", True, "SERVICE"),
    ]


def test_demand_lines_repeat_but_stocks_do_not() -> None:
    assert check("demand", demand(), demand())[1] == []
    stock = {"date": "2026-11-20", "item_code": "1", "site_code": "S", "on_hand": "3"}
    accepted, refused = check("inventory", stock, stock | {"on_hand": "4"}, stock | {"site_code": "T"})
    assert refused == [(3, "duplicate_row", "date", None)]
    assert accepted["on_hand"].to_list() == [3, 3]


def test_an_order_is_known_since_its_files_date_or_its_own() -> None:
    order = {"order_no": "1", "line_no": "1", "item_code": "1", "site_code": "S", "supplier_code": "F", "quantity": "1"}
    order["order_date"] = "2026-11-03"
    assert check("purchase_orders", order)[0]["known_on"].to_list() == [date(2026, 11, 3)]
    known = check("purchase_orders", order, file_date=date(2026, 11, 10))[0]["known_on"]
    assert known.to_list() == [date(2026, 11, 10)]


def test_a_files_own_date_is_never_in_the_future() -> None:
    assert check("demand", demand(date="2027-01-15"), file_date=date(2027, 1, 15))[1] == []


def test_terms_that_end_before_they_begin_are_refused() -> None:
    terms = {"item_code": "1", "supplier_code": "F", "valid_from": "02/01/2026", "valid_to": "01/01/2026"}
    assert check("item_sources", terms)[1] == [(2, "dates_out_of_order", "valid_to", "2026-01-01")]


def test_typed_files_are_read_as_they_are() -> None:
    evening = datetime(2026, 11, 20, 1, 30, tzinfo=ZoneInfo("UTC"))
    rows = [demand(date=evening, item_code=85123.0, quantity=2.5), demand(date=evening, item_code=1.5, quantity=None)]
    accepted, refused = check("demand", *rows)
    assert accepted.select("date", "item_code", "quantity").rows() == [(date(2026, 11, 19), "85123", 2.5)]
    assert refused == [(3, "missing_required", "quantity", None)]


def test_decimal_sign_of_the_column_is_obeyed() -> None:
    accepted, refused = check("demand", demand(quantity="1.234,5"), demand(quantity="12.5"), quantity=",")
    assert accepted["quantity"].to_list() == [1234.5]
    assert refused == [(3, "unreadable_number", "quantity", "12.5")]


@given(st.lists(st.lists(st.integers(0, 30), max_size=20), max_size=20))
def test_seen_keys_remember_over_batches(batches: list[list[int]]) -> None:
    keys, before = SeenKeys(), set()
    for batch in batches:
        expected = []
        for value in batch:
            expected.append(value in before)
            before.add(value)
        assert keys.add(pl.Series(batch, dtype=pl.UInt64)).to_list() == expected
