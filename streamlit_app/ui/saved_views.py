"""Views that a reader keeps under a name: a screen's address with its filters. Private to the reader."""

from __future__ import annotations

from functools import partial
from html import escape

import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import EVERYBODY, Refused
from streamlit_app.access.sessions import Session
from streamlit_app.data import views
from streamlit_app.i18n import t
from streamlit_app.screens import SCREEN
from streamlit_app.ui.place import query_string
from streamlit_app.ui.states import say_refused

_NAME = "view_name"


def saved_views(session: Session, screen: str) -> None:
    """A button that opens the reader's views of a screen: open, delete, save what is chosen now."""
    with st.popover(t("saved.button"), icon=":material/bookmark:", help=t("saved.help"), key=f"views_{screen}"):
        kept = views.saved(session, screen)
        if kept.empty:
            st.caption(t("saved.none"))
        for view in kept.to_dict("records"):
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                st.html(_link(screen, view["name"], view["query"]), width="stretch")
                st.button(
                    "",
                    icon=":material/delete:",
                    type="tertiary",
                    help=t("saved.delete"),
                    on_click=partial(_delete, int(view["view_id"])),
                    key=f"view_{view['view_id']}",
                )
        # A form sends name and press together.
        with st.form("save_view", border=False, clear_on_submit=True):
            st.text_input(t("saved.name"), key=_NAME, max_chars=80)
            st.form_submit_button(t("saved.save"), icon=":material/bookmark_add:", on_click=partial(_save, screen))


def _link(screen: str, name: str, query: str) -> str:
    address = f"/{SCREEN[screen].path}" + (f"?{query}" if query else "")
    return f'<a href="{escape(address)}" target="_self">{escape(name)}</a>'


def _save(screen: str) -> None:
    session = require_role(*EVERYBODY, what="view.saved")
    name = str(st.session_state.get(_NAME, "")).strip()
    if not name:
        st.toast(t("saved.name_needed"), icon=":material/edit_note:")
        return
    try:
        views.save(session, screen, name, query_string())
    except Refused as refused:
        say_refused(refused)
        return
    st.toast(t("saved.done"), icon=":material/bookmark_added:")


def _delete(view_id: int) -> None:
    session = require_role(*EVERYBODY, what="view.deleted")
    try:
        views.delete(session, view_id)
    except Refused as refused:
        say_refused(refused)
