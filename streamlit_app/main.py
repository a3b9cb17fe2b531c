"""The script that Streamlit runs for every rerun: who is there, what may he open, draw it."""

import streamlit as st

from streamlit_app.access.current import current_session
from streamlit_app.access.sessions import Session
from streamlit_app.i18n import t
from streamlit_app.navigation import page, pages_for
from streamlit_app.screens import SCREENS
from streamlit_app.ui.sidebar import sidebar
from streamlit_app.ui.states import guarded
from streamlit_app.ui.theme import apply_style

st.set_page_config(page_title="Nova Corrente", layout="wide")
apply_style()

readers: list[Session] = []
pages: list[st.Page] = []


def enter() -> None:
    """Who is there, and what he may open."""
    session = current_session()
    pages.extend(pages_for(session.role))
    readers.append(session)


guarded(enter)
if readers:
    chosen = st.navigation(pages, position="sidebar")
    st.set_page_config(page_title=f"{chosen.title} · {t('app.name')}")
    sidebar(readers[0])
    chosen.run()
else:
    # The address stays that of its screen, so that this screen comes back and not the first one.
    st.navigation([page(screen) for screen in SCREENS], position="hidden")
