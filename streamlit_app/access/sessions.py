"""Sessions: signing in, out, and the question "who is this" that every request and every rerun asks.

The database enforces idle and absolute limits, revocation and closed accounts; its answer is remembered here for at
most REMEMBERED_SECONDS, which is how long a withdrawn right can outlive its withdrawal.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime

from streamlit_app.access.passwords import check_password
from streamlit_app.access.tokens import digest, new_token
from streamlit_app.data.database import database

REMEMBERED_SECONDS = 15.0
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Session:
    """A session in force and its person. `key` is the digest of the session id, which the database's functions take."""

    key: bytes
    user_id: int
    username: str
    display_name: str
    role: str
    locale: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignIn:
    """Outcome of an attempt: a session id for the browser, or how long to wait, or neither (wrong name or password)."""

    token: str | None = None
    locale: str | None = None
    wait_seconds: int = 0


class _Memory:
    """Answers of the database by session key, each with the moment at which it stops counting."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.answers: dict[bytes, tuple[float, Session | None]] = {}

    def get(self, key: bytes) -> tuple[float, Session | None] | None:
        with self.lock:
            kept = self.answers.get(key)
        return kept if kept and kept[0] > time.monotonic() else None

    def put(self, key: bytes, session: Session | None) -> None:
        now = time.monotonic()
        with self.lock:
            if len(self.answers) >= MOST_REMEMBERED:
                self.answers = {key: kept for key, kept in self.answers.items() if kept[0] > now}
            if len(self.answers) < MOST_REMEMBERED:
                self.answers[key] = (now + REMEMBERED_SECONDS, session)

    def forget(self, key: bytes | None = None) -> None:
        with self.lock:
            if key is None:
                self.answers.clear()
            else:
                self.answers.pop(key, None)


_memory = _Memory()


def sign_in(username: str, password: str, source: str | None, user_agent: str | None) -> SignIn:
    """Check a name and a password and open a session.

    Unknown names, closed accounts and wrong passwords take the same time and give the same answer.
    """
    name = username.strip().casefold()
    asked = database().row("begin_login", username=name, source=source) or {}
    if asked.get("wait_seconds"):
        return SignIn(wait_seconds=int(asked["wait_seconds"]))
    right = check_password(password, asked.get("password_hash"))
    token = new_token() if right else None
    key = digest(token) if token else None
    person = database().row(
        "finish_login", username=name, source=source, user_agent=user_agent, succeeded=right, session=key
    )
    return SignIn(token, person["locale"]) if token and person else SignIn()


def find_session(token: str) -> Session | None:
    """The session that a browser's id stands for, or None when it is not in force. Raises DatabaseUnavailable."""
    return session_of_key(digest(token))


def session_of_key(key: bytes) -> Session | None:
    """The same for the digest of a session id."""
    kept = _memory.get(key)
    if kept:
        return kept[1]
    row = database().row("check_session", session=key)
    session = None
    if row:
        session = Session(
            key, row["user_id"], row["username"], row["display_name"], row["role"], row["locale"], row["expires_at"]
        )
    _memory.put(key, session)
    return session


def end_session(token: str) -> None:
    """Sign out: the session is over for every window and every copy of its id."""
    key = digest(token)
    database().rows("end_session", session=key)
    _memory.forget(key)


def forget_sessions() -> None:
    """Drop every remembered answer, so that a change of rights counts at once in this process."""
    _memory.forget()
