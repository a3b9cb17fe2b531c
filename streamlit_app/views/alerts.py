"""Alerts: an inbox. Unread first, one line each, what is at stake at the right; read, snooze, take care of, close."""

from __future__ import annotations

import json
import math
from datetime import date, timedelta
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import DECIDERS, EVERYBODY, Refused
from streamlit_app.access.sessions import Session
from streamlit_app.data import decisions
from streamlit_app.data.frames import where
from streamlit_app.downloads import file_buttons
from streamlit_app.i18n import t, tn, value
from streamlit_app.ui import bound, explain, marks
from streamlit_app.ui import format as fmt
from streamlit_app.ui.header import global_filters, page_header
from streamlit_app.ui.states import empty, say_refused
from streamlit_app.views import alert_results

CAUSES = ("STOCKED_OUT", "STOCKOUT_RISK", "LATE_ORDER", "LEAD_TIME_DRIFT", "DEMAND_SPIKE", "EXCESS", "DATA_QUALITY")
SEVERITIES = ("CRITICAL", "WARNING", "NORMAL")
SEVERITY_STATE = {"CRITICAL": "bad", "WARNING": "warn", "NORMAL": "info"}
BOXES = ("abertos", "meus", "adiados", "todos", "resolvidos", "acerto")
ORDERS = ("valor", "horas")
SHOWN = 40
SNOOZE_DAYS = (1, 7, 30)
LONGEST_REASON = 500
_CLOSING = "_alert_to_close"
Row = dict[str, Any]


def render() -> None:
    """Draw the screen."""
    session = require_role(*EVERYBODY, what="screen.alerts")
    stands_on = page_header(session, t("screen.alerts"))
    filters = global_filters(session, "alerts", period=True)
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="wishes"):
        box = bound.segmented("caixa", t("alerts.box"), BOXES, show=lambda name: t(f"alerts.box_{name}"))
        causes = bound.multiselect(
            "causa", t("alerts.cause"), CAUSES, show=lambda code: value("cause", code), width=220
        )
        severities = bound.multiselect(
            "gravidade", t("alerts.severity"), SEVERITIES, show=lambda code: value("severity", code), width=170
        )
        search = bound.search("busca", t("common.search"), t("items.search"), width=240)
        order = bound.selectbox("ordem", t("items.order"), ORDERS, show=lambda name: t(f"alerts.by_{name}"), width=190)
    by_hours = order == "horas"
    if box == "acerto":
        alert_results.calibration(session)
        return

    def found(most: int = decisions.MOST_ROWS) -> pd.DataFrame:
        wish = {"causes": causes, "severities": severities, "search": search}
        alerts = decisions.alerts(session, filters, **wish, by_hours=by_hours, rows=most)
        return _in_box(alerts, box, session.username)

    rows = found()
    if box == "resolvidos":
        if len(rows):
            st.html(marks.section(t("alerts.closed_by_hand")))
            _lines(rows, session, by_hours)
        gone = partial(decisions.resolved_alerts, session, stands_on.as_of, filters, causes=causes, search=search)
        alert_results.resolved(gone, stands_on, alone=rows.empty)
        return
    if rows.empty:
        empty(t("alerts.none") if box == "abertos" else t("alerts.none_here"))
        return
    unread = int(rows["unread"].sum())
    summary = tn("alerts.count", len(rows), count=fmt.number(len(rows)))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.html(
            f'<div class="nc-band"><b>{escape(summary)}</b>'
            f"{marks.muted(tn('alerts.unread', unread, count=fmt.number(unread)))}"
            f"{marks.muted(t('alerts.at_stake', value=fmt.money(rows['value_at_risk'].sum())))}"
            f"{marks.muted(t('alerts.hours_at_stake', hours=fmt.hours(_hours(rows))))}</div>",
            width="stretch",
        )
        everything = partial(found, decisions.EXPORT_ROWS)
        file_buttons("alerts", f"alertas_{stands_on.as_of}", _labels(), lambda: _in_words(everything()), stands_on)
    _lines(rows, session, by_hours)


def _hours(rows: pd.DataFrame) -> float:
    """Hours at risk of the alerts, a place with several causes counted once."""
    return float(rows.groupby(["item_id", "site_id"])["hours_at_risk"].max().sum())


