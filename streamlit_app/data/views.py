"""The views of screens that a reader keeps under a name."""

from __future__ import annotations

import pandas as pd

from streamlit_app.access.roles import carry_out
from streamlit_app.access.sessions import Session
from streamlit_app.data.cache import fresh
from streamlit_app.data.database import database


def saved(session: Session, screen: str) -> pd.DataFrame:
    """The reader's views of a screen: view_id, name, query (of the address)."""
    return carry_out(session, "view.listed", screen, lambda: fresh("saved_views", session=session.key, screen=screen))


def save(session: Session, screen: str, name: str, query: str) -> None:
    """Keep a view; one of the same name is replaced. Raises Refused."""
    carry_out(
        session,
        "view.saved",
        screen,
        lambda: database().rows("save_view", session=session.key, screen=screen, view_name=name, query=query),
    )


def delete(session: Session, view_id: int) -> None:
    """Forget a view of one's own. Raises Refused."""
    carry_out(
        session,
        "view.deleted",
        str(view_id),
        lambda: database().rows("delete_view", session=session.key, view_id=view_id),
    )
