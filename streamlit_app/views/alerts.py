"""Alerts: an inbox. Unread first, one line each, what is at stake at the right; read, snooze, take care of."""

from __future__ import annotations

import json
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
from streamlit_app.data.freshness import Freshness
from streamlit_app.downloads import file_buttons
from streamlit_app.i18n import t, tn, value
from streamlit_app.ui import bound, explain, marks, tables
from streamlit_app.ui import format as fmt
from streamlit_app.ui.header import global_filters, page_header
from streamlit_app.ui.states import empty, say_refused

CAUSES = ("STOCKED_OUT", "STOCKOUT_RISK", "LATE_ORDER", "LEAD_TIME_DRIFT", "DEMAND_SPIKE", "EXCESS", "DATA_QUALITY")
SEVERITIES = ("CRITICAL", "WARNING", "NORMAL")
SEVERITY_STATE = {"CRITICAL": "bad", "WARNING": "warn", "NORMAL": "info"}
BOXES = ("abertos", "meus", "adiados", "todos", "resolvidos")
SHOWN = 40
SNOOZE_DAYS = (1, 7, 30)
Row = dict[str, Any]


def render() -> None:
    """Draw the screen."""
    session = require_role(*EVERYBODY, what="screen.alerts")
    stands_on = page_header(session, t("screen.alerts"))
    filters = global_filters(session, "alerts")
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="wishes"):
        box = bound.segmented("caixa", t("alerts.box"), BOXES, show=lambda name: t(f"alerts.box_{name}"))
        causes = bound.multiselect(
            "causa", t("alerts.cause"), CAUSES, show=lambda code: value("cause", code), width=220
        )
        severities = bound.multiselect(
            "gravidade", t("alerts.severity"), SEVERITIES, show=lambda code: value("severity", code), width=170
        )
        search = bound.search("busca", t("common.search"), t("items.search"), width=240)
    if box == "resolvidos":
        _resolved(decisions.resolved_alerts(session, stands_on.as_of, filters, causes=causes, search=search), stands_on)
        return
    rows = decisions.alerts(session, filters, causes=causes, severities=severities, search=search)
    rows = _in_box(rows, box, session.username)
    if rows.empty:
        empty(t("alerts.none") if box == "abertos" else t("alerts.none_here"))
        return
    unread = int(rows["unread"].sum())
    summary = tn("alerts.count", len(rows), count=fmt.number(len(rows)))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.html(
            f'<div class="nc-band"><b>{escape(summary)}</b>'
            f"{marks.muted(tn('alerts.unread', unread, count=fmt.number(unread)))}"
            f"{marks.muted(t('alerts.at_stake', value=fmt.money(rows['value_at_risk'].sum())))}</div>",
            width="stretch",
        )
        file_buttons("alerts", f"alertas_{stands_on.as_of}", _labels(), lambda: _in_words(rows), stands_on)
    may_act = session.role in DECIDERS
    for row in rows.head(SHOWN).to_dict("records"):
        _line(row, may_act, session.username)
    if len(rows) > SHOWN:
        st.caption(t("alerts.more", shown=SHOWN, count=fmt.number(len(rows))))


def _in_box(rows: pd.DataFrame, box: str, username: str) -> pd.DataFrame:
    today = fmt.today()
    snoozed = pd.Series(
        [not fmt.missing(until) and until > today for until in rows["snoozed_until"]], index=rows.index, dtype=bool
    )
    if box == "adiados":
        kept = where(rows, snoozed)
    elif box == "meus":
        kept = where(rows, rows["owner"] == username)
    else:
        kept = rows if box == "todos" else where(rows, ~snoozed)
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
        "probability": t("items.risk"),
        "opened_on": t("alerts.opened_on"),
        "expected_date": t("item.expected"),
        "owner_name": t("alerts.owner"),
        "snoozed_until": t("alerts.snoozed_until"),
        "note": t("alerts.note"),
    }


def _in_words(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(**{name: [value(name, code) for code in rows[name]] for name in ("severity", "cause")})


def _resolved(rows: pd.DataFrame, stands_on: Freshness) -> None:
    """Alerts that the pipeline no longer finds, with how long they stood."""
    if rows.empty:
        empty(t("alerts.none_resolved"))
        return
    labels = {
        "resolved_on": t("alerts.resolved_on"),
        "cause": t("alerts.cause"),
        "item_code": t("common.code"),
        "item_name": t("common.material"),
        "site_code": t("common.site"),
        "worst_severity": t("alerts.severity"),
        "opened_on": t("alerts.opened_on"),
        "days_seen": t("alerts.days"),
        "peak_value": t("alerts.value"),
    }
    shown = rows.assign(
        cause=[value("cause", code) for code in rows["cause"]],
        worst_severity=[value("severity", code) for code in rows["worst_severity"]],
        peak_value=rows["peak_value"].round(0),
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        file_buttons("alerts_resolved", f"alertas_resolvidos_{stands_on.as_of}", labels, lambda: shown, stands_on)
    days = {name: tables.day(labels[name]) for name in ("resolved_on", "opened_on")}
    numbers = {name: tables.number(labels[name]) for name in ("days_seen", "peak_value")}
    words = {name: tables.text(label) for name, label in labels.items() if name not in days | numbers}
    tables.show(
        shown,
        height=min(len(shown), 16) * 35 + 42,
        alt=t("alerts.box_resolvidos"),
        key="resolved",
        column_order=list(labels),
        column_config=words | days | numbers,
    )


def _line(row: Row, may_act: bool, username: str) -> None:
    unread = bool(row["unread"])
    with st.container(
        horizontal=True,
        wrap=False,
        vertical_alignment="center",
        gap="small",
        key=f"alert_{row['item_id']}_{row['site_id']}_{row['cause']}",
    ):
        st.html(_text(row, unread), width="stretch")
        if may_act:
            _actions(row, unread, username)


def _text(row: Row, unread: bool) -> str:
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
    right = fmt.money(row["value_at_risk"])
    chance = "" if fmt.missing(row["probability"]) else fmt.percent(row["probability"], 0)
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
        f'<span class="nc-right"><b>{escape(right)}</b><small>{escape(chance)}</small></span></a>'
    )


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
    choices = {
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
    if choice in until:
        _set(session, row, read=True, snoozed_until=until[choice])
    elif choice in {"take", "give_back"}:
        _set(session, row, read=True, owner=session.username if choice == "take" else None)
    elif choice == "wake":
        _set(session, row, read=not fmt.missing(row["read_at"]), snoozed_until=None)
    else:
        _set(session, row, read=choice == "read")


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
