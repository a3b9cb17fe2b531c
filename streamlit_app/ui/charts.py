"""Vega-Lite specifications as plain dictionaries: one configuration with the reader's locale, and the panel's charts.

The charts of a material are in charts_item.py. Dates travel as local midnights, so that no time zone shifts a day.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd
import streamlit as st

from streamlit_app.data.frames import columns
from streamlit_app.i18n import current_language, t
from streamlit_app.ui import format as fmt
from streamlit_app.ui.theme import Palette

Spec = dict[str, Any]
FONT = "Inter, system-ui, sans-serif"
# Share of a site's materials at risk from which it is drawn as high or some risk.
HIGH_RISK, SOME_RISK = 0.3, 0.1
HALF_A_YEAR_MS = 183 * 86_400_000


def show(spec: Spec, palette: Palette, *, alt: str, key: str, height: int | None = None) -> None:
    """Draw a specification over the container's width with our configuration; `alt` is read to who cannot see it."""
    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": "container",
        "config": config(palette),
    }
    whole |= {"height": height} if height else {}
    st.vega_lite_chart(whole | spec, theme=None, key=key, alt=alt, width="stretch")


def config(palette: Palette) -> Spec:
    """Type, lines and locale of every chart."""
    return {
        "background": "transparent",
        # Read aloud is the chart's own text, not hundreds of nameless marks.
        "aria": False,
        "mark": {"aria": False},
        "font": FONT,
        "locale": _locale(current_language()),
        "view": {"stroke": None},
        "padding": {"left": 2, "right": 8, "top": 6, "bottom": 2},
        "axis": {
            "labelColor": palette.muted,
            "titleColor": palette.muted,
            "labelFontSize": 11,
            "titleFontSize": 11,
            "titleFontWeight": 500,
            "gridColor": palette.line,
            "gridOpacity": 0.7,
            "domain": False,
            "ticks": False,
            "labelPadding": 6,
        },
        "axisX": {
            "grid": False,
            "domain": True,
            "domainColor": palette.line,
            "labelOverlap": "greedy",
            "labelSeparation": 8,
        },
        "legend": {"labelColor": palette.muted, "titleColor": palette.muted, "labelFontSize": 11, "titleFontSize": 11},
        "title": {"color": palette.ink, "fontSize": 13, "fontWeight": 600, "anchor": "start", "offset": 8},
        "text": {"color": palette.muted, "fontSize": 11, "font": FONT},
    }


@cache
def _locale(language: str) -> Spec:
    """Number and time locale of d3 from Babel's data."""
    locale = fmt.LOCALES[language]
    symbols = locale.number_symbols["latn"]
    months, days = locale.months["stand-alone"], locale.days["stand-alone"]
    return {
        "number": {
            "decimal": symbols["decimal"],
            "thousands": symbols["group"],
            "grouping": [3],
            "currency": ["R$ " if language == "pt-BR" else "R$", ""],
        },
        "time": {
            "dateTime": "%A, %e %B %Y, %X",
            "date": "%d/%m/%Y" if language == "pt-BR" else "%m/%d/%Y",
            "time": "%H:%M:%S",
            "periods": ["AM", "PM"],
            # d3 counts from Sunday, Babel from Monday.
            "days": [days["wide"][(n + 6) % 7] for n in range(7)],
            "shortDays": [days["abbreviated"][(n + 6) % 7].rstrip(".") for n in range(7)],
            "months": [months["wide"][n] for n in range(1, 13)],
            "shortMonths": [months["abbreviated"][n].rstrip(".") for n in range(1, 13)],
        },
    }


def day_format() -> str:
    """d3's pattern of a whole date."""
    return "%d/%m/%Y" if current_language() == "pt-BR" else "%b %-d, %Y"


def at(value: date) -> str:
    """A date as Vega reads it without moving it."""
    return f"{value.isoformat()}T00:00:00"


def records(frame: pd.DataFrame, dates: Iterable[str]) -> list[Spec]:
    """Rows of a frame as values of a specification: dates as text, missing numbers as null."""
    shown = frame.astype(object).where(frame.notna(), None)
    for column in dates:
        shown[column] = [None if value is None else at(value) for value in shown[column]]
    return shown.to_dict("records")


def time_axis(**more: Any) -> Spec:
    """An axis of dates with short month names; over less than half a year with days, or months would be named twice."""
    # In English the month stands before the day: two figures after it would be taken for one.
    days, months = ("%d %b", "%b %y") if current_language() == "pt-BR" else ("%b %-d", "%b %Y")
    shown = f"timeFormat(datum.value, domain('x')[1] - domain('x')[0] < {HALF_A_YEAR_MS} ? '{days}' : '{months}')"
    return {"title": None, "labelExpr": shown, "tickCount": 6, **more}


