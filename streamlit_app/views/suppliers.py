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
# Decimals of shares and days in the table and in files.
DECIMALS = dict.fromkeys(("on_time_share", "on_time_change", "quantity_accuracy", "price_drift"), 3) | dict.fromkeys(
    ("promised_days", "mean_days", "p50_days", "p90_days", "p95_days"), 1
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
    late, waiting = int(rows["late_orders"].sum()), int(rows["open_orders"].sum())
    return "".join(
        (
            f"<b>{escape(tn('supplier.count', len(rows), count=fmt.number(len(rows))))}</b>",
            marks.muted(t("supplier.on_time_all", value=fmt.percent(on_time))),
            marks.muted(tn("supplier.late_all", late, count=fmt.number(late))),
            marks.muted(tn("supplier.open_all", waiting, count=fmt.number(waiting))),
        )
    )


def _in_words(rows: pd.DataFrame) -> pd.DataFrame:
    rounded = {name: rows[name].astype(float).round(decimals) for name, decimals in DECIMALS.items()}
    return rows.assign(supplier_type=[value("supplier_type", code) for code in rows["supplier_type"]], **rounded)


def _labels() -> dict[str, str]:
    return {
        "supplier_code": t("common.code"),
        "supplier_name": t("common.supplier"),
        "supplier_type": t("supplier.type"),
        "items": t("common.materials"),
        "receipts": t("supplier.receipts"),
        "on_time_share": t("supplier.on_time"),
        "on_time_change": t("supplier.on_time_change"),
        "quantity_accuracy": t("supplier.accuracy"),
        "promised_days": t("supplier.promised"),
        "p50_days": t("supplier.p50"),
        "mean_days": t("supplier.mean"),
        "p90_days": "P90",
        "p95_days": t("supplier.p95"),
        "price_drift": t("supplier.price"),
        "open_orders": t("supplier.open"),
        "late_orders": t("supplier.late"),
        "orders": t("supplier.orders"),
        "min_order_value": t("supplier.minimum"),
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
            "items": tables.number(labels["items"], width=74, help=t("supplier.items_help")),
            "receipts": tables.number(labels["receipts"], width=76, help=t("supplier.receipts_help")),
            "on_time_share": tables.share(labels["on_time_share"], width=74, help=t("supplier.on_time_help")),
            "on_time_change": tables.share(labels["on_time_change"], width=70, help=t("supplier.on_time_change_help")),
            "quantity_accuracy": tables.share(labels["quantity_accuracy"], width=84, help=t("supplier.accuracy_help")),
            "promised_days": tables.number(labels["promised_days"], width=96, help=t("supplier.promised_help")),
            "p50_days": tables.number(labels["p50_days"], width=66),
            "mean_days": tables.number(labels["mean_days"], width=60, help=t("supplier.mean_help")),
            "p90_days": tables.number(labels["p90_days"], width=56),
            "p95_days": tables.number(labels["p95_days"], width=56, help=t("supplier.p95_help")),
            "price_drift": tables.share(labels["price_drift"], width=70, help=t("supplier.price_help")),
            "open_orders": tables.number(labels["open_orders"], width=72),
            "late_orders": tables.number(labels["late_orders"], width=78),
            "orders": tables.number(labels["orders"], width=70),
            "min_order_value": tables.number(labels["min_order_value"], width=96, help=t("supplier.minimum_help")),
        },
    )
    ticked = state["selection"]["rows"]
    return int(ticked[0]) if ticked and ticked[0] < len(rows) else None


def _lines(session: Session, stands_on: Freshness, row: Row) -> None:
    lines = suppliers.lines(session, stands_on.as_of, int(row["supplier_id"]))
    st.html(marks.section(str(row["supplier_name"])))
    minimum = row["min_order_value"]
    st.caption(
        t("supplier.no_minimum") if fmt.missing(minimum) else t("supplier.has_minimum", value=fmt.money(minimum))
    )
    if bool(lines["received_date"].notna().any()):
        chart = charts_item.lead_times(lines, row["promised_days"], palette())
        charts.show(chart, palette(), alt=t("item.lead_time_chart"), key="supplier_chart", height=210)
    tables.show(
        lines.assign(status=[value("status", code) for code in lines["status"]]),
        height=tables.height(len(lines), 8),
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
