"""What became of alerts: those that are over, and how often those told at a probability came true.

Drawn by views/alerts.py, which has asked for the role.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from streamlit_app.access.sessions import Session
from streamlit_app.data import decisions
from streamlit_app.data.freshness import Freshness
from streamlit_app.downloads import file_buttons
from streamlit_app.i18n import t, value
from streamlit_app.ui import charts, charts_forecast, tables
from streamlit_app.ui import format as fmt
from streamlit_app.ui.states import empty
from streamlit_app.ui.theme import palette


def resolved(gone: Callable[..., pd.DataFrame], stands_on: Freshness, *, alone: bool) -> None:
    """Alerts that the pipeline no longer finds, with how long they stood; `alone` when nothing else is in the box.
    `gone` gives them, as many as its `rows` says."""
    rows = gone()
    if rows.empty:
        if alone:
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
    shown = _in_words(rows)
    with st.container(horizontal=True, horizontal_alignment="right"):
        file_buttons(
            "alerts_resolved",
            f"alertas_resolvidos_{stands_on.as_of}",
            labels,
            lambda: _in_words(gone(rows=decisions.EXPORT_ROWS)),
            stands_on,
        )
    days = {name: tables.day(labels[name]) for name in ("resolved_on", "opened_on")}
    numbers = {name: tables.number(labels[name]) for name in ("days_seen", "peak_value")}
    words = {name: tables.text(label) for name, label in labels.items() if name not in days | numbers}
    tables.show(
        shown,
        height=tables.height(len(shown), 16),
        alt=t("alerts.box_resolvidos"),
        key="resolved",
        column_order=list(labels),
        column_config=words | days | numbers,
    )


def _in_words(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(
        cause=[value("cause", code) for code in rows["cause"]],
        worst_severity=[value("severity", code) for code in rows["worst_severity"]],
        peak_value=rows["peak_value"].round(0),
    )


def calibration(session: Session) -> None:
    """Of the stock-out alerts told at a probability, the share that came true, with what chance allows."""
    rows = decisions.alert_calibration(session)
    if rows.empty:
        empty(t("alerts.no_calibration"))
        return
    told = pd.DataFrame(
        {"level": rows["told"], "observed": rows["share"], "low": rows["band_low"], "high": rows["band_high"]}
        | {"series": rows["alerts"], "what": t("alerts.came_true")}
    )
    left, right = st.columns([1, 1], gap="large")
    with left:
        chart = charts_forecast.calibration(told, palette())
        charts.show(chart, palette(), alt=t("alerts.box_acerto"), key="alert_calibration", height=360)
        st.caption(t("alerts.calibration_note", count=fmt.number(rows["alerts"].sum())))
    with right:
        tables.show(
            rows.round(3).assign(state=[t("forecast.holds") if ok else t("forecast.off") for ok in rows["inside"]]),
            height="content",
            alt=t("alerts.box_acerto"),
            key="alert_calibration_table",
            column_order=["told", "share", "band_low", "band_high", "alerts", "came_true", "state"],
            column_config={
                "told": tables.share(t("forecast.stated")),
                "share": tables.share(t("alerts.came_true")),
                "band_low": tables.share(t("forecast.low")),
                "band_high": tables.share(t("forecast.high")),
                "alerts": tables.number(t("screen.alerts")),
                "came_true": tables.number(t("alerts.true_count")),
                "state": tables.text(t("data.status"), width="small"),
            },
        )
