"""Roles, and the second gate: the first line of every view and of every action that writes.

A refusal is recorded in the audit log before the reader is told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from streamlit_app.access.sessions import Session
from streamlit_app.data.database import DatabaseUnavailable, database

ADMIN, ANALYST, VIEWER = "ADMIN", "ANALYST", "VIEWER"
EVERYBODY = (ADMIN, ANALYST, VIEWER)
DECIDERS = (ADMIN, ANALYST)
ADMINS = (ADMIN,)

# SQLSTATEs of the functions in the schema support.
NO_SESSION, FORBIDDEN, MISSING, CONFLICT, INVALID = "NV401", "NV403", "NV404", "NV409", "NV422"

log = logging.getLogger(__name__)


@dataclass
class AccessDenied(Exception):
    """The reader may not do this. `needed` are the roles that may."""

    needed: tuple[str, ...]
    what: str


class SignedOut(Exception):
    """The session is no longer in force."""


@dataclass
class Refused(Exception):
    """The database did not carry out a write; `code` is one of the SQLSTATEs above."""

    code: str
    message: str


def check_role(session: Session, needed: tuple[str, ...], what: str) -> None:
    """Raise AccessDenied, after recording it, unless the session's role is among those needed."""
    if session.role not in needed:
        record(session, "access.refused", what, "REFUSED", {"needed": list(needed), "role": session.role})
        raise AccessDenied(needed, what)


def record(
    session: Session | None,
    action: str,
    entity: str | None,
    outcome: str,
    details: dict[str, Any] | None = None,
    *,
    source: str | None = None,
    user_agent: str | None = None,
) -> None:
    """Write an event into the audit log; one that cannot be written goes to the process's log instead."""
    try:
        database().rows(
            "audit",
            session=session.key if session else None,
            action=action,
            entity=entity,
            outcome=outcome,
            details=Jsonb(details or {}),
            source=source,
            user_agent=user_agent,
        )
    except (DatabaseUnavailable, psycopg.Error):
        log.exception("audit event not recorded: %s %s %s", action, entity, outcome)


def carry_out(session: Session, action: str, entity: str, write: Callable[[], Any]) -> Any:
    """Run a writing function of the database for a person.

    Raises Refused with the function's SQLSTATE; refusals of right are recorded, for the function's own record is undone
    with its transaction.
    """
    try:
        return write()
    except psycopg.Error as error:
        code = error.sqlstate or ""
        if not code.startswith("NV"):
            raise
        if code in {NO_SESSION, FORBIDDEN}:
            record(session, action, entity, "REFUSED", {"code": code})
        raise Refused(code, error.diag.message_primary or "") from error
