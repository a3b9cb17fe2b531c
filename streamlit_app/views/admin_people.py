"""Administration of people: accounts, their sessions and their API tokens.

Drawn by views/admin.py, which has asked for the role; every action asks again. New passwords and tokens are shown once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from streamlit_app.access import accounts
from streamlit_app.access.current import require_role
from streamlit_app.access.roles import ADMINS, EVERYBODY, Refused
from streamlit_app.access.sessions import Session
from streamlit_app.data import people
from streamlit_app.i18n import t, value
from streamlit_app.ui import format as fmt
from streamlit_app.ui import tables
from streamlit_app.ui.states import empty, say_refused

TOKEN_DAYS = (30, 90, 365)
_SHOWN_ONCE = "_shown_once"
Row = dict[str, Any]


def accounts_part(session: Session) -> None:
    """Everybody who may sign in; a ticked account can be changed, a new one opened."""
    _shown_once()
    rows = people.users(session)
    shown = rows.assign(
        role=[value("role", code) for code in rows["role"]],
        active=[t("admin.active") if active else t("admin.closed") for active in rows["active"]],
        second_factor=[t("common.yes") if on else t("common.no") for on in rows["second_factor"]],
    )
    state = tables.show(
        shown,
        height="content",
        key="users",
        on_select="rerun",
        selection_mode="single-row",
        alt=t("admin.part_pessoas"),
        column_order=[
            "username",
            "display_name",
            "email",
            "role",
            "active",
            "second_factor",
            "last_login_at",
            "live_sessions",
            "failed_logins",
            "created_at",
        ],
        column_config={
            "username": tables.text(t("door.username"), pinned=True),
            "display_name": tables.text(t("admin.name")),
            "email": tables.text(t("admin.email")),
            "role": tables.text(t("admin.role"), width="small"),
            "active": tables.text(t("admin.account"), width="small"),
            "second_factor": tables.text(t("admin.second_factor"), width="small"),
            "last_login_at": tables.moment(t("admin.last_login")),
            "live_sessions": tables.number(t("admin.live_sessions")),
            "failed_logins": tables.number(t("admin.failed_logins")),
            "created_at": tables.moment(t("admin.created")),
        },
    )
    ticked = state["selection"]["rows"]
    if ticked and ticked[0] < len(rows):
        _change(rows.iloc[ticked[0]].to_dict())
    else:
        st.caption(t("admin.people_note"))
    _new_account()


def _change(row: Row) -> None:
    name = str(row["username"])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.html(f"<b>{escape(name)}</b>", width="content")
        st.selectbox(
            t("admin.role"),
            EVERYBODY,
            index=EVERYBODY.index(row["role"]),
            format_func=lambda code: value("role", code),
            key=f"role_{name}",
            label_visibility="collapsed",
            width=180,
        )
        st.button(t("admin.set_role"), on_click=partial(_set_role, name), key="set_role")
        _button("set_active", "admin.close" if row["active"] else "admin.reopen", _set_active, name, not row["active"])
        _button("reset_password", "admin.new_password", _reset_password, name)
        if row["second_factor"]:
            _button("reset_factor", "admin.reset_factor", _reset_factor, name)
        _button("end_sessions", "admin.revoke", _end_sessions, name)


def _button(key: str, label: str, action: Callable[..., None], *arguments: Any) -> None:
    st.button(t(label), on_click=partial(action, *arguments), key=key)


def _new_account() -> None:
    with st.expander(t("admin.new_account"), icon=":material/person_add:"), st.form("new_account", border=False):
        first, second, third, fourth = st.columns(4)
        first.text_input(t("door.username"), key="new_username", max_chars=64)
        second.text_input(t("admin.name"), key="new_name", max_chars=100)
        third.text_input(t("admin.email"), key="new_email", max_chars=200)
        fourth.selectbox(t("admin.role"), EVERYBODY[::-1], format_func=lambda code: value("role", code), key="new_role")
        st.form_submit_button(t("admin.open_account"), type="primary", on_click=_create)


def _create() -> None:
    require_role(*ADMINS, what="user.created")
    given = st.session_state
    username = str(given["new_username"]).strip().casefold()

    def create(session: Session) -> str:
        email = str(given["new_email"]).strip() or None
        return accounts.create_user(session, username, str(given["new_name"]).strip(), email, given["new_role"])

    password = _carry_out("user.created", create)
    if password:
        _show_once(t("admin.first_password", who=username), password)


def _set_role(username: str) -> None:
    _carry_out(
        "user.role_set", lambda session: accounts.set_role(session, username, st.session_state[f"role_{username}"])
    )


def _set_active(username: str, active: bool) -> None:
    _carry_out("user.active_set", lambda session: accounts.set_active(session, username, active=active))


def _reset_password(username: str) -> None:
    password = _carry_out("user.password_set", lambda session: accounts.reset_password(session, username))
    if password:
        _show_once(t("admin.first_password", who=username), password)


def _reset_factor(username: str) -> None:
    _carry_out("second_factor.removed", lambda session: accounts.reset_second_factor(session, username))


def _end_sessions(username: str) -> None:
    _carry_out("session.revoked", lambda session: people.end_sessions_of(session, username))


def sessions_part(session: Session) -> None:
    """Sessions in force; ticked ones can be ended."""
    rows = people.sessions(session)
    state = tables.show(
        rows.assign(kind=[value("session_kind", code) for code in rows["kind"]]),
        height="content",
        key="sessions",
        on_select="rerun",
        selection_mode="multi-row",
        alt=t("admin.part_sessoes"),
        column_order=["username", "kind", "created_at", "last_seen_at", "expires_at", "ip", "user_agent"],
        column_config={
            "username": tables.text(t("door.username"), pinned=True),
            "kind": tables.text(t("admin.kind"), width="small"),
            "created_at": tables.moment(t("admin.began")),
            "last_seen_at": tables.moment(t("admin.last_seen")),
            "expires_at": tables.moment(t("admin.expires")),
            "ip": tables.text(t("admin.address"), width="small"),
            "user_agent": tables.text(t("admin.browser")),
        },
    )
    ticked = [str(rows.iloc[n]["session_id"]) for n in state["selection"]["rows"] if n < len(rows)]
    st.button(
        t("admin.end_ticked"), icon=":material/logout:", on_click=partial(_end, ticked), key="end", disabled=not ticked
    )
    st.caption(t("admin.revoke_note"))


def _end(session_ids: list[str]) -> None:
    for session_id in session_ids:
        _carry_out("session.revoked", partial(_end_one, session_id))


def _end_one(session_id: str, session: Session) -> None:
    accounts.end_session(session, session_id)


def tokens_part(session: Session) -> None:
    """Tokens of other systems for the REST API: list, withdraw, make."""
    _shown_once()
    rows = pd.DataFrame(accounts.api_tokens(session))
    ticked: list[str] = []
    if rows.empty:
        empty(t("admin.no_tokens"))
    else:
        state = tables.show(
            rows,
            height="content",
            key="tokens",
            on_select="rerun",
            selection_mode="multi-row",
            alt=t("admin.part_tokens"),
            column_order=["label", "username", "created_at", "expires_at", "last_used_at", "token_id"],
            column_config={
                "label": tables.text(t("admin.token_label"), pinned=True),
                "username": tables.text(t("door.username")),
                "created_at": tables.moment(t("admin.created")),
                "expires_at": tables.moment(t("admin.expires")),
                "last_used_at": tables.moment(t("admin.last_used")),
                "token_id": tables.text(t("data.number")),
            },
        )
        ticked = [str(rows.iloc[n]["token_id"]) for n in state["selection"]["rows"] if n < len(rows)]
    if ticked:
        st.button(t("admin.token_revoke"), on_click=partial(_revoke_tokens, ticked), key="token_revoke")
    with (
        st.form("token", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        st.text_input(t("admin.token_label"), key="token_label", max_chars=100, width=280)
        st.selectbox(
            t("admin.token_days"), TOKEN_DAYS, format_func=lambda days: fmt.days(days), key="token_days", width=140
        )
        st.form_submit_button(t("admin.token_create"), type="primary", on_click=_create_token)
    st.html(f'<p class="nc-crumb"><a href="/api/v1/docs" target="_self">{escape(t("admin.api_docs"))}</a></p>')


def _create_token() -> None:
    require_role(*ADMINS, what="api_token.created")
    label, days = str(st.session_state["token_label"]).strip(), int(st.session_state["token_days"])
    made = _carry_out("api_token.created", lambda session: accounts.create_api_token(session, label, days))
    if made:
        _show_once(t("admin.token_made", label=label), made.token)


def _revoke_tokens(token_ids: list[str]) -> None:
    for token_id in token_ids:
        _carry_out("api_token.revoked", partial(_revoke_token, token_id))


def _revoke_token(token_id: str, session: Session) -> None:
    accounts.revoke_api_token(session, token_id)


def _carry_out(what: str, action: Callable[[Session], Any]) -> Any:
    """Run an action as the ADMIN at the keyboard; what the database refuses is said."""
    session = require_role(*ADMINS, what=what)
    try:
        answer = action(session)
    except Refused as refused:
        say_refused(refused)
        return None
    st.toast(t("admin.done"), icon=":material/check:")
    return answer


def _show_once(what: str, secret: str) -> None:
    st.session_state[_SHOWN_ONCE] = (what, secret)


def _shown_once() -> None:
    """A secret that was just made: on the page that follows, and never again."""
    made = st.session_state.pop(_SHOWN_ONCE, None)
    if made:
        st.warning(fmt.plain(made[0]), icon=":material/key:")
        st.code(made[1], language=None)
