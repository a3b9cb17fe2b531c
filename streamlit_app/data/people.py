"""Questions of the administration: people, sessions, audit log. The database answers an ADMIN's session only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from streamlit_app.access.roles import carry_out
from streamlit_app.access.sessions import Session, forget_sessions
from streamlit_app.data.cache import fresh
from streamlit_app.data.database import database

AUDIT_ROWS = 500
AUDIT_SECONDS = 60


def users(session: Session) -> pd.DataFrame:
    """Everybody who may sign in."""
    return carry_out(session, "user.listed", "users", lambda: fresh("users_list", session=session.key))


def sessions(session: Session) -> pd.DataFrame:
    """Sessions in force."""
    return carry_out(session, "session.listed", "sessions", lambda: fresh("sessions_list", session=session.key))


def end_sessions_of(session: Session, username: str) -> int:
    """End all sessions of a person but the caller's own; returns how many."""
    answer = carry_out(
        session,
        "session.revoked",
        username,
        lambda: database().row("revoke_sessions", session=session.key, username=username),
    )
    forget_sessions()
    return int(answer["ended"] or 0)


def audit_log(
    session: Session, *, start: datetime | None, stop: datetime | None, actor: str | None, action: str | None
) -> pd.DataFrame:
    """Newest events of the audit log."""
    return carry_out(
        session,
        "audit.read",
        "audit_logs",
        lambda: fresh(
            "audit_list",
            session=session.key,
            start=start,
            stop=stop,
            actor=actor or None,
            action=action or None,
            row_limit=AUDIT_ROWS,
        ),
    )


@st.cache_data(ttl=AUDIT_SECONDS, max_entries=1, show_spinner=False)
def audit_state() -> dict[str, Any]:
    """Whether the chain of the audit log is whole: rows_checked, head_id, problem (None when whole), problem_id.

    The whole chain is read, so it is asked at most every AUDIT_SECONDS; `nova audit verify` asks at once.
    """
    return database().row("audit_verify") or {}
