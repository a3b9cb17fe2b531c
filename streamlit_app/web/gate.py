"""The first gate: who has no session gets the sign-in page, and nothing of Streamlit but its public program files.

The screens ask again (access/roles.py) and so does the database; this gate alone decides about files, metrics, uploads
and the WebSocket, which Streamlit would open to anybody.
"""

from __future__ import annotations

from anyio import to_thread
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from streamlit_app.access.sessions import Session, find_session
from streamlit_app.data.database import DatabaseUnavailable
from streamlit_app.web.cookies import session_token
from streamlit_app.web.pages import message_page
from streamlit_app.web.requests import is_foreign, sign_in_address, wants_page

PUBLIC = frozenset(
    {
        "/entrar",
        "/entrar/codigo",
        "/entrar/oidc/",
        "/entrar/oidc/volta",
        "/sair",
        "/configurar",
        "/idioma",
        "/health",
        "/_stcore/health",
        "/favicon.png",
    }
)
# Program files of Streamlit and of this app: the same for everybody, no data in them.
PUBLIC_FOLDERS = ("/static/", "/nova/")
# The API has a door of its own: it takes tokens, and answers strangers in its own form.
OWN_DOOR = "/api/v1/"
# Who was given a password by somebody else replaces it before anything else.
NEW_PASSWORD = "/conta/senha"  # noqa: S105 - an address
# Who lacks a second factor that is demanded of him switches it on before anything else.
ACCOUNT = "/conta"
SECOND_FACTOR = frozenset({ACCOUNT, f"{ACCOUNT}/segundo-fator", f"{ACCOUNT}/segundo-fator/confirmar"})
ADMIN_ONLY = frozenset({"/_stcore/metrics", "/_stcore/script-health-check"})
POLICY_VIOLATION = 1008


class AccessGate:
    """ASGI middleware that asks the database (with a short memory) whether the session in the cookie is in force."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or (scope["type"] == "http" and is_public(scope["path"])):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        # A cookie travels to every port of this host; a page of another origin there must not listen in.
        if scope["type"] == "websocket" and is_foreign(connection):
            await _close(scope, receive, send, _forbidden)
            return
        token = session_token(connection)
        try:
            session = await to_thread.run_sync(find_session, token) if token else None
        except DatabaseUnavailable:
            await _close(scope, receive, send, _unavailable)
            return
        if session is None:
            await _close(scope, receive, send, _stranger)
        elif session.password_temporary and scope["path"] != NEW_PASSWORD:
            await _close(scope, receive, send, _replace_password)
        elif session.lacks_factor and scope["path"] not in {*SECOND_FACTOR, NEW_PASSWORD}:
            await _close(scope, receive, send, _add_factor)
        elif scope["path"] in ADMIN_ONLY and session.role != "ADMIN":
            await _close(scope, receive, send, _forbidden)
        else:
            scope.setdefault("state", {})["session"] = session
            await self.app(scope, receive, send)


def is_public(path: str) -> bool:
    """Whether a stranger may have the answer. A path that walks upwards is no path of ours."""
    if path in PUBLIC:
        return True
    return path.startswith((*PUBLIC_FOLDERS, OWN_DOOR)) and ".." not in path and "//" not in path


def session_of(request: HTTPConnection) -> Session:
    """The session that the gate found for this request."""
    return request.state.session


def _stranger(request: Request) -> Response:
    if wants_page(request):
        return RedirectResponse(sign_in_address(request), status_code=303)
    return Response(status_code=401)


def _replace_password(request: Request) -> Response:
    return _first(request, NEW_PASSWORD)


def _add_factor(request: Request) -> Response:
    return _first(request, ACCOUNT)


def _first(request: Request, address: str) -> Response:
    """Pages lead to what must be done first; the rest is closed until then."""
    if wants_page(request):
        return RedirectResponse(address, status_code=303)
    return Response(status_code=403)


def _forbidden(_request: Request) -> Response:
    return Response(status_code=403)


def _unavailable(request: Request) -> Response:
    if wants_page(request):
        return message_page(request, "door.unavailable_title", "door.unavailable_text", status=503)
    return Response(status_code=503, headers={"Retry-After": "5"})


async def _close(scope: Scope, receive: Receive, send: Send, answer) -> None:  # noqa: ANN001 - one of the three above
    if scope["type"] == "websocket":
        # Closing before accepting makes the server answer 403.
        await WebSocket(scope, receive, send).close(POLICY_VIOLATION)
        return
    await answer(Request(scope, receive))(scope, receive, send)
