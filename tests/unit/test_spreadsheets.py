"""Cells of a CSV that a spreadsheet would run become text, one by one and in whole tables alike."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from nova_cli import panel_file
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


def test_results_for_a_panel_run_nothing_either(tmp_path: Path) -> None:
    panel_file.write_table(pl.DataFrame({"series": ["=1+1", "A"], "q50": [1.5, 2.0]}), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text("utf-8") == "series,q50\n'=1+1,1.5\nA,2.0\n"
