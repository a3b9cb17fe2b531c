"""Headers match loosely where that leaves no doubt, and say what to do where it does."""

from __future__ import annotations

import pytest

from nova_assets.staging.headers import match
from nova_resources.landing import FileError

WANTED = ["date", "item_code", "quantity", "document_no"]
REQUIRED = ["date", "item_code", "quantity"]


def test_case_accents_spaces_and_order_do_not_matter() -> None:
    found = match("f.csv", [" Quantity", "ITEM CODE", "Dáte", "other"], WANTED, REQUIRED, 1)
    assert found == {"date": 2, "item_code": 1, "quantity": 0}


def test_the_exact_name_goes_before_a_similar_one() -> None:
    assert match("f.csv", ["Date", "date", "item_code", "quantity"], WANTED, REQUIRED, 1)["date"] == 1


def test_two_candidates_are_refused() -> None:
    with pytest.raises(FileError, match=r"line 3, column item_code: columns 'Item code' and 'ITEM-CODE' are both"):
        match("f.csv", ["date", "Item code", "ITEM-CODE", "quantity"], WANTED, REQUIRED, 3)


def test_a_missing_column_lists_what_is_there_and_the_nearest_name() -> None:
    with pytest.raises(FileError) as caught:
        match("demand/f.csv", ["date", "item_cod", "quantity"], WANTED, REQUIRED, 1)
    assert str(caught.value) == (
        "demand/f.csv, line 1, column item_code: required column item_code missing; found: date, item_cod, quantity. "
        "Rename 'item_cod' to 'item_code', or load the file with a mapping"
    )
