"""Forecasts: compare item-sites, what the models are worth, whether the intervals hold, and planners' own numbers."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import DECIDERS, EVERYBODY, Refused
from streamlit_app.access.sessions import Session
from streamlit_app.data import forecasts, items
from streamlit_app.data.filters import Filters
from streamlit_app.data.forecasts import TARGETS, ForecastWish
from streamlit_app.data.freshness import Freshness
from streamlit_app.data.items import DEMAND_CLASSES, ItemSite
from streamlit_app.downloads import file_buttons
from streamlit_app.i18n import current_language, t, tn, value
from streamlit_app.ui import bound, charts, charts_forecast, marks, tables
from streamlit_app.ui import format as fmt
from streamlit_app.ui.header import global_filters, page_header
from streamlit_app.ui.states import empty, say_refused
from streamlit_app.ui.theme import palette
from streamlit_app.views import forecast_quality, forecast_value

PARTS = ("comparar", "acerto", "valor", "calibracao", "ajustes")
LONGEST_REASON = 500
DEFAULT_DAYS = 30
Row = dict[str, Any]


def render() -> None:
    """Draw the screen."""
    session = require_role(*EVERYBODY, what="screen.forecasts")
    stands_on = page_header(session, t("screen.forecasts"))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="wishes"):
        part = bound.segmented("parte", t("forecast.part"), PARTS, show=lambda name: t(f"forecast.part_{name}"))
        target = TARGETS[0]
        if part != "ajustes":
            target = bound.segmented("soma", t("forecast.target"), TARGETS, show=lambda code: value("target", code))
    if part == "comparar":
        _compare(session, stands_on, target)
    elif part == "acerto":
        forecast_quality.accuracy(session, target)
    elif part == "valor":
        forecast_value.value_added(session, stands_on, target)
    elif part == "calibracao":
        forecast_quality.calibration(session, stands_on.as_of, target)
    else:
        _overrides(session)


def _compare(session: Session, stands_on: Freshness, target: str) -> None:
    filters = global_filters(session, "forecasts")
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="more_wishes"):
        search = bound.search("busca", t("common.search"), t("items.search"), width=280)
        classes = bound.multiselect(
            "classe", t("items.demand_class"), DEMAND_CLASSES, show=lambda code: value("demand_class", code), width=190
        )
        models = bound.multiselect(
            "modelo",
            t("forecast.model"),
            forecasts.models(session),
            show=lambda code: value("model", code),
            width=220,
        )
    wish = ForecastWish(target, search, classes, models)
    rows = forecasts.forecast_list(session, filters, wish)
    if rows.empty:
        empty(t("forecast.none"))
        return
    total = int(rows["matching"].iloc[0])
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(
            tn("forecast.count", total, total=fmt.number(total), most=charts_forecast.MOST_LINES), width="content"
        )
        _download(session, filters, wish, stands_on)
    chosen = _table(_with_overrides(rows))
    if not chosen:
        return
    shown = chosen[: charts_forecast.MOST_LINES]
    path = forecasts.paths(
        session, stands_on.as_of, [int(row["item_id"]) for row in shown], [int(row["site_id"]) for row in shown]
    )
    if not path.empty:
        chart = charts_forecast.side_by_side(path, palette())
        charts.show(chart, palette(), alt=t("forecast.chart"), key="compare", height=260)
    _horizons(session, stands_on, shown)
    if len(chosen) == 1 and session.role in DECIDERS:
        _override_form(chosen[0])


def _horizons(session: Session, stands_on: Freshness, chosen: list[Row]) -> None:
    """Every sum of the ticked item-sites side by side, and the way to the race of their classes' models."""
    parts = []
    for row in chosen:
        sums = items.sums(session, ItemSite(int(row["item_id"]), int(row["site_id"]), stands_on.as_of))
        parts += [{"name": f"{row['item_code']} · {row['site_code']}", **one} for one in sums.values()]
    st.html(marks.section(t("forecast.horizons")))
    for code in dict.fromkeys(row["demand_class"] for row in chosen):
        words = t("forecast.models_of_class", name=value("demand_class", code))
        st.html(f"<p>{marks.link('previsoes', words, parte='acerto', classe_demanda=code)}</p>")
    numbers = ("mean", "p05", "p25", "p50", "p75", "p95")
    rows = pd.DataFrame(parts)
    tables.show(
        rows.assign(
            target=[value("target", code) for code in rows["target"]],
            model=[value("model", code) for code in rows["model"]],
            **{name: rows[name].round(2) for name in numbers},
        ),
        height="content",
        alt=t("forecast.horizons"),
        key="horizons",
        column_order=["name", "target", "model", *numbers],
        column_config={
            "name": tables.text(t("common.material"), pinned=True),
            "target": tables.text(t("forecast.target")),
            "model": tables.text(t("forecast.model")),
            "mean": tables.number(t("item.mean")),
            **{name: tables.number(name.upper()) for name in numbers[1:]},
        },
    )


