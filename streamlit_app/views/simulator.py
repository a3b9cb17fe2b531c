"""Simulator: what if demand, lead times, service or budget were different. Nothing live is touched."""

from __future__ import annotations

from urllib.parse import parse_qs

import pandas as pd
import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import EVERYBODY
from streamlit_app.access.sessions import Session
from streamlit_app.data import queue_budget, views, whatif
from streamlit_app.data.filters import Filters
from streamlit_app.data.freshness import Freshness
from streamlit_app.data.whatif import Change, Grid, Outcome
from streamlit_app.downloads import file_buttons
from streamlit_app.i18n import t
from streamlit_app.ui import bound, charts, charts_whatif, marks, tables
from streamlit_app.ui import format as fmt
from streamlit_app.ui.header import global_filters, page_header
from streamlit_app.ui.states import empty
from streamlit_app.ui.theme import palette
from streamlit_app.views import simulator_replay

# The slider's left end: every item-site keeps the service level of its own policy.
OWN_SERVICE = 0.79
MOST_COMPARED = 8


def render() -> None:
    """Draw the screen."""
    session = require_role(*EVERYBODY, what="screen.simulator")
    stands_on = page_header(session, t("screen.simulator"), t("whatif.subtitle"))
    filters = global_filters(session, "simulator")
    given = whatif.grid(session, filters)
    if given is None:
        empty(t("whatif.nothing"))
        return
    left, right = st.columns([1, 2.6], gap="large")
    with left:
        change = _sliders(given)
    # Untouched sliders, as every reader first sees them, are reckoned once.
    today, curve = whatif.outcome(given, Change()), whatif.curve(given, Change())
    touched = change != Change()
    then, changed = (whatif.outcome(given, change), whatif.curve(given, change)) if touched else (today, curve)
    with right:
        st.html(marks.tiles(_tiles(today, then)))
        names = (t("whatif.today"), t("whatif.changed"))
        curves = {names[0]: curve, names[1]: changed}
        chart = charts_whatif.service_against_stock(curves, dict(zip(names, (today, then), strict=True)), palette())
        charts.show(chart, palette(), alt=t("whatif.curve"), key="curve", height=270)
        st.caption(t("whatif.note", count=fmt.number(len(given.mean))))
    _families(given, change, stands_on)
    _compared(session)
    simulator_replay.replay(session, stands_on.as_of)


def _sliders(given: Grid) -> Change:
    demand = bound.slider("demanda", t("whatif.demand"), -50, 100, default=0, step=5, show=_signed)
    lead = bound.slider("prazo", t("whatif.lead_time"), -50, 100, default=0, step=5, show=_signed)
    service = bound.slider(
        "nivel",
        t("whatif.service"),
        OWN_SERVICE,
        0.99,
        default=OWN_SERVICE,
        step=0.01,
        show=_level,
        help=t("whatif.service_help"),
    )
    change = Change(1 + demand / 100, 1 + lead / 100, None if service <= OWN_SERVICE else service)
    need = whatif.outcome(given, change).need
    steps = queue_budget.steps(need)
    most = steps.most
    budget = bound.slider(
        "orcamento",
        t("whatif.budget"),
        0,
        most,
        default=most,
        step=steps.size,
        show=lambda value: t("whatif.no_limit") if value >= most else fmt.money(value),
        help=t("whatif.budget_help"),
    )
    return Change(change.demand, change.lead_time, change.service, None if budget >= most else budget)


def _signed(percent: float) -> str:
    return ("+" if percent > 0 else "") + fmt.percent(percent / 100, 0)


def _level(level: float) -> str:
    return t("whatif.own_service") if level <= OWN_SERVICE else fmt.percent(level, 0)


def _tiles(today: Outcome, then: Outcome) -> list[str]:
    rows = (
        ("whatif.capital", fmt.money, today.capital, then.capital, True),
        ("whatif.holding_year", fmt.money, today.holding_year, then.holding_year, True),
        ("whatif.available", fmt.percent, today.available, then.available, False),
        ("whatif.shortage_cost", fmt.money, today.shortage_cost, then.shortage_cost, True),
        ("whatif.buy_now", fmt.money, today.spend, then.spend, None),
        ("whatif.avoided", fmt.money, today.avoided, then.avoided, False),
    )
    return [_tile(*row) for row in rows]


