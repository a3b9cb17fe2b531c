"""What every way in ends with: the browser gets its new session and goes where it wanted to."""

from __future__ import annotations

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from streamlit_app.access.sessions import SignIn, end_session
from streamlit_app.i18n import LANGUAGES
from streamlit_app.web.cookies import session_token, set_language, set_session


async def enter(request: Request, outcome: SignIn, target: str) -> Response:
    """Give the browser its new session, end the one that it had, and send it to `target`, a path of ours."""
    assert outcome.token is not None
    old = session_token(request)
    if old:
        await to_thread.run_sync(end_session, old)
    response = RedirectResponse(target, status_code=303)
    set_session(request, response, outcome.token)
    if outcome.locale in LANGUAGES:
        set_language(request, response, outcome.locale)
    return response
