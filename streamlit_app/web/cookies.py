"""The two cookies of the app: the session id, which no script can read, and the language, which is no secret."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import HTTPConnection
from starlette.responses import Response

SESSION = "nova_session"
# A browser takes a __Host- cookie only over https, for this very host, and never from a subdomain.
SECURE_SESSION = "__Host-nova_session"
LANGUAGE = "nova_lang"
YEAR_SECONDS = 365 * 24 * 3600
# A longer one is not ours, and hashing it would only cost time.
LONGEST_TOKEN = 128


def is_secure(connection: HTTPConnection) -> bool:
    """Whether the browser speaks https, as the server or the trusted proxy in front of it says."""
    return connection.scope.get("scheme") in {"https", "wss"}


def session_token(connection: HTTPConnection) -> str | None:
    """The session id that the browser sent. Over https only the protected name counts."""
    name = SECURE_SESSION if is_secure(connection) else SESSION
    return _plausible(connection.cookies.get(name))


def handshake_token(cookies: Mapping[str, str]) -> str | None:
    """The session id among the cookies of a WebSocket's handshake, which the gate has let through already."""
    return _plausible(cookies.get(SECURE_SESSION) or cookies.get(SESSION))


def set_session(connection: HTTPConnection, response: Response, token: str) -> None:
    """Give the browser its session id until it is closed; the database ends the session earlier by its own clock."""
    secure = is_secure(connection)
    name = SECURE_SESSION if secure else SESSION
    response.set_cookie(name, token, path="/", httponly=True, secure=secure, samesite="lax")


def clear_session(connection: HTTPConnection, response: Response) -> None:
    """Take the session id away."""
    secure = is_secure(connection)
    name = SECURE_SESSION if secure else SESSION
    response.delete_cookie(name, path="/", httponly=True, secure=secure, samesite="lax")


def set_language(connection: HTTPConnection, response: Response, language: str) -> None:
    """Remember the reader's language for a year."""
    secure = is_secure(connection)
    response.set_cookie(LANGUAGE, language, max_age=YEAR_SECONDS, path="/", secure=secure, samesite="lax")


def _plausible(token: str | None) -> str | None:
    return token if token and len(token) <= LONGEST_TOKEN else None
