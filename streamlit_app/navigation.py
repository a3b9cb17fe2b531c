"""The menu and the way between screens: Streamlit's pages, made from the list of screens."""

from __future__ import annotations

import importlib

import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.i18n import t
from streamlit_app.screens import SCREEN, SCREENS, Screen
from streamlit_app.ui.states import guarded


def page(screen: Screen, role: str | None = None) -> st.Page:
    """Streamlit's page of a screen. For a role that may not open it, it is not in the menu and only says so."""
    allowed = role is None or role in screen.roles

    def refuse() -> None:
        require_role(*screen.roles, what=screen.title_key)

    def run() -> None:
        if allowed:
            guarded(importlib.import_module(f"streamlit_app.views.{screen.name}").render)
        else:
            guarded(refuse)

    return st.Page(
        run,
        title=t(screen.title_key),
        icon=screen.icon,
        url_path=screen.path,
        default=screen is SCREENS[0],
        visibility="visible" if screen.in_menu and allowed else "hidden",
    )


def pages_for(role: str) -> list[st.Page]:
    """Every screen's page, as a role gets it."""
    return [page(screen, role) for screen in SCREENS]


def go(name: str, **query: str) -> None:
    """Open another screen with a query."""
    st.switch_page(page(SCREEN[name]), query_params=query)
