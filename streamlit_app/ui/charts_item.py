"""Charts of one material at one site, in one grammar: observed demand as ink bars, median as a primary line, 50 % and
90 % bands as two tints, stock-out days hatched in light red, the as-of as a rule with its date, open orders as arrows.
"""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from streamlit_app.data.frames import columns, where
from streamlit_app.i18n import t
from streamlit_app.ui import format as fmt
from streamlit_app.ui.charts import Spec, at, day_format, level, records, time_axis
from streamlit_app.ui.theme import Palette

WEEK = 7
# A hatch stroke covers this much of its day.
HATCH_HOURS = 13


def weekly(history: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Demand by week, weeks ending on the as-of: week_start, week_end, quantity; a broken oldest week is dropped.

    week_end stands a little before the next week, so that the bars do not touch.
    """
    weeks_ago = [(as_of - day).days // WEEK for day in history["full_date"]]
    by_week = history.assign(week=weeks_ago).groupby("week", as_index=False)
    grouped = pd.DataFrame(by_week.agg(quantity=("quantity", "sum"), days=("quantity", "size")))
    whole = where(grouped, grouped["days"] == WEEK)
    ends = [as_of - timedelta(days=int(week) * WEEK) for week in whole["week"]]
    starts = [end - timedelta(days=WEEK - 1) for end in ends]
    return pd.DataFrame({"week_start": starts, "week_end": ends, "quantity": list(whole["quantity"])})


def stocked_out(history: pd.DataFrame) -> list[Spec]:
    """One stroke for each day that closed without stock."""
    days = history.loc[history["on_hand"] == 0, "full_date"]
    return [{"start": at(day), "end": f"{day.isoformat()}T{HATCH_HOURS}:00:00", "day": at(day)} for day in days]


def demand_and_forecast(
    history: pd.DataFrame, path: pd.DataFrame, orders: pd.DataFrame, as_of: date, palette: Palette
) -> Spec:
    """Weekly demand of the past and the forecast's weeks with their bands."""
    layers: list[Spec] = [_hatch(history, palette)]
    if not path.empty:
        layers += _bands(path, palette)
    layers += [_observed(weekly(history, as_of), palette), *_as_of(as_of, palette), *_arrows(orders, as_of, palette)]
    return {"layer": layers, "resolve": {"scale": {"color": "independent"}}}


def stock(history: pd.DataFrame, policy: dict | None, orders: pd.DataFrame, as_of: date, palette: Palette) -> Spec:
    """Closing stock with reorder point, safety stock and order-up-to level."""
    known = history.dropna(subset=["on_hand"])
    x = {"field": "full_date", "type": "temporal", "axis": time_axis()}
    y = {"field": "on_hand", "type": "quantitative", "axis": {"title": t("common.units")}}
    tooltip = [
        {"field": "full_date", "type": "temporal", "title": t("common.day"), "format": day_format()},
        {"field": "on_hand", "type": "quantitative", "title": t("item.on_hand"), "format": ",.4~g"},
    ]
    area = {"type": "area", "interpolate": "step-after", "line": {"color": palette.primary, "strokeWidth": 1.6}}
    area |= {"color": palette.band_outer, "opacity": 0.75, "tooltip": True}
    rows = records(columns(known, ["full_date", "on_hand"]), ["full_date"])
    layers: list[Spec] = [
        {"data": {"values": rows}, "mark": area, "encoding": {"x": x, "y": y, "tooltip": tooltip}},
        _hatch(history, palette),
        *_as_of(as_of, palette),
        *_arrows(orders, as_of, palette),
    ]
    if policy:
        lines = (
            ("reorder_point", palette.bad, [6, 3]),
            ("safety_stock", palette.warn, [2, 3]),
            ("order_up_to", palette.good, [8, 4]),
        )
        for name, colour, dash in lines:
            layers += level(float(policy[name]), f"{t(f'item.{name}')} {fmt.quantity(policy[name])}", colour, dash)
    return {"layer": layers}


def lead_times(orders: pd.DataFrame, agreed: float | None, palette: Palette) -> Spec:
    """Days from order to receipt of each received line, against the agreed lead time."""
    received = orders.dropna(subset=["received_date"]).copy()
    received["days"] = [(r - o).days for r, o in zip(received["received_date"], received["order_date"], strict=True)]
    received["late"] = [t("item.late") if late > 0 else t("item.on_time") for late in received["days_late"].fillna(0)]
    shown = columns(received, ["order_no", "order_date", "days", "late", "supplier_name"])
    rows = records(shown, ["order_date"])
    encoding = {
        "x": {"field": "order_date", "type": "temporal", "axis": time_axis()},
        "y": {
            "field": "days",
            "type": "quantitative",
            "axis": {"title": t("item.days_to_receipt")},
            "scale": {"zero": True},
        },
        "color": {"field": "late", "type": "nominal", "title": None}
        | {
            "scale": {"domain": [t("item.on_time"), t("item.late")], "range": [palette.good, palette.bad]},
            "legend": {"orient": "top"},
        },
        "shape": {"field": "late", "type": "nominal", "title": None}
        | {"scale": {"domain": [t("item.on_time"), t("item.late")], "range": ["circle", "square"]}},
        "tooltip": [
            {"field": "order_no", "type": "nominal", "title": t("item.order")},
            {"field": "supplier_name", "type": "nominal", "title": t("common.supplier")},
            {"field": "order_date", "type": "temporal", "title": t("item.ordered"), "format": day_format()},
            {"field": "days", "type": "quantitative", "title": t("item.days_to_receipt")},
        ],
    }
    layers: list[Spec] = [
        {"data": {"values": rows}, "mark": {"type": "point", "filled": True, "size": 60}, "encoding": encoding}
    ]
    if not fmt.missing(agreed):
        layers += level(float(agreed), t("item.agreed"), palette.muted, [5, 4])
    return {"layer": layers}


def _observed(weeks: pd.DataFrame, palette: Palette) -> Spec:
    return {
        "data": {"values": records(weeks, ["week_start", "week_end"])},
        "mark": {"type": "rect", "color": palette.ink, "opacity": 0.82, "cornerRadius": 1},
        "encoding": {
            "x": {"field": "week_start", "type": "temporal", "axis": time_axis()},
            "x2": {"field": "week_end"},
            "y": {"field": "quantity", "type": "quantitative", "axis": {"title": t("item.units_a_week")}},
            "y2": {"datum": 0},
            "tooltip": [
                {"field": "week_start", "type": "temporal", "title": t("item.week_of"), "format": day_format()},
                {"field": "quantity", "type": "quantitative", "title": t("item.demand"), "format": ",.4~g"},
            ],
        },
    }


def _bands(path: pd.DataFrame, palette: Palette) -> list[Spec]:
    shown = path.assign(step_end=[day + timedelta(days=1) for day in path["step_end"]])
    values = records(shown, ["step_start", "step_end"])
    tooltip = [
        {"field": "step_start", "type": "temporal", "title": t("item.week_of"), "format": day_format()},
        *(
            {"field": f"p{q}", "type": "quantitative", "title": t("item.quantile", q=int(q)), "format": ",.3~g"}
            for q in ("05", "25", "50", "75", "95")
        ),
        {"field": "mean", "type": "quantitative", "title": t("item.mean"), "format": ",.3~g"},
    ]
    x = {"field": "step_start", "type": "temporal", "axis": time_axis()}

    def band(low: str, high: str, colour: str) -> Spec:
        encoding = {
            "x": x,
            "x2": {"field": "step_end"},
            "y": {"field": low, "type": "quantitative"},
            "y2": {"field": high},
        }
        return {
            "data": {"values": values},
            "mark": {"type": "rect", "color": colour},
            "encoding": encoding | {"tooltip": tooltip},
        }

    median = {
        "data": {"values": values},
        "mark": {"type": "rule", "color": palette.primary, "strokeWidth": 2.6},
        "encoding": {
            "x": x,
            "x2": {"field": "step_end"},
            "y": {"field": "p50", "type": "quantitative"},
            "tooltip": tooltip,
        },
    }
    return [band("p05", "p95", palette.band_outer), band("p25", "p75", palette.band_inner), median]


def _hatch(history: pd.DataFrame, palette: Palette) -> Spec:
    return {
        "data": {"values": stocked_out(history)},
        "mark": {"type": "rect", "color": palette.stockout, "opacity": 0.9},
        "encoding": {
            "x": {"field": "start", "type": "temporal", "axis": time_axis()},
            "x2": {"field": "end"},
            "tooltip": [
                {"field": "day", "type": "temporal", "title": t("item.stocked_out_day"), "format": day_format()}
            ],
        },
    }


def _as_of(as_of: date, palette: Palette) -> list[Spec]:
    data = {"values": [{"x": at(as_of + timedelta(days=1)), "text": t("item.as_of_mark", day=fmt.day(as_of))}]}
    x = {"field": "x", "type": "temporal", "axis": time_axis()}
    text = {"type": "text", "align": "right", "dx": -5, "y": 4, "baseline": "top", "color": palette.muted}
    return [
        {"data": data, "mark": {"type": "rule", "color": palette.muted, "strokeWidth": 1}, "encoding": {"x": x}},
        {"data": data, "mark": text, "encoding": {"x": x, "text": {"field": "text", "type": "nominal"}}},
    ]


def _arrows(orders: pd.DataFrame, as_of: date, palette: Palette) -> list[Spec]:
    """Open orders at their expected date; those already past it stand just after the as-of."""
    waiting = where(orders, orders["status"].isin(["PLACED", "PARTIAL"]) & orders["received_date"].isna())
    values = [
        {
            "x": at(max(row["expected_date"], as_of + timedelta(days=2))),
            "expected": at(row["expected_date"]),
            "order": row["order_no"],
            "quantity": row["quantity"] - row["received_quantity"],
        }
        for row in waiting.to_dict("records")
        if not fmt.missing(row["expected_date"])
    ]
    x = {"field": "x", "type": "temporal", "axis": time_axis()}
    tooltip = [
        {"field": "order", "type": "nominal", "title": t("item.open_order")},
        {"field": "quantity", "type": "quantitative", "title": t("common.quantity"), "format": ",.4~g"},
        {"field": "expected", "type": "temporal", "title": t("item.expected"), "format": day_format()},
    ]
    stem = {"type": "rule", "color": palette.accent, "strokeWidth": 1.5, "y": 22, "y2": 44}
    head = {"type": "point", "shape": "triangle-down", "filled": True, "size": 90, "color": palette.accent, "y": 46}
    return [
        {"data": {"values": values}, "mark": stem, "encoding": {"x": x}},
        {"data": {"values": values}, "mark": head | {"opacity": 1}, "encoding": {"x": x, "tooltip": tooltip}},
    ]
