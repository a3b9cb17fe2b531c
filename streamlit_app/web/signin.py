"""Signing in and out, and switching the language: plain HTTP, so that no script of ours ever sees a password."""

from __future__ import annotations

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from streamlit_app.access.sessions import answer_challenge, end_session, find_session, sign_in
from streamlit_app.data.database import DatabaseUnavailable, database
from streamlit_app.i18n import LANGUAGES
from streamlit_app.web import oidc
from streamlit_app.web.cookies import clear_session, session_token, set_language
from streamlit_app.web.entering import enter
from streamlit_app.web.pages import page
from streamlit_app.web.requests import client_address, field_of, is_same_origin, next_of, safe_next, user_agent

NOTICES = {"saiu": "door.signed_out", "criada": "door.created", "provedor": "door.provider_refused"}
BAD_NOTICES = frozenset({"door.provider_refused"})


async def show_form(request: Request) -> Response:
    """GET /entrar: the form, or straight on for somebody who is signed in already."""
    token = session_token(request)
    try:
        if token and await to_thread.run_sync(find_session, token):
            return RedirectResponse(next_of(request.query_params), status_code=303)
    except DatabaseUnavailable:
        return _form(request, next_of(request.query_params), error="door.unavailable", status=503)
    return _form(request, next_of(request.query_params))


async def submit(request: Request) -> Response:
    """POST /entrar: check name and password, give the browser its session and send it where it wanted to go."""
    if not is_same_origin(request):
        return _form(request, "/", error="door.foreign", status=403)
    form = await request.form()
    username, password, target = (field_of(form, name) for name in ("username", "password", "next"))
    target = safe_next(target)
    if not username or not password:
        return _form(request, target, username, error="door.missing", status=400)
    try:
        outcome = await to_thread.run_sync(sign_in, username, password, client_address(request), user_agent(request))
        if outcome.challenge:
            return _code_form(request, outcome.challenge, target)
        if outcome.token is None:
            return _refusal(request, target, username, outcome.wait_seconds)
        return await enter(request, outcome, target)
    except DatabaseUnavailable:
        return _form(request, target, username, error="door.unavailable", status=503)


async def submit_code(request: Request) -> Response:
    """POST /entrar/codigo: the code of the second factor, after the right password."""
    if not is_same_origin(request):
        return _form(request, "/", error="door.foreign", status=403)
    form = await request.form()
    challenge, code, target = (field_of(form, name) for name in ("challenge", "code", "next"))
    target = safe_next(target)
    try:
        outcome = await to_thread.run_sync(
            answer_challenge, challenge, code, client_address(request), user_agent(request)
        )
        if outcome.wait_seconds:
            return _refusal(request, target, "", outcome.wait_seconds)
        if outcome.token is None:
            return _code_form(request, challenge, target, error="door.code_wrong", status=401)
        return await enter(request, outcome, target)
    except DatabaseUnavailable:
        return _form(request, target, error="door.unavailable", status=503)


async def ask_sign_out(request: Request) -> Response:
    """GET /sair: one button, because following a link must not end a session."""
    return page(request, "sign_out.html")


async def sign_out(request: Request) -> Response:
    """POST /sair: end the session in the database, then take the cookie."""
    if not is_same_origin(request):
        return page(request, "sign_out.html", status=403)
    token = session_token(request)
    if token:
        try:
            await to_thread.run_sync(end_session, token)
        except DatabaseUnavailable:
            return _form(request, "/", error="door.unavailable", status=503)
    response = RedirectResponse("/entrar?aviso=saiu", status_code=303)
    clear_session(request, response)
    return response


async def switch_language(request: Request) -> Response:
    """GET /idioma?para=en&next=…: remember the language in the cookie and, for who is signed in, with the account."""
    response = RedirectResponse(_back(request), status_code=303)
    language = request.query_params.get("para")
    if language not in LANGUAGES:
        return response
    set_language(request, response, language)
    token = session_token(request)
    if token:
        try:
            await to_thread.run_sync(_remember_language, token, language)
        except DatabaseUnavailable:
            return response  # the cookie carries the choice; the account learns it next time
    return response


def _remember_language(token: str, language: str) -> None:
    session = find_session(token)
    if session:
        database().rows("set_locale", session=session.key, locale=language)


def _back(request: Request) -> str:
    target = request.query_params.get("next", "")
    # The doors themselves are fine to come back to after a change of language.
    return target if target.startswith(("/entrar", "/configurar")) and "\\" not in target else safe_next(target)


def _refusal(request: Request, target: str, username: str, wait_seconds: int) -> Response:
    if wait_seconds:
        response = _form(request, target, username, error="door.wait", status=429, seconds=wait_seconds)
        response.headers["Retry-After"] = str(wait_seconds)
        return response
    return _form(request, target, username, error="door.wrong", status=401)


def _form(
    request: Request, target: str, username: str = "", *, error: str | None = None, status: int = 200, **parts: int
) -> Response:
    notice = NOTICES.get(request.query_params.get("aviso", "")) if error is None else None
    if notice in BAD_NOTICES:
        error, notice = notice, None
    return page(
        request,
        "sign_in.html",
        status=status,
        next=target,
        username=username,
        error=error,
        notice=notice,
        parts=parts,
        provider=oidc.is_configured(),
    )


def _code_form(
    request: Request, challenge: str, target: str, *, error: str | None = None, status: int = 200
) -> Response:
    return page(request, "code.html", status=status, challenge=challenge, next=target, error=error)


routes = [
    Route("/entrar", show_form, methods=["GET"]),
    Route("/entrar", submit, methods=["POST"]),
    Route("/entrar/codigo", submit_code, methods=["POST"]),
    Route("/sair", ask_sign_out, methods=["GET"]),
    Route("/sair", sign_out, methods=["POST"]),
    Route("/idioma", switch_language, methods=["GET"]),
]
