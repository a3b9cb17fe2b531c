"""Questions of the suppliers screen: how each one kept its word, and its order lines."""

from __future__ import annotations

from datetime import date

import pandas as pd

from streamlit_app.access.sessions import Session
from streamlit_app.data.cache import frame
from streamlit_app.data.filters import Filters
from streamlit_app.data.items import contains

SHOWN_LINES = 300


def scorecard(
    session: Session, as_of: date, filters: Filters, *, search: str = "", types: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Suppliers of the day's scorecard, those with late lines first; filters choose those who serve the selection."""
    return frame(
        session,
        "suppliers_list",
        as_of=as_of,
        search=contains(search),
        supplier_types=list(types) or None,
        **filters.params(),
    )


def lines(session: Session, as_of: date, supplier_id: int) -> pd.DataFrame:
    """Order lines of a supplier, open and late ones first."""
    return frame(session, "supplier_lines", as_of=as_of, supplier_id=supplier_id, row_limit=SHOWN_LINES)
