"""One material at one site: where it stands, what to do and why, then the detail behind it."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import EVERYBODY
from streamlit_app.access.sessions import Session
from streamlit_app.data import decisions, items
from streamlit_app.data.filters import Filters
from streamlit_app.data.items import ItemSite
from streamlit_app.i18n import t, value
from streamlit_app.ui import bound, explain, marks
from streamlit_app.ui import format as fmt
from streamlit_app.ui.header import page_header
from streamlit_app.ui.saved_views import saved_views
from streamlit_app.ui.states import empty
from streamlit_app.views import item_past, item_tabs

TABS = {
    "demanda": item_tabs.demand,
    "estoque": item_tabs.stock,
    "pedidos": item_tabs.orders,
    "politica": item_tabs.policy,
    "atributos": item_tabs.features,
    "historico": item_past.history,
    "comentarios": item_past.comments,
}


def render() -> None:
    """Draw the screen for ?item=…&onde=… (material code and site code)."""
    session = require_role(*EVERYBODY, what="screen.item")
    code = st.query_params.get("item", "")
    sites = items.sites_of(session, code)
    if sites.empty:
        page_header(session, t("screen.item"))
        empty(t("item.unknown", code=code) if code else t("item.choose"))
        st.html(marks.link("materiais", t("item.to_list")))
        return
    first = sites.iloc[0]
    page_header(session, str(first["item_name"]))
    row = _chosen_site(session, sites).to_dict()
    where = ItemSite(int(row["item_id"]), int(row["site_id"]), row["as_of"])
    st.html(_standing(row))
    _decision(session, row)
    tab = bound.segmented("aba", t("item.tabs"), list(TABS), show=lambda name: t(f"item.tab_{name}"))
    TABS[tab](session, where, row)


def _about(row: dict[str, Any]) -> str:
    parts = [
        row["item_code"],
        row["family"],
        f"ABC {row['abc_class']}",
        value("demand_class", row["demand_class"]),
        t("item.criticality", value=fmt.number(row["criticality"])),
    ]
    return " · ".join(str(part) for part in parts if part)


def _chosen_site(session: Session, sites):  # noqa: ANN001, ANN202 - a frame in, one of its rows out
    names = {row["site_code"]: f"{row['site_code']} · {row['site_name']}" for row in sites.to_dict("records")}
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        back = marks.link("materiais", t("item.to_list"))
        about = marks.muted(_about(sites.iloc[0].to_dict()))
        st.html(f'<span class="nc-crumb">‹ {back} &ensp; {about}</span>', width="content")
        saved_views(session, "item")
        code = bound.selectbox("onde", t("common.site"), list(names), show=lambda code: names[code], width=280)
    return sites[sites["site_code"] == code].iloc[0]


def _standing(row: dict[str, Any]) -> str:
    unit = row["unit_measure"]
    parts = [
        (t("item.position"), fmt.quantity(row["position"], unit)),
        (t("item.on_hand"), fmt.quantity(row["on_hand"], unit)),
        (t("item.on_order"), fmt.quantity(row["on_order"], unit)),
        (t("item.reserved"), fmt.quantity(row["reserved"], unit)),
        (t("item.reorder_point"), fmt.quantity(row["reorder_point"], unit)),
        (t("item.safety_stock"), fmt.quantity(row["safety_stock"], unit)),
        (t("item.order_up_to"), fmt.quantity(row["order_up_to"], unit)),
        (t("items.coverage"), fmt.days(row["coverage_days"])),
        (t("items.risk"), fmt.percent(row["stockout_probability"], 0)),
    ]
    return marks.facts(parts)


def _decision(session: Session, row: dict[str, Any]) -> None:
    wish = decisions.QueueWish(item_code=row["item_code"], site_code=row["site_code"])
    rows = decisions.recommendations(session, row["as_of"], Filters(), wish)
    for recommendation in decisions.told(session, rows.head(2)).to_dict("records"):
        state = recommendation["state"]
        css = "nc-decision nc-hold" if recommendation["action"] == "HOLD" else "nc-decision"
        mark = "" if state == decisions.PROPOSED else marks.badge("info", value("state", state))
        st.html(
            f'<div class="{css}"><p class="nc-do">{escape(explain.sentence(recommendation))} {mark}</p>'
            f'<p class="nc-why">{escape(explain.why(recommendation))}</p></div>'
        )
