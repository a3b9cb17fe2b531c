"""One's own account: password, second factor, sessions and API tokens. Plain HTTP, so that no script sees a secret.

What was just made (a token, recovery codes) is shown in the answer to the form that asked for it, and never again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from streamlit_app.access import accounts, second_factor
from streamlit_app.access.passwords import password_problems
from streamlit_app.access.roles import Refused
from streamlit_app.access.sessions import Session
from streamlit_app.data.database import DatabaseUnavailable, database
from streamlit_app.i18n import known
from streamlit_app.web.gate import ACCOUNT, NEW_PASSWORD, session_of
from streamlit_app.web.pages import message_page, page
from streamlit_app.web.requests import client_address, field_of, is_same_origin, user_agent

TOKEN_DAYS = (30, 90, 365)
DONE = frozenset({"senha", "sessao", "token", "fator"})

Form = dict[str, str]
Act = Callable[[Request, Session, Form], Response]


class _Complaint(Exception):
    """A form cannot be carried out; keys of the catalogue say why."""

    def __init__(self, *keys: str) -> None:
        self.keys = keys


async def show(request: Request) -> Response:
    """GET /conta."""
    return await _guarded(request, lambda: _page(request, session_of(request)))


async def show_password(request: Request) -> Response:
    """GET /conta/senha: where a person with a given password is sent first."""
    return page(request, "password.html", problems=[], session=session_of(request))


def form(act: Act) -> Callable[[Request], Any]:
    """The route of a form: from our own page only, every refusal on the page that it came from."""

    async def submit(request: Request) -> Response:
        if not is_same_origin(request):
            return message_page(request, "account.title", "door.foreign", status=403)
        given = await request.form()
        fields = {name: field_of(given, name) for name in given}
        return await _guarded(request, lambda: _carried_out(request, act, fields))

    return submit


async def _guarded(request: Request, make: Callable[[], Response]) -> Response:
    try:
        return await to_thread.run_sync(make)
    except DatabaseUnavailable:
        return message_page(request, "door.unavailable_title", "door.unavailable_text", status=503)


def _carried_out(request: Request, act: Act, fields: Form) -> Response:
    session = session_of(request)
    try:
        return act(request, session, fields)
    except _Complaint as complaint:
        return _complain(request, session, *complaint.keys)
    except Refused as refused:
        key = f"refused.{refused.code}"
        return _complain(request, session, key if known(key) else "refused.other")


def _complain(request: Request, session: Session, *keys: str) -> Response:
    if request.url.path == NEW_PASSWORD:
        return page(request, "password.html", status=400, problems=keys, session=session)
    return _page(request, session, status=400, problems=keys)


def _page(request: Request, session: Session, *, status: int = 200, **shown: Any) -> Response:
    done = request.query_params.get("feito") if request.method == "GET" else None
    values = {"problems": (), "token": None, "qr": None, "secret": None, "codes": None} | shown
    return page(
        request,
        "account.html",
        status=status,
        session=session,
        sessions=[row for row in accounts.sessions_of(session) if row["username"] == session.username],
        tokens=[row for row in accounts.api_tokens(session) if row["username"] == session.username],
        factor=accounts.second_factor_of(session),
        days=TOKEN_DAYS,
        role=f"role.{session.role}",
        notice=f"account.done_{done}" if done in DONE else None,
        **values,
    )


def _change_password(request: Request, session: Session, fields: Form) -> Response:
    new = fields.get("password", "")
    if new == fields.get("old") or new != fields.get("repeat"):
        raise _Complaint("account.same" if new == fields.get("old") else "setup.differ")
    known = database().settings.breached_passwords
    problems = password_problems(new, session.username, *session.display_name.split(), breached=known)
    if problems:
        raise _Complaint(*problems)
    _require_password(request, session, fields.get("old", ""))
    accounts.change_own_password(session, new)
    return _done("senha")


def _end_session(_request: Request, session: Session, fields: Form) -> Response:
    accounts.end_session(session, fields.get("session_id", ""))
    return _done("sessao")


def _create_token(request: Request, session: Session, fields: Form) -> Response:
    days = fields.get("days", "")
    if not days.isdigit() or int(days) not in TOKEN_DAYS or not fields.get("label", "").strip():
        raise _Complaint("refused.NV422")
    _require_password(request, session, fields.get("old", ""))
    made = accounts.create_api_token(session, fields["label"].strip(), int(days))
    return _page(request, session, token=made.token)


def _revoke_token(_request: Request, session: Session, fields: Form) -> Response:
    accounts.revoke_api_token(session, fields.get("token_id", ""))
    return _done("token")


def _begin_factor(request: Request, session: Session, fields: Form) -> Response:
    _require_password(request, session, fields.get("old", ""))
    secret = accounts.begin_second_factor(session)
    return _page(request, session, secret=secret, qr=second_factor.enrolment(session.username, secret)[1])


def _confirm_factor(request: Request, session: Session, fields: Form) -> Response:
    codes = accounts.confirm_second_factor(session, fields.get("code", ""))
    if codes is None:
        raise _Complaint("account.code_wrong")
    return _page(request, session, codes=codes)


def _remove_factor(request: Request, session: Session, fields: Form) -> Response:
    _require_password(request, session, fields.get("old", ""))
    accounts.reset_second_factor(session, session.username)
    return _done("fator")


def _require_password(request: Request, session: Session, password: str) -> None:
    """Whoever only found the browser open must not make his stay permanent."""
    if not accounts.right_password(session, password, client_address(request), user_agent(request)):
        raise _Complaint("account.password_wrong")


def _done(what: str) -> Response:
    return RedirectResponse(f"{ACCOUNT}?feito={what}", status_code=303)


routes = [
    Route(ACCOUNT, show, methods=["GET"]),
    Route(NEW_PASSWORD, show_password, methods=["GET"]),
    Route(NEW_PASSWORD, form(_change_password), methods=["POST"]),
    Route(f"{ACCOUNT}/sessoes/encerrar", form(_end_session), methods=["POST"]),
    Route(f"{ACCOUNT}/tokens", form(_create_token), methods=["POST"]),
    Route(f"{ACCOUNT}/tokens/revogar", form(_revoke_token), methods=["POST"]),
    Route(f"{ACCOUNT}/segundo-fator", form(_begin_factor), methods=["POST"]),
    Route(f"{ACCOUNT}/segundo-fator/confirmar", form(_confirm_factor), methods=["POST"]),
    Route(f"{ACCOUNT}/segundo-fator/remover", form(_remove_factor), methods=["POST"]),
]
