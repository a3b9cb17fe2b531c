"""The tabs of a material: demand and forecast, stock, orders and suppliers, policy, features.

Drawn by views/item.py, which has asked for the role.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from streamlit_app.access.sessions import Session
from streamlit_app.data import items
from streamlit_app.data.items import ItemSite
from streamlit_app.i18n import t, tn, value
from streamlit_app.ui import charts, charts_item, explain, marks, tables
from streamlit_app.ui import format as fmt
from streamlit_app.ui.header import DAYS_A_MONTH, chosen_period
from streamlit_app.ui.states import empty
from streamlit_app.ui.theme import palette

SUM_TARGETS = ("D30", "D60", "D90", "PROTECTION")
Row = dict[str, Any]


def demand(session: Session, where: ItemSite, row: Row) -> None:
    """Weekly demand with the forecast's bands, and the sums that decisions stand on."""
    history, path = items.history(session, where, _days()), items.path(session, where)
    orders = items.orders(session, where)
    chart = charts_item.demand_and_forecast(history, path, orders, where.as_of, palette())
    charts.show(chart, palette(), alt=t("item.demand_chart", name=row["item_name"]), key="demand_chart", height=320)
    st.html(_legend())
    sums = items.sums(session, where)
    if not sums:
        empty(t("item.no_forecast"))
        return
    st.html(marks.tiles([_sum_tile(sums[target], row["unit_measure"]) for target in SUM_TARGETS if target in sums]))
    st.html(_model_line(session, where, row, next(iter(sums.values()))))


def _days() -> int:
    """Days of history to show: the period that the reader chose."""
    return int(chosen_period()) * DAYS_A_MONTH


def _legend() -> str:
    colours = palette()
    marks_of = (
        ("observed", colours.ink),
        ("median", colours.primary),
        ("band_50", colours.band_inner),
        ("band_90", colours.band_outer),
        ("out", colours.stockout),
        ("order", colours.accent),
    )
    keys = (
        f'<span><i style="background:{colour}"></i>{escape(t(f"item.key_{name}"))}</span>' for name, colour in marks_of
    )
    return f'<div class="nc-legend">{"".join(keys)}</div>'


def _sum_tile(given: Row, unit: str) -> str:
    name = value("target", given["target"])
    if given["target"] == "PROTECTION":
        name = f"{name} ({fmt.days(given['horizon_days'])})"
    band = t("item.between", low=fmt.quantity(given["p05"]), high=fmt.quantity(given["p95"]))
    return marks.tile(
        name,
        fmt.quantity(given["p50"], unit),
        change=marks.muted(band),
        target=marks.muted(t("item.mean_of", value=fmt.quantity(round(given["mean"], 1)))),
    )


def _model_line(session: Session, where: ItemSite, row: Row, sums: Row) -> str:
    parts = [f"<b>{escape(t('item.model', name=value('model', sums['model'])))}</b>"]
    choice = items.model_choice(session, where.as_of, row["demand_class"], row["family"])
    if choice is None:
        parts.append(marks.muted(t("item.no_race_yet")))
    else:
        gain = choice["gain_over_naive"]
        good = not fmt.missing(gain) and gain > 0
        text = t("item.gain", value=fmt.percent(gain, 0)) if good else t("item.no_gain")
        parts.append(marks.badge("good" if good else "warn", text))
        parts.append(marks.muted(t("item.race_of", day=fmt.day(choice["as_of"]))))
    if not fmt.missing(sums["borrowed_share"]):
        parts.append(marks.muted(t("item.borrowed", value=fmt.percent(sums["borrowed_share"], 0))))
    return f'<div class="nc-band">{"".join(parts)}</div>'


def stock(session: Session, where: ItemSite, row: Row) -> None:
    """Closing stock of a year with the policy's levels."""
    history = items.history(session, where, _days())
    if history["on_hand"].notna().sum() == 0:
        empty(t("item.no_stock"))
        return
    policy = items.policy(session, where)
    chart = charts_item.stock(history, policy, items.orders(session, where), where.as_of, palette())
    charts.show(chart, palette(), alt=t("item.stock_chart", name=row["item_name"]), key="stock_chart", height=340)
    out = int((history["on_hand"] == 0).sum())
    known = int(history["on_hand"].notna().sum())
    st.html(
        marks.facts(
            [
                (t("item.days_out"), t("item.days_out_value", days=fmt.number(out), share=fmt.percent(out / known))),
                (t("items.stock_value"), fmt.money(row["stock_value"])),
                (t("item.unit_cost"), fmt.money(row["unit_cost"])),
                (t("item.demand_365"), fmt.quantity(row["demand_365"], row["unit_measure"])),
            ]
        )
    )


def orders(session: Session, where: ItemSite, row: Row) -> None:
    """Who sells it and how long it really takes, then every order line."""
    suppliers, lines = items.suppliers(session, where), items.orders(session, where)
    left, right = st.columns([1, 1], gap="large")
    with left:
        st.html(marks.section(t("item.suppliers")))
        _suppliers(suppliers)
    with right:
        st.html(marks.section(t("item.lead_time_chart")))
        if bool(lines["received_date"].notna().any()):
            agreed = suppliers["lead_time_agreed"].dropna()
            chart = charts_item.lead_times(lines, agreed.iloc[0] if len(agreed) else None, palette())
            charts.show(chart, palette(), alt=t("item.lead_time_chart"), key="lead_chart", height=230)
        else:
            empty(t("item.no_receipts"))
    st.html(marks.section(t("item.order_lines")))
    if lines.empty:
        empty(t("item.no_orders"))
        return
    shown = lines.assign(
        status=[value("status", code) for code in lines["status"]], order=lines["order_no"] + "/" + lines["line_no"]
    )
    tables.show(
        shown,
        column_order=[
            "order",
            "supplier_name",
            "status",
            "order_date",
            "expected_date",
            "received_date",
            "days_late",
            "quantity",
            "received_quantity",
            "unit_price",
        ],
        column_config={
            "order": tables.text(t("item.order"), pinned=True),
            "supplier_name": tables.text(t("common.supplier")),
            "status": tables.text(t("item.status"), width="small"),
            "order_date": tables.day(t("item.ordered")),
            "expected_date": tables.day(t("item.expected")),
            "received_date": tables.day(t("item.received")),
            "days_late": tables.number(t("item.days_late")),
            "quantity": tables.number(t("common.quantity")),
            "received_quantity": tables.number(t("item.received_quantity")),
            "unit_price": tables.number(t("item.unit_price")),
        },
        alt=t("item.order_lines"),
        key="order_lines",
    )


