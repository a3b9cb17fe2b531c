"""Planted dirt is where the log says, and nowhere else."""

from __future__ import annotations

import re

import polars as pl
import pytest

from nova_assets.demo.defects import KINDS, RATES
from tests.unit.demo.conftest import Home, make

DATE = re.compile(r"(0[1-9]|[12]\d|3[01])/(0[1-9]|1[0-2])/20\d\d")
NUMBER = re.compile(r"-?\d+(,\d+)?")
DATE_COLUMN = {"demand": "date", "purchase_orders": "order_date", "planned_work": "date"}


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Enough rows for every kind of defect."""
    return make(tmp_path_factory.mktemp("dirty"), scale=1500)


def known_items(home: Home) -> set[str]:
    items = pl.read_csv(home.landing / "items.csv", separator=";", encoding="latin-1", infer_schema=False)
    return set(items["item_code"])


def found(home: Home, feed: str) -> dict[tuple[str, int], str]:
    """(file, line) -> kind of every bad row of a feed, by looking at the files only; the later twin is the bad one."""
    codes, bad, before = known_items(home), {}, None
    for row in home.lines(feed).iter_rows(named=True):
        day, quantity = row[DATE_COLUMN[feed]], row["quantity"]
        fields = (row["file"], *(value for name, value in row.items() if name not in ("file", "line")))
        kind = None
        if not DATE.fullmatch(day) or day.startswith("31/02"):
            kind = "unreadable_date"
        elif not NUMBER.fullmatch(quantity):
            kind = "unreadable_number"
        elif quantity.startswith("-"):
            kind = "negative_quantity"
        elif quantity == "0":
            kind = "zero_quantity"
        elif row["item_code"] not in codes:
            kind = "unknown_item"
        elif fields == before:
            kind = "duplicate_row"
        if kind:
            bad[row["file"], row["line"]] = kind
        before = fields
    return bad


@pytest.mark.parametrize("feed", RATES)
def test_every_planted_row_is_found_and_no_other(dirty: Home, feed: str):
    log = dirty.defects().filter(feed=feed)
    assert {(file, line): kind for file, line, kind in log.select("file", "line", "kind").iter_rows()} == found(
        dirty, feed
    )


@pytest.mark.parametrize("feed", RATES)
def test_dirt_is_rare_and_of_every_kind(dirty: Home, feed: str):
    log = dirty.defects().filter(feed=feed)
    expected = RATES[feed] * dirty.made.rows[feed]
    assert abs(log.height - expected) < 4 * expected**0.5
    assert set(log["kind"]) <= set(KINDS[feed])
    if feed == "demand":
        assert set(log["kind"]) == set(KINDS[feed])


def test_square_metres_are_spelt_in_several_ways(dirty: Home):
    items = pl.read_csv(dirty.landing / "items.csv", separator=";", encoding="latin-1", infer_schema=False)
    log = dirty.defects().filter(kind="unit_spelling")
    assert [items["unit_measure"][line - 2] for line in log["line"]] == log["detail"].to_list()
    assert len(set(log["detail"])) >= 3
    assert set(items["unit_measure"]) - set(log["detail"]) == {"UN", "M", "M2", "SV"}


def test_outcomes_are_those_of_the_contract(dirty: Home):
    outcomes = dict(dirty.defects().select("kind", "outcome").unique().iter_rows())
    assert outcomes["unknown_item"] == "placeholder"
    assert outcomes["unit_spelling"] == "normalised"
    refused = dirty.defects().filter(outcome="rejected")
    assert dict(refused.select("kind", "reason").unique().iter_rows()) == {
        "negative_quantity": "non_positive_quantity",
        "zero_quantity": "non_positive_quantity",
        "unreadable_date": "unreadable_date",
        "unreadable_number": "unreadable_number",
        "duplicate_row": "duplicate_row",
    }


def test_reported_count_is_the_log(dirty: Home):
    assert dirty.made.defects == dirty.defects().height
