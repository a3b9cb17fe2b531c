"""Two tabs of a material: what was recommended, decided and overridden before, and what people remarked.

Drawn by views/item.py, which has asked for the role.
"""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Any

import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import DECIDERS, Refused
from streamlit_app.access.sessions import Session
from streamlit_app.data import forecasts, items
from streamlit_app.data.items import ItemSite
from streamlit_app.i18n import t, value
from streamlit_app.ui import format as fmt
from streamlit_app.ui import marks, tables
from streamlit_app.ui.states import empty, say_refused

LONGEST_COMMENT = 4000
_BODY, _EVERYWHERE = "comment_body", "comment_everywhere"
Row = dict[str, Any]


def history(session: Session, where: ItemSite, row: Row) -> None:
    """Recommendations with their decisions, planners' numbers, and the days on which the policy moved."""
    _recommended(where)
    _overridden(where)
    st.html(marks.section(t("past.policies")))
    policies = items.policies(session, where)
    if policies.empty:
        empty(t("item.no_policy"))
        return
    tables.show(
        policies.round(2),
        height=tables.height(len(policies), 10),
        alt=t("past.policies"),
        key="past_policies",
        column_config={
            "as_of": tables.day(t("common.day")),
            "service_level": tables.share(t("whatif.service")),
            "lead_time_days": tables.number(t("past.lead_time")),
            "protection_days": tables.number(t("past.protection")),
            "reorder_point": tables.number(t("item.reorder_point")),
            "safety_stock": tables.number(t("item.safety_stock")),
            "order_up_to": tables.number(t("item.order_up_to")),
        },
    )


def _recommended(where: ItemSite) -> None:
    st.html(marks.section(t("past.decisions")))
    rows = items.past(where)
    if rows.empty:
        empty(t("past.nothing"))
        return
    tables.show(
        rows.assign(
            action=[value("action", code) for code in rows["action"]],
            state=[value("state", "PROPOSED" if fmt.missing(code) else code) for code in rows["state"]],
            quantity=rows["quantity"].round(2),
            avoided_cost=rows["avoided_cost"].round(0),
        ),
        height=tables.height(len(rows), 10),
        alt=t("past.decisions"),
        key="past_decisions",
        column_order=[
            "as_of",
            "action",
            "quantity",
            "stockout_probability",
            "avoided_cost",
            "state",
            "decided_quantity",
            "reason",
            "decided_by",
            "updated_at",
        ],
        column_config={
            "as_of": tables.day(t("common.day")),
            "action": tables.text(t("common.action"), width="small"),
            "quantity": tables.number(t("queue.quantity")),
            "stockout_probability": tables.share(t("items.risk")),
            "avoided_cost": tables.number(t("queue.avoided")),
            "state": tables.text(t("queue.state"), width="small"),
            "decided_quantity": tables.number(t("past.decided_quantity")),
            "reason": tables.text(t("queue.reason")),
            "decided_by": tables.text(t("past.who")),
            "updated_at": tables.moment(t("admin.when")),
        },
    )


def _overridden(where: ItemSite) -> None:
    rows = forecasts.overrides(fmt.today(), only_valid=False, item_id=where.item_id, site_id=where.site_id)
    if rows.empty:
        return
    st.html(marks.section(t("forecast.part_ajustes")))
    tables.show(
        rows.assign(
            field=[value("field", code) for code in rows["field"]],
            target=[value("target", code) for code in rows["target"]],
            in_force=[t("forecast.in_force") if ok else t("forecast.over") for ok in rows["in_force"]],
        ),
        height="content",
        alt=t("forecast.part_ajustes"),
        key="past_overrides",
        column_order=[
            "created_at",
            "field",
            "target",
            "baseline",
            "value",
            "reason",
            "author",
            "valid_until",
            "in_force",
        ],
        column_config={
            "created_at": tables.moment(t("admin.created")),
            "field": tables.text(t("forecast.what"), width="small"),
            "target": tables.text(t("forecast.target"), width="small"),
            "baseline": tables.number(t("forecast.baseline")),
            "value": tables.number(t("forecast.override")),
            "reason": tables.text(t("queue.reason")),
            "author": tables.text(t("forecast.author")),
            "valid_until": tables.day(t("forecast.valid_until")),
            "in_force": tables.text(t("data.status"), width="small"),
        },
    )


def comments(session: Session, where: ItemSite, row: Row) -> None:
    """Remarks, newest first, and a place to write one."""
    if session.role in DECIDERS:
        with st.form("comment", border=False, clear_on_submit=True):
            st.text_area(t("past.comment"), key=_BODY, max_chars=LONGEST_COMMENT, placeholder=t("past.comment_hint"))
            with st.container(horizontal=True, vertical_alignment="center"):
                st.form_submit_button(t("past.comment_save"), type="primary", on_click=partial(_comment, where))
                st.toggle(t("past.everywhere"), key=_EVERYWHERE)
    rows = items.comments(where)
    if rows.empty:
        empty(t("past.no_comments"))
    for one in rows.to_dict("records"):
        place = t("past.all_sites") if one["everywhere"] else str(row["site_code"])
        head = " · ".join((str(one["author"] or fmt.NOTHING), fmt.moment(one["created_at"]), place))
        st.html(f'<div class="nc-comment"><small>{escape(head)}</small><p>{escape(str(one["body"]))}</p></div>')


def _comment(where: ItemSite) -> None:
    session = require_role(*DECIDERS, what="comment.added")
    body = str(st.session_state.get(_BODY, "")).strip()
    if not body:
        st.toast(t("past.comment_needed"), icon=":material/edit_note:")
        return
    try:
        items.add_comment(session, where, body, everywhere=bool(st.session_state.get(_EVERYWHERE)))
    except Refused as refused:
        say_refused(refused)
