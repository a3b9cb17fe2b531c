"""Sessions: signing in, out, and the question "who is this" that every request, rerun and call of the API asks.

The database enforces idle and absolute limits, revocation and closed accounts; its answer is remembered here for at
most REMEMBERED_SECONDS, which is how long a withdrawn right can outlive its withdrawal.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime

from streamlit_app.access import second_factor
from streamlit_app.access.passwords import check_password
from streamlit_app.access.tokens import digest, new_token
from streamlit_app.data.database import database

REMEMBERED_SECONDS = 15.0
MOST_REMEMBERED = 10_000
# BROWSER sessions come by cookie, API ones by a signed token; TOKEN stands for another system's API token.
BROWSER, API, TOKEN = "BROWSER", "API", "TOKEN"


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
    kind: str = BROWSER
    password_temporary: bool = False
    password_alone: bool = False

    @property
    def lacks_factor(self) -> bool:
        """Whether the settings demand a second factor of this person, who signs in with a password alone."""
        if not self.password_alone:
            return False
        demanded = database().settings.second_factor
        return demanded == "everybody" or (demanded == "admin" and self.role == "ADMIN")


@dataclass(frozen=True, slots=True)
class SignIn:
    """Outcome of an attempt: a session id for the browser, or a challenge that a code of the second factor must answer,
    or how long to wait, or nothing of these (wrong name, password or code)."""

    token: str | None = None
    locale: str | None = None
    wait_seconds: int = 0
    challenge: str | None = None


class _Memory:
    """Answers of the database by kind of credential and its digest, each with the moment at which it stops counting."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.answers: dict[tuple[str, bytes], tuple[float, Session | None]] = {}

    def get(self, key: tuple[str, bytes]) -> tuple[float, Session | None] | None:
        with self.lock:
            kept = self.answers.get(key)
        return kept if kept and kept[0] > time.monotonic() else None

    def put(self, key: tuple[str, bytes], session: Session | None) -> None:
        now = time.monotonic()
        with self.lock:
            if len(self.answers) >= MOST_REMEMBERED:
                self.answers = {key: kept for key, kept in self.answers.items() if kept[0] > now}
            if len(self.answers) < MOST_REMEMBERED:
                self.answers[key] = (now + REMEMBERED_SECONDS, session)

    def forget(self, key: tuple[str, bytes] | None = None) -> None:
        with self.lock:
            if key is None:
                self.answers.clear()
            else:
                self.answers.pop(key, None)


_memory = _Memory()
COLUMNS = (
    "user_id",
    "username",
    "display_name",
    "role",
    "locale",
    "expires_at",
    "kind",
    "password_temporary",
    "password_alone",
)


def sign_in(username: str, password: str, source: str | None, user_agent: str | None, *, kind: str = BROWSER) -> SignIn:
    """Check a name and a password and open a session, or a challenge for who has a second factor.

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
        "finish_login", username=name, source=source, user_agent=user_agent, succeeded=right, session=key, kind=kind
    )
    if not token or not person:
        return SignIn()
    return SignIn(challenge=token) if person["second_factor"] else SignIn(token, person["locale"])


def answer_challenge(
    challenge: str, code: str, source: str | None, user_agent: str | None, *, kind: str = BROWSER
) -> SignIn:
    """Open the session of a challenge for a code of the person's device or one of his recovery codes."""
    key = digest(challenge)
    asked = database().row("begin_second_factor", challenge=key, source=source)
    if not asked:
        return SignIn()
    if asked["wait_seconds"]:
        return SignIn(wait_seconds=int(asked["wait_seconds"]))
    token = new_token()
    person = database().row(
        "finish_second_factor",
        challenge=key,
        source=source,
        user_agent=user_agent,
        step=second_factor.step_of(asked["secret"], code, asked["last_step"]) if asked["secret"] else None,
        recovery=second_factor.recovery_digest(code),
        session=digest(token),
        kind=kind,
    )
    return SignIn(token, person["locale"]) if person else SignIn()


def sign_in_identity(issuer: str, subject: str, email: str, source: str | None, user_agent: str | None) -> SignIn:
    """Open a session for an account at an identity provider, whose e-mail address the provider has verified."""
    token = new_token()
    person = database().row(
        "identity_login",
        issuer=issuer,
        subject=subject,
        email=email,
        source=source,
        user_agent=user_agent,
        session=digest(token),
    )
    return SignIn(token, person["locale"]) if person else SignIn()


def find_session(token: str) -> Session | None:
    """The session that a browser's id stands for, or None when it is not in force. Raises DatabaseUnavailable."""
    return session_of(BROWSER, digest(token))


def session_of(kind: str, key: bytes) -> Session | None:
    """What a session id or an API token with this digest stands for, or None when it is not in force or of another
    kind. Raises DatabaseUnavailable."""
    known = recall(kind, key)
    if known:
        return known[0]
    found = _api_token(key) if kind == TOKEN else _session(key)
    session = found if found and found.kind == kind else None
    _memory.put((kind, key), session)
    return session


def recall(kind: str, key: bytes) -> tuple[Session | None] | None:
    """The same without asking the database; None when it would have to be asked."""
    kept = _memory.get((kind, key))
    return (kept[1],) if kept else None


def end_session(token: str) -> None:
    """Sign out: the session is over for every window and every copy of its id."""
    end_session_of_key(digest(token))


def end_session_of_key(key: bytes) -> None:
    """The same for the digest of a session id."""
    database().rows("end_session", session=key)
    for kind in (BROWSER, API):
        _memory.forget((kind, key))


def forget_sessions() -> None:
    """Drop every remembered answer, so that a change of rights counts at once in this process."""
    _memory.forget()


def _session(key: bytes) -> Session | None:
    row = database().row("check_session", session=key)
    return Session(key, **{name: row[name] for name in COLUMNS}) if row else None


def _api_token(key: bytes) -> Session | None:
    row = database().row("check_api_token", token=key)
    return Session(key, **row, kind=TOKEN) if row else None
