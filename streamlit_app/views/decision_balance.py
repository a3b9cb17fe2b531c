"""What following the advice would have been worth: each recommendation whose days are over, replayed four ways.

Drawn by views/recommendations.py, which has asked for the role.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from streamlit_app.access.sessions import Session
from streamlit_app.data import decisions
from streamlit_app.data.filters import Filters
from streamlit_app.data.freshness import Freshness
from streamlit_app.downloads import file_buttons
from streamlit_app.i18n import t, tn, value
from streamlit_app.ui import format as fmt
from streamlit_app.ui import marks, tables
from streamlit_app.ui.states import empty

WAYS = ("with", "actual", "rule", "without")
PER_DAY = decisions.BALANCE_DAYS


def balance(session: Session, stands_on: Freshness, filters: Filters) -> None:
    """Cost and stock-out days a day of decision: as advised, as done, by the old rule, with nothing done."""
    rows = decisions.balance(session, stands_on.as_of, filters)
    st.caption(t("balance.note", days=fmt.number(PER_DAY)))
    if rows.empty:
        empty(t("panel.no_advice"))
        return
    totals = rows.iloc[0].to_dict()
    st.html(marks.tiles(_tile(way, totals) for way in WAYS))
    labels = _labels()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.html(marks.section(t("balance.lines", count=fmt.number(totals["matching"]))), width="content")

        def everything() -> pd.DataFrame:
            return _in_words(decisions.balance(session, stands_on.as_of, filters, rows=decisions.EXPORT_ROWS))

        file_buttons("decision_balance", f"balanco_{stands_on.as_of}", labels, everything, stands_on)
    days = ("decided_on", "as_of")
    words = ("item_code", "item_name", "site_code", "action")
    tables.show(
        _in_words(rows),
        height=tables.height(len(rows), 14),
        alt=t("balance.title"),
        key="balance",
        column_order=list(labels),
        column_config={name: tables.number(label) for name, label in labels.items()}
        | {name: tables.day(labels[name]) for name in days}
        | {name: tables.text(labels[name]) for name in words},
    )


def _tile(way: str, totals: dict[str, Any]) -> str:
    """Cost of one way, R$ a day of decision, with its stock-out days."""
    days = round(totals[f"days_{way}"] / PER_DAY)
    said = tn("balance.stockout_days", days, days=fmt.number(days))
    return marks.tile(t(f"balance.{way}"), fmt.money(totals[f"all_{way}"] / PER_DAY), change=marks.muted(said))


def _labels() -> dict[str, str]:
    return {
        "decided_on": t("balance.decided_on"),
        "as_of": t("balance.judged_on"),
        "action": t("common.action"),
        "item_code": t("common.code"),
        "item_name": t("common.material"),
        "site_code": t("common.site"),
        "actual_demand": t("balance.demand"),
        "saved": t("balance.saved"),
        **{f"cost_{way}": f"{t(f'balance.{way}')} (R$)" for way in WAYS},
        **{f"stockout_days_{way}": f"{t(f'balance.{way}')} ({t('balance.days')})" for way in WAYS},
    }


def _in_words(rows: pd.DataFrame) -> pd.DataFrame:
    money = {name: rows[name].round(2) for name in ("saved", *(f"cost_{way}" for way in WAYS))}
    return rows.assign(action=[value("action", code) for code in rows["action"]], **money)