def kpi_line(points: pd.DataFrame, palette: Palette, *, title: str, unit: str, target: float | None) -> Spec:
    """One key figure over months with its target. `unit` is that of its definition; large amounts are cut to size."""
    scale, suffix = _scale(float(points["value"].max())) if unit == "BRL" else (1, "")
    values = records(columns(points.assign(value=points["value"] / scale), ["as_of", "value"]), ["as_of"])
    number_format = ".1%" if unit == "share" else ",.2~f"
    name = f"{title} (R$ {suffix})" if suffix else title
    x = {"field": "as_of", "type": "temporal", "axis": time_axis()}
    y = {"field": "value", "type": "quantitative", "scale": {"zero": False, "nice": True}}
    y |= {"axis": {"title": None, "format": number_format, "tickCount": 3, "minExtent": 44}}
    tooltip = [
        {"field": "as_of", "type": "temporal", "title": t("common.day"), "format": day_format()},
        {"field": "value", "type": "quantitative", "title": name, "format": number_format},
    ]
    near = {"name": "near", "select": {"type": "point", "on": "pointerover", "nearest": True, "encodings": ["x"]}}
    hover = {
        "params": [near],
        "mark": {"type": "point", "filled": True, "size": 55, "color": palette.primary},
        "encoding": {"x": x, "y": y, "tooltip": tooltip}
        | {"opacity": {"condition": {"param": "near", "empty": False, "value": 1}, "value": 0}},
    }
    line = {"type": "line", "color": palette.primary, "strokeWidth": 2, "interpolate": "monotone"}
    layers: list[Spec] = [{"mark": line, "encoding": {"x": x, "y": y}}, hover]
    if target is not None:
        layers += level(target / scale, t("common.target"), palette.accent, [5, 4], text_colour=palette.muted)
    return {"title": name, "data": {"values": values}, "layer": layers}


def kpi_lines(points: pd.DataFrame, palette: Palette) -> Spec:
    """Several key figures in R$ over time; `name` is each one's in words."""
    names = list(dict.fromkeys(points["name"]))
    colour = {
        "field": "name",
        "type": "nominal",
        "title": None,
        "scale": {"domain": names, "range": [palette.primary, palette.warn][: len(names)]},
        "legend": {"orient": "top", "labelLimit": 320},
    }
    tooltip = [
        {"field": "name", "type": "nominal", "title": t("admin.what")},
        {"field": "as_of", "type": "temporal", "title": t("common.day"), "format": day_format()},
        {"field": "value", "type": "quantitative", "title": "R$", "format": ",.0f"},
    ]
    return {
        "data": {"values": records(columns(points, ["as_of", "value", "name"]), ["as_of"])},
        "mark": {"type": "line", "strokeWidth": 2, "interpolate": "monotone", "point": {"size": 26}},
        "encoding": {
            "x": {"field": "as_of", "type": "temporal", "axis": time_axis()},
            "y": {"field": "value", "type": "quantitative", "axis": {"title": "R$", "format": ",.0f", "tickCount": 4}},
            "color": colour,
            "strokeDash": {"field": "name", "type": "nominal", "legend": None, "scale": {"domain": names}},
            "tooltip": tooltip,
        },
    }


def _scale(largest: float) -> tuple[float, str]:
    if largest >= 1e6:
        return 1e6, t("common.millions")
    return (1e3, t("common.thousands")) if largest >= 1e4 else (1, "")


def level(value: float, label: str, colour: str, dash: list[int], *, text_colour: str | None = None) -> list[Spec]:
    """A dashed horizontal line with its name at the left."""
    # Its own data of one row: on the chart's data the label would be drawn once for every row.
    data, y = {"values": [{}]}, {"datum": value, "type": "quantitative"}
    text = {"type": "text", "align": "left", "x": 4, "dy": -6, "text": label, "color": text_colour or colour}
    rule = {"type": "rule", "color": colour, "strokeDash": dash, "strokeWidth": 1.4}
    return [{"data": data, "mark": rule, "encoding": {"y": y}}, {"data": data, "mark": text, "encoding": {"y": y}}]


def site_map(sites: pd.DataFrame, palette: Palette) -> Spec:
    """Sites on the outline of the country: size by item-sites, colour and shape of the state by the share at risk."""
    values = records(sites, [])
    for row in values:
        row["state"] = (
            t("risk.high")
            if row["share"] >= HIGH_RISK
            else t("risk.some")
            if row["share"] >= SOME_RISK
            else t("risk.low")
        )
    domain = [t("risk.low"), t("risk.some"), t("risk.high")]
    colours = [palette.good, palette.warn, palette.bad]
    tooltip = [
        {"field": "site_name", "type": "nominal", "title": t("common.site")},
        {"field": "region_name", "type": "nominal", "title": t("common.region")},
        {"field": "at_risk", "type": "quantitative", "title": t("panel.at_risk"), "format": ",d"},
        {"field": "item_sites", "type": "quantitative", "title": t("common.materials"), "format": ",d"},
        {"field": "share", "type": "quantitative", "title": t("panel.share_at_risk"), "format": ".0%"},
    ]
    size = {
        "field": "item_sites",
        "type": "quantitative",
        "legend": None,
        "scale": {"range": [60, 420], "type": "sqrt"},
    }
    encoding = {
        "longitude": {"field": "longitude", "type": "quantitative"},
        "latitude": {"field": "latitude", "type": "quantitative"},
        "size": size,
        "color": {"field": "state", "type": "nominal", "title": None, "scale": {"domain": domain, "range": colours}}
        | {"legend": {"orient": "bottom-left", "symbolType": "circle", "symbolStrokeWidth": 0}},
        "tooltip": tooltip,
    }
    country = {
        "data": {"values": country_outline()},
        "mark": {"type": "geoshape", "fill": palette.land, "stroke": palette.line, "strokeWidth": 1},
    }
    circle = {"type": "circle", "opacity": 0.82, "stroke": palette.surface, "strokeWidth": 1}
    return {
        "projection": {"type": "mercator"},
        "layer": [country, {"data": {"values": values}, "mark": circle, "encoding": encoding}],
    }


@cache
def country_outline() -> Spec:
    """Brazil's outline (Natural Earth 1:50m, simplified)."""
    return json.loads(resources.files("streamlit_app").joinpath("assets", "brazil.json").read_text("utf-8"))
