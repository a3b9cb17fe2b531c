"""From the files to the screens: each table with its time, rows and check state, and the way back from any number.

Drawn by views/data.py, which has asked for the role. What is computed from what stands in assets/lineage.json, written
from the catalog (tests/app/test_lineage.py holds them together).
"""

from __future__ import annotations

import json
from functools import cache
from html import escape
from importlib import resources
from typing import Any

import pandas as pd
import streamlit as st

from streamlit_app.access.sessions import Session
from streamlit_app.data import landing
from streamlit_app.i18n import t, value
from streamlit_app.ui import bound, marks, tables
from streamlit_app.ui import format as fmt
from streamlit_app.ui.states import empty

STAGES = ("files", "staging", "core", "analytics", "serving")
NONE = "*"
Row = dict[str, Any]


@cache
def sources() -> dict[str, list[str]]:
    """Table to the tables that it is computed from."""
    return json.loads(resources.files("streamlit_app").joinpath("assets", "lineage.json").read_text("utf-8"))


def origins(table: str) -> set[str]:
    """A table with everything that its rows came from."""
    found, waiting = set(), [table]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += sources().get(name, [])
    return found


def lineage(session: Session, feeds: pd.DataFrame) -> None:
    """Boxes by stage; a chosen table keeps what it came from and dims the rest."""
    known = sorted(sources())
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        chosen = bound.selectbox("tabela", t("data.follow"), [NONE, *known], show=_choice, width=320)
        st.caption(t("data.lineage_note"), width="content")
    kept = set(known) if chosen == NONE else origins(chosen)
    published = {row["table_name"]: row for row in landing.tables(session).to_dict("records")}
    if chosen in published:
        st.html(f'<div class="nc-band">{escape(_publish(published[chosen]))}</div>')
    failed = {row["table_name"]: row["severity"] for row in landing.checks().to_dict("records") if not row["passed"]}
    columns: dict[str, list[str]] = {stage: [] for stage in STAGES}
    for row in feeds.to_dict("records"):
        columns["files"].append(_file_box(row, on=f"staging.{row['feed']}" in kept))
    for name in known:
        css = "nc-on" if name == chosen else "" if name in kept else "nc-off"
        columns[_stage(name)].append(_box(name, published.get(name), failed.get(name), css))
    sections = "".join(
        f"<section><h2>{escape(t(f'data.flow_{stage}'))}</h2>{''.join(boxes)}</section>"
        for stage, boxes in columns.items()
    )
    st.html(f'<div class="nc-flow">{sections}</div>')


def _choice(name: str) -> str:
    return t("data.follow_none") if name == NONE else name


def _stage(table: str) -> str:
    schema, name = table.split(".")
    if name.startswith("mv_"):
        return "serving"
    return "core" if schema in {"core", "support"} else schema


def _publish(row: Row) -> str:
    return t(
        "data.by_run",
        table=row["table_name"],
        rows=fmt.number(row["rows"]),
        at=fmt.moment(row["at"]),
        run=row["run_id"],
        code=row["code_version"],
    )


def _file_box(row: Row, *, on: bool) -> str:
    href = marks.address("dados", parte="cargas", carga=row["feed"])
    told = f"{fmt.day(row['newest'])} · {t('data.rows_of', rows=fmt.number(row['rows_in']))}"
    return _link(href, value("feed", row["feed"]), told, "", "" if on else "nc-off")


def _box(name: str, row: Row | None, severity: str | None, css: str) -> str:
    told = t("data.never")
    if row is not None:
        told = f"{t('data.rows_of', rows=fmt.number(row['rows']))} · {fmt.moment(row['at'])}"
    mark = marks.badge("bad" if severity == "ERROR" else "warn", value("check_state", severity)) if severity else ""
    return _link(marks.address("dados", parte="linhagem", tabela=name), name.split(".")[1], told, mark, css)


def _link(href: str, name: str, told: str, mark: str, css: str) -> str:
    return (
        f'<a class="nc-box {css}" href="{escape(href)}" target="_self" title="{escape(name)}">'
        f"<b>{escape(name)}</b><small>{escape(told)}</small>{mark}</a>"
    )


def checks(_session: Session, _feeds: pd.DataFrame) -> None:
    """Latest outcome of every check."""
    rows = landing.checks()
    if rows.empty:
        empty(t("data.no_checks"))
        return
    states = ["passed" if row["passed"] else row["severity"] for row in rows.to_dict("records")]
    tables.show(
        rows.assign(
            check_name=[value("check", code) for code in rows["check_name"]],
            outcome=[value("check_state", code) for code in states],
        ),
        height=tables.height(len(rows), 16),
        alt=t("data.part_verificacoes"),
        key="checks",
        column_order=[
            "table_name",
            "check_name",
            "outcome",
            "broken",
            "rows",
            "window_start",
            "window_last",
            "at",
            "run_id",
            "details",
        ],
        column_config={
            "table_name": tables.text(t("data.table"), pinned=True, width="medium"),
            "check_name": tables.text(t("data.check_name")),
            "outcome": tables.text(t("data.outcome"), width="small"),
            "broken": tables.number(t("data.broken")),
            "rows": tables.number(t("data.rows")),
            "window_start": tables.day(t("data.from")),
            "window_last": tables.day(t("data.to")),
            "at": tables.moment(t("data.checked_at")),
            "run_id": tables.text(t("data.run")),
            "details": tables.text(t("item.detail")),
        },
    )
