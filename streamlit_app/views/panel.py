"""Dashboard: is something wrong, and what is to be decided today."""

from __future__ import annotations

from datetime import date, timedelta
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import EVERYBODY
from streamlit_app.access.sessions import Session
from streamlit_app.data import panel
from streamlit_app.data.filters import Filters
from streamlit_app.data.frames import where
from streamlit_app.i18n import current_language, t, tn, value
from streamlit_app.ui import charts, marks
from streamlit_app.ui import format as fmt
from streamlit_app.ui.header import global_filters, page_header
from streamlit_app.ui.states import empty
from streamlit_app.ui.theme import palette

# Key figure to the screen and query that show its rows.
TILES = {
    "stockout_rate": ("materiais", {"ordem": "coverage"}),
    "delayed_orders": ("recomendacoes", {"acoes": "EXPEDITE"}),
    "inventory_value": ("materiais", {"ordem": "stock_value"}),
    "a_items_covered": ("materiais", {"abc": "A", "ordem": "coverage"}),
}
TREND = {"stockout_rate": 150, "inventory_value": 130}
ADVICE = ("decision_value", "decision_value_rule")
CALIBRATED = (0.86, 0.97)
PRIORITY_STATE = {"CRITICAL": "bad", "HIGH": "warn", "MEDIUM": "info", "LOW": "quiet"}


def render() -> None:
    """Draw the screen."""
    session = require_role(*EVERYBODY, what="screen.panel")
    stands_on = page_header(session, t("screen.panel"), fmt.long_day(fmt.today()))
    filters = global_filters(session, "panel", period=True)
    st.html(marks.tiles(_tiles(session, stands_on.as_of, filters)))
    if len(filters.chosen()) > 1:
        st.caption(t("panel.one_cut", dimension=t(f"common.{panel.cut_of(filters)[0]}")))
    st.html(_queues(session, stands_on.as_of, filters))
    st.html(_changes(panel.changes(session, stands_on.as_of), stands_on.as_of))
    left, right = st.columns([1.35, 1], gap="large")
    with left:
        _trend(session, stands_on.as_of, filters)
    with right:
        _map(session, filters)
    _advice(session, stands_on.as_of, filters)


def _tiles(session: Session, as_of: date, filters: Filters) -> list[str]:
    figures = panel.kpis(session, as_of, filters)
    pieces = []
    for code, (screen, query) in TILES.items():
        if code in figures:
            pieces.append(_tile(figures[code], marks.address(screen, **(_shared(filters) | query))))
    worth = panel.forecast_value(session)
    if worth:
        pieces.append(_forecast_tile(worth))
    return pieces


def _tile(kpi: panel.Kpi, href: str) -> str:
    name = _name(kpi)
    change = ""
    if kpi.value is not None and kpi.previous is not None:
        difference = kpi.value - kpi.previous
        amount = (
            fmt.points(difference)
            if kpi.unit == "share"
            else fmt.percent(abs(difference / kpi.previous) if kpi.previous else None)
        )
        unit = f" {t('common.points')}" if kpi.unit == "share" else ""
        still = amount in {fmt.number(0, 1), fmt.percent(0)}
        good = None if still else (difference < 0) == kpi.lower_is_better
        change = marks.change(
            amount + unit, rising=None if still else difference > 0, good=good, label=t("panel.since_yesterday")
        )
    target = marks.muted(t("panel.target", value=fmt.measure(kpi.target, kpi.unit))) if kpi.target is not None else ""
    spark = marks.sparkline(kpi.trend, t("panel.trend_of", name=name), palette())
    return marks.tile(name, fmt.measure(kpi.value, kpi.unit), change=change, target=target, spark=spark, href=href)


