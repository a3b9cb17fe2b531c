"""Columns of tables in the reader's form, and files of them: numbers stay numbers, so that sorting works."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

import pandas as pd
import streamlit as st

from streamlit_app.i18n import current_language, t
from streamlit_app.ui import format as fmt

Width = Literal["small", "medium", "large"] | int | None
BYTE_ORDER_MARK = "\ufeff"
# A spreadsheet runs a cell that begins with one of these.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
ROW_HEIGHT = 38
DATE_WIDTH, SHORT_DATE_WIDTH = 104, 82


def show(frame: pd.DataFrame, **options: Any) -> Any:
    """A table without its index, a dash where there is no value; the rest as st.dataframe takes and returns it."""
    return st.dataframe(frame, hide_index=True, placeholder=fmt.NOTHING, **options)


def date_format() -> str:
    """Pattern of dates for the grid."""
    return "DD/MM/YYYY" if current_language() == "pt-BR" else "MMM D, YYYY"


def number(label: str, *, help: str | None = None, width: Width = None, pinned: bool | None = None) -> Any:
    """A right-aligned number in the reader's form."""
    return st.column_config.NumberColumn(label, format="localized", help=help, width=width, pinned=pinned)


def share(label: str, *, help: str | None = None, width: Width = "small") -> Any:
    """A share as a percentage."""
    return st.column_config.NumberColumn(label, format="percent", help=help, width=width)


def text(label: str, *, help: str | None = None, width: Width = None, pinned: bool | None = None) -> Any:
    """Words."""
    return st.column_config.TextColumn(label, help=help, width=width, pinned=pinned)


def day(label: str) -> Any:
    """A date."""
    return st.column_config.DateColumn(label, format=date_format(), width=DATE_WIDTH)


def short_day(label: str) -> Any:
    """A date near today, without its century."""
    pattern = "DD/MM/YY" if current_language() == "pt-BR" else "MMM D"
    return st.column_config.DateColumn(label, format=pattern, width=SHORT_DATE_WIDTH)


def moment(label: str) -> Any:
    """A date with its time of day, in the business time zone."""
    return st.column_config.DatetimeColumn(label, format=f"{date_format()} HH:mm", timezone=str(fmt.ZONE))


def clicked_row(state: Any) -> int | None:
    """Number of the row whose cell the reader clicked in a table with single-cell selection."""
    cells = state["selection"]["cells"] if state else []
    return int(cells[0][0]) if cells else None


def csv_bytes(frame: pd.DataFrame, labels: Mapping[str, str]) -> bytes:
    """The labelled columns as a file for the reader's spreadsheet: `;` and decimal comma in Portuguese, `,` and point
    in English, UTF-8 with its mark. Cells that a spreadsheet would run are quoted with an apostrophe.
    """
    portuguese = current_language() == "pt-BR"
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if portuguese else ",", lineterminator="\r\n")
    writer.writerow(labels.values())
    for row in frame[list(labels)].itertuples(index=False):
        writer.writerow([_cell(value, decimal_comma=portuguese) for value in row])
    return (BYTE_ORDER_MARK + out.getvalue()).encode()


def _cell(value: Any, *, decimal_comma: bool) -> str:
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
    words = str(value)
    return f"'{words}" if words.startswith(FORMULA_SIGNS) else words
