"""What people do with accounts: their own, and as an ADMIN everybody's. Every function raises Refused when the database
says no; new passwords, secrets and tokens are returned once and kept nowhere but as a hash or sealed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from streamlit_app.access import second_factor
from streamlit_app.access.passwords import check_password, hash_password
from streamlit_app.access.roles import carry_out
from streamlit_app.access.sessions import Session, forget_sessions
from streamlit_app.access.tokens import digest, new_token
from streamlit_app.data.database import database

GIVEN_PASSWORD_BYTES = 15
# Tells a token apart from others in a list of leaked secrets.
TOKEN_PREFIX = "nova_"  # noqa: S105 - a name, not a secret


@dataclass(frozen=True, slots=True)
class NewToken:
    """An API token, in clear for this once, and when it stops working."""

    token: str
    expires_at: datetime


def create_user(
    session: Session, username: str, display_name: str, email: str | None, role: str, locale: str = "pt-BR"
) -> str:
    """Open an account; returns its first password, which its owner must replace when he signs in, within a week."""
    password = secrets.token_urlsafe(GIVEN_PASSWORD_BYTES)
    _write(
        session,
        "user.created",
        username,
        "create_user",
        username=username,
        display_name=display_name,
        email=email,
        password_hash=hash_password(password),
        role=role,
        locale=locale,
    )
    return password


def reset_password(session: Session, username: str) -> str:
    """Give somebody a new first password, which is returned, and end his sessions."""
    password = secrets.token_urlsafe(GIVEN_PASSWORD_BYTES)
    _write(
        session,
        "user.password_set",
        username,
        "set_password",
        username=username,
        password_hash=hash_password(password),
    )
    return password


def set_role(session: Session, username: str, role: str) -> None:
    """Change what somebody may do; counts at his next click."""
    _write(session, "user.role_set", username, "set_role", username=username, role=role)


def set_active(session: Session, username: str, *, active: bool) -> None:
    """Close an account, which ends its sessions and tokens, or open it again."""
    action = "user.opened" if active else "user.closed"
    _write(session, action, username, "set_active", username=username, active=active)


def reset_second_factor(session: Session, username: str) -> None:
    """Take the second factor away: one's own, or as an ADMIN that of somebody who lost his device."""
    _write(session, "second_factor.removed", username, "reset_totp", username=username)


def sessions_of(session: Session) -> list[dict[str, Any]]:
    """Sessions in force, one's own or for an ADMIN everybody's: session_id, username, kind, is_own, ip, times."""
    return carry_out(
        session, "session.listed", "sessions", lambda: database().rows("sessions_list", session=session.key)
    )


def end_session(session: Session, session_id: str) -> None:
    """End one session of that list."""
    _write(session, "session.revoked", session_id, "revoke_session", session_id=session_id)


def right_password(session: Session, password: str, source: str | None, user_agent: str | None) -> bool:
    """Whether the person at the keyboard knows the account's password; guesses slow down as at the door."""
    asked = database().row("begin_login", username=session.username, source=source) or {}
    right = check_password(password, asked.get("password_hash")) and not asked.get("wait_seconds")
    database().rows("confirm_password", session=session.key, source=source, user_agent=user_agent, succeeded=right)
    return right


def change_own_password(session: Session, password: str) -> None:
    """Replace one's own password, which ends one's other sessions. The caller has asked for the old one."""
    _write(
        session,
        "user.password_set",
        session.username,
        "set_password",
        username=session.username,
        password_hash=hash_password(password),
    )


def second_factor_of(session: Session) -> dict[str, Any] | None:
    """One's own second factor: secret (sealed), last_step, confirmed_at, codes_left; None without one."""
    return database().row("own_totp", session=session.key)


def begin_second_factor(session: Session) -> str:
    """A new secret for one's device, not in force before confirm_second_factor."""
    secret = second_factor.new_secret()
    sealed = second_factor.seal(secret)
    _write(session, "second_factor.begun", session.username, "begin_totp", secret=sealed)
    return secret


def confirm_second_factor(session: Session, code: str) -> list[str] | None:
    """Switch one's second factor on with a first code; returns recovery codes, or None when the code is wrong."""
    kept = second_factor_of(session)
    step = second_factor.step_of(kept["secret"], code, kept["last_step"]) if kept else None
    if step is None:
        return None
    codes = second_factor.new_recovery_codes()
    digests = [second_factor.recovery_digest(code) for code in codes]
    _write(session, "second_factor.confirmed", session.username, "confirm_totp", step=step, codes=digests)
    return codes


def create_api_token(session: Session, label: str, days: int) -> NewToken:
    """A token for another system, with the rights of whoever makes it, to read the REST API."""
    token = TOKEN_PREFIX + new_token()
    row = carry_out(
        session,
        "api_token.created",
        label,
        lambda: database().row("create_api_token", session=session.key, token=digest(token), label=label, days=days),
    )
    return NewToken(token, row["expires_at"])


def api_tokens(session: Session) -> list[dict[str, Any]]:
    """Tokens in force, one's own or for an ADMIN everybody's: token_id, username, label, times."""
    return carry_out(
        session, "api_token.listed", "api_tokens", lambda: database().rows("api_tokens_list", session=session.key)
    )


def revoke_api_token(session: Session, token_id: str) -> None:
    """Withdraw a token of that list."""
    _write(session, "api_token.revoked", token_id, "revoke_api_token", token_id=token_id)


def _write(session: Session, action: str, entity: str, query: str, **params: Any) -> None:
    carry_out(session, action, entity, lambda: database().rows(query, session=session.key, **params))
    forget_sessions()
