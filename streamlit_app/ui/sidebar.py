"""Foot of the menu: who is signed in, the language, and the way out."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib import resources
from urllib.parse import quote

import streamlit as st

from streamlit_app.access.sessions import Session
from streamlit_app.i18n import LANGUAGES, current_language, t, value
from streamlit_app.ui.place import here
from streamlit_app.ui.theme import DARK, palette


def sidebar(session: Session) -> None:
    """Draw logo, person, languages and sign-out. Links and form are plain HTML: they leave this page."""
    st.logo(_picture("logo-dark" if palette() is DARK else "logo"), size="large", icon_image=_picture("icon"))
    current = ' aria-current="true"'
    languages = "".join(
        f'<a href="/idioma?para={code}&amp;next={quote(here(), safe="")}" lang="{code}" target="_self" title="{name}"'
        f"{current if code == current_language() else ''}>{code[:2].upper()}</a>"
        for code, name in LANGUAGES.items()
    )
    with st.sidebar:
        st.html(
            f'<div class="nc-user"><b>{escape(session.display_name)}</b>'
            f'<span class="nc-muted">{escape(value("role", session.role))}</span>'
            f'<div><a href="/conta" target="_self">{escape(t("account.title"))}</a></div>'
            f'<nav aria-label="{escape(t("door.language"))}">{languages}'
            f'<form method="post" action="/sair"><button type="submit">{escape(t("door.sign_out"))}</button></form>'
            "</nav></div>"
        )


@cache
def _picture(name: str) -> str:
    return resources.files("streamlit_app").joinpath("assets", f"{name}.svg").read_text("utf-8")
