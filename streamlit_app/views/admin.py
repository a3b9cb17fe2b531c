"""Administration: people, sessions, API tokens, planning rules, runs and the audit log. For ADMIN only."""

from __future__ import annotations

import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import ADMINS
from streamlit_app.access.sessions import Session
from streamlit_app.data import landing
from streamlit_app.i18n import t
from streamlit_app.ui import bound, tables
from streamlit_app.ui.header import plain_header
from streamlit_app.ui.saved_views import saved_views
from streamlit_app.ui.states import empty
from streamlit_app.views import admin_audit, admin_people, admin_rules

PARTS = ("pessoas", "sessoes", "tokens", "regras", "execucoes", "auditoria")


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
        "auditoria": admin_audit.audit_part,
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
        height=tables.height(len(rows), 16),
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
