"""What the models are worth: the race, and whether the stated intervals hold.

Drawn by views/forecasts.py, which has asked for the role.
"""

from __future__ import annotations

import math
from datetime import date
from html import escape
from typing import cast

import pandas as pd
import streamlit as st

from streamlit_app.access.sessions import Session
from streamlit_app.data import forecasts
from streamlit_app.data.forecasts import EVERY
from streamlit_app.i18n import t, value
from streamlit_app.ui import bound, charts, charts_forecast, marks, tables
from streamlit_app.ui import format as fmt
from streamlit_app.ui.header import DAYS_A_MONTH, chosen_period
from streamlit_app.ui.states import empty
from streamlit_app.ui.theme import palette

BACKTEST_LEVELS = {0.5: "coverage_50", 0.9: "coverage_90", 0.95: "coverage_95", 0.99: "coverage_99"}
SHOWN_SCORES = ("pinball", "pinball_se", *BACKTEST_LEVELS.values(), "bias", "wape", "rmsse")
# Two-sided 90 % of a normal distribution.
BAND = 1.645


def accuracy(session: Session, target: str) -> None:
    """Scores of every model in the latest race, and the ones in force."""
    demand_class, family = _cut(session, target)
    scores = forecasts.accuracy(session, target, demand_class, family)
    if scores.empty:
        empty(t("forecast.no_race"))
        return
    choices = forecasts.choices(session, target)
    chosen, why = _in_force(choices, demand_class, family)
    first = scores.iloc[0]
    race = t(
        "forecast.race",
        day=fmt.day(first["as_of"]),
        origins=fmt.number(first["origins"]),
        series=fmt.number(first["series"]),
    )
    st.html(
        f'<div class="nc-band"><b>{escape(t("forecast.in_force_model", name=value("model", chosen)))}</b>'
        f"{marks.muted(_rule(why))}"
        f"{marks.muted(race)}"
        "</div>"
    )
    st.html(marks.section(t("forecast.models")))
    _scores(scores, chosen)
    st.html(marks.section(t("forecast.by_class")))
    _choices(choices)


def _cut(session: Session, target: str) -> tuple[str, str]:
    cuts = forecasts.cuts(session)
    mine = cuts[cuts["target"] == target]
    families = [EVERY, *sorted(set(mine.loc[mine["demand_class"] == EVERY, "family"]) - {EVERY})]
    classes = [EVERY, *sorted(set(mine.loc[mine["family"] == EVERY, "demand_class"]) - {EVERY})]
    with st.container(horizontal=True, gap="small"):
        demand_class = bound.selectbox(
            "classe_demanda",
            t("items.demand_class"),
            classes,
            show=lambda code: t("forecast.all_classes") if code == EVERY else value("demand_class", code),
        )
        family = bound.selectbox(
            "familia_corrida",
            t("common.family"),
            families,
            show=lambda code: t("forecast.all_families") if code == EVERY else code,
            width=240,
        )
    return demand_class, family


def _in_force(choices: pd.DataFrame, demand_class: str, family: str) -> tuple[str | None, str]:
    """The most specific choice that covers the cut, as the pipeline looks it up."""
    rows = choices.to_dict("records")
    for wanted in ((demand_class, family), (demand_class, EVERY), (EVERY, family), (EVERY, EVERY)):
        for row in rows:
            if (row["demand_class"], row["family"]) == wanted:
                return row["model"], row["rule"] or ""
    return None, ""


def _rule(text: str) -> str:
    """The rule that decided, in the reader's words; rules are stored in English."""
    for start, key in RULES.items():
        if text.startswith(start):
            name = text.removeprefix(start).split(",")[0].strip()
            return t(key, name=value("model", name))
    return text


RULES = {
    "lowest pinball loss": "forecast.rule_lowest",
    "no model beats it": "forecast.rule_none",
    "simpler than ": "forecast.rule_simpler",
}


def _scores(scores: pd.DataFrame, chosen: str | None) -> None:
    naive = scores.loc[scores["model"] == "naive", "pinball"]
    base = float(naive.iloc[0]) if len(naive) and not fmt.missing(naive.iloc[0]) else math.nan
    shown = scores.assign(
        model=[("● " if code == chosen else "") + value("model", code) for code in scores["model"]],
        gain=(1 - scores["pinball"] / base).round(3),
        **{name: scores[name].astype(float).round(3) for name in SHOWN_SCORES},
    )
    tables.show(
        shown,
        height="content",
        alt=t("forecast.models"),
        key="scores",
        column_order=[
            "model",
            "pinball",
            "pinball_se",
            "gain",
            "coverage_50",
            "coverage_90",
            "coverage_99",
            "bias",
            "wape",
            "rmsse",
        ],
        column_config={
            "model": tables.text(t("forecast.model"), pinned=True, width=150),
            "pinball": tables.number(t("forecast.loss"), help=t("forecast.loss_help"), width=66),
            "pinball_se": tables.number("±", help=t("forecast.se_help"), width=56),
            "gain": tables.share(t("forecast.gain"), help=t("forecast.gain_help"), width=76),
            "coverage_50": tables.share("≤ P50", help=t("forecast.coverage_help"), width=62),
            "coverage_90": tables.share("≤ P90", help=t("forecast.coverage_help"), width=62),
            "coverage_99": tables.share("≤ P99", help=t("forecast.coverage_help"), width=62),
            "bias": tables.share(t("forecast.bias"), help=t("forecast.bias_help"), width=62),
            "wape": tables.share("WAPE", help=t("forecast.wape_help"), width=66),
            "rmsse": tables.number("RMSSE", help=t("forecast.rmsse_help"), width=66),
        },
    )