def _forecast_tile(worth: dict[str, Any]) -> str:
    gain, coverage = worth["gain_over_naive"], worth["coverage_90"]
    # Sums of small whole numbers cover more than is stated: several quantiles share one value.
    calibrated = not fmt.missing(coverage) and CALIBRATED[0] <= coverage <= CALIBRATED[1]
    state = marks.badge("good", t("panel.calibrated")) if calibrated else marks.badge("warn", t("panel.uncalibrated"))
    note = marks.muted(t("panel.coverage", value=fmt.percent(coverage, 0)))
    sign = "+" if not fmt.missing(gain) and gain > 0 else ""
    shown = t("panel.over_naive", value=sign + fmt.percent(gain, 0))
    return marks.tile(
        t("panel.forecast_value"),
        sign + fmt.percent(gain, 0),
        change=marks.muted(t("panel.versus_naive")),
        target=state,
        spark=f'<span class="nc-row" style="margin-top:8px">{note}</span>',
        hint=f"{shown} · {value('model', worth['model'])} · {fmt.day(worth['as_of'])}",
    )


def _shared(filters: Filters) -> dict[str, Any]:
    """The global filters as a link carries them."""
    return {"familia": filters.families, "abc": filters.abc, "regiao": filters.regions, "site": filters.sites}


def _queues(session: Session, as_of: date, filters: Filters) -> str:
    shared = _shared(filters)
    queues = (_buy(as_of, filters, shared), _late(session, as_of, filters, shared), _risk(session, filters, shared))
    return f'<div class="nc-queues">{"".join(queues)}</div>'


def _buy(as_of: date, filters: Filters, shared: dict[str, Any]) -> str:
    rows = panel.queue(as_of, ["REORDER"], filters).to_dict("records")
    lines = [
        marks.queue_line(
            marks.address("recomendacoes", acoes="REORDER", item=row["item_code"], onde=row["site_code"]),
            row["item_name"],
            t(
                "panel.buy_line",
                site=row["site_code"],
                quantity=fmt.quantity(row["quantity"], row["unit_measure"]),
                day=fmt.short_day(row["order_by"]),
            ),
            fmt.money(row["avoided_cost"]),
            t("panel.avoided"),
            PRIORITY_STATE[row["priority"]],
        )
        for row in rows
    ]
    count = rows[0]["queue_length"] if rows else 0
    note = t("panel.avoids", value=fmt.money(rows[0]["queue_value"])) if rows else ""
    more = marks.link("recomendacoes", t("panel.open_all"), acoes="REORDER", **shared)
    return marks.queue(t("panel.buy_today"), fmt.number(count), note, lines, more, t("panel.nothing_to_buy"))


def _late(session: Session, as_of: date, filters: Filters, shared: dict[str, Any]) -> str:
    rows = panel.late_orders(session, as_of, filters).to_dict("records")
    lines = [
        marks.queue_line(
            marks.address("material", item=row["item_code"], onde=row["site_code"], aba="pedidos"),
            f"{row['order_no']} · {row['item_name']}",
            f"{row['site_code']} · {fmt.quantity(row['quantity'], row['unit_measure'])} · {row['supplier_name']}",
            t("panel.days_late", days=fmt.number(row["days_late"])),
            t("panel.risk_of", value=fmt.percent(row["stockout_probability"], 0)),
            "bad" if (row["stockout_probability"] or 0) >= 0.5 else "warn",
        )
        for row in rows
    ]
    count = rows[0]["queue_length"] if rows else 0
    more = marks.link("recomendacoes", t("panel.open_all"), acoes="EXPEDITE", **shared)
    return marks.queue(t("panel.late"), fmt.number(count), "", lines, more, t("panel.nothing_late"))


def _risk(session: Session, filters: Filters, shared: dict[str, Any]) -> str:
    rows = panel.at_risk(session, filters).to_dict("records")
    lines = [
        marks.queue_line(
            marks.address("material", item=row["item_code"], onde=row["site_code"]),
            row["item_name"],
            t(
                "panel.risk_line",
                site=row["site_code"],
                stock=fmt.quantity(row["on_hand"], row["unit_measure"]),
                days=fmt.days(row["coverage_days"]),
            ),
            fmt.percent(row["stockout_probability"], 0),
            t("panel.stockout"),
            "bad" if row["stockout_probability"] >= 0.5 else "warn",
        )
        for row in rows
    ]
    count = rows[0]["queue_length"] if rows else 0
    more = marks.link("materiais", t("panel.open_all"), risco="1", **shared)
    return marks.queue(t("panel.at_risk"), fmt.number(count), "", lines, more, t("panel.nothing_at_risk"))


