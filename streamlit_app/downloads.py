"""Files for the reader: made when the button is pressed, for a session that is still in force, and recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from streamlit_app.access.current import current_session
from streamlit_app.access.roles import record
from streamlit_app.access.sessions import session_of_key
from streamlit_app.i18n import current_language, speaking, t
from streamlit_app.ui import tables


def csv_button(what: str, file_name: str, labels: Mapping[str, str], rows: Callable[[], pd.DataFrame]) -> None:
    """A button that downloads the labelled columns of `rows()` as CSV. `what` names it in the audit log."""
    session, language = current_session(), current_language()

    def content() -> bytes:
        # The press comes later than the page, and runs outside it: asked again, in the page's language.
        if session_of_key(session.key) is None:
            return b""
        with speaking(language):
            frame = rows()
            record(session, "export.downloaded", what, "DONE", {"rows": len(frame), "file": f"{file_name}.csv"})
            return tables.csv_bytes(frame, labels)

    st.download_button(
        "CSV",
        content,
        file_name=f"{file_name}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help=t("common.csv_help"),
        key=f"csv_{what}",
    )
