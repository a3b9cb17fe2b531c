"""The simulator's chart: the curve of service against stock, today and under the change."""

from __future__ import annotations

import pandas as pd

from streamlit_app.data.whatif import Outcome
from streamlit_app.i18n import t
from streamlit_app.ui.charts import Spec, records
from streamlit_app.ui.theme import Palette


def service_against_stock(curves: dict[str, pd.DataFrame], points: dict[str, Outcome], palette: Palette) -> Spec:
    """A curve by name (in words) with the point where the selection stands on each. Capital in R$ thousands."""
    names = list(curves)
    colour = {
        "field": "name",
        "type": "nominal",
        "title": None,
        "scale": {"domain": names, "range": [palette.muted, palette.primary]},
        "legend": {"orient": "top"},
    }
    lines = pd.concat([curve.assign(name=name) for name, curve in curves.items()], ignore_index=True)
    marks = pd.DataFrame(
        [{"name": name, "capital": one.capital, "available": one.available} for name, one in points.items()]
    )
    for frame in (lines, marks):
        frame["thousands"] = frame["capital"] / 1000
    x = {"field": "thousands", "type": "quantitative", "axis": {"title": t("whatif.capital_axis"), "format": ",.0f"}}
    x["scale"] = {"zero": False}
    y = {"field": "available", "type": "quantitative", "axis": {"title": t("whatif.available"), "format": ".0%"}}
    y["scale"] = {"zero": False}
    tooltip = [
        {"field": "name", "type": "nominal", "title": t("whatif.which")},
        {"field": "service", "type": "quantitative", "title": t("whatif.service"), "format": ".1%"},
        {"field": "thousands", "type": "quantitative", "title": t("whatif.capital_axis"), "format": ",.0f"},
        {"field": "available", "type": "quantitative", "title": t("whatif.available"), "format": ".1%"},
    ]
    line = {"type": "line", "point": {"size": 30}, "strokeWidth": 2, "interpolate": "monotone"}
    dot = {"type": "point", "filled": True, "size": 170, "opacity": 1, "stroke": palette.surface, "strokeWidth": 2}
    return {
        "layer": [
            {
                "data": {"values": records(lines, [])},
                "mark": line,
                "encoding": {"x": x, "y": y, "color": colour, "order": {"field": "service"}, "tooltip": tooltip},
            },
            {
                "data": {"values": records(marks, [])},
                "mark": dot,
                "encoding": {"x": x, "y": y, "color": colour, "tooltip": [tooltip[0], *tooltip[2:]]},
            },
        ]
    }


def replayed(rows: pd.DataFrame, palette: Palette) -> Spec:
    """Curve of empty shelves against the mean stock value for each replayed policy (`name` is the policy in words)."""
    names = list(dict.fromkeys(rows["name"]))
    colours = [palette.primary, palette.warn, palette.good, palette.bad][: len(names)]
    colour = {"field": "name", "type": "nominal", "title": None, "scale": {"domain": names, "range": colours}}
    shown = rows.assign(thousands=rows["stock_value"] / 1000)
    x = {"field": "thousands", "type": "quantitative", "axis": {"title": t("replay.stock_axis"), "format": ",.0f"}}
    y = {"field": "empty_share", "type": "quantitative", "axis": {"title": t("replay.empty"), "format": ".1%"}}
    tooltip = [
        {"field": "name", "type": "nominal", "title": t("replay.policy")},
        {"field": "service_level", "type": "quantitative", "title": t("whatif.service"), "format": ".1%"},
        {"field": "thousands", "type": "quantitative", "title": t("replay.stock_axis"), "format": ",.0f"},
        {"field": "empty_share", "type": "quantitative", "title": t("replay.empty"), "format": ".2%"},
    ]
    scale = {"scale": {"zero": False}}
    return {
        "data": {"values": records(shown, [])},
        "mark": {"type": "line", "point": {"size": 60}, "strokeWidth": 2},
        "encoding": {
            "x": x | scale,
            "y": y | scale,
            "color": colour | {"legend": {"orient": "top"}},
            "order": {"field": "service_level"},
            "tooltip": tooltip,
        },
    }
