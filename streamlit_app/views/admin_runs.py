"""Administration of the pipeline: ask for a run, see how far it is, and what ran before.

Drawn by views/admin.py, which has asked for the role; asking for a run asks again.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import ADMINS, Refused
from streamlit_app.access.sessions import Session
from streamlit_app.data import runs
from streamlit_app.data.standing import Standing
from streamlit_app.i18n import current_language, t, value
from streamlit_app.ui import format as fmt
from streamlit_app.ui import marks, tables
from streamlit_app.ui.states import empty, say_refused

LOOK_AGAIN_SECONDS = 5
MONTHS = 12
ID_SHOWN = 8


def runs_part(session: Session) -> None:
    """The form for a run, the runs that were asked for, and all that published something."""
    st.html(marks.section(t("runs.ask_title")))
    st.caption(t("runs.note"))
    _form(session)
    looking = any(_is_open(request) for request in runs.requests())
    # A fragment of its own looks again while something is under way, without drawing the page anew.
    st.fragment(partial(_requests, looking), run_every=LOOK_AGAIN_SECONDS if looking else None)()
    st.html(marks.section(t("runs.all")))
    _published(session)


def _form(session: Session) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        kind = st.selectbox(
            t("runs.kind"), runs.KINDS, format_func=partial(value, "run_kind"), key="run_kind", width=330
        )
        failed = runs.failed(session) if kind == "RERUN" else []
        yesterday = fmt.today() - timedelta(days=1)
        if kind == "DAYS":
            st.date_input(
                t("runs.days", most=runs.MOST_DAYS),
                (yesterday, yesterday),
                max_value=yesterday,
                format="DD/MM/YYYY" if current_language() == "pt-BR" else "YYYY-MM-DD",
                key="run_days",
                width=290,
            )
        elif kind == "MONTH":
            st.selectbox(t("runs.month"), _months(yesterday), format_func=_month_name, key="run_month", width=200)
        elif failed:
            st.selectbox(t("runs.failed_run"), failed, format_func=_failed_name, key="run_failed", width=480)
        st.button(
            t("runs.ask"),
            type="primary",
            icon=":material/play_arrow:",
            on_click=_ask,
            disabled=kind == "RERUN" and not failed,
            key="ask_run",
        )
    st.caption(t("runs.none_failed") if kind == "RERUN" and not failed else t(f"runs.means_{kind.lower()}"))


def _months(yesterday: date) -> list[date]:
    """First days of the newest months that are over."""
    this = (yesterday + timedelta(days=1)).replace(day=1)
    found = []
    for _ in range(MONTHS):
        this = (this - timedelta(days=1)).replace(day=1)
        found.append(this)
    return found


def _month_name(month: date) -> str:
    return f"{month:%m/%Y}"


def _failed_name(run: dict[str, Any]) -> str:
    """When it failed, for which day, and where."""
    where = f"{run['step'].replace('__', '.', 1)}" if run["step"] else t("runs.no_step")
    day = fmt.day(date.fromisoformat(run["day"])) if run["day"] else "–"
    more = f" +{fmt.number(run['steps'] - 1)}" if (run["steps"] or 0) > 1 else ""
    return f"{fmt.moment(run['at'])} · {day} · {where}{more} · {run['run_id'][:ID_SHOWN]}"


def _ask() -> None:
    session = require_role(*ADMINS, what="run.requested")
    given = st.session_state
    kind, wanted = given["run_kind"], {}
    if kind == "DAYS":
        # Between the two clicks on a range only its first day is there.
        days = given["run_days"]
        wanted = {"first_day": days[0], "last_day": days[-1]} if days else {}
    elif kind == "MONTH":
        wanted = {"first_day": given["run_month"]}
    elif kind == "RERUN":
        wanted = {"failed_run": given["run_failed"]["run_id"]}
    try:
        number = runs.ask(session, kind, **wanted)
    except Refused as refused:
        say_refused(refused)
        return
    st.toast(t("runs.asked", number=fmt.number(number)), icon=":material/hourglass_top:")


def _is_open(request: dict[str, Any]) -> bool:
    return request["state"] in ("QUEUED", "RUNNING")


def _requests(looking: bool) -> None:
    rows = runs.requests()
    if looking and not any(_is_open(request) for request in rows):
        # Only the page drawn anew ends the looking.
        st.rerun()
    for request in rows:
        state = runs.standing(request, datetime.now(UTC))
        title = f"{fmt.number(request['request_id'])} · {_what(request)} · {request['asked_by'] or '–'}"
        told = marks.muted(t("runs.asked_at", ago=fmt.ago(request["asked_at"])))
        badge = marks.badge(marks.STANDINGS[state], t(f"runs.{state}"))
        st.html(f'<div class="nc-band"><b>{escape(title)}</b>{told}{badge}{_times(request, state)}</div>')
        _progress(request, state)


def _what(request: dict[str, Any]) -> str:
    """The kind of run, with its days or the run that it goes on with."""
    kind, first, last = value("run_kind", request["kind"]), request["first_day"], request["last_day"]
    if request["kind"] == "MONTH":
        return f"{kind} {_month_name(first)}"
    if request["kind"] == "DAYS":
        return f"{kind} {fmt.day(first)}" + (f" – {fmt.day(last)}" if last > first else "")
    return f"{kind} {request['failed_run'][:ID_SHOWN]}" if request["failed_run"] else kind


def _times(request: dict[str, Any], state: Standing) -> str:
    """How long it took, or since when it has been running."""
    if request["started_at"] is None:
        return ""
    if state is Standing.DONE:
        return marks.muted(t("runs.took", time=fmt.lasting(request["ended_at"] - request["started_at"])))
    return marks.muted(t("runs.started", at=fmt.moment(request["started_at"])))


def _progress(request: dict[str, Any], state: Standing) -> None:
    """Tables done of those planned; of a run that does not come to its end, why, and what helps."""
    if state is Standing.RUNNING and request["tables"]:
        done, of = int(request["tables_done"]), int(request["tables"])
        st.progress(done / of, text=t("runs.tables_done", done=fmt.number(done), of=fmt.number(of)))
    elif state is Standing.FAILED:
        st.error(t("runs.failed_cure", reason=fmt.plain(request["failure"] or "–")))
    elif state is Standing.SILENT:
        st.warning(t("runs.silent_cure", ago=fmt.ago(request["told_at"])))
    elif state is Standing.LATE:
        st.warning(t("runs.late_cure"))


def _published(session: Session) -> None:
    rows = runs.published(session)
    if rows.empty:
        empty(t("data.nothing_computed"))
        return
    lasted = [
        round((last - first).total_seconds(), 1) for first, last in zip(rows["first_at"], rows["last_at"], strict=True)
    ]
    columns = {
        "run_id": tables.text(t("data.run"), pinned=True),
        "first_at": tables.moment(t("admin.began")),
        "last_at": tables.moment(t("admin.ended")),
        "seconds": tables.number(t("admin.seconds")),
        "newest_day": tables.day(t("data.newest_day")),
        "tables": tables.number(t("data.part_tabelas")),
        "publishes": tables.number(t("admin.publishes")),
        "rows": tables.number(t("data.rows"), width=92),
        "code_version": tables.text(t("data.code_version")),
    }
    tables.show(
        rows.assign(seconds=lasted),
        height=tables.height(len(rows), 16),
        alt=t("admin.part_execucoes"),
        key="runs",
        column_order=[*columns],
        column_config=columns,
    )
