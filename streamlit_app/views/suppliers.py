"""Suppliers: who keeps the promised day, quantity and price, and what is late there now."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import EVERYBODY
from streamlit_app.access.sessions import Session
from streamlit_app.data import suppliers
from streamlit_app.data.freshness import Freshness
from streamlit_app.downloads import file_buttons
from streamlit_app.i18n import t, tn, value
from streamlit_app.ui import bound, charts, charts_item, marks, tables
from streamlit_app.ui import format as fmt
from streamlit_app.ui.header import global_filters, page_header
from streamlit_app.ui.states import empty
from streamlit_app.ui.theme import palette

TYPES = ("DOMESTIC", "IMPORT", "HYBRID")
# Shares, days and money in the table and in files.
DECIMALS = (
    dict.fromkeys(("on_time_share", "in_full_share", "price_drift"), 3)
    | dict.fromkeys(("p50_days", "p95_days", "promised_days", "recent_days_late"), 1)
    | dict.fromkeys(("spend", "open_value"), 0)
)
Row = dict[str, Any]


def render() -> None:
    """Draw the screen."""
    session = require_role(*EVERYBODY, what="screen.suppliers")
    stands_on = page_header(session, t("screen.suppliers"), t("supplier.subtitle"))
    filters = global_filters(session, "suppliers")
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="wishes"):
        search = bound.search("busca", t("common.search"), t("supplier.search"), width=280)
        types = bound.multiselect(
            "tipo", t("supplier.type"), TYPES, show=lambda code: value("supplier_type", code), width=190
        )
    rows = suppliers.scorecard(session, stands_on.as_of, filters, search=search, types=types)
    if rows.empty:
        empty(t("supplier.none"))
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.html(f'<div class="nc-band">{_summary(rows)}</div>', width="stretch")
        file_buttons("suppliers", f"fornecedores_{stands_on.as_of}", _labels(), lambda: _in_words(rows), stands_on)
    chosen = _table(_in_words(rows))
    if chosen is None:
        st.caption(t("supplier.choose"))
    else:
        _lines(session, stands_on, rows.iloc[chosen].to_dict())


def _summary(rows: pd.DataFrame) -> str:
    receipts = rows["receipts"].sum()
    on_time = (rows["on_time_share"].fillna(0) * rows["receipts"]).sum() / receipts if receipts else None
    late = int(rows["late_lines"].sum())
    return "".join(
        (
            f"<b>{escape(tn('supplier.count', len(rows), count=fmt.number(len(rows))))}</b>",
            marks.muted(t("supplier.on_time_all", value=fmt.percent(on_time))),
            marks.muted(tn("supplier.late_all", late, count=fmt.number(late))),
            marks.muted(t("supplier.open_all", value=fmt.money(rows["open_value"].sum()))),
        )
    )


def _in_words(rows: pd.DataFrame) -> pd.DataFrame:
    rounded = {name: rows[name].astype(float).round(3) for name in ("on_time_share", "in_full_share", "price_drift")}
    days = {
        name: rows[name].astype(float).round(1)
        for name in ("p50_days", "p95_days", "promised_days", "recent_days_late")
    }
    money = {name: rows[name].astype(float).round(0) for name in ("spend", "open_value")}
    return rows.assign(
        supplier_type=[value("supplier_type", code) for code in rows["supplier_type"]], **rounded, **days, **money
    )


def _labels() -> dict[str, str]:
    return {
        "supplier_code": t("common.code"),
        "supplier_name": t("common.supplier"),
        "supplier_type": t("supplier.type"),
        "items": t("common.materials"),
        "receipts": t("supplier.receipts"),
        "on_time_share": t("supplier.on_time"),
        "in_full_share": t("supplier.in_full"),
        "promised_days": t("supplier.promised"),
        "p50_days": t("supplier.p50"),
        "p95_days": t("supplier.p95"),
        "recent_days_late": t("supplier.recent"),
        "price_drift": t("supplier.price"),
        "open_lines": t("supplier.open"),
        "late_lines": t("supplier.late"),
        "open_value": t("supplier.open_value"),
        "spend": t("supplier.spend"),
    }


def _table(rows: pd.DataFrame) -> int | None:
    labels = _labels()
    state = tables.show(
        rows,
        height=min(len(rows), 12) * tables.ROW_HEIGHT + 42,
        row_height=tables.ROW_HEIGHT,
        key="suppliers",
        on_select="rerun",
        selection_mode="single-row",
        alt=t("supplier.table"),
        column_order=list(labels),
        column_config={
            "supplier_code": tables.text(labels["supplier_code"], pinned=True, width=84),
            "supplier_name": tables.text(labels["supplier_name"], width=220),
            "supplier_type": tables.text(labels["supplier_type"], width=84),
            "items": tables.number(labels["items"], width=74),
            "receipts": tables.number(labels["receipts"], width=76, help=t("supplier.receipts_help")),
            "on_time_share": tables.share(labels["on_time_share"], width=74, help=t("supplier.on_time_help")),
            "in_full_share": tables.share(labels["in_full_share"], width=70, help=t("supplier.in_full_help")),
            "promised_days": tables.number(labels["promised_days"], width=76),
            "p50_days": tables.number(labels["p50_days"], width=66),
            "p95_days": tables.number(labels["p95_days"], width=60, help=t("supplier.p95_help")),
            "recent_days_late": tables.number(labels["recent_days_late"], width=84, help=t("supplier.recent_help")),
            "price_drift": tables.share(labels["price_drift"], width=70, help=t("supplier.price_help")),
            "open_lines": tables.number(labels["open_lines"], width=72),
            "late_lines": tables.number(labels["late_lines"], width=78),
            "open_value": tables.number(labels["open_value"], width=100),
            "spend": tables.number(labels["spend"], width=110),
        },
    )
    ticked = state["selection"]["rows"]
    return int(ticked[0]) if ticked and ticked[0] < len(rows) else None


def _lines(session: Session, stands_on: Freshness, row: Row) -> None:
    lines = suppliers.lines(session, stands_on.as_of, int(row["supplier_id"]))
    st.html(marks.section(str(row["supplier_name"])))
    if bool(lines["received_date"].notna().any()):
        chart = charts_item.lead_times(lines, row["promised_days"], palette())
        charts.show(chart, palette(), alt=t("item.lead_time_chart"), key="supplier_chart", height=210)
    tables.show(
        lines.assign(status=[value("status", code) for code in lines["status"]]),
        height=min(len(lines), 8) * 35 + 42,
        alt=t("item.order_lines"),
        key="supplier_lines",
        column_order=[
            "order_no",
            "item_code",
            "item_name",
            "site_code",
            "status",
            "order_date",
            "expected_date",
            "received_date",
            "days_late",
            "quantity",
            "received_quantity",
            "unit_price",
        ],
        column_config={
            "order_no": tables.text(t("item.order"), pinned=True),
            "item_code": tables.text(t("common.code"), width=80),
            "item_name": tables.text(t("common.material")),
            "site_code": tables.text(t("common.site"), width=76),
            "status": tables.text(t("item.status"), width="small"),
            "order_date": tables.day(t("item.ordered")),
            "expected_date": tables.day(t("item.expected")),
            "received_date": tables.day(t("item.received")),
            "days_late": tables.number(t("item.days_late")),
            "quantity": tables.number(t("common.quantity")),
            "received_quantity": tables.number(t("item.received_quantity")),
            "unit_price": tables.number(t("item.unit_price")),
        },
    )