def _lines(rows: pd.DataFrame, session: Session, by_hours: bool) -> None:
    may_act = session.role in DECIDERS
    pages = math.ceil(len(rows) / SHOWN)
    page = st.pagination(pages, key="pagina", bind="query-params", max_visible_pages=5) if pages > 1 else 1
    for row in rows.iloc[(page - 1) * SHOWN : page * SHOWN].to_dict("records"):
        _line(row, may_act, session.username, by_hours)
    asked = st.session_state.pop(_CLOSING, None)
    if asked:
        st.dialog(t("alerts.resolve_title"))(partial(_ask_reason, asked))()


def _in_box(rows: pd.DataFrame, box: str, username: str) -> pd.DataFrame:
    today = fmt.today()
    snoozed = pd.Series(
        [not fmt.missing(until) and until > today for until in rows["snoozed_until"]], index=rows.index, dtype=bool
    )
    mine = {
        "adiados": snoozed & ~rows["closed"],
        "meus": (rows["owner"] == username) & ~rows["closed"],
        "abertos": ~snoozed & ~rows["closed"],
        "resolvidos": rows["closed"],
    }
    kept = where(rows, mine[box]) if box in mine else rows
    return kept.assign(unread=_unread(kept)).sort_values("unread", ascending=False, kind="stable")


def _unread(rows: pd.DataFrame) -> list[bool]:
    """Never read, or read before it got worse."""
    return [fmt.missing(row["read_at"]) or _worse_since_read(row) for row in rows.to_dict("records")]


def _worse_since_read(row: Row) -> bool:
    read_on = row["read_at"].astimezone(fmt.ZONE).date()
    return row["severity"] != row["first_severity"] and read_on < row["severity_since"]


def _labels() -> dict[str, str]:
    return {
        "severity": t("alerts.severity"),
        "cause": t("alerts.cause"),
        "item_code": t("common.code"),
        "item_name": t("common.material"),
        "site_code": t("common.site"),
        "value_at_risk": t("alerts.value"),
        "hours_at_risk": t("alerts.hours"),
        "probability": t("items.risk"),
        "opened_on": t("alerts.opened_on"),
        "expected_date": t("item.expected"),
        "owner_name": t("alerts.owner"),
        "snoozed_until": t("alerts.snoozed_until"),
        "note": t("alerts.note"),
    }


