"""Questions of the data screen: feeds, files, quarantine, tables and the ledger."""

from __future__ import annotations

from typing import Any

import pandas as pd
from psycopg.types.json import Jsonb

from streamlit_app.access.roles import carry_out
from streamlit_app.access.sessions import Session
from streamlit_app.data.cache import frame, fresh
from streamlit_app.data.database import database

SHOWN_ROWS = 300
EXPORT_ROWS = 100_000


def feeds(session: Session) -> pd.DataFrame:
    """Rows in, accepted and rejected by feed, with the newest file."""
    return frame(session, "feeds")


def files(session: Session, feed: str | None) -> pd.DataFrame:
    """Newest files."""
    return frame(session, "feed_files", feed=feed, row_limit=SHOWN_ROWS)


def reject_reasons(session: Session, feed: str | None) -> pd.DataFrame:
    """Refused rows counted by reason."""
    return frame(session, "reject_reasons", feed=feed)


def rejects(session: Session, feed: str | None, reason: str | None, rows: int = SHOWN_ROWS) -> pd.DataFrame:
    """Refused rows themselves."""
    return frame(session, "rejects", feed=feed, reason=reason, row_limit=rows)


def tables(session: Session) -> pd.DataFrame:
    """Newest publish of each table."""
    return frame(session, "tables")


def checks() -> pd.DataFrame:
    """Latest outcome of every check; asked anew each time, for a refused publish leaves no entry in the ledger."""
    return fresh("check_results")


def planning_rules(session: Session) -> pd.DataFrame:
    """Planning rules in force, the narrowest first."""
    return frame(session, "planning_rules")


def rule_edits() -> pd.DataFrame:
    """Rules set on the screens, those that stand first; `taken_over` once a run has read the change."""
    return fresh("planning_rule_edits", row_limit=SHOWN_ROWS)


def set_rule(session: Session, rule: dict[str, Any], reason: str) -> None:
    """Set the rule of a scope: columns of support.planning_rule_edits, None where not given. Raises Refused."""
    carry_out(
        session,
        "rule.set",
        "planning_rules",
        lambda: database().row("set_planning_rule", session=session.key, rule=Jsonb(rule), reason=reason),
    )


def end_rule(session: Session, edit_id: int) -> None:
    """End a rule that was set on the screens. Raises Refused."""
    carry_out(
        session,
        "rule.ended",
        f"rule {edit_id}",
        lambda: database().rows("end_planning_rule", session=session.key, edit_id=edit_id),
    )


def ledger(session: Session) -> pd.DataFrame:
    """Newest publishes."""
    return frame(session, "ledger", row_limit=SHOWN_ROWS)
