"""What forecasting is worth: the staircase of value added, by demand class, and the verdict on each driver.

Drawn by views/forecasts.py, which has asked for the role.
"""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from streamlit_app.access.sessions import Session
from streamlit_app.data import forecasts
from streamlit_app.data.forecasts import EVERY
from streamlit_app.data.frames import where
from streamlit_app.data.freshness import Freshness
from streamlit_app.downloads import file_buttons
from streamlit_app.i18n import t, value
from streamlit_app.ui import bound, charts, charts_forecast, marks, tables
from streamlit_app.ui import format as fmt
from streamlit_app.ui.states import empty
from streamlit_app.ui.theme import palette

STEPS = ("zero", "naive", "historic_mean", "tsb", "selected", "override")


def value_added(session: Session, stands_on: Freshness, target: str) -> None:
    """From no forecast to planners' overrides: what each step takes from the loss of the one before."""
    rows = forecasts.value_added(session, target)
    if rows.empty:
        empty(t("forecast.no_race"))
        return
    rows = rows.assign(
        name=[_step(code) for code in rows["step"]], class_name=[_class(code) for code in rows["demand_class"]]
    )
    classes = list(dict.fromkeys(rows["demand_class"]))
    chosen = bound.selectbox("classe_demanda", t("items.demand_class"), classes, show=_class)
    steps = where(rows, (rows["demand_class"] == chosen) & rows["pinball"].notna())
    st.html(f'<div class="nc-band"><b>{escape(_verdict(steps))}</b>{marks.muted(_month(rows))}</div>')
    left, right = st.columns([1, 1.2], gap="large")
    with left:
        st.html(marks.section(f"{t('forecast.staircase')} · {_class(chosen)}"))
        chart = charts_forecast.staircase(steps, palette())
        charts.show(chart, palette(), alt=_verdict(steps), key="staircase", height=40 + 46 * len(steps))
        st.caption(t("forecast.staircase_note"))
    with right:
        _by_class(rows, stands_on)
    _corrections(session, target)


def _step(code: str) -> str:
    return t(f"forecast.step_{code}") if code in {"selected", "override"} else value("model", code)


def _class(code: str) -> str:
    return t("forecast.all_classes") if code == EVERY else value("demand_class", code)


def _month(rows: pd.DataFrame) -> str:
    return t("forecast.value_month", day=fmt.day(rows["as_of"].iloc[0]), count=fmt.number(int(rows["forecasts"].max())))


def _verdict(steps: pd.DataFrame) -> str:
    """The staircase in one sentence: the model in use against the naive one, and the overrides against it."""
    loss = dict(zip(steps["step"], steps["pinball"], strict=True))
    naive, used = loss.get("naive"), loss.get("selected")
    if not naive or used is None:
        return t("forecast.value_unknown")
    gain = 1 - used / naive
    said = t("forecast.value_better" if gain >= 0 else "forecast.value_worse", value=fmt.percent(abs(gain), 0))
    added = dict(zip(steps["step"], steps["value_added"], strict=True)).get("override")
    if fmt.missing(added):
        return said
    key = "forecast.override_better" if added >= 0 else "forecast.override_worse"
    return f"{said} {t(key, value=fmt.percent(abs(added), 0))}"


def _by_class(rows: pd.DataFrame, stands_on: Freshness) -> None:
    labels = {
        "class_name": t("items.demand_class"),
        "name": t("forecast.step"),
        "forecasts": t("forecast.scored"),
        "pinball": t("forecast.loss"),
        "value_added": t("forecast.value_added"),
        "cost": t("forecast.stocking_cost"),
    }
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.html(marks.section(t("forecast.loss_by_class")), width="content")
        file_buttons("forecast_value_added", f"valor_da_previsao_{stands_on.as_of}", labels, lambda: rows, stands_on)
    wide = rows.pivot(index="demand_class", columns="step", values="pinball").reindex(
        index=list(dict.fromkeys(rows["demand_class"])), columns=list(STEPS)
    )
    gain = (1 - wide["selected"] / wide["naive"]).where(wide["naive"] > 0)
    shown = wide.round(3).assign(class_name=[_class(str(code)) for code in wide.index], gain=gain.round(3))
    tables.show(
        shown,
        height="content",
        alt=t("forecast.loss_by_class"),
        key="value_by_class",
        column_order=["class_name", *STEPS, "gain"],
        column_config={
            "class_name": tables.text(labels["class_name"], pinned=True, width=136),
            **{code: tables.number(_step(code), width=104 if code == "historic_mean" else 70) for code in STEPS},
            "gain": tables.share(t("forecast.over_naive"), width=92),
        },
    )
    st.caption(t("forecast.loss_help"))


def _corrections(session: Session, target: str) -> None:
    """Which totals and drivers move the forecasts, and by which evidence."""
    rows = forecasts.corrections(session, target)
    if rows.empty:
        return
    st.html(marks.section(t("forecast.corrections")))
    st.caption(t("forecast.corrections_note"))
    shown = rows.assign(
        correction=[value("correction", code) for code in rows["correction"]],
        kind=[value("correction_kind", code) for code in rows["kind"]],
        verdict=[t("forecast.kept") if kept else t("forecast.not_kept") for kept in rows["kept"]],
        **{name: rows[name].astype(float).round(4) for name in ("pinball_without", "pinball_with", "gain", "gain_se")},
    )
    tables.show(
        shown,
        height="content",
        alt=t("forecast.corrections"),
        key="corrections",
        column_order=[
            "correction",
            "kind",
            "verdict",
            "gain",
            "gain_se",
            "pinball_without",
            "pinball_with",
            "origins",
            "forecasts",
        ],
        column_config={
            "correction": tables.text(t("forecast.correction"), pinned=True),
            "kind": tables.text(t("forecast.correction_kind")),
            "verdict": tables.text(t("forecast.verdict")),
            "gain": tables.share(t("forecast.gain")),
            "gain_se": tables.share("±", help=t("forecast.gain_se_help")),
            "pinball_without": tables.number(t("forecast.loss_without")),
            "pinball_with": tables.number(t("forecast.loss_with")),
            "origins": tables.number(t("forecast.origins")),
            "forecasts": tables.number(t("forecast.scored")),
        },
    )
