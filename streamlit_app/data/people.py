"""Questions of the administration: people, sessions, audit log. The database answers an ADMIN's session only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from streamlit_app.access.roles import carry_out
from streamlit_app.access.sessions import Session, forget_sessions
from streamlit_app.data.cache import fresh
from streamlit_app.data.database import database

# Rows of a page on the screen, of one call of the database (support.audit_list gives no more), and of a file.
AUDIT_PAGE, MOST_AT_ONCE, EXPORT_ROWS = 200, 10_000, 100_000
AUDIT_SECONDS = 60
VERIFIED_ROWS = 2_000


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


@dataclass(frozen=True, slots=True)
class AuditWish:
    """Which events: from `start` until before `stop`, by whom, what, with which outcome, on what (a part of its name);
    None is any."""

    start: datetime | None = None
    stop: datetime | None = None
    actor: str | None = None
    action: str | None = None
    outcome: str | None = None
    entity: str | None = None


def audit_log(session: Session, wish: AuditWish, *, rows: int, before: int | None = None) -> pd.DataFrame:
    """Events, newest first: those before the one numbered `before`, at most MOST_AT_ONCE at a time."""
    return carry_out(
        session,
        "audit.read",
        "audit_logs",
        lambda: fresh("audit_list", session=session.key, before=before, row_limit=rows, **asdict(wish)),
    )


def whole_audit_log(session: Session, wish: AuditWish) -> pd.DataFrame:
    """The newest EXPORT_ROWS events, asked for in pieces."""
    parts = [audit_log(session, wish, rows=MOST_AT_ONCE)]
    while len(parts[-1]) == MOST_AT_ONCE and len(parts) * MOST_AT_ONCE < EXPORT_ROWS:
        parts.append(audit_log(session, wish, before=int(parts[-1]["audit_id"].iloc[-1]), rows=MOST_AT_ONCE))
    return pd.concat(parts, ignore_index=True)


@st.cache_data(ttl=AUDIT_SECONDS, max_entries=1, show_spinner=False)
def audit_state() -> dict[str, Any]:
    """Whether the newest VERIFIED_ROWS of the audit log are an unbroken chain; `nova audit verify` reads the whole.

    rows_checked, head_id, problem (None when whole), problem_id.
    """
    return database().row("audit_verify", newest=VERIFIED_ROWS) or {}
