"""Materials: the searchable list, one line per material and site; a click opens the material."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import EVERYBODY
from streamlit_app.access.sessions import Session
from streamlit_app.data import items
from streamlit_app.data.filters import Filters
from streamlit_app.data.freshness import Freshness
from streamlit_app.data.panel import RISK_THRESHOLD
from streamlit_app.downloads import file_buttons
from streamlit_app.i18n import t, tn, value
from streamlit_app.navigation import go
from streamlit_app.ui import bound, tables
from streamlit_app.ui import format as fmt
from streamlit_app.ui.header import global_filters, page_header
from streamlit_app.ui.states import empty

ACTIONS = ("REORDER", "EXPEDITE", "REALLOCATE", "SUBSTITUTE", "REDUCE", "DISPOSE", "HOLD")
COVERAGE_FULL_DAYS = 90


def render() -> None:
    """Draw the screen."""
    session = require_role(*EVERYBODY, what="screen.items")
    stands_on = page_header(session, t("screen.items"))
    filters = global_filters(session, "items")
    wish = _wish()
    first = items.item_list(session, filters, wish)
    total = int(first["matching"].iloc[0]) if len(first) else 0
    if not total:
        empty(t("items.none"))
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(tn("items.count", total, total=fmt.number(total)), width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            page = st.pagination(
                max(1, math.ceil(total / items.PAGE_ROWS)), key="pagina", bind="query-params", max_visible_pages=5
            )
            _download(session, filters, wish, stands_on)
    rows = first if page == 1 else items.item_list(session, filters, wish, offset=(page - 1) * items.PAGE_ROWS)
    _table(rows.reset_index(drop=True))


def _wish() -> items.ListWish:
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="wishes"):
        search = bound.search("busca", t("common.search"), t("items.search"), width=280)
        classes = bound.multiselect(
            "classe",
            t("items.demand_class"),
            items.DEMAND_CLASSES,
            show=lambda code: value("demand_class", code),
            width=190,
        )
        actions = bound.multiselect(
            "acao", t("common.action"), ACTIONS, show=lambda code: value("action", code), width=160
        )
        order = bound.selectbox(
            "ordem", t("items.order"), items.ORDERS, show=lambda code: t(f"items.by_{code}"), width=230
        )
        risky = bound.toggle("risco", t("items.only_risk"))
    return items.ListWish(search, classes, actions, RISK_THRESHOLD if risky else None, order)


def _table(rows: pd.DataFrame) -> None:
    shown = pd.DataFrame(
        {
            "item_code": rows["item_code"],
            "item_name": rows["item_name"],
            "site_code": rows["site_code"],
            "class": [
                f"{abc} · {value('demand_class', demand)}"
                for abc, demand in zip(rows["abc_class"], rows["demand_class"], strict=True)
            ],
            "demand_trend": rows["demand_trend"],
            "on_hand": rows["on_hand"].round(1),
            "position": rows["position"].round(1),
            "reorder_point": rows["reorder_point"].round(1),
            "coverage_days": rows["coverage_days"].clip(upper=999).round(0),
            "stockout_probability": rows["stockout_probability"],
            "action": [value("action", code) for code in rows["action"]],
            "stock_value": rows["stock_value"].round(0),
            "family": rows["family"],
        }
    )
    state = tables.show(
        shown,
        height=min(len(shown), 16) * tables.ROW_HEIGHT + 42,
        row_height=tables.ROW_HEIGHT,
        key="list",
        on_select="rerun",
        selection_mode="single-cell",
        alt=t("items.table"),
        column_config={
            "item_code": tables.text(t("common.code"), pinned=True, width=80),
            "item_name": tables.text(t("common.material"), width=204),
            "site_code": tables.text(t("common.site"), width=76),
            "family": tables.text(t("common.family"), width=128),
            "class": tables.text(t("items.class"), width=120, help=t("items.class_help")),
            "demand_trend": st.column_config.BarChartColumn(
                t("items.trend"), width=108, help=t("items.trend_help"), y_min=0
            ),
            "on_hand": tables.number(t("item.on_hand"), width=88),
            "position": tables.number(t("item.position"), width=72, help=t("item.position_help")),
            "reorder_point": tables.number(t("items.reorder_short"), width=82, help=t("item.reorder_point_help")),
            "coverage_days": st.column_config.ProgressColumn(
                t("items.coverage"),
                format="localized",
                min_value=0,
                max_value=COVERAGE_FULL_DAYS,
                help=t("items.coverage_help"),
                width=112,
            ),
            "stockout_probability": tables.share(t("items.risk"), help=t("items.risk_help"), width=62),
            "action": tables.text(t("common.action"), width=84),
            "stock_value": tables.number(t("items.stock_value")),
        },
    )
    clicked = tables.clicked_row(state)
    if clicked is not None and clicked < len(rows):
        row = rows.iloc[clicked]
        go("item", item=row["item_code"], onde=row["site_code"])


def _download(session: Session, filters: Filters, wish: items.ListWish, stands_on: Freshness) -> None:
    labels = {
        "item_code": t("common.code"),
        "item_name": t("common.material"),
        "family": t("common.family"),
        "site_code": t("common.site"),
        "region_name": t("common.region"),
        "abc_class": "ABC",
        "demand_class": t("items.demand_class"),
        "on_hand": t("item.on_hand"),
        "on_order": t("item.on_order"),
        "position": t("item.position"),
        "reorder_point": t("item.reorder_point"),
        "safety_stock": t("item.safety_stock"),
        "order_up_to": t("item.order_up_to"),
        "mean_30": t("item.mean_30"),
        "coverage_days": t("items.coverage"),
        "stockout_probability": t("items.risk"),
        "action": t("common.action"),
        "stock_value": t("items.stock_value"),
    }
    file_buttons(
        "items",
        f"materiais_{stands_on.as_of}",
        labels,
        lambda: _in_words(items.item_list(session, filters, wish, rows=items.EXPORT_ROWS)),
        stands_on,
    )


def _in_words(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(**{name: [value(name, code) for code in rows[name]] for name in ("demand_class", "action")})