def _changes(row: dict[str, Any], as_of: date) -> str:
    parts, title = [], t("panel.changed")
    if not fmt.missing(row["compared_with"]):
        new, gone = row["alerts_new"], row["alerts_resolved"]
        parts += [
            marks.link("alertas", tn("panel.alerts_new", new, count=fmt.number(new))),
            marks.link("alertas", tn("panel.alerts_resolved", gone, count=fmt.number(gone)), caixa="resolvidos"),
        ]
        if as_of - row["compared_with"] > timedelta(days=1):
            title = t("panel.changed_since", day=fmt.short_day(row["compared_with"]))
        if row["suppliers_slower"]:
            slower = row["suppliers_slower"]
            parts.append(marks.badge("warn", tn("panel.suppliers_slower", slower, count=fmt.number(slower))))
    if not fmt.missing(row["rows_in"]):
        loaded = t("panel.loaded", rows=fmt.number(row["rows_in"]), rejected=fmt.number(row["rows_rejected"]))
        parts.append(marks.link("dados", loaded))
    if not parts:
        return ""
    return f'<div class="nc-band"><b>{title}</b>{"".join(parts)}</div>'


def _trend(session: Session, as_of: date, filters: Filters) -> None:
    st.html(marks.section(t("panel.trend")))
    points = panel.trend(session, as_of, filters, tuple(TREND))
    figures = panel.kpis(session, as_of, filters)
    for code, height in TREND.items():
        if code not in figures:
            continue
        kpi = figures[code]
        shown = where(points, points["kpi_code"] == code)
        line = charts.kpi_line(shown, palette(), title=_name(kpi), unit=kpi.unit, target=kpi.target)
        charts.show(line, palette(), alt=_told(kpi, shown), key=f"trend_{code}", height=height)


def _name(kpi: panel.Kpi) -> str:
    return kpi.name_pt if current_language() == "pt-BR" else kpi.name_en


def _told(kpi: panel.Kpi, points: pd.DataFrame) -> str:
    """The chart in a sentence: from what, to what."""
    values = points["value"].dropna()
    if values.empty:
        return _name(kpi)
    first, last = fmt.measure(values.iloc[0], kpi.unit), fmt.measure(values.iloc[-1], kpi.unit)
    return t("panel.trend_told", name=_name(kpi), first=first, last=last)


def _advice(session: Session, as_of: date, filters: Filters) -> None:
    """What following the advice would have been worth, once the days that it was about are over."""
    st.html(marks.section(t("panel.advice")))
    points = panel.trend(session, as_of, filters, ADVICE)
    points = where(points, points["value"].notna())
    figures = panel.kpis(session, as_of, filters)
    if points.empty or not all(code in figures for code in ADVICE) or not bool((points["value"] != 0).any()):
        empty(t("panel.no_advice"))
        return
    nothing, rule = (figures[code].value for code in ADVICE)
    said = t("panel.advice_told", nothing=fmt.money(nothing), rule=fmt.money(rule))
    more = marks.link("recomendacoes", t("panel.advice_open"), vista="balanco", **_shared(filters))
    st.html(f'<div class="nc-band"><b>{escape(said)}</b>{more}</div>')
    named = points.assign(name=[_name(figures[code]) for code in points["kpi_code"]])
    charts.show(charts.kpi_lines(named, palette()), palette(), alt=said, key="advice", height=190)


def _map(session: Session, filters: Filters) -> None:
    st.html(marks.section(t("panel.map")))
    sites = panel.site_risk(session, filters)
    if sites.empty:
        st.html(f'<p class="nc-empty">{t("panel.no_coordinates")}</p>')
        return
    worst = ", ".join(sites.sort_values("share", ascending=False).head(3)["site_code"])
    told = t("panel.map_told", count=fmt.number(int((sites["share"] >= charts.HIGH_RISK).sum())), worst=worst)
    charts.show(charts.site_map(sites, palette()), palette(), alt=told, key="site_map", height=330)
    st.caption(fmt.plain(told))
