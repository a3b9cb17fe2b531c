"""Typed files: Parquet by row group, XLSX by sheet, lines numbered as a person counts them."""

from __future__ import annotations

import io
import json
from datetime import date

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from nova_assets.staging.source import LINE, letters
from nova_assets.staging.tabular_source import ParquetSource, XlsxOptions, XlsxSource
from nova_resources.landing import FileError


def workbook(cells: dict[tuple[int, int], object], sheet: str = "Plan1") -> bytes:
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink) as book:
        page = book.add_worksheet(sheet)
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for (row, column), value in cells.items():
            page.write_datetime(row, column, value, day) if isinstance(value, date) else page.write(row, column, value)
    return sink.getvalue()


def test_xlsx_keeps_types_and_line_numbers() -> None:
    cells = {(0, 0): "date", (0, 1): "item_code", (0, 2): "quantity"}
    cells |= {(1, 0): date(2026, 1, 2), (1, 1): 85123, (1, 2): 1.5, (3, 0): date(2026, 1, 3), (3, 1): "A", (3, 2): 2}
    data = workbook(cells)
    source = XlsxSource("demand.xlsx", lambda: io.BytesIO(data))
    rows = next(iter(source.batches([0, 1, 2])))
    assert (source.header, source.header_line) == (["date", "item_code", "quantity"], 1)
    assert rows.frame.drop("_row").rows() == [(date(2026, 1, 2), "85123", 1.5, 2), (date(2026, 1, 3), "A", 2.0, 4)]
    assert json.loads(rows.raw(1)) == {"date": "2026-01-03", "item_code": "A", "quantity": 2.0}


def test_xlsx_columns_without_header_go_by_their_letters_even_behind_empty_ones() -> None:
    data = workbook({(0, 1): "title", (2, 1): 7, (2, 2): "x"}, sheet="Data")
    source = XlsxSource("f.xlsx", lambda: io.BytesIO(data), XlsxOptions("Data", skip_rows=2, header=False))
    assert source.header == ["B", "C"]
    assert next(iter(source.batches([0, 1]))).frame.select("0", "1", LINE).rows() == [(7.0, "x", 3)]


def test_xlsx_problems_are_named() -> None:
    with pytest.raises(FileError, match="no sheet 'Data'; found: Plan1"):
        XlsxSource("f.xlsx", lambda: io.BytesIO(workbook({(0, 0): 1})), XlsxOptions("Data"))
    with pytest.raises(FileError, match="no readable workbook"):
        XlsxSource("f.xlsx", lambda: io.BytesIO(b"PK\x03\x04"))
    with pytest.raises(FileError, match="sheet is empty"):
        XlsxSource("f.xlsx", lambda: io.BytesIO(workbook({})))


def test_parquet_lines_go_on_over_row_groups() -> None:
    sink = io.BytesIO()
    pq.write_table(pl.DataFrame({"a": [1, 2, 3, 4, 5], "b": list("vwxyz")}).to_arrow(), sink, row_group_size=2)
    source = ParquetSource("f.parquet", lambda: io.BytesIO(sink.getvalue()))
    frame = pl.concat([rows.frame for rows in source.batches([1])])
    assert source.header == ["a", "b"]
    assert frame.select("1", LINE).rows() == [("v", 2), ("w", 3), ("x", 4), ("y", 5), ("z", 6)]


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1 cut short PAR1"])
def test_damaged_parquet_is_named(data: bytes) -> None:
    with pytest.raises(FileError, match=r"inventory/x\.parquet: .*(empty|no readable Parquet)"):
        ParquetSource("inventory/x.parquet", lambda: io.BytesIO(data))


def test_parquet_text_that_is_none_is_told_as_damage() -> None:
    """A bit that flips in a page need not break the file's structure, only its text."""
    sink = io.BytesIO()
    pq.write_table(
        pa.table({"a": ["Salvador"]}), sink, compression="none", use_dictionary=False, write_statistics=False
    )
    spoilt = sink.getvalue().replace(b"Salvador", b"Salv\xe3dor")
    source = ParquetSource("sites/x.parquet", lambda: io.BytesIO(spoilt))
    with pytest.raises(FileError, match=r"sites/x\.parquet.*damaged .*Invalid UTF8"):
        list(source.batches([0]))


def test_letters_are_those_of_a_spreadsheet() -> None:
    assert [letters(n) for n in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
