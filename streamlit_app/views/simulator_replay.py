"""The simulator's second half: a recorded replay of real history, day by day, through candidate policies.

Drawn by views/simulator.py, which has asked for the role. The pipeline computes it as a run of its own.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import DECIDERS, Refused
from streamlit_app.access.sessions import Session
from streamlit_app.data import replays
from streamlit_app.data.standing import Standing
from streamlit_app.i18n import t, value
from streamlit_app.ui import charts, charts_whatif, marks, tables
from streamlit_app.ui import format as fmt
from streamlit_app.ui.states import say_refused
from streamlit_app.ui.theme import palette

DEFAULT_POLICIES, DEFAULT_LEVELS, DEFAULT_MONTHS = ["platform", "minmax"], [0.9, 0.95, 0.98], 6
LOOK_AGAIN_SECONDS = 5


def replay(session: Session, as_of: date) -> None:
    """Ask for a replay, see how far it is, read its answer."""
    st.html(marks.section(t("replay.title")))
    st.caption(t("replay.note"))
    if session.role in DECIDERS:
        _form(as_of)
    asked = replays.requests()
    if not asked:
        st.caption(t("replay.none"))
        return
    looking = _under_way(asked)
    # A fragment of its own looks again while something is under way, without drawing the page anew.
    st.fragment(partial(_list, session, looking), run_every=LOOK_AGAIN_SECONDS if looking else None)()


def _under_way(asked: list[dict[str, Any]]) -> bool:
    """Whether looking again may show something new: not once everything is answered or has failed."""
    ended = (Standing.DONE, Standing.FAILED)
    return any(replays.standing(request, datetime.now(UTC)) not in ended for request in asked)


def _form(as_of: date) -> None:
    with st.form("replay", border=False), st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.multiselect(
            t("replay.policies"),
            replays.POLICIES,
            DEFAULT_POLICIES,
            format_func=lambda code: value("policy", code),
            placeholder=t("replay.policies"),
            key="replay_policies",
            width=380,
        )
        st.multiselect(
            t("replay.levels"),
            replays.LEVELS,
            DEFAULT_LEVELS,
            format_func=lambda level: fmt.percent(level, 0),
            placeholder=t("replay.levels"),
            key="replay_levels",
            width=280,
        )
        st.number_input(t("replay.months"), 1, replays.MOST_MONTHS, DEFAULT_MONTHS, key="replay_months", width=120)
        st.form_submit_button(t("replay.ask"), type="primary", on_click=partial(_ask, as_of))


def _ask(as_of: date) -> None:
    session = require_role(*DECIDERS, what="scenario.requested")
    given = st.session_state
    policies, levels, months = given["replay_policies"], given["replay_levels"], int(given["replay_months"])
    try:
        number = replays.ask(session, as_of, list(policies), list(levels), months)
    except Refused as refused:
        say_refused(refused)
        return
    st.toast(t("replay.asked", number=fmt.number(number)), icon=":material/hourglass_top:")


def _list(session: Session, looking: bool) -> None:
    rows = replays.requests()
    if looking and not _under_way(rows):
        # Only the page drawn anew ends the looking.
        st.rerun()
    newest = next((row["request_id"] for row in rows if row["answered"]), None)
    for request in rows:
        state = replays.standing(request, datetime.now(UTC))
        months = t("panel.months", n=request["months"])
        title = f"{fmt.number(request['request_id'])} · {months} · {fmt.day(request['as_of'])} · {request['asked_by']}"
        told = marks.muted(t("replay.asked_at", ago=fmt.ago(request["asked_at"])))
        badge = marks.badge(marks.STANDINGS[state], t(f"replay.{state}"))
        st.html(f'<div class="nc-band"><b>{escape(title)}</b>{told}{badge}{_times(request, state)}</div>')
        _progress(request, state)
        if request["request_id"] == newest:
            _answer(replays.answers(session, request))


def _times(request: dict[str, Any], state: Standing) -> str:
    """When its run began, or how long the answer took."""
    if state is Standing.DONE:
        took = fmt.lasting(request["answered_at"] - request["asked_at"])
        return marks.muted(t("replay.took", time=took))
    started = request["started_at"]
    return marks.muted(t("replay.started", at=fmt.moment(started))) if started else ""


def _progress(request: dict[str, Any], state: Standing) -> None:
    """The step that the run is at; of one that does not come to its end, why, and what helps."""
    if state is Standing.RUNNING:
        number, step = replays.step(request["doing"])
        doing = t("replay.step", n=step, of=len(replays.STEPS), what=t(f"replay.step_{step}"))
        if number != request["request_id"]:
            doing = t("replay.before", number=fmt.number(number), step=doing)
        st.progress(float(request["share"]), text=f"{doing} · {fmt.percent(request['share'], 0)}")
    elif state is Standing.FAILED:
        st.error(t("replay.failed_cure", reason=fmt.plain(request["failure"]), run=request["run_id"][:8]))
    elif state is Standing.SILENT:
        st.warning(t("replay.silent_cure", ago=fmt.ago(request["told_at"])))
    elif state is Standing.LATE:
        st.warning(t("replay.late_cure"))


def _answer(rows: pd.DataFrame) -> None:
    named = rows.assign(name=[value("policy", code) for code in rows["policy"]])
    chart = charts_whatif.replayed(named, palette())
    charts.show(chart, palette(), alt=t("replay.chart"), key="replayed", height=260)
    shown: Any = named.assign(
        **{name: named[name].astype(float).round(3) for name in ("service_level", "empty_share", "fill_rate")},
        **{name: named[name].astype(float).round(0) for name in ("stock_value", "holding_cost_year", "total_cost")},
    )
    tables.show(
        shown,
        height="content",
        alt=t("replay.chart"),
        key="replay_table",
        column_order=[
            "name",
            "service_level",
            "empty_share",
            "fill_rate",
            "stock_value",
            "holding_cost_year",
            "orders",
            "total_cost",
            "item_sites",
        ],
        column_config={
            "name": tables.text(t("replay.policy"), pinned=True),
            "service_level": tables.share(t("whatif.service"), width="medium"),
            "empty_share": tables.share(t("replay.empty"), width="medium"),
            "fill_rate": tables.share(t("whatif.fill"), width="medium"),
            "stock_value": tables.number(t("replay.stock_value")),
            "holding_cost_year": tables.number(t("whatif.holding_year")),
            "orders": tables.number(t("replay.orders")),
            "total_cost": tables.number(t("replay.total_cost")),
            "item_sites": tables.number(t("whatif.item_sites")),
        },
    )
