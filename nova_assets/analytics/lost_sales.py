"""Reorder points of the item-sites whose unmet demand is lost: today's shelf and orders, projected to the next order's
arrival along the forecast of each review period."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nova_assets.analytics import Tools, defaults
from nova_assets.analytics.panels import load_panel, models_in_force
from nova_assets.analytics.planning_terms import PlanningTerms
from nova_assets.analytics.positions import KEY, load_positions
from nova_assets.science.backtest import Progress, run_backtest
from nova_assets.science.forecast import Forecast, LeadTimes, forecast_steps
from nova_assets.science.overrides import moved
from nova_assets.science.panel import Panel
from nova_assets.science.projection import draw_order, lost_sales_shortfall, step_days
from nova_assets.science.quantiles import GRID
from nova_assets.science.selection import Selection, select_models
from nova_resources.postgres import Database

Floats = NDArray[np.float64]
WEEK = 7
RACE_SERIES = 400
"""Series scored when the models for weeks are chosen."""

RACE_ORIGINS = 13
"""Past weeks from which they are scored, a quarter of a year: four single weeks say little."""

NOT_COUNTED = ("ABANDONED", "LATER")


@dataclass(frozen=True)
class Projected:
    """(n,) position to order up to at least, NaN where unmet demand waits or the stock is not known; the model whose
    forecast of the steps it stands on, "" there, and whether that was chosen by a race on weeks."""

    point: Floats
    model: list[str]
    raced: NDArray[np.bool_]


def lost_sales_points(
    db: Database, as_of: date, terms: PlanningTerms, level: Floats, forecasts: pl.DataFrame, tools: Tools | None
) -> Projected:
    """Order points of the item-sites of the terms, in their order, as are `forecasts` (inputs/forecasts.sql).

    The shortfall of the projection is added to the position that decisions start from, so that exactly what is missing
    is ordered. `level` (n,) is the wanted P(no shortage in the step that the order arrives in). What a planner adds to
    the demand of the protection period is spread evenly over its days.
    """
    found, model = np.full(len(terms.frame), np.nan), [""] * len(terms.frame)
    raced = np.zeros(len(terms.frame), dtype=bool)
    lost = (terms.frame["unmet_demand"].fill_null(defaults.UNMET_DEMAND) == "LOST").to_numpy()
    daily = load_panel(db, as_of) if lost.any() else None
    if daily is None:
        return Projected(found, model, raced)
    protection = forecasts["horizon_days"].to_numpy()
    added = ((forecasts["mean"] - forecasts["baseline_mean"]) / forecasts["horizon_days"]).to_numpy()
    weekly = weekly_panel(daily)
    stock, orders = _supply(db, as_of, terms, protection)
    rows = np.flatnonzero(lost & stock["supply"].is_not_null().to_numpy())
    place = {series: row for row, series in enumerate(daily.ids)}
    series = np.array([place[name] for name in terms.frame["series_id"].to_list()], dtype=np.int64)
    lead = LeadTimes(np.asarray(GRID), terms.lead_days).atoms()
    step = step_days(terms.review_days, lead)
    progress = tools.progress if tools else None
    for days in np.unique(step[rows]):
        part = rows[step[rows] == days]
        arrives = np.floor(lead[part] / days + 0.5)
        count = int(arrives.max()) + 1
        panel = weekly if weekly is not None and days % WEEK == 0 else daily
        periods = int(days / panel.days_per_period)
        models = models_in_force(db, as_of)["sums"] if panel is daily else _race(panel, periods, count, progress)
        said = forecast_steps(panel, count, periods, models=models, seed=defaults.SEED, progress=progress)
        own = series[part]
        short = lost_sales_shortfall(
            np.asarray(GRID), _moved(said, own, added[part] * days), (panel.demand[own] % 1 == 0).all(axis=1),
            stock["free"].to_numpy()[part], arrivals(orders, terms.frame[part], as_of, count, int(days)),
            arrives, level[part], draw_order(panel.keys(defaults.SEED, "projection")[own], count),
        )  # fmt: skip
        found[part] = np.maximum(np.ceil(short - 1e-9) + stock["supply"].to_numpy()[part], 0.0)
        raced[part] = panel is not daily
        for row, name in zip(part, said.model[own, 0], strict=True):
            model[row] = name
    return Projected(found, model, raced)


def _moved(said: Forecast, own: NDArray[np.int64], added: Floats) -> Floats:
    """(m, M, Q) quantiles of the steps of series `own` (m,) with `added` (m,) units a step by a planner."""
    values, rows = said.values[own], np.flatnonzero(added)
    for step in range(values.shape[1]):
        mean = said.mean[own[rows], step]
        values[rows, step] = moved(np.asarray(GRID), values[rows, step], mean, np.maximum(mean + added[rows], 0.0))
    return values


def weekly_panel(daily: Panel) -> Panel | None:
    """The panel by weeks that end on the as-of where all demand was told on one weekday; None where it was not.

    A company that reports once a week has no daily demand: seen by days it would look seven times as erratic. A week
    is told once, on whatever day: on the Monday that it begins with or on the Sunday that ends it.
    """
    pad = -daily.periods % WEEK
    weeks = np.pad(daily.demand, ((0, 0), (pad, 0))).reshape(len(daily), -1, WEEK)
    if np.count_nonzero(weeks.any(axis=(0, 1))) > 1:
        return None
    observed = np.pad(daily.observed, ((0, 0), (pad, 0))).reshape(weeks.shape)
    demand = weeks.sum(axis=2)
    return replace(
        daily,
        demand=demand,
        observed=observed.all(axis=2) | (demand > 0),
        start=(daily.start + pad) // WEEK,
        dates=daily.dates[WEEK - 1 - pad :: WEEK],
        freq="W",
    )


def _race(panel: Panel, periods: int, count: int, progress: Progress | None) -> Selection:
    """Models for weeks, by the panel's own past: the stored choice was made on days. Scored are the first of the
    `count` steps of `periods` weeks and the last, which the order answers for."""
    backtest = run_backtest(
        panel, [periods], origins=RACE_ORIGINS, seed=defaults.SEED, max_series=RACE_SERIES, progress=progress,
        leads=tuple(dict.fromkeys((0, (count - 1) * periods))),
    )  # fmt: skip
    return select_models(backtest)


def arrivals(orders: pl.DataFrame, pairs: pl.DataFrame, as_of: date, count: int, days: int) -> Floats:
    """(n, count) units of open orders (item_id, site_id, due, remaining) that can serve from each step's begin on.

    An arrival counts from the begin of a step that is nearest to its day; what is late is expected at any moment.
    """
    ahead = (pl.col("due") - pl.lit(as_of)).dt.total_days()
    step = ((ahead / days) + 0.5).floor().clip(lower_bound=0).cast(pl.Int64)
    row = pairs.select(KEY).with_row_index("row")
    coming = orders.with_columns(step=step).filter(pl.col("step") < count).join(row, on=KEY)
    table = np.zeros((len(pairs), count))
    np.add.at(table, (coming["row"].to_numpy(), coming["step"].to_numpy()), coming["remaining"].to_numpy())
    return table


def _supply(db: Database, as_of: date, terms: PlanningTerms, protection: Floats) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Stock of each row of the terms (free, supply; null where unknown) and the open orders that supply counts."""
    plan = terms.frame.select(*KEY, lead_time_days="lead_mean", protection_days=pl.Series(protection))
    known, orders = load_positions(db, as_of, plan)
    known = known.select(*KEY, "supply", free=pl.col("on_hand") - pl.col("reserved") - pl.col("backorder"))
    stock = terms.frame.select(KEY).join(known, on=KEY, how="left", maintain_order="left")
    return stock, orders.filter(~pl.col("state").is_in(NOT_COUNTED))
