"""Questions of the dashboard: key figures, work queues, what changed, where the risk is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from streamlit_app.access.sessions import Session
from streamlit_app.data.cache import frame, fresh
from streamlit_app.data.filters import Filters

# An item-site counts as at risk from this probability of a stock-out on.
RISK_THRESHOLD = 0.2
QUEUE_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Kpi:
    """A key figure of one cut: newest value, the one of the day before, its target and 90 days of trend."""

    code: str
    name_pt: str
    name_en: str
    unit: str
    lower_is_better: bool
    target: float | None
    value: float | None
    previous: float | None
    trend: tuple[float | None, ...]


def cut_of(filters: Filters) -> tuple[str, list[str]]:
    """Dimension and members that the key figures can show for the filters: they are cut by one dimension at a time."""
    for dimension, members in filters.chosen().items():
        return dimension, list(members)
    return "company", ["*"]


def kpis(session: Session, as_of: date, filters: Filters) -> dict[str, Kpi]:
    """Key figures by code, in the order of the dictionary."""
    dimension, members = cut_of(filters)
    rows = frame(session, "panel_kpis", as_of=as_of, dimension=dimension, members=members)
    return {str(code): _kpi(str(code), series) for code, series in rows.groupby("kpi_code", sort=False)}


def _kpi(code: str, series: pd.DataFrame) -> Kpi:
    first, values = series.iloc[0], [None if pd.isna(v) else float(v) for v in series["value"]]
    return Kpi(
        code=code,
        name_pt=first["name_pt"],
        name_en=first["name_en"],
        unit=first["unit"],
        lower_is_better=bool(first["lower_is_better"]),
        target=None if pd.isna(first["target"]) else float(first["target"]),
        value=values[-1],
        previous=values[-2] if len(values) > 1 else None,
        trend=tuple(values),
    )


def trend(session: Session, as_of: date, filters: Filters, codes: tuple[str, ...]) -> pd.DataFrame:
    """Weekly points of some key figures over the period: kpi_code, as_of, value."""
    dimension, members = cut_of(filters)
    return frame(
        session,
        "panel_trend",
        as_of=as_of,
        dimension=dimension,
        members=members,
        months=filters.months,
        codes=list(codes),
    )


def queue(as_of: date, actions: list[str], filters: Filters) -> pd.DataFrame:
    """First undecided recommendations of some actions; asked anew, for decisions change it."""
    return fresh("panel_queue", as_of=as_of, actions=actions, row_limit=QUEUE_LENGTH, **filters.params())


def late_orders(session: Session, as_of: date, filters: Filters) -> pd.DataFrame:
    """First open order lines past their promised day."""
    return frame(session, "panel_late", as_of=as_of, row_limit=QUEUE_LENGTH, **filters.params())


def at_risk(session: Session, filters: Filters) -> pd.DataFrame:
    """First item-sites at risk."""
    return frame(session, "panel_risk", threshold=RISK_THRESHOLD, row_limit=QUEUE_LENGTH, **filters.params())


def changes(session: Session, as_of: date) -> dict[str, Any]:
    """What changed since the day before."""
    return frame(session, "panel_changes", as_of=as_of).iloc[0].to_dict()


def forecast_value(session: Session) -> dict[str, Any] | None:
    """Gain of the chosen model over the naive one, with its coverage; None before the first backtest."""
    rows = frame(session, "panel_forecast_value")
    return None if rows.empty else rows.iloc[0].to_dict()


def site_risk(session: Session, filters: Filters) -> pd.DataFrame:
    """Share of item-sites at risk by site, with coordinates."""
    return frame(session, "panel_sites", threshold=RISK_THRESHOLD, **filters.params())
