"""Questions of the forecasts screen: sums to compare, scores of the models, calibration, planners' overrides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from streamlit_app.access.roles import carry_out
from streamlit_app.access.sessions import Session
from streamlit_app.data.cache import frame, fresh
from streamlit_app.data.database import database
from streamlit_app.data.filters import Filters
from streamlit_app.data.items import contains

SHOWN_ROWS = 500
EXPORT_ROWS = 100_000
TARGETS = ("D30", "D60", "D90", "PROTECTION")
EVERY = "*"


@dataclass(frozen=True, slots=True)
class ForecastWish:
    """What the reader wants to see: sum, words, demand classes, models."""

    target: str
    search: str = ""
    demand_classes: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


def forecast_list(session: Session, filters: Filters, wish: ForecastWish, *, rows: int = SHOWN_ROWS) -> pd.DataFrame:
    """Forecast sums, most valuable first; `matching` holds the number of all that match."""
    return frame(
        session,
        "forecasts_list",
        target=wish.target,
        search=contains(wish.search),
        demand_classes=list(wish.demand_classes) or None,
        models=list(wish.models) or None,
        row_limit=rows,
        **filters.params(),
    )


def models(session: Session) -> list[str]:
    """Models that made the latest forecasts."""
    return frame(session, "forecast_models")["model"].tolist()


def paths(session: Session, as_of: date, item_ids: list[int], site_ids: list[int]) -> pd.DataFrame:
    """Weekly forecasts of a few item-sites with their bands."""
    return frame(session, "forecast_paths", as_of=as_of, item_ids=item_ids, site_ids=site_ids)


def cuts(session: Session) -> pd.DataFrame:
    """target, demand_class, family of the latest race."""
    return frame(session, "forecast_cuts")


def accuracy(session: Session, target: str, demand_class: str, family: str) -> pd.DataFrame:
    """Scores of every model, best first; empty before the first race."""
    return frame(session, "forecast_accuracy", target=target, demand_class=demand_class, family=family)


def choices(session: Session, target: str) -> pd.DataFrame:
    """The model in force by demand class and family."""
    return frame(session, "forecast_choices", target=target)


def value_added(session: Session, target: str) -> pd.DataFrame:
    """Steps from no forecast to planners' overrides by demand class: step, position, forecasts, pinball (relative to
    mean demand), value_added (share of the loss of the step before that it takes away), cost (R$)."""
    return frame(session, "forecast_value_added", target=target)


def corrections(session: Session, target: str) -> pd.DataFrame:
    """Verdicts on hierarchy levels and drivers: correction, kind, kept, pinball_without and _with, gain, gain_se."""
    return frame(session, "forecast_corrections", target=target)


def calibration(session: Session, as_of: date, target: str, days: int) -> pd.DataFrame:
    """level, series, at_or_below of the forecasts whose period ended in the last days."""
    return frame(session, "forecast_calibration", target=target, as_of=as_of, days=days)


def overrides(
    today: date, *, only_valid: bool, item_id: int | None = None, site_id: int | None = None, rows: int = SHOWN_ROWS
) -> pd.DataFrame:
    """Planners' numbers, newest first, beside today's baseline."""
    return fresh("overrides", item_id=item_id, site_id=site_id, only_valid=only_valid, today=today, row_limit=rows)


def add_override(
    session: Session, row: dict, *, field: str, target: str | None, value: float, reason: str, valid_until: date
) -> None:
    """Put a number beside the computed one of an item-site. Raises Refused."""
    carry_out(
        session,
        "override.added",
        f"{row['item_code']}/{row['site_code']}",
        lambda: database().rows(
            "add_override",
            session=session.key,
            item_id=int(row["item_id"]),
            site_id=int(row["site_id"]),
            field=field,
            target=target,
            value=value,
            reason=reason,
            valid_until=valid_until,
        ),
    )


def withdraw_override(session: Session, override_id: int) -> None:
    """Take a number back. Raises Refused."""
    carry_out(
        session,
        "override.withdrawn",
        str(override_id),
        lambda: database().rows("withdraw_override", session=session.key, override_id=override_id),
    )
