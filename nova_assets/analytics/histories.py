"""Histories to replay: a panel with the terms of each series, out of the platform or out of a panel file.

In a file the terms are columns beside the demand, named as in the extract contract: unit_cost, holding_cost_unit_day or
holding_rate_year, fixed_order_cost, shortage_cost_unit, lead_time_days, review_days, min_order_qty, order_multiple,
max_stock, unmet_demand, and supplier_code with its min_order_value. What is absent is planned with as the
platform does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nova_assets.analytics import defaults
from nova_assets.analytics.lead_times import compute_lead_time_profiles
from nova_assets.analytics.panels import load_panel
from nova_assets.analytics.planning_costs import costs_decide, holding_cost_day, level_groups, set_levels, unit_costs
from nova_assets.analytics.planning_terms import PlanningTerms, load_terms
from nova_assets.science.candidates import History, Targets
from nova_assets.science.forecast import LeadTimes
from nova_assets.science.panel import Panel, PanelError, build_panel
from nova_assets.science.quantiles import GRID
from nova_resources.postgres import Database
from nova_resources.sql_library import sql
from nova_resources.tables import Window

Floats = NDArray[np.float64]
SEPARATOR = "\x1f"


def panel_history(frame: pl.DataFrame, freq: str, start: date, end: date) -> History:
    """History of a panel file to replay from `start` to `end`. PanelError for numbers that cannot be read."""
    panel = build_panel(frame, freq, end)
    first = first_column(panel, start)
    cost = _numbers(panel, "unit_cost", 0.0)
    rate = _numbers(panel, "holding_rate_year", defaults.HOLDING_RATE_YEAR)
    unmet = panel.static("unmet_demand", defaults.UNMET_DEMAND)
    return History(
        panel,
        panel.demand[:, first:],
        first,
        LeadTimes.fixed(_numbers(panel, "lead_time_days", defaults.LEAD_TIME_DAYS)),
        _numbers(panel, "review_days", defaults.REVIEW_DAYS),
        unmet == "LOST",
        cost,
        _numbers(panel, "holding_cost_unit_day", cost * rate / 365),
        _numbers(panel, "fixed_order_cost", defaults.FIXED_ORDER_COST),
        _numbers(panel, "shortage_cost_unit", np.nan),
        _numbers(panel, "min_order_qty", 0.0),
        _numbers(panel, "order_multiple", 0.0),
        _numbers(panel, "max_stock", np.inf),
        np.unique(panel.static("supplier_code", "").astype(str), return_inverse=True)[1],
        _numbers(panel, "min_order_value", 0.0),
    )


def platform_history(db: Database, start: date, end: date, truth: pl.DataFrame | None = None) -> History:
    """History of the platform's own facts; rules, costs and terms of sale as of today, lead times as of `start`.

    `truth` (date, item_code, site_code, quantity) is demand as it really was, unmet and unrecorded included: it is
    what the replay has to serve, and no policy sees it. ValueError without facts or without demand classes.
    """
    newest = db.rows(sql("support/latest_as_of"), table_name="analytics.demand_classes")[0]["as_of"]
    panel = load_panel(db, end)
    if newest is None or panel is None:
        raise ValueError("there is no history to replay: load extracts and run nova materialize first")
    window = Window.day(start - timedelta(days=1))
    profiles = pl.DataFrame(pl.from_arrow(compute_lead_time_profiles(db, window)))
    terms = load_terms(db, newest, profiles)
    known = dict(zip(terms.frame["series_id"], range(len(terms.frame)), strict=True))
    panel = panel.take(np.array([series in known for series in panel.ids]))
    rows = np.array([known[series] for series in panel.ids], dtype=np.int64)
    first = first_column(panel, start)
    served = panel.demand[:, first:] if truth is None else _true_demand(panel, first, truth)
    targets = Targets(set_levels(terms)[rows], level_groups(terms)[rows], costs_decide(terms)[rows])
    lead = LeadTimes(np.asarray(GRID), terms.lead_days[rows])
    return History(panel, served, first, lead, **_vectors(terms, rows), targets=targets)


def first_column(panel: Panel, start: date) -> int:
    """Column of the first period that begins on or after a date. ValueError when it leaves no past or no future."""
    first = int(np.searchsorted(panel.dates, np.datetime64(start, "D")))
    if not 1 < first < panel.periods:
        raise ValueError(
            f"a replay from {start} needs history before and after it; the panel runs from {panel.dates[0]} "
            f"to {panel.dates[-1]}"
        )
    return first


def _vectors(terms: PlanningTerms, rows: NDArray[np.int64]) -> Mapping[str, NDArray]:
    cost = unit_costs(terms)
    unmet = terms.frame["unmet_demand"].fill_null(defaults.UNMET_DEMAND).to_numpy()
    vectors = {
        "review_days": terms.review_days,
        "lost_sales": unmet == "LOST",
        "unit_cost": np.nan_to_num(cost),
        "holding_day": np.nan_to_num(holding_cost_day(terms, cost)),
        "order_cost": terms.number("fixed_order_cost", defaults.FIXED_ORDER_COST),
        "shortage_cost": terms.number("shortage_cost_unit"),
        "min_order": terms.number("min_order_qty", 0.0),
        "multiple": terms.number("order_multiple", 0.0),
        "max_stock": terms.number("max_stock", np.inf),
        "supplier": terms.frame["supplier_id"].fill_null(0).rank("dense").cast(pl.Int64).to_numpy() - 1,
        "supplier_min_value": terms.number("supplier_min_value", 0.0),
    }
    return {name: values[rows] for name, values in vectors.items()}


def _true_demand(panel: Panel, first: int, truth: pl.DataFrame) -> Floats:
    """(n, T - first) demand of the truth on the panel's series and days."""
    place = pl.DataFrame({"series_id": pl.Series(panel.ids, dtype=pl.String), "row": np.arange(len(panel))})
    begin = panel.dates[first].astype(object)
    events = truth.with_columns(
        series_id=pl.concat_str("item_code", pl.lit(SEPARATOR), "site_code"),
        day=(pl.col("date") - pl.lit(begin)).dt.total_days(),
    )
    events = events.filter((pl.col("day") >= 0) & (pl.col("day") < panel.periods - first)).join(place, on="series_id")
    table = np.zeros((len(panel), panel.periods - first))
    np.add.at(table, (events["row"].to_numpy(), events["day"].to_numpy()), events["quantity"].to_numpy())
    return table


def _numbers(panel: Panel, name: str, default: Floats | float) -> Floats:
    """A static column as numbers, `default` where the column or a value is missing."""
    text = panel.static(name)
    try:
        given = np.array([float(value) if value != "" else np.nan for value in text])
    except ValueError as error:
        raise PanelError(f"column {name}: {error}: use a decimal point and no thousands separator") from None
    return np.where(np.isnan(given), default, given)
