"""Who calls the API: a signed token, another system's API token, or a signed-in browser; and how often he may."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from anyio import to_thread
from psycopg.types.json import Jsonb
from starlette.requests import Request

from streamlit_app.access import bearer
from streamlit_app.access.roles import EVERYBODY
from streamlit_app.access.sessions import API, BROWSER, TOKEN, Session, recall, session_of
from streamlit_app.access.tokens import digest
from streamlit_app.api import problems
from streamlit_app.api.trail import trail
from streamlit_app.data.database import database
from streamlit_app.web.cookies import session_token
from streamlit_app.web.requests import client_address, user_agent

LONGEST_TOKEN = 1024
# Strangers share an address's few calls: enough to find a typing error, too few to guess or to fill the audit trail.
STRANGERS_CALLS = 30
# Several systems and people may stand behind one address.
ADDRESS_FACTOR = 4


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and from where. `session` is None for a stranger."""

    session: Session | None
    source: str
    agent: str | None

    @property
    def counters(self) -> dict[str, int]:
        """Counter of calls to its limit in a minute: one's own, and that of the address."""
        limit = database().settings.api_calls_per_minute
        address = hashlib.sha256(self.source.encode()).hexdigest()[:16]
        if self.session is None:
            return {f"stranger:{address}": STRANGERS_CALLS}
        return {self.session.key.hex()[:32]: limit, f"address:{address}": ADDRESS_FACTOR * limit}


async def caller_of(request: Request) -> Caller:
    """Reads the credential of a request. Raises DatabaseUnavailable when nobody can tell what it is worth."""
    return Caller(await _session_of(request), client_address(request) or "", user_agent(request))


def require_role(caller: Caller, roles: tuple[str, ...] = EVERYBODY) -> Session:
    """The caller's session if its role may; problems 401 and 403 otherwise."""
    session = caller.session
    if session is None:
        raise problems.unauthorized()
    if session.password_temporary:
        raise problems.Problem(403, "forbidden", "temporary_password")
    if session.lacks_factor:
        raise problems.Problem(403, "forbidden", "second_factor")
    if session.role not in roles:
        raise problems.Problem(403, "forbidden", "role", {"roles": ", ".join(roles)})
    return session


async def audit(caller: Caller, what: str, status: int, seconds: float, **details: object) -> None:
    """Write the call into the audit trail, in the name of whoever's credential it was."""
    session = caller.session
    await trail.ask(
        {
            "session": session.key if session and session.kind != TOKEN else None,
            "token": session.key if session and session.kind == TOKEN else None,
            "entity": what,
            "outcome": "DONE" if status < 400 else "REFUSED" if status < 500 else "FAILED",
            "details": Jsonb({"status": status, "ms": round(seconds * 1000, 1), **details}),
            "source": caller.source,
            "user_agent": caller.agent,
        }
    )


async def _session_of(request: Request) -> Session | None:
    credential = _credential(request)
    if credential is None:
        return None
    known = recall(*credential)
    return known[0] if known else await to_thread.run_sync(session_of, *credential)


def _credential(request: Request) -> tuple[str, bytes] | None:
    """Kind of what the request shows, and the digest that the database knows it by."""
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    shown = shown.strip()
    if not scheme:
        token = session_token(request)
        return (BROWSER, digest(token)) if token else None
    if scheme.casefold() != "bearer" or not 0 < len(shown) <= LONGEST_TOKEN:
        return None
    if shown.count(".") != 2:
        return TOKEN, digest(shown)
    key = bearer.session_key_of(shown)
    return (API, key) if key else None