def _suppliers(suppliers: pd.DataFrame) -> None:
    if suppliers.empty:
        empty(t("item.no_suppliers"))
        return
    for given in suppliers.head(4).to_dict("records"):
        kind = value("supplier_type", given["supplier_type"])
        evidence = tn("item.receipts", given["receipts"], count=fmt.number(given["receipts"]))
        if not fmt.missing(given["borrowed_share"]):
            evidence += " · " + t("item.borrowed", value=fmt.percent(given["borrowed_share"], 0))
        st.html(
            f"<b>{escape(str(given['supplier_name']))}</b> {marks.muted(f'{kind} · {evidence}')}"
            + marks.facts(
                [
                    (t("item.lead_p50"), fmt.days(given["p50_days"])),
                    (t("item.lead_p95"), fmt.days(given["p95_days"])),
                    (t("item.agreed"), fmt.days(given["lead_time_agreed"])),
                    (t("item.on_time_share"), fmt.percent(given["on_time_share"], 0)),
                    (t("item.unit_price"), fmt.money(given["unit_price"])),
                    (t("item.min_order"), fmt.quantity(given["min_order_qty"])),
                ]
            )
        )


def policy(session: Session, where: ItemSite, row: Row) -> None:
    """The levels, the formula that gives each, and where each of its terms came from."""
    given = items.policy(session, where)
    if given is None:
        empty(t("item.no_policy"))
        return
    unit = row["unit_measure"]
    level, mean = fmt.percent(given["service_level"], 1), given["protection_mean"]
    point, safety = fmt.quantity(given["reorder_point"], unit), fmt.quantity(round(given["safety_stock"], 1), unit)
    lines = [
        t(
            "item.formula_protection",
            days=fmt.days(given["protection_days"]),
            lead=fmt.days(given["lead_time_days"]),
            review=fmt.days(given["review_days"]),
        ),
        t("item.formula_reorder", level=level, value=point),
        t(
            "item.formula_safety",
            point=point,
            mean=fmt.quantity(None if fmt.missing(mean) else round(mean, 1), unit),
            value=safety,
        ),
        t("item.formula_up_to", value=fmt.quantity(given["order_up_to"], unit)),
    ]
    st.html("".join(f'<p style="margin:2px 0">{escape(line)}</p>' for line in lines))
    st.html(
        marks.facts(
            [
                (t("common.supplier"), given["supplier_name"] or fmt.NOTHING),
                (t("item.min_order"), fmt.quantity(given["min_order_qty"], unit)),
                (t("item.multiple"), fmt.quantity(given["order_multiple"], unit)),
                (t("item.holding"), fmt.money(given["holding_cost_unit_day"])),
                (t("item.shortage"), fmt.money(given["shortage_cost_unit"])),
                (t("item.unmet"), value("unmet", given["unmet_demand"])),
            ]
        )
    )
    terms = json.loads(given["terms"] or "{}")
    if terms:
        st.html(marks.section(t("item.terms")))
        _terms(terms)


def _terms(terms: dict[str, Any]) -> None:
    rows = []
    for name, given in terms.items():
        inner = given if isinstance(given, dict) else {"value": given}
        rest = {key: one for key, one in inner.items() if key not in {"value", "source"}}
        detail = " · ".join(
            f"{explain.term_name(key)}: {explain.term_value(key, one)}"
            for key, one in explain.flat(rest).items()
            if one is not None
        )
        rows.append(
            {
                "term": explain.term_name(name),
                "value": explain.term_value(name, inner.get("value")) if "value" in inner else fmt.NOTHING,
                "source": explain.term_value("source", str(inner["source"])) if inner.get("source") else fmt.NOTHING,
                "detail": detail,
            }
        )
    _plain_table(
        pd.DataFrame(rows),
        {"term": t("item.term"), "value": t("common.value"), "source": t("item.source"), "detail": t("item.detail")},
        "terms",
    )


def features(session: Session, where: ItemSite, row: Row) -> None:
    """What the models see."""
    given = items.features(session, where)
    if given is None:
        empty(t("item.no_features"))
        return
    pairs = explain.flat(json.loads(given["features"])).items()
    rows = pd.DataFrame(
        [{"name": explain.feature_name(name), "value": explain.term_value(name, one)} for name, one in pairs]
    )
    rows = rows.sort_values("name", key=lambda names: names.str.casefold())
    st.caption(t("item.features_note", version=given["schema_version"], day=fmt.day(where.as_of)))
    _plain_table(rows, {"name": t("item.feature"), "value": t("common.value")}, "features")


def _plain_table(rows: pd.DataFrame, labels: dict[str, str], key: str) -> None:
    config = {name: tables.text(label) for name, label in labels.items()}
    tables.show(rows, column_order=list(labels), column_config=config, alt=key, key=key, height="content")