def _tile(key: str, show, before: float, after: float, lower_is_better: bool | None) -> str:  # noqa: ANN001 - a formatter
    difference = after - before
    same = show(after) == show(before)
    if show is fmt.percent:
        amount = fmt.points(difference) + f" {t('common.points')}"
    else:
        amount = fmt.percent(abs(difference / before), 0) if before else show(abs(difference))
    good = None if same or lower_is_better is None else (difference < 0) == lower_is_better
    change = "" if same else marks.change(amount, rising=difference > 0, good=good, label=t("whatif.against_today"))
    return marks.tile(t(key), show(after), change=change, target=marks.muted(t("whatif.today_is", value=show(before))))


def _families(given: Grid, change: Change, stands_on: Freshness) -> None:
    rows = whatif.by_family(given, change)
    rows = rows.assign(
        capital_change=rows["capital_after"] - rows["capital_before"],
        shortage_change=rows["shortage_after"] - rows["shortage_before"],
    ).sort_values("capital_after", ascending=False)
    labels = {
        "family": t("common.family"),
        "capital_before": t("whatif.capital_before"),
        "capital_after": t("whatif.capital_after"),
        "capital_change": t("whatif.difference"),
        "shortage_before": t("whatif.shortage_before"),
        "shortage_after": t("whatif.shortage_after"),
        "shortage_change": t("whatif.difference_shortage"),
    }
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.html(marks.section(t("whatif.by_family")), width="content")
        file_buttons("whatif", f"simulacao_{stands_on.as_of}", labels, lambda: rows, stands_on)
    config = {name: tables.number(label) for name, label in labels.items()} | {
        "family": tables.text(labels["family"], pinned=True)
    }
    tables.show(
        rows.round(0),
        height=tables.height(len(rows), 8),
        column_order=list(labels),
        column_config=config,
        alt=t("whatif.by_family"),
        key="families",
    )


def _compared(session: Session) -> None:
    kept = views.saved(session, "simulator")
    st.html(marks.section(t("whatif.saved")))
    if kept.empty:
        st.caption(t("whatif.none_saved"))
        return
    rows = []
    for view in kept.head(MOST_COMPARED).to_dict("records"):
        filters, change = _read(view["query"])
        given = whatif.grid(session, filters)
        if given is not None:
            one = whatif.outcome(given, change)
            rows.append(
                {
                    "name": view["name"],
                    "demand": _signed(round((change.demand - 1) * 100)),
                    "lead_time": _signed(round((change.lead_time - 1) * 100)),
                    "service": _level(change.service or OWN_SERVICE),
                    "item_sites": len(given.mean),
                    "capital": round(one.capital),
                    "holding_year": round(one.holding_year),
                    "available": round(one.available, 3),
                    "shortage_cost": round(one.shortage_cost),
                    "spend": round(one.spend),
                }
            )
    tables.show(
        pd.DataFrame(rows),
        height="content",
        alt=t("whatif.saved"),
        key="compared",
        column_config={
            "name": tables.text(t("saved.name"), pinned=True),
            "demand": tables.text(t("whatif.demand"), width="small"),
            "lead_time": tables.text(t("whatif.lead_time"), width="small"),
            "service": tables.text(t("whatif.service"), width="small"),
            "item_sites": tables.number(t("whatif.item_sites")),
            "capital": tables.number(t("whatif.capital")),
            "holding_year": tables.number(t("whatif.holding_year")),
            "available": tables.share(t("whatif.available")),
            "shortage_cost": tables.number(t("whatif.shortage_cost")),
            "spend": tables.number(t("whatif.buy_now")),
        },
    )


def _read(query: str) -> tuple[Filters, Change]:
    """Selection and change of a saved address."""
    given = parse_qs(query)

    def codes(name: str) -> tuple[str, ...]:
        return tuple(given.get(name, ()))

    def number(name: str) -> float | None:
        try:
            return float(given[name][0]) if name in given else None
        except ValueError:
            return None

    service = number("nivel")
    change = Change(
        1 + (number("demanda") or 0) / 100,
        1 + (number("prazo") or 0) / 100,
        None if service is None or service <= OWN_SERVICE else service,
        number("orcamento"),
    )
    return Filters(codes("familia"), codes("abc"), codes("regiao"), codes("site")), change
