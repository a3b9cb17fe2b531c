"""Charts of the forecasts screen: several forecasts side by side, the staircase of value added, calibration."""

from __future__ import annotations

import pandas as pd

from streamlit_app.i18n import t
from streamlit_app.ui import format as fmt
from streamlit_app.ui.charts import Spec, day_format, records, time_axis
from streamlit_app.ui.theme import Palette

MOST_LINES = 4


def side_by_side(paths: pd.DataFrame, palette: Palette) -> Spec:
    """Median by week of a few item-sites with their 90 % band. Columns as of sql/app/forecast_paths.sql."""
    shown = paths.assign(series=paths["item_code"] + " · " + paths["site_code"])
    names = list(dict.fromkeys(shown["series"]))
    colours = [palette.primary, palette.warn, palette.good, palette.bad][: len(names)]
    colour = {"field": "series", "type": "nominal", "title": None, "scale": {"domain": names, "range": colours}}
    legend = {"legend": {"orient": "top", "labelLimit": 260, "symbolType": "stroke"}}
    x = {"field": "step_start", "type": "temporal", "axis": time_axis()}
    y = {"type": "quantitative", "axis": {"title": t("item.units_a_week")}}
    tooltip = [
        {"field": "series", "type": "nominal", "title": t("common.material")},
        {"field": "step_start", "type": "temporal", "title": t("item.week_of"), "format": day_format()},
        *(
            {"field": f"p{q}", "type": "quantitative", "title": t("item.quantile", q=int(q)), "format": ",.3~g"}
            for q in ("05", "50", "95")
        ),
    ]
    band = {"type": "area", "opacity": 0.13, "interpolate": "step-after"}
    line = {"type": "line", "strokeWidth": 2.2, "interpolate": "step-after", "point": False}
    return {
        "data": {"values": records(shown, ["step_start"])},
        "layer": [
            {"mark": band, "encoding": {"x": x, "y": y | {"field": "p05"}, "y2": {"field": "p95"}, "color": colour}},
            {
                "mark": line,
                "encoding": {"x": x, "y": y | {"field": "p50"}, "color": colour | legend, "tooltip": tooltip},
            },
        ],
    }


def staircase(steps: pd.DataFrame, palette: Palette) -> Spec:
    """Loss of each step, from no forecast to planners' overrides, with what it took from the step before. Columns: name
    (in words), pinball, value_added."""
    values = [
        {
            "name": row["name"],
            "loss": row["pinball"],
            "said": fmt.number(row["pinball"], 2)
            + ("" if fmt.missing(row["value_added"]) else f"  ({_signed(row['value_added'])})"),
            "state": "worse" if not fmt.missing(row["value_added"]) and row["value_added"] < 0 else "better",
        }
        for row in steps.to_dict("records")
    ]
    y = {
        "field": "name",
        "type": "nominal",
        "sort": None,
        "axis": {"title": None, "labelLimit": 190, "labelColor": palette.ink},
    }
    # Room for the words at the end of the longest bar.
    longest = max(row["loss"] for row in values)
    x = {"field": "loss", "type": "quantitative", "axis": {"title": t("forecast.loss_axis")}}
    x["scale"] = {"domain": [0, longest * 1.3 or 1]}
    colour = {"condition": {"test": "datum.state == 'worse'", "value": palette.warn}, "value": palette.primary}
    return {
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "bar", "cornerRadiusEnd": 3, "height": {"band": 0.62}},
                "encoding": {"x": x, "y": y, "color": colour},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "color": palette.ink},
                "encoding": {"x": x, "y": y, "text": {"field": "said", "type": "nominal"}},
            },
        ],
    }


def _signed(gain: float) -> str:
    return ("−" if gain > 0 else "+") + fmt.percent(abs(gain), 0)


def calibration(points: pd.DataFrame, palette: Palette) -> Spec:
    """Stated against observed share. `points`: level, observed, low and high (binomial band), series, what (words)."""
    sources = list(dict.fromkeys(points["what"]))
    share = {"type": "quantitative", "scale": {"domain": [0, 1]}}
    x = share | {"field": "level", "axis": {"title": t("forecast.stated"), "format": ".0%"}}
    y = {"axis": {"title": t("forecast.observed"), "format": ".0%"}} | share
    colour = {
        "field": "what",
        "type": "nominal",
        "title": None,
        "scale": {"domain": sources, "range": [palette.primary, palette.warn][: len(sources)]},
        "legend": {"orient": "top"},
    }
    tooltip = [
        {"field": "what", "type": "nominal", "title": t("forecast.source")},
        {"field": "level", "type": "quantitative", "title": t("forecast.stated"), "format": ".1%"},
        {"field": "observed", "type": "quantitative", "title": t("forecast.observed"), "format": ".1%"},
        {"field": "series", "type": "quantitative", "title": t("forecast.scored"), "format": ",d"},
    ]
    ideal = {
        "data": {"values": [{"level": 0, "observed": 0}, {"level": 1, "observed": 1}]},
        "mark": {"type": "line", "color": palette.muted, "strokeDash": [5, 4], "strokeWidth": 1.2},
        "encoding": {"x": x, "y": y | {"field": "observed"}},
    }
    data = {"values": records(points, [])}
    band = {"mark": {"type": "rule", "strokeWidth": 2, "opacity": 0.55}, "data": data}
    dots = {"mark": {"type": "point", "filled": True, "size": 70, "opacity": 1}, "data": data}
    return {
        "layer": [
            ideal,
            band | {"encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}, "color": colour}},
            dots | {"encoding": {"x": x, "y": y | {"field": "observed"}, "color": colour, "tooltip": tooltip}},
        ]
    }
