"""The menu and the way between screens: Streamlit's pages, made from the list of screens."""

from __future__ import annotations

import importlib

import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.data.database import NotMaterialized
from streamlit_app.data.decisions import waiting
from streamlit_app.i18n import current_language, speaking, t
from streamlit_app.screens import SCREEN, SCREENS, Screen
from streamlit_app.ui import format as fmt
from streamlit_app.ui.states import guarded


def page(screen: Screen, role: str | None = None, count: int = 0) -> st.Page:
    """Streamlit's page of a screen, with how much waits there. For a role that may not open it, it is not in the menu
    and only says so."""
    allowed = role is None or role in screen.roles

    def refuse() -> None:
        require_role(*screen.roles, what=screen.title_key)

    def run() -> None:
        if allowed:
            # Asked once for the whole screen: its tables format thousands of figures.
            with speaking(current_language()):
                guarded(importlib.import_module(f"streamlit_app.views.{screen.name}").render)
        else:
            guarded(refuse)

    return st.Page(
        run,
        title=t(screen.title_key) + (f" · {fmt.number(count)}" if count else ""),
        icon=screen.icon,
        url_path=screen.path,
        default=screen is SCREENS[0],
        visibility="visible" if screen.in_menu and allowed else "hidden",
    )


def pages_for(role: str) -> list[st.Page]:
    """Every screen's page, as a role gets it."""
    counts = _waiting()
    return [page(screen, role, counts.get(screen.name, 0)) for screen in SCREENS]


def _waiting() -> dict[str, int]:
    """Screen to the number that the menu shows beside it; nothing before the first results."""
    try:
        return waiting(fmt.today())
    except NotMaterialized:
        return {}


def go(name: str, **query: str) -> None:
    """Open another screen with a query."""
    st.switch_page(page(SCREEN[name]), query_params=query)
