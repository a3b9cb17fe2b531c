"""Administration of planning rules: those in force, by whom they are kept, and those that are kept on this screen.

Drawn by views/admin.py, which has asked for the role; every action asks again.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import ADMINS, Refused
from streamlit_app.access.sessions import Session
from streamlit_app.data import items, landing
from streamlit_app.i18n import t, value
from streamlit_app.ui import format as fmt
from streamlit_app.ui import marks, tables
from streamlit_app.ui.header import ABC
from streamlit_app.ui.states import empty, say_refused

LONGEST_REASON = 500
UNMET = ("BACKORDER", "LOST")
# Parameter to (key of its words, what the reader types over what is stored, least, most), bounds as in the extract.
NUMBERS: dict[str, tuple[str, float, float, float | None]] = {
    "criticality_min": ("admin.criticality_min", 1, 0, 10),
    "service_level": ("rules.service", 100, 50, 99.99),
    "review_days": ("admin.review_days", 1, 0, None),
    "lead_time_days": ("past.lead_time", 1, 0, None),
    "holding_rate_year": ("rules.holding_rate", 100, 0, 500),
    "holding_cost_unit_day": ("item.holding", 1, 0, None),
    "shortage_cost_unit": ("item.shortage", 1, 0, None),
    "fixed_order_cost": ("admin.fixed_cost", 1, 0, None),
    "max_stock": ("admin.max_stock", 1, 0, None),
}


def rules_part(session: Session) -> None:
    """What is in force, what was set here, and the form for another rule."""
    st.caption(t("admin.rules_note"))
    st.html(marks.section(t("rules.in_force")))
    rows = landing.planning_rules(session)
    if rows.empty:
        empty(t("admin.no_rules"))
    else:
        first = {"origin": tables.text(t("rules.origin"), pinned=True, width=96)}
        last = {"specificity": tables.number(t("admin.specificity"), help=t("admin.specificity_help"))}
        _table(rows.assign(origin=[value("origin", code) for code in rows["origin"]]), "rules", first, last)
    edits = landing.rule_edits()
    if len(edits):
        st.html(marks.section(t("rules.set_here")))
        _edits(edits)
    _new(session)


def _table(rows: pd.DataFrame, key: str, first: dict[str, Any], last: dict[str, Any], **options: Any) -> Any:
    """Scope and parameters of rules between the given columns."""
    columns = {
        "item_code": tables.text(t("common.material"), width="small"),
        "family": tables.text(t("common.family")),
        "abc_class": tables.text("ABC", width="small"),
        "site_code": tables.text(t("common.site"), width="small"),
        "criticality_min": tables.number(t("admin.criticality_min")),
        "service_level": tables.share(t("whatif.service")),
        "review_days": tables.number(t("admin.review_days")),
        "lead_time_days": tables.number(t("past.lead_time")),
        "holding_rate_year": tables.share(t("admin.holding_rate")),
        "holding_cost_unit_day": tables.number(t("item.holding")),
        "shortage_cost_unit": tables.number(t("item.shortage")),
        "fixed_order_cost": tables.number(t("admin.fixed_cost")),
        "max_stock": tables.number(t("admin.max_stock")),
        "unmet_demand": tables.text(t("item.unmet")),
    }
    # Few rules give everything: what none of them says would only push the rest aside.
    columns = {name: column for name, column in columns.items() if bool(rows[name].notna().any())}
    return tables.show(
        rows.assign(unmet_demand=[value("unmet", code) for code in rows["unmet_demand"]]),
        height=tables.height(len(rows), 14),
        alt=t("admin.part_regras"),
        key=key,
        column_order=[*first, *columns, *last],
        column_config=first | columns | last,
        **options,
    )


def _edits(edits: pd.DataFrame) -> None:
    state = _table(
        edits.assign(state=[_state(row) for row in edits.to_dict("records")]),
        "rule_edits",
        {"state": tables.text(t("data.status"), pinned=True, width=130)},
        {
            "reason": tables.text(t("queue.reason")),
            "author": tables.text(t("forecast.author")),
            "created_at": tables.moment(t("admin.created")),
            "ended_at": tables.moment(t("admin.ended")),
        },
        on_select="rerun",
        selection_mode="multi-row",
    )
    ticked = [edits.iloc[n].to_dict() for n in state["selection"]["rows"] if n < len(edits)]
    standing = [int(row["edit_id"]) for row in ticked if fmt.missing(row["ended_at"])]
    st.button(
        t("rules.end", count=fmt.number(len(standing))),
        icon=":material/event_busy:",
        on_click=partial(_end, standing),
        disabled=not standing,
        help=t("rules.end_help"),
        key="end_rules",
    )


def _state(row: dict[str, Any]) -> str:
    ended = not fmt.missing(row["ended_at"])
    if bool(row["taken_over"]):
        return t("forecast.over") if ended else t("forecast.in_force")
    return t("rules.ends_next") if ended else t("rules.starts_next")


def _new(session: Session) -> None:
    options = items.filter_options(session)
    families = options.loc[options["kind"] == "family", "code"].tolist()
    sites = options.loc[options["kind"] == "site", "code"].tolist()
    with st.expander(t("rules.new"), icon=":material/rule_settings:"), st.form("new_rule", border=False):
        st.caption(t("rules.scope_note"))
        first, second, third, fourth, fifth = st.columns(5)
        first.text_input(t("common.code"), key="rule_item_code", max_chars=64)
        second.selectbox(t("common.family"), families, index=None, placeholder=t("rules.any"), key="rule_family")
        third.selectbox("ABC", ABC, index=None, placeholder=t("rules.any"), key="rule_abc_class")
        fourth.selectbox(t("common.site"), sites, index=None, placeholder=t("rules.any"), key="rule_site_code")
        _number(fifth, "criticality_min")
        st.caption(t("rules.values_note"))
        for names in (tuple(NUMBERS)[1:5], tuple(NUMBERS)[5:]):
            for column, name in zip(st.columns(4), names, strict=False):
                _number(column, name)
        left, right = st.columns([1, 3])
        left.selectbox(
            t("item.unmet"),
            UNMET,
            index=None,
            placeholder=t("rules.not_given"),
            format_func=lambda code: value("unmet", code),
            key="rule_unmet_demand",
        )
        right.text_input(t("queue.reason"), key="rule_reason", max_chars=LONGEST_REASON)
        st.form_submit_button(t("rules.save"), type="primary", on_click=_save)


def _number(place: Any, name: str) -> None:
    words, _, least, most = NUMBERS[name]
    place.number_input(
        t(words),
        min_value=float(least),
        max_value=None if most is None else float(most),
        value=None,
        format="%g",
        placeholder=t("rules.any") if name == "criticality_min" else t("rules.not_given"),
        key=f"rule_{name}",
    )


def _given() -> dict[str, Any]:
    """The rule as it was typed, in the units that are stored; None where nothing was."""
    state = st.session_state
    words = {name: state[f"rule_{name}"] or None for name in ("family", "abc_class", "site_code", "unmet_demand")}
    numbers = {
        name: None if state[f"rule_{name}"] is None else round(float(state[f"rule_{name}"]) / scale, 4)
        for name, (_, scale, _, _) in NUMBERS.items()
    }
    return {"item_code": str(state["rule_item_code"]).strip() or None} | words | numbers


def _save() -> None:
    session = require_role(*ADMINS, what="rule.set")
    reason = str(st.session_state["rule_reason"]).strip()
    if not reason:
        st.toast(t("queue.reason_needed"), icon=":material/edit_note:")
        return
    try:
        landing.set_rule(session, _given(), reason)
    except Refused as refused:
        say_refused(refused)
        return
    st.toast(t("rules.saved"), icon=":material/check:")


def _end(numbers: list[int]) -> None:
    session = require_role(*ADMINS, what="rule.ended")
    for number in numbers:
        try:
            landing.end_rule(session, number)
        except Refused as refused:
            say_refused(refused)