def _with_overrides(rows: pd.DataFrame) -> pd.DataFrame:
    given = forecasts.overrides(fmt.today(), only_valid=True)
    given = given.loc[given["field"] == "FORECAST", ["item_id", "site_id", "target", "value"]]
    newest = given.drop_duplicates(["item_id", "site_id", "target"]).rename(columns={"value": "override"})
    return rows.merge(newest, on=["item_id", "site_id", "target"], how="left")


def _table(rows: pd.DataFrame) -> list[Row]:
    shown = rows.assign(
        model=[value("model", code) for code in rows["model"]],
        demand_class=[value("demand_class", code) for code in rows["demand_class"]],
        **{name: rows[name].round(2) for name in ("mean", "p05", "p50", "p95", "override")},
        value=rows["value"].round(0),
    )
    state = tables.show(
        shown,
        height=min(len(shown), 10) * tables.ROW_HEIGHT + 42,
        row_height=tables.ROW_HEIGHT,
        key="forecast_list",
        on_select="rerun",
        selection_mode="multi-row",
        alt=t("forecast.table"),
        column_order=[
            "item_code",
            "item_name",
            "site_code",
            "demand_class",
            "demand_trend",
            "model",
            "mean",
            "override",
            "p05",
            "p50",
            "p95",
            "value",
            "borrowed_share",
        ],
        column_config={
            "item_code": tables.text(t("common.code"), pinned=True, width=76),
            "item_name": tables.text(t("common.material"), width=200),
            "site_code": tables.text(t("common.site"), width=76),
            "demand_class": tables.text(t("items.class"), width=96),
            "demand_trend": st.column_config.BarChartColumn(t("items.trend"), width=100, y_min=0),
            "model": tables.text(t("forecast.model"), width=128),
            "mean": tables.number(t("item.mean"), width=70),
            "override": tables.number(t("forecast.override"), width=76, help=t("forecast.override_help")),
            "p05": tables.number("P5", width=58),
            "p50": tables.number("P50", width=58),
            "p95": tables.number("P95", width=62),
            "value": tables.number(t("forecast.value"), width=96, help=t("forecast.value_help")),
            "borrowed_share": tables.share(t("forecast.borrowed"), help=t("forecast.borrowed_help"), width=84),
        },
    )
    return [rows.iloc[n].to_dict() for n in state["selection"]["rows"] if n < len(rows)]


def _download(session: Session, filters: Filters, wish: ForecastWish, stands_on: Freshness) -> None:
    labels = {
        "item_code": t("common.code"),
        "item_name": t("common.material"),
        "family": t("common.family"),
        "site_code": t("common.site"),
        "abc_class": "ABC",
        "demand_class": t("items.demand_class"),
        "target": t("forecast.target"),
        "horizon_days": t("forecast.days"),
        "model": t("forecast.model"),
        "mean": t("item.mean"),
        **{name: name.upper() for name in ("p05", "p25", "p50", "p75", "p90", "p95")},
        "override": t("forecast.override"),
        "value": t("forecast.value"),
    }

    def rows() -> pd.DataFrame:
        found = _with_overrides(forecasts.forecast_list(session, filters, wish, rows=forecasts.EXPORT_ROWS))
        return found.assign(
            **{name: [value(name, code) for code in found[name]] for name in ("demand_class", "target", "model")}
        )

    file_buttons("forecasts", f"previsoes_{stands_on.as_of}", labels, rows, stands_on)


