"""The reader of the running script: read from the WebSocket's handshake, checked anew in every rerun."""

from __future__ import annotations

import streamlit as st

from streamlit_app.access.roles import SignedOut, check_role
from streamlit_app.access.sessions import Session, find_session
from streamlit_app.web.cookies import handshake_token


def session_token() -> str | None:
    """The session id that the browser sent when it opened the page."""
    return handshake_token(st.context.cookies)


def current_session() -> Session:
    """The reader's session. Raises SignedOut when it is over, DatabaseUnavailable when nobody can tell."""
    token = session_token()
    session = find_session(token) if token else None
    if session is None:
        raise SignedOut
    return session


def require_role(*needed: str, what: str) -> Session:
    """First line of a view or of an action: the reader's session, if its role is among `needed`.

    Raises SignedOut or AccessDenied; ui/states.py says so to the reader.
    """
    session = current_session()
    check_role(session, needed, what)
    return session
