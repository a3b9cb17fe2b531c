"""Administration: people, sessions and the audit log. For ADMIN only."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial
from html import escape

import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import ADMINS, Refused
from streamlit_app.access.sessions import Session
from streamlit_app.data import people
from streamlit_app.i18n import current_language, t, tn, value
from streamlit_app.ui import bound, marks, tables
from streamlit_app.ui import format as fmt
from streamlit_app.ui.header import plain_header
from streamlit_app.ui.states import empty, say_refused

PARTS = ("pessoas", "sessoes", "auditoria")
AUDIT_DAYS = 30


def render() -> None:
    """Draw the screen."""
    session = require_role(*ADMINS, what="screen.admin")
    plain_header(session, t("screen.admin"))
    part = bound.segmented("parte", t("admin.part"), PARTS, show=lambda name: t(f"admin.part_{name}"))
    {"pessoas": _people, "sessoes": _sessions, "auditoria": _audit}[part](session)


def _people(session: Session) -> None:
    rows = people.users(session)
    tables.show(
        rows.assign(
            role=[value("role", code) for code in rows["role"]],
            active=[t("admin.active") if active else t("admin.closed") for active in rows["active"]],
        ),
        height="content",
        column_order=[
            "username",
            "display_name",
            "email",
            "role",
            "active",
            "last_login_at",
            "live_sessions",
            "failed_logins",
            "created_at",
        ],
        column_config={
            "username": tables.text(t("door.username"), pinned=True),
            "display_name": tables.text(t("admin.name")),
            "email": tables.text(t("admin.email")),
            "role": tables.text(t("admin.role"), width="small"),
            "active": tables.text(t("admin.account"), width="small"),
            "last_login_at": tables.moment(t("admin.last_login")),
            "live_sessions": tables.number(t("admin.live_sessions")),
            "failed_logins": tables.number(t("admin.failed_logins")),
            "created_at": tables.moment(t("admin.created")),
        },
        alt=t("admin.part_pessoas"),
        key="users",
    )
    st.caption(t("admin.people_note"))


def _sessions(session: Session) -> None:
    rows = people.sessions(session)
    tables.show(
        rows,
        height="content",
        column_config={
            "username": tables.text(t("door.username"), pinned=True),
            "created_at": tables.moment(t("admin.began")),
            "last_seen_at": tables.moment(t("admin.last_seen")),
            "expires_at": tables.moment(t("admin.expires")),
            "ip": tables.text(t("admin.address"), width="small"),
            "user_agent": tables.text(t("admin.browser")),
        },
        alt=t("admin.part_sessoes"),
        key="sessions",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = sorted(set(rows["username"]))
        username = st.selectbox(t("admin.whose"), names, key="revoke_whose", width=260, placeholder=t("admin.whose"))
        st.button(t("admin.revoke"), icon=":material/logout:", on_click=partial(_revoke, username), key="revoke")
    st.caption(t("admin.revoke_note"))


def _revoke(username: str | None) -> None:
    session = require_role(*ADMINS, what="session.revoked")
    if username is None:
        return
    try:
        ended = people.end_sessions_of(session, username)
    except Refused as refused:
        say_refused(refused)
        return
    st.toast(tn("admin.revoked", ended, count=fmt.number(ended), who=username), icon=":material/logout:")


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
