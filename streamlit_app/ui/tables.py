"""Columns of tables in the reader's form: numbers stay numbers, so that sorting works."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
import streamlit as st

from streamlit_app.i18n import current_language
from streamlit_app.ui import format as fmt

Width = Literal["small", "medium", "large"] | int | None
# Of tables that are acted on, and of those that are only read.
ROW_HEIGHT, PLAIN_ROW_HEIGHT = 38, 35
DATE_WIDTH, SHORT_DATE_WIDTH, MOMENT_WIDTH = 104, 82, 140


def show(frame: pd.DataFrame, **options: Any) -> Any:
    """A table without its index, a dash where there is no value; the rest as st.dataframe takes and returns it."""
    return st.dataframe(frame, hide_index=True, placeholder=fmt.NOTHING, **options)


def height(rows: int, most: int) -> Any:
    """As high as the rows, but never higher than `most` of them: the others scroll."""
    return "content" if rows <= most else (most + 1) * PLAIN_ROW_HEIGHT + 2


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
    return st.column_config.DatetimeColumn(
        label, format=f"{date_format()} HH:mm", timezone=str(fmt.ZONE), width=MOMENT_WIDTH
    )


def clicked_row(state: Any) -> int | None:
    """Number of the row whose cell the reader clicked in a table with single-cell selection."""
    cells = state["selection"]["cells"] if state else []
    return int(cells[0][0]) if cells else None
