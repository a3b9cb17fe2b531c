"""The menu and the way between screens: Streamlit's pages, made from the list of screens."""

from __future__ import annotations

import importlib

import streamlit as st

from streamlit_app.i18n import t
from streamlit_app.screens import SCREEN, SCREENS, Screen, screens_for
from streamlit_app.ui.states import guarded


def page(screen: Screen) -> st.Page:
    """Streamlit's page of a screen. What it runs asks for the role itself."""

    def run() -> None:
        view = importlib.import_module(f"streamlit_app.views.{screen.name}")
        guarded(view.render)

    return st.Page(
        run,
        title=t(screen.title_key),
        icon=screen.icon,
        url_path=screen.path,
        default=screen is SCREENS[0],
        visibility="visible" if screen.in_menu else "hidden",
    )


def pages_for(role: str) -> list[st.Page]:
    """Pages that a role may open."""
    return [page(screen) for screen in screens_for(role)]


def go(name: str, **query: str) -> None:
    """Open another screen with a query."""
    st.switch_page(page(SCREEN[name]), query_params=query)
