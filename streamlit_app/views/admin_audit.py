"""Administration of the audit log: whether its chain is whole, its events page by page, and all of them as a file.

Drawn by views/admin.py, which has asked for the role; the database answers an ADMIN's session only.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial
from html import escape

import pandas as pd
import streamlit as st

from streamlit_app.access.sessions import Session
from streamlit_app.data import people
from streamlit_app.data.people import AuditWish
from streamlit_app.downloads import file_buttons
from streamlit_app.i18n import current_language, t, value
from streamlit_app.i18n.words import events
from streamlit_app.ui import bound, marks, tables
from streamlit_app.ui import format as fmt
from streamlit_app.ui.states import empty

DAYS = 30
ANY = "*"
EVENTS = tuple(key.removeprefix("event.") for key in events.WORDS)
OUTCOMES = ("DONE", "REFUSED", "FAILED")
LABELS = {
    "audit_id": "data.number",
    "at": "admin.when",
    "actor": "admin.actor",
    "action": "admin.event",
    "entity": "admin.what",
    "outcome": "admin.outcome",
    "ip": "admin.address",
    "details": "item.detail",
}
# Number of the event that the page begins after, and for which filters that was.
_BEFORE, _WISH = "antes", "_audit_wish"


def audit_part(session: Session) -> None:
    """The chain's state, the filters, one page of events."""
    _chain()
    wish = _wish()
    if st.session_state.setdefault(_WISH, wish) != wish:
        st.session_state[_WISH] = wish
        st.query_params.pop(_BEFORE, None)
    given = st.query_params.get(_BEFORE, "")
    before = int(given) if given.isdecimal() else None
    rows = people.audit_log(session, wish, before=before, rows=people.AUDIT_PAGE)
    if rows.empty:
        empty(t("admin.no_events"))
        return
    labels = {name: t(key) for name, key in LABELS.items()}
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        _pages(rows, before)
        file_buttons(
            "audit",
            f"auditoria_{fmt.today()}",
            labels,
            lambda: _in_words(people.whole_audit_log(session, wish)),
        )
    st.caption(t("admin.audit_files", most=fmt.number(people.EXPORT_ROWS)))
    config = {name: tables.text(label) for name, label in labels.items()} | {
        "audit_id": tables.number(labels["audit_id"]),
        "at": tables.moment(labels["at"]),
        "outcome": tables.text(labels["outcome"], width="small"),
        "ip": tables.text(labels["ip"], width="small"),
    }
    tables.show(
        _in_words(rows),
        height=tables.height(len(rows), 16),
        column_order=list(labels),
        column_config=config,
        alt=t("admin.part_auditoria"),
        key="audit",
    )


def _chain() -> None:
    state = people.audit_state()
    if state.get("problem") is None:
        mark = marks.badge("good", t("admin.chain_whole", rows=fmt.number(state.get("rows_checked"))))
    else:
        mark = marks.badge("bad", t("admin.chain_broken", number=fmt.number(state.get("problem_id"))))
    st.html(f'<div class="nc-band"><b>{escape(t("admin.chain"))}</b>{mark}</div>')


def _wish() -> AuditWish:
    today = fmt.today()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="wishes"):
        actor = bound.search("quem", t("admin.actor"), t("admin.actor_hint"), width=190)
        action = bound.selectbox("evento", t("admin.event"), (ANY, *EVENTS), show=partial(_or_any, "event"), width=260)
        outcome = bound.selectbox(
            "resultado", t("admin.outcome"), (ANY, *OUTCOMES), show=partial(_or_any, "outcome"), width=170
        )
        entity = bound.search("sobre", t("admin.what"), t("admin.what_hint"), width=220)
        span = st.date_input(
            t("admin.span"),
            (today - timedelta(days=DAYS), today),
            format="DD/MM/YYYY" if current_language() == "pt-BR" else "YYYY-MM-DD",
            label_visibility="collapsed",
            width=290,
            key="dias",
            bind="query-params",
        )
    # Between the two clicks only the first day is there; an emptied field is everything.
    start, stop = (span[0], span[-1]) if isinstance(span, tuple) and span else (None, None)
    return AuditWish(
        start=datetime.combine(start, time.min, fmt.ZONE) if start else None,
        stop=datetime.combine(stop + timedelta(days=1), time.min, fmt.ZONE) if stop else None,
        actor=actor or None,
        action=None if action == ANY else action,
        outcome=None if outcome == ANY else outcome,
        entity=entity or None,
    )


def _or_any(kind: str, code: str) -> str:
    return t(f"admin.any_{kind}") if code == ANY else value(kind, code)


def _pages(rows: pd.DataFrame, before: int | None) -> None:
    """Which events these are, and the way to newer and older ones."""
    last, first = fmt.number(rows["audit_id"].iloc[0]), fmt.number(rows["audit_id"].iloc[-1])
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        st.button(
            t("admin.newest"), icon=":material/first_page:", on_click=_turn, disabled=before is None, key="audit_newest"
        )
        st.button(
            t("admin.older"),
            icon=":material/chevron_right:",
            on_click=partial(_turn, int(rows["audit_id"].iloc[-1])),
            disabled=len(rows) < people.AUDIT_PAGE,
            key="audit_older",
        )
        st.caption(t("admin.events_shown", first=first, last=last), width="content")


def _turn(before: int | None = None) -> None:
    """To the events before one, or to the newest."""
    if before is None:
        st.query_params.pop(_BEFORE, None)
    else:
        st.query_params[_BEFORE] = str(before)


def _in_words(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(
        action=[value("event", code) for code in rows["action"]],
        outcome=[value("outcome", code) for code in rows["outcome"]],
    )