def _in_words(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(**{name: [value(name, code) for code in rows[name]] for name in ("severity", "cause")})


def _line(row: Row, may_act: bool, username: str, by_hours: bool) -> None:
    unread = bool(row["unread"])
    with st.container(
        horizontal=True,
        wrap=False,
        vertical_alignment="center",
        gap="small",
        key=f"alert_{row['item_id']}_{row['site_id']}_{row['cause']}",
    ):
        st.html(_text(row, unread, by_hours), width="stretch")
        if may_act:
            _actions(row, unread, username)


def _text(row: Row, unread: bool, by_hours: bool) -> str:
    name = f"{row['item_name']} · {row['site_code']}"
    since = t("alerts.since", day=fmt.short_day(row["opened_on"]))
    extra = [since]
    if not fmt.missing(row["expected_date"]) and row["expected_date"] > row["as_of"]:
        extra.append(t("alerts.expected", day=fmt.short_day(row["expected_date"])))
    extra.append(_details(row))
    if not fmt.missing(row["owner_name"]):
        extra.append(t("alerts.with", who=row["owner_name"]))
    if not fmt.missing(row["note"]):
        extra.append(f"“{row['note']}”")
    if row["closed"]:
        extra.append(t("alerts.closed_by", who=row["changed_by"], why=row["resolution"]))
    right, below = _figures(row, by_hours)
    href = marks.address(
        "material",
        item=row["item_code"],
        onde=row["site_code"],
        aba="pedidos" if row["cause"] == "LATE_ORDER" else None,
    )
    mark = marks.badge(SEVERITY_STATE[row["severity"]], value("cause", row["cause"]))
    weight = "" if unread else ' style="font-weight:450"'
    dot = "nc-dot nc-info" if unread else "nc-dot nc-none"
    small = escape(" · ".join(part for part in extra if part))
    return (
        f'<a class="nc-line nc-alert" href="{escape(href)}" target="_self"><i class="{dot}"></i>'
        f"<span><b{weight}>{mark} {escape(name)}</b><small>{small}</small></span>"
        f'<span class="nc-right"><b>{escape(right)}</b><small>{escape(below)}</small></span></a>'
    )


def _figures(row: Row, by_hours: bool) -> tuple[str, str]:
    """What ranks the line, and beneath it the chance and the other measure of what is at stake."""
    # Surplus and doubtful data make nobody wait.
    amounts = [fmt.money(row["value_at_risk"]), fmt.hours(row["hours_at_risk"]) if row["hours_at_risk"] else ""]
    first, other = reversed(amounts) if by_hours else amounts
    chance = "" if fmt.missing(row["probability"]) else fmt.percent(row["probability"], 0)
    return first or fmt.NOTHING, " · ".join(part for part in (chance, other) if part)


def _details(row: Row) -> str:
    given = explain.flat(json.loads(row["details"] or "{}"))
    pairs = [
        f"{explain.term_name(k)} {explain.term_value(k, v)}"
        for k, v in given.items()
        # A zero says nothing about what is wrong.
        if v not in (None, 0) and not isinstance(v, list)
    ]
    return " · ".join(pairs[:4])


def _actions(row: Row, unread: bool, username: str) -> None:
    until = {f"snooze_{days}": fmt.today() + timedelta(days=days) for days in SNOOZE_DAYS}
    mine, asleep = row["owner"] == username, not fmt.missing(row["snoozed_until"])
    if row["closed"]:
        reopen = partial(_reopen, row)
        key = f"open_{row['item_id']}_{row['site_id']}_{row['cause']}"
        st.button(t("alerts.reopen"), type="tertiary", icon=":material/undo:", on_click=reopen, key=key)
        return
    choices = {
        "resolve": t("alerts.resolve"),
        "read" if unread else "unread": t("alerts.mark_read") if unread else t("alerts.mark_unread"),
        "give_back" if mine else "take": t("alerts.give_back") if mine else t("alerts.take"),
        **({"wake": t("alerts.wake")} if asleep else {}),
        **{name: t("alerts.snooze", day=fmt.short_day(day)) for name, day in until.items()},
    }
    key = f"act_{row['item_id']}_{row['site_id']}_{row['cause']}"
    st.menu_button(
        "",
        list(choices),
        key=key,
        icon=":material/more_horiz:",
        type="tertiary",
        help=t("alerts.act"),
        format_func=choices.__getitem__,
        on_click=partial(_act, row, key, until),
    )


def _act(row: Row, key: str, until: dict[str, date]) -> None:
    session = require_role(*DECIDERS, what="alert.changed")
    choice = st.session_state[key]
    if choice == "resolve":
        st.session_state[_CLOSING] = row
    elif choice in until:
        _set(session, row, read=True, snoozed_until=until[choice])
    elif choice in {"take", "give_back"}:
        _set(session, row, read=True, owner=session.username if choice == "take" else None)
    elif choice == "wake":
        _set(session, row, read=not fmt.missing(row["read_at"]), snoozed_until=None)
    else:
        _set(session, row, read=choice == "read")


def _ask_reason(row: Row) -> None:
    st.write(fmt.plain(f"{row['item_name']} · {row['site_code']} · {value('cause', row['cause'])}"))
    st.caption(t("alerts.resolve_note"))
    with st.form("resolve", border=False):
        st.text_area(t("queue.reason"), key="resolve_reason", max_chars=LONGEST_REASON)
        if st.form_submit_button(t("alerts.resolve_now"), type="primary") and _resolve(row):
            st.rerun()


def _resolve(row: Row) -> bool:
    """Close it with the reason that was written; says whether that was done."""
    session = require_role(*DECIDERS, what="alert.resolved")
    reason = str(st.session_state["resolve_reason"]).strip()
    if not reason:
        st.warning(t("queue.reason_needed"))
        return False
    try:
        decisions.resolve_alert(session, row, reason)
    except Refused as refused:
        say_refused(refused)
        return False
    return True


def _reopen(row: Row) -> None:
    session = require_role(*DECIDERS, what="alert.reopened")
    try:
        decisions.reopen_alert(session, row)
    except Refused as refused:
        say_refused(refused)


_KEEP: Any = object()


def _set(
    session: Session, row: Row, *, read: bool, owner: str | None = _KEEP, snoozed_until: date | None = _KEEP
) -> None:
    try:
        decisions.set_alert_state(
            session,
            row,
            read=read,
            owner=_given(row["owner"]) if owner is _KEEP else owner,
            snoozed_until=_given(row["snoozed_until"]) if snoozed_until is _KEEP else snoozed_until,
            note=_given(row["note"]),
        )
    except Refused as refused:
        say_refused(refused)


def _given(stored: Any) -> Any:
    return None if fmt.missing(stored) else stored
