"""Data: what arrived, what was refused and why, what was computed from it and when."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import EVERYBODY
from streamlit_app.access.sessions import Session
from streamlit_app.data import landing
from streamlit_app.downloads import file_buttons
from streamlit_app.i18n import t, value
from streamlit_app.ui import bound, marks, tables
from streamlit_app.ui import format as fmt
from streamlit_app.ui.header import plain_header
from streamlit_app.ui.saved_views import saved_views
from streamlit_app.ui.states import empty
from streamlit_app.views import data_lineage

PARTS = ("cargas", "rejeitadas", "linhagem", "verificacoes", "tabelas", "historico")
# Stages of the pipeline, by schema and then by what a table is called.
STAGES = ("staging", "core", "analytics", "support")


def render() -> None:
    """Draw the screen."""
    session = require_role(*EVERYBODY, what="screen.data")
    stands_on = plain_header(session, t("screen.data"))
    feeds = landing.feeds(session)
    st.html(marks.tiles(_tiles(feeds, stands_on.as_of if stands_on else None)))
    with st.container(horizontal=True, gap="small", key="filters"):
        part = bound.segmented("parte", t("data.part"), PARTS, show=lambda name: t(f"data.part_{name}"))
        if stands_on:
            saved_views(session, "data")
    drawn = {
        "cargas": _loads,
        "rejeitadas": _rejects,
        "linhagem": data_lineage.lineage,
        "verificacoes": data_lineage.checks,
        "tabelas": _tables,
        "historico": _ledger,
    }
    drawn[part](session, feeds)


def _tiles(feeds: pd.DataFrame, as_of: date | None) -> list[str]:
    rows_in, accepted, rejected = (int(feeds[name].sum()) for name in ("rows_in", "rows_accepted", "rows_rejected"))
    adds_up = bool(feeds["adds_up"].all()) if len(feeds) else True
    state = marks.badge("good", t("data.adds_up")) if adds_up else marks.badge("bad", t("data.does_not_add_up"))
    newest = max(feeds["loaded_at"], default=None)
    return [
        marks.tile(t("data.rows_in"), fmt.number(rows_in), change=state),
        marks.tile(
            t("data.accepted"),
            fmt.number(accepted),
            change=marks.muted(fmt.percent(accepted / rows_in if rows_in else None, 2)),
        ),
        marks.tile(
            t("data.rejected"),
            fmt.number(rejected),
            change=marks.muted(fmt.percent(rejected / rows_in if rows_in else None, 2)),
            href=marks.address("dados", parte="rejeitadas"),
        ),
        marks.tile(t("data.newest_day"), fmt.day(as_of), change=marks.muted(t("data.loaded_ago", ago=fmt.ago(newest)))),
    ]


def _feed_choice(feeds: pd.DataFrame) -> str | None:
    feed = bound.selectbox(
        "carga",
        t("data.feed"),
        ["*", *feeds["feed"]],
        show=lambda name: t("data.all_feeds") if name == "*" else value("feed", name),
        width=230,
    )
    return None if feed == "*" else feed


def _loads(session: Session, feeds: pd.DataFrame) -> None:
    if feeds.empty:
        empty(t("data.nothing_landed"))
        return
    tables.show(
        feeds.assign(
            feed=[value("feed", code) for code in feeds["feed"]],
            check=[t("data.adds_up") if whole else t("data.does_not_add_up") for whole in feeds["adds_up"]],
        ),
        height="content",
        column_order=["feed", "files", "newest", "rows_in", "rows_accepted", "rows_rejected", "check", "loaded_at"],
        column_config={
            "feed": tables.text(t("data.feed"), pinned=True),
            "files": tables.number(t("data.files")),
            "newest": tables.day(t("data.newest_day")),
            "rows_in": tables.number(t("data.rows_in")),
            "rows_accepted": tables.number(t("data.accepted")),
            "rows_rejected": tables.number(t("data.rejected")),
            "check": tables.text(t("data.check")),
            "loaded_at": tables.moment(t("data.loaded_at")),
        },
        alt=t("data.part_cargas"),
        key="feeds",
    )
    st.html(marks.section(t("data.newest_files")))
    files = landing.files(session, _feed_choice(feeds))
    tables.show(
        files.assign(status=[value("file_status", code) for code in files["status"]]),
        column_order=[
            "path",
            "rows_in",
            "rows_accepted",
            "rows_rejected",
            "status",
            "format",
            "mapping",
            "loaded_at",
            "run_id",
        ],
        column_config={
            "path": tables.text(t("data.file"), pinned=True),
            "rows_in": tables.number(t("data.rows_in")),
            "rows_accepted": tables.number(t("data.accepted")),
            "rows_rejected": tables.number(t("data.rejected")),
            "status": tables.text(t("data.status"), width="small"),
            "format": tables.text(t("data.format"), width="small"),
            "mapping": tables.text(t("data.mapping")),
            "loaded_at": tables.moment(t("data.loaded_at")),
            "run_id": tables.text(t("data.run")),
        },
        alt=t("data.newest_files"),
        key="files",
    )


def _rejects(session: Session, feeds: pd.DataFrame) -> None:
    feed = _feed_choice(feeds)
    reasons = landing.reject_reasons(session, feed)
    if reasons.empty:
        empty(t("data.no_rejects"))
        return
    st.caption(t("data.rejects_note"))
    columns = {
        "feed": tables.text(t("data.feed"), width="small"),
        "reason_code": tables.text(t("data.reason"), width="medium"),
        "column_name": tables.text(t("data.column"), width="small"),
    }
    shown = _in_words(reasons)
    more = {
        "rows": tables.number(t("data.rows")),
        "newest": tables.day(t("data.newest_day")),
        "example": tables.text(t("data.example")),
    }
    tables.show(
        shown,
        height="content",
        column_config=columns | more,
        alt=t("data.part_rejeitadas"),
        key="reasons",
    )
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.html(marks.section(t("data.refused_rows")), width="content")
        labels = {
            "feed": t("data.feed"),
            "path": t("data.file"),
            "line_no": t("data.line"),
            "reason_code": t("data.reason"),
            "column_name": t("data.column"),
            "detail": t("data.found"),
            "raw": t("data.raw"),
        }
        file_buttons(
            "rejects",
            f"rejeitadas_{feed or 'todas'}",
            labels,
            lambda: _in_words(landing.rejects(session, feed, None, landing.EXPORT_ROWS)),
        )
    rows = _in_words(landing.rejects(session, feed, None))
    config = {name: tables.text(label) for name, label in labels.items()} | {"line_no": tables.number(t("data.line"))}
    tables.show(rows, column_config=config, alt=t("data.refused_rows"), key="rejects")


def _in_words(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(
        feed=[value("feed", code) for code in rows["feed"]],
        reason_code=[value("reason", code) for code in rows["reason_code"]],
    )


def _tables(session: Session, _feeds: pd.DataFrame) -> None:
    rows = landing.tables(session)
    if rows.empty:
        empty(t("data.nothing_computed"))
        return
    rows["stage"] = [STAGES.index(name.split(".")[0]) for name in rows["table_name"]]
    _publishes(
        rows.sort_values(["stage", "table_name"]),
        ["table_name", "newest_day", "rows", "mode", "at", "run_id", "code_version"],
        "tables",
    )


def _ledger(session: Session, _feeds: pd.DataFrame) -> None:
    rows = landing.ledger(session)
    if rows.empty:
        empty(t("data.nothing_computed"))
        return
    _publishes(
        rows,
        [
            "materialization_id",
            "table_name",
            "window_start",
            "window_last",
            "rows",
            "mode",
            "at",
            "run_id",
            "code_version",
        ],
        "ledger",
    )


def _publishes(rows: pd.DataFrame, columns: list[str], key: str) -> None:
    tables.show(
        rows.assign(mode=[value("mode", code) for code in rows["mode"]]),
        height=tables.height(len(rows), 16),
        column_order=columns,
        column_config={
            "materialization_id": tables.number(t("data.number")),
            "table_name": tables.text(t("data.table"), pinned=True, width="medium"),
            "newest_day": tables.day(t("data.newest_day")),
            "window_start": tables.day(t("data.from")),
            "window_last": tables.day(t("data.to")),
            "rows": tables.number(t("data.rows")),
            "mode": tables.text(t("data.mode")),
            "at": tables.moment(t("data.published_at")),
            "run_id": tables.text(t("data.run")),
            "code_version": tables.text(t("data.code_version")),
        },
        alt=t(f"data.alt_{key}"),
        key=key,
    )
