"""Tables as files: a CSV in the reader's form, or a workbook whose second sheet says what the first one holds.

Numbers stay numbers and dates dates. A cell of text never becomes a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pandas as pd
import xlsxwriter

from nova_resources.spreadsheets import quoted
from streamlit_app.i18n import current_language, t
from streamlit_app.ui import format as fmt

BYTE_ORDER_MARK = "\ufeff"
NARROWEST, WIDEST, WIDTH_SAMPLE = 9, 48, 200
LONGEST_CELL = 32_767


def csv_bytes(frame: pd.DataFrame, labels: Mapping[str, str]) -> bytes:
    """The labelled columns for the reader's spreadsheet: `;` and decimal comma in Portuguese, `,` and point in English,
    UTF-8 with its mark. Cells that a spreadsheet would run are quoted with an apostrophe.
    """
    portuguese = current_language() == "pt-BR"
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if portuguese else ",", lineterminator="\r\n")
    writer.writerow(labels.values())
    for row in frame[list(labels)].itertuples(index=False):
        writer.writerow([_text(value, decimal_comma=portuguese) for value in row])
    return (BYTE_ORDER_MARK + out.getvalue()).encode()


def workbook_bytes(frame: pd.DataFrame, labels: Mapping[str, str], statement: Mapping[str, str]) -> bytes:
    """The labelled columns as an XLSX workbook; `statement` (label to words) fills the sheet about it."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        _data_sheet(book, frame, labels)
        _statement_sheet(book, statement)
    return out.getvalue()


def _data_sheet(book: xlsxwriter.Workbook, frame: pd.DataFrame, labels: Mapping[str, str]) -> None:
    sheet = book.add_worksheet(t("file.data_sheet"))
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "dd/mm/yyyy" if current_language() == "pt-BR" else "yyyy-mm-dd"})
    moment = book.add_format(
        {"num_format": "dd/mm/yyyy hh:mm" if current_language() == "pt-BR" else "yyyy-mm-dd hh:mm"}
    )
    for column, (name, label) in enumerate(labels.items()):
        sheet.write_string(0, column, label, head)
        longest = len(label)
        for line, value in enumerate(frame[name].tolist(), start=1):
            if isinstance(value, bool):
                sheet.write_boolean(line, column, value)
            elif isinstance(value, str):
                sheet.write_string(line, column, value[:LONGEST_CELL])
                longest = max(longest, len(value)) if line <= WIDTH_SAMPLE else longest
            elif fmt.missing(value):
                continue
            elif isinstance(value, float | int):
                sheet.write_number(line, column, value)
            elif isinstance(value, datetime):
                sheet.write_datetime(line, column, value.astimezone(fmt.ZONE).replace(tzinfo=None), moment)
            elif isinstance(value, date):
                sheet.write_datetime(line, column, datetime.combine(value, datetime.min.time()), day)
            else:
                sheet.write_string(line, column, str(value)[:LONGEST_CELL])
        sheet.set_column(column, column, min(max(longest + 1, NARROWEST), WIDEST))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(frame), 1), max(len(labels) - 1, 0))


def _statement_sheet(book: xlsxwriter.Workbook, statement: Mapping[str, str]) -> None:
    sheet = book.add_worksheet(t("file.filters_sheet"))
    bold = book.add_format({"bold": True, "valign": "top"})
    wrap = book.add_format({"text_wrap": True})
    for line, (label, words) in enumerate(statement.items()):
        sheet.write_string(line, 0, label, bold)
        sheet.write_string(line, 1, words, wrap)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 80)


def _text(value: Any, *, decimal_comma: bool) -> str:
    if isinstance(value, bool):
        return t("common.yes") if value else t("common.no")
    if not isinstance(value, str) and fmt.missing(value):
        return ""
    if isinstance(value, float | int):
        plain = f"{value:.10g}"
        return plain.replace(".", ",") if decimal_comma else plain
    if isinstance(value, datetime):
        return value.astimezone(fmt.ZONE).strftime("%d/%m/%Y %H:%M:%S" if decimal_comma else "%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y" if decimal_comma else "%Y-%m-%d")
    return quoted(str(value))
