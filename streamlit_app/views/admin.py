"""Administration: people, sessions, API tokens, planning rules, runs and the audit log. For ADMIN only."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from html import escape

import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import ADMINS
from streamlit_app.access.sessions import Session
from streamlit_app.data import landing, people
from streamlit_app.downloads import file_buttons
from streamlit_app.i18n import current_language, t, value
from streamlit_app.ui import bound, marks, tables
from streamlit_app.ui import format as fmt
from streamlit_app.ui.header import plain_header
from streamlit_app.ui.saved_views import saved_views
from streamlit_app.ui.states import empty
from streamlit_app.views import admin_people, admin_rules

PARTS = ("pessoas", "sessoes", "tokens", "regras", "execucoes", "auditoria")
AUDIT_DAYS = 30
AUDIT_LABELS = {
    "audit_id": "data.number",
    "at": "admin.when",
    "actor": "admin.actor",
    "action": "admin.event",
    "entity": "admin.what",
    "outcome": "admin.outcome",
    "ip": "admin.address",
    "details": "item.detail",
}


def render() -> None:
    """Draw the screen."""
    session = require_role(*ADMINS, what="screen.admin")
    stands_on = plain_header(session, t("screen.admin"))
    with st.container(horizontal=True, gap="small", key="filters"):
        part = bound.segmented("parte", t("admin.part"), PARTS, show=lambda name: t(f"admin.part_{name}"))
        if stands_on:
            saved_views(session, "admin")
    drawn = {
        "pessoas": admin_people.accounts_part,
        "sessoes": admin_people.sessions_part,
        "tokens": admin_people.tokens_part,
        "regras": admin_rules.rules_part,
        "execucoes": _runs,
        "auditoria": _audit,
    }
    drawn[part](session)


def _runs(session: Session) -> None:
    rows = landing.runs(session)
    if rows.empty:
        empty(t("data.nothing_computed"))
        return
    tables.show(
        rows.assign(
            seconds=[
                (last - first).total_seconds() for first, last in zip(rows["first_at"], rows["last_at"], strict=True)
            ]
        ),
        height=min(len(rows), 16) * 35 + 42,
        alt=t("admin.part_execucoes"),
        key="runs",
        column_order=[
            "run_id",
            "first_at",
            "last_at",
            "seconds",
            "newest_day",
            "tables",
            "publishes",
            "rows",
            "code_version",
        ],
        column_config={
            "run_id": tables.text(t("data.run"), pinned=True),
            "first_at": tables.moment(t("admin.began")),
            "last_at": tables.moment(t("admin.ended")),
            "seconds": tables.number(t("admin.seconds")),
            "newest_day": tables.day(t("data.newest_day")),
            "tables": tables.number(t("data.part_tabelas")),
            "publishes": tables.number(t("admin.publishes")),
            "rows": tables.number(t("data.rows")),
            "code_version": tables.text(t("data.code_version")),
        },
    )
    st.caption(t("admin.runs_note"))


def _audit(session: Session) -> None:
    state = people.audit_state()
    if state.get("problem") is None:
        mark = marks.badge("good", t("admin.chain_whole", rows=fmt.number(state.get("rows_checked"))))
    else:
        mark = marks.badge("bad", t("admin.chain_broken", number=fmt.number(state.get("problem_id"))))
    st.html(f'<div class="nc-band"><b>{escape(t("admin.chain"))}</b>{mark}</div>')
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        actor = bound.search("quem", t("admin.actor"), t("admin.actor_hint"), width=220)
        action = bound.search("evento", t("admin.event"), t("admin.event_hint"), width=260)
        today = fmt.today()
        span = st.date_input(
            t("admin.span"),
            (today - timedelta(days=AUDIT_DAYS), today),
            format="DD/MM/YYYY" if current_language() == "pt-BR" else "YYYY-MM-DD",
            label_visibility="collapsed",
            width=260,
            key="audit_span",
        )
    start, stop = (span[0], span[-1]) if isinstance(span, tuple) and span else (today, today)
    rows = people.audit_log(
        session,
        start=datetime.combine(start, time.min, fmt.ZONE),
        stop=datetime.combine(stop + timedelta(days=1), time.min, fmt.ZONE),
        actor=actor,
        action=action,
    )
    if rows.empty:
        empty(t("admin.no_events"))
        return
    labels = {name: t(key) for name, key in AUDIT_LABELS.items()}
    file_buttons("audit", f"auditoria_{start}_{stop}", labels, lambda: rows)
    tables.show(
        rows.assign(outcome=[value("outcome", code) for code in rows["outcome"]]),
        height=min(len(rows), 16) * 35 + 42,
        column_order=["audit_id", "at", "actor", "action", "entity", "outcome", "ip", "details"],
        column_config={
            "audit_id": tables.number(t("data.number")),
            "at": tables.moment(t("admin.when")),
            "actor": tables.text(t("admin.actor")),
            "action": tables.text(t("admin.event")),
            "entity": tables.text(t("admin.what")),
            "outcome": tables.text(t("admin.outcome"), width="small"),
            "ip": tables.text(t("admin.address"), width="small"),
            "details": tables.text(t("item.detail")),
        },
        alt=t("admin.part_auditoria"),
        key="audit",
    )
