"""Files for the reader: made when the button is pressed, for a session that is still in force, and recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from streamlit_app.access.current import current_session
from streamlit_app.access.roles import record
from streamlit_app.access.sessions import BROWSER, Session, session_of
from streamlit_app.data.freshness import Freshness
from streamlit_app.i18n import current_language, speaking, t
from streamlit_app.ui import bound, spreadsheet
from streamlit_app.ui import format as fmt

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Rows = Callable[[], pd.DataFrame]


def file_buttons(
    what: str, file_name: str, labels: Mapping[str, str], rows: Rows, stands_on: Freshness | None = None
) -> None:
    """Buttons for the labelled columns of `rows()` as CSV and as workbook. `what` names it in the audit log.

    The workbook also says which filters were set and what the numbers stand on.
    """
    session = current_session()
    said = bound.stated()

    def as_csv(frame: pd.DataFrame) -> bytes:
        return spreadsheet.csv_bytes(frame, labels)

    def as_workbook(frame: pd.DataFrame) -> bytes:
        return spreadsheet.workbook_bytes(frame, labels, _statement(session, said, stands_on, len(frame)))

    with st.container(horizontal=True, gap="small", width="content"):
        _button(session, "CSV", what, f"{file_name}.csv", "text/csv", rows, as_csv)
        _button(session, "Excel", what, f"{file_name}.xlsx", SHEET, rows, as_workbook)


def _button(
    session: Session, label: str, what: str, file: str, mime: str, rows: Rows, write: Callable[[pd.DataFrame], bytes]
) -> None:
    language = current_language()

    def content() -> bytes:
        # The press comes later than the page, and runs outside it: asked again, in the page's language.
        if session_of(BROWSER, session.key) is None:
            return b""
        with speaking(language):
            frame = rows()
            record(session, "export.downloaded", what, "DONE", {"rows": len(frame), "file": file})
            return write(frame)

    st.download_button(
        label,
        content,
        file_name=file,
        mime=mime,
        icon=":material/download:",
        on_click="ignore",
        help=t("common.file_help"),
        key=f"{label}_{what}",
    )


def _statement(session: Session, said: Mapping[str, str], stands_on: Freshness | None, rows: int) -> dict[str, str]:
    """What the second sheet says: the filters, what the data stand on, who took the file and when."""
    filters = dict(said) or {t("file.filters"): t("file.no_filters")}
    stand = {}
    if stands_on:
        stand[t("file.data_of")] = fmt.day(stands_on.as_of)
        stand[t("file.run")] = stands_on.run_id or fmt.NOTHING
        stand[t("file.published")] = fmt.moment(stands_on.published_at)
        stand[t("file.sources")] = "\n".join(path for path, _ in stands_on.files)
    taken = {
        t("file.rows"): fmt.number(rows),
        t("file.taken_at"): fmt.moment(datetime.now(UTC)),
        t("file.taken_by"): session.display_name,
    }
    return filters | stand | taken
