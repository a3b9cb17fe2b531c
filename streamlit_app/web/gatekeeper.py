"""GET /portaria/…: what a proxy asks before it lets somebody through to another server (nginx: auth_request).

The gate in front of these routes answers strangers with 401; here only the role is left to decide.
"""

from __future__ import annotations

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from streamlit_app.access.roles import ADMINS, EVERYBODY, AccessDenied, check_role
from streamlit_app.web.gate import session_of

NEEDED = {"leitura": EVERYBODY, "engenharia": ADMINS}


async def admits(request: Request) -> Response:
    """204 when the session's role is enough, else 403, which is recorded; the proxy's own page says so."""
    needed = NEEDED.get(request.path_params["what"])
    if needed is None:
        return Response(status_code=404)
    session = session_of(request)
    try:
        await to_thread.run_sync(check_role, session, needed, request.url.path)
    except AccessDenied:
        return Response(status_code=403)
    return Response(status_code=204, headers={"X-Nova-User": session.username, "X-Nova-Role": session.role})


routes = [Route("/portaria/{what}", admits, methods=["GET"])]
