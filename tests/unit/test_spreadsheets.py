"""Cells of a CSV that a spreadsheet would run become text, one by one and in whole tables alike."""

from __future__ import annotations

import pyarrow as pa
import pytest

from nova_resources.spreadsheets import FORMULA_SIGNS, quoted, quoted_table


@pytest.mark.parametrize("text", [pa.string(), pa.large_string()])
def test_text_that_would_run_is_quoted_and_nothing_else_changes(text: pa.DataType) -> None:
    words = [*(f"{sign}SUM(A1)" for sign in FORMULA_SIGNS), "plain", "", "a=b", "'quoted", None, "a\n=b"]
    rows = pa.table({"words": pa.array(words, text), "number": [-1.0] * len(words)})
    found = quoted_table(rows)
    assert found.schema == rows.schema
    assert found["words"].to_pylist() == [None if one is None else quoted(one) for one in words]
    assert found["words"].to_pylist()[len(FORMULA_SIGNS) :] == words[len(FORMULA_SIGNS) :]
    assert all(one.startswith("'") for one in found["words"].to_pylist()[: len(FORMULA_SIGNS)])
    assert found["number"].equals(rows["number"])