def _override_form(row: Row) -> None:
    name = f"{row['item_name']} · {row['site_code']} · {value('target', row['target'])}"
    with st.expander(fmt.plain(t("forecast.override_title", name=name)), icon=":material/edit:"):
        st.caption(
            fmt.plain(t("forecast.override_note", mean=fmt.quantity(round(row["mean"], 2), row["unit_measure"])))
        )
        with st.form("override", border=False):
            left, middle, right = st.columns([1, 1, 2])
            left.number_input(
                t("forecast.your_number"),
                min_value=0.0,
                value=round(float(row["mean"]), 1),
                format="%g",
                key="override_value",
            )
            middle.date_input(
                t("forecast.valid_until"),
                value=fmt.today() + timedelta(days=DEFAULT_DAYS),
                min_value=fmt.today(),
                format="DD/MM/YYYY" if current_language() == "pt-BR" else "YYYY-MM-DD",
                key="override_until",
            )
            right.text_input(t("queue.reason"), key="override_reason", max_chars=LONGEST_REASON)
            st.form_submit_button(t("forecast.override_save"), type="primary", on_click=partial(_override, row))


def _override(row: Row) -> None:
    session = require_role(*DECIDERS, what="override.added")
    reason = str(st.session_state["override_reason"]).strip()
    if not reason:
        st.toast(t("queue.reason_needed"), icon=":material/edit_note:")
        return
    try:
        forecasts.add_override(
            session,
            row,
            field="FORECAST",
            target=row["target"],
            value=float(st.session_state["override_value"]),
            reason=reason,
            valid_until=st.session_state["override_until"],
        )
    except Refused as refused:
        say_refused(refused)
        return
    st.toast(t("forecast.override_done"), icon=":material/check:")


def _overrides(session: Session) -> None:
    only_valid = not bound.toggle("vencidos", t("forecast.show_past"))
    rows = forecasts.overrides(fmt.today(), only_valid=only_valid)
    if rows.empty:
        empty(t("forecast.no_overrides"))
        return
    st.caption(t("forecast.overrides_note"))
    shown = rows.assign(
        what=[
            value("field", row["field"]) + (f" · {value('target', row['target'])}" if row["target"] else "")
            for row in rows.to_dict("records")
        ],
        baseline=rows["baseline"].astype(float).round(2),
        difference=(rows["value"] / rows["baseline"].astype(float) - 1).where(rows["baseline"].astype(float) > 0),
        in_force=[t("forecast.in_force") if ok else t("forecast.over") for ok in rows["in_force"]],
    )
    state = tables.show(
        shown,
        height="content",
        key="overrides",
        on_select="rerun",
        selection_mode="multi-row" if session.role in DECIDERS else "single-row",
        alt=t("forecast.part_ajustes"),
        column_order=[
            "item_code",
            "item_name",
            "site_code",
            "what",
            "baseline",
            "value",
            "difference",
            "reason",
            "author",
            "valid_until",
            "in_force",
            "created_at",
        ],
        column_config={
            "item_code": tables.text(t("common.code"), pinned=True, width=80),
            "item_name": tables.text(t("common.material"), width=180),
            "site_code": tables.text(t("common.site"), width=76),
            "what": tables.text(t("forecast.what"), width=140),
            "baseline": tables.number(t("forecast.baseline"), width=90, help=t("forecast.baseline_help")),
            "value": tables.number(t("forecast.override"), width=80),
            "difference": tables.share(t("forecast.difference"), width=84),
            "reason": tables.text(t("queue.reason")),
            "author": tables.text(t("forecast.author"), width=110),
            "valid_until": tables.day(t("forecast.valid_until")),
            "in_force": tables.text(t("data.status"), width=84),
            "created_at": tables.moment(t("admin.created")),
        },
    )
    chosen = [rows.iloc[n].to_dict() for n in state["selection"]["rows"] if n < len(rows)]
    open_ones = [row for row in chosen if row["in_force"]]
    if open_ones and session.role in DECIDERS:
        with st.bottom:
            st.button(
                t("forecast.withdraw", count=fmt.number(len(open_ones))),
                icon=":material/undo:",
                on_click=partial(_withdraw, [int(row["override_id"]) for row in open_ones]),
                key="withdraw_override",
            )


def _withdraw(numbers: list[int]) -> None:
    session = require_role(*DECIDERS, what="override.withdrawn")
    for number in numbers:
        try:
            forecasts.withdraw_override(session, number)
        except Refused as refused:
            say_refused(refused)
