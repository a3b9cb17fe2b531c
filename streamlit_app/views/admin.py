"""Administration: people, sessions, API tokens, planning rules, runs and the audit log. For ADMIN only."""

from __future__ import annotations

import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import ADMINS
from streamlit_app.i18n import t
from streamlit_app.ui import bound
from streamlit_app.ui.header import plain_header
from streamlit_app.ui.saved_views import saved_views
from streamlit_app.views import admin_audit, admin_people, admin_rules, admin_runs

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
        "execucoes": admin_runs.runs_part,
        "auditoria": admin_audit.audit_part,
    }
    drawn[part](session)
