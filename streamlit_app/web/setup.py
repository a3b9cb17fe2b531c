"""The one-time link that creates the first ADMIN: no default account ever exists."""

from __future__ import annotations

import re

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from streamlit_app.access.passwords import hash_password, password_problems
from streamlit_app.access.tokens import digest
from streamlit_app.data.database import DatabaseUnavailable, database
from streamlit_app.web.pages import message_page, page
from streamlit_app.web.requests import client_address, field_of, is_same_origin, user_agent

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
LONGEST_TOKEN = 128
LONGEST_NAME = 80
FIELDS = ("username", "display_name", "password", "repeat")


async def show_form(request: Request) -> Response:
    """GET /configurar?token=…: the form while the link is open, else a page that says how to get another."""
    token = request.query_params.get("token", "")
    try:
        if not await to_thread.run_sync(_is_open, token):
            return _spent(request)
    except DatabaseUnavailable:
        return message_page(request, "door.unavailable_title", "door.unavailable_text", status=503)
    return page(request, "setup.html", token=token, values={}, problems=[])


async def submit(request: Request) -> Response:
    """POST /configurar: create the account and send its owner to the sign-in page."""
    if not is_same_origin(request):
        return message_page(request, "setup.invalid_title", "door.foreign", status=403)
    form = await request.form()
    values = {name: field_of(form, name) for name in FIELDS}
    token = field_of(form, "token")
    values["username"] = values["username"].strip().casefold()
    values["display_name"] = " ".join(values["display_name"].split())[:LONGEST_NAME]
    try:
        # First of all: judging a password is work that a stranger must not be able to ask for.
        if not await to_thread.run_sync(_is_open, token):
            return _spent(request)
        problems = await to_thread.run_sync(_problems, values)
        if problems:
            return page(request, "setup.html", status=400, token=token, values=values, problems=problems)
        source, agent = client_address(request), user_agent(request)
        if not await to_thread.run_sync(_create, token, values, source, agent):
            return _spent(request)
    except DatabaseUnavailable:
        return message_page(request, "door.unavailable_title", "door.unavailable_text", status=503)
    return RedirectResponse("/entrar?aviso=criada", status_code=303)


def _problems(values: dict[str, str]) -> list[str]:
    problems = []
    if not USERNAME.fullmatch(values["username"]):
        problems.append("setup.username_rule")
    if not values["display_name"]:
        problems.append("setup.name_missing")
    known = database().settings.breached_passwords
    problems += password_problems(
        values["password"], values["username"], *values["display_name"].split(), breached=known
    )
    if values["password"] != values["repeat"]:
        problems.append("setup.differ")
    return problems


def _is_open(token: str) -> bool:
    if not 0 < len(token) <= LONGEST_TOKEN:
        return False
    row = database().row("setup_open", token=digest(token))
    return bool(row and row["is_open"])


def _create(token: str, values: dict[str, str], source: str | None, agent: str | None) -> bool:
    if not _is_open(token):
        return False
    row = database().row(
        "create_first_admin",
        token=digest(token),
        username=values["username"],
        display_name=values["display_name"],
        password_hash=hash_password(values["password"]),
        source=source,
        user_agent=agent,
    )
    return bool(row and row["created"])


def _spent(request: Request) -> Response:
    return message_page(request, "setup.invalid_title", "setup.invalid_text", status=404)


routes = [
    Route("/configurar", show_form, methods=["GET"]),
    Route("/configurar", submit, methods=["POST"]),
]