def _choices(choices: pd.DataFrame) -> None:
    shown = choices.assign(
        demand_class=[
            t("forecast.all_classes") if code == EVERY else value("demand_class", code)
            for code in choices["demand_class"]
        ],
        family=[t("forecast.all_families") if code == EVERY else code for code in choices["family"]],
        model=[value("model", code) for code in choices["model"]],
        **{name: choices[name].astype(float).round(3) for name in ("gain_over_naive", "gain_over_zero")},
        rule=[_rule(text or "") for text in choices["rule"]],
    )
    tables.show(
        shown,
        height=tables.height(len(shown), 12),
        alt=t("forecast.by_class"),
        key="choices",
        column_order=["demand_class", "family", "model", "gain_over_naive", "gain_over_zero", "rule"],
        column_config={
            "demand_class": tables.text(t("items.demand_class"), pinned=True),
            "family": tables.text(t("common.family")),
            "model": tables.text(t("forecast.model")),
            "gain_over_naive": tables.share(t("forecast.over_naive"), width="medium"),
            "gain_over_zero": tables.share(t("forecast.over_zero"), width="medium"),
            "rule": tables.text(t("forecast.rule")),
        },
    )


def calibration(session: Session, as_of: date, target: str) -> None:
    """Of the sums that came, the share at or below each stated quantile: in the backtest and since in use."""
    days = int(chosen_period()) * DAYS_A_MONTH
    live = _live_points(session, as_of, target, days)
    points = pd.concat([live, _race_points(session, target)], ignore_index=True)
    if points.empty:
        empty(t("forecast.no_calibration"))
        return
    left, right = st.columns([1, 1], gap="large")
    with left:
        chart = charts_forecast.calibration(points, palette())
        charts.show(chart, palette(), alt=t("forecast.part_calibracao"), key="calibration", height=380)
        st.caption(t("forecast.calibration_note"))
    with right:
        inside = (points["level"] >= points["low"]) & (points["level"] <= points["high"])
        tables.show(
            points.round(3).assign(state=[t("forecast.holds") if ok else t("forecast.off") for ok in inside]),
            height="content",
            alt=t("forecast.part_calibracao"),
            key="calibration_table",
            column_order=["what", "level", "observed", "low", "high", "series", "state"],
            column_config={
                "what": tables.text(t("forecast.source"), pinned=True),
                "level": tables.share(t("forecast.stated")),
                "observed": tables.share(t("forecast.observed")),
                "low": tables.share(t("forecast.low"), help=t("forecast.band_help")),
                "high": tables.share(t("forecast.high"), help=t("forecast.band_help")),
                "series": tables.number(t("forecast.scored")),
                "state": tables.text(t("data.status"), width="small"),
            },
        )


def _live_points(session: Session, as_of: date, target: str, days: int) -> pd.DataFrame:
    rows = forecasts.calibration(session, as_of, target, days)
    if rows.empty:
        return pd.DataFrame()
    level, below, series = (cast(pd.Series, rows[name]) for name in ("level", "at_or_below", "series"))
    return _points(level, below / series, series, t("forecast.since_used"))


def _race_points(session: Session, target: str) -> pd.DataFrame:
    scores = forecasts.accuracy(session, target, EVERY, EVERY)
    chosen, _ = _in_force(forecasts.choices(session, target), EVERY, EVERY)
    mine = scores[scores["model"] == chosen]
    if mine.empty:
        return pd.DataFrame()
    row = mine.iloc[0]
    observed = pd.Series([float(row[name]) for name in BACKTEST_LEVELS.values()])
    scored = pd.Series([int(row["series"])] * len(BACKTEST_LEVELS))
    return _points(pd.Series(list(BACKTEST_LEVELS)), observed, scored, t("forecast.in_backtest"))


def _points(level: pd.Series, observed: pd.Series, series: pd.Series, what: str) -> pd.DataFrame:
    """Observed shares with the normal approximation of their binomial band of 90 %."""
    spread = BAND * (observed * (1 - observed) / series).pow(0.5)
    return pd.DataFrame(
        {"what": what, "level": level, "observed": observed, "series": series}
        | {"low": (observed - spread).clip(0, 1), "high": (observed + spread).clip(0, 1)}
    )
