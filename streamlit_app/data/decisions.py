"""Recommendations and alerts with what people did about them, and the functions that write it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from streamlit_app.access.roles import carry_out
from streamlit_app.access.sessions import Session
from streamlit_app.data.cache import frame, fresh
from streamlit_app.data.database import database
from streamlit_app.data.filters import Filters
from streamlit_app.data.items import contains

# More than a planner decides in a day, and what a page still draws at once; files hold all.
MOST_ROWS, EXPORT_ROWS = 2_000, 100_000
BALANCE_DAYS, BALANCE_ROWS = 30, 300
PROPOSED = "PROPOSED"
RECOMMENDATION_KEY = ["item_id", "site_id", "action", "order_ref"]
ALERT_KEY = ["item_id", "site_id", "cause"]


@dataclass(frozen=True, slots=True)
class QueueWish:
    """What the reader wants to see of the queue."""

    actions: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    search: str = ""
    item_code: str | None = None
    site_code: str | None = None


def waiting(today: date) -> dict[str, int]:
    """What waits for people, by screen: unread alerts, undecided recommendations. Raises NotMaterialized."""
    row = database().row("menu_counts", today=today)
    return {name: int(count) for name, count in (row or {}).items()}


def recommendations(
    session: Session, as_of: date, filters: Filters, wish: QueueWish, *, rows: int = MOST_ROWS
) -> pd.DataFrame:
    """Recommendations with `state` (PROPOSED until somebody decided), `decided_by`, `version` (0 until then)."""
    found = frame(
        session,
        "recommendations_list",
        as_of=as_of,
        actions=list(wish.actions) or None,
        priorities=list(wish.priorities) or None,
        search=contains(wish.search),
        item_code=wish.item_code,
        site_code=wish.site_code,
        row_limit=rows,
        **filters.params(),
    )
    merged = found.merge(fresh("recommendation_states", as_of=as_of), on=RECOMMENDATION_KEY, how="left")
    merged["state"] = merged["state"].astype(object).where(merged["state"].notna(), PROPOSED)
    merged["version"] = merged["version"].fillna(0).astype(int)
    return merged


def told(session: Session, rows: pd.DataFrame, *, every: bool = False) -> pd.DataFrame:
    """The same rows with what explains them: terms, flips (JSON text), explanation, explanation_en.

    They are asked for the first row's item-site, which holds for rows of one item-site, or for `every` one of the day.
    """
    if rows.empty:
        return rows.assign(terms=None, flips=None, explanation=None, explanation_en=None)
    first = rows.iloc[0]
    where = {} if every else {"item_id": int(first["item_id"]), "site_id": int(first["site_id"])}
    given = {"item_id": None, "site_id": None} | where
    return rows.merge(frame(session, "recommendations_told", as_of=first["as_of"], **given), on=RECOMMENDATION_KEY)


def balance(session: Session, as_of: date, filters: Filters, *, rows: int = BALANCE_ROWS) -> pd.DataFrame:
    """Recommendations whose protection period ended in the last BALANCE_DAYS days: cost_ and stockout_days_ without,
    with, rule and actual; `saved` against doing nothing; all_ and days_ hold the sums of all that match."""
    return frame(session, "decision_balance", as_of=as_of, days=BALANCE_DAYS, row_limit=rows, **filters.params())


def decide(
    session: Session, row: dict[str, Any], state: str, *, quantity: float | None = None, reason: str | None = None
) -> int:
    """Approve, adjust or reject a recommendation as it was shown; returns its new version. Raises Refused."""
    entity = f"{row['item_code']}/{row['site_code']}/{row['action']}"
    answer = carry_out(
        session,
        "recommendation.decided",
        entity,
        lambda: database().row(
            "decide_recommendation",
            session=session.key,
            state=state,
            quantity=quantity,
            reason=reason or None,
            expected_version=int(row["version"]),
            **_key(row),
        ),
    )
    return int(answer["version"])


def withdraw(session: Session, row: dict[str, Any]) -> None:
    """Take a decision back. Raises Refused when it has been exported or changed meanwhile."""
    entity = f"{row['item_code']}/{row['site_code']}/{row['action']}"
    carry_out(
        session,
        "recommendation.withdrawn",
        entity,
        lambda: database().rows(
            "withdraw_decision", session=session.key, expected_version=int(row["version"]), **_key(row)
        ),
    )


def alerts(
    session: Session,
    filters: Filters,
    *,
    causes: tuple[str, ...] = (),
    severities: tuple[str, ...] = (),
    search: str = "",
    by_hours: bool = False,
    rows: int = MOST_ROWS,
) -> pd.DataFrame:
    """Open alerts with what people did: read_at, snoozed_until, owner, owner_name, note, resolved_on, resolution,
    changed_by; `closed` is true for one that a person closed and that has not changed since. In the inbox's order, or
    by the hours at risk."""
    found = frame(
        session,
        "alerts_list",
        causes=list(causes) or None,
        severities=list(severities) or None,
        search=contains(search),
        by_hours=by_hours,
        row_limit=rows,
        **filters.params(),
    )
    found = found.merge(fresh("alert_states"), on=ALERT_KEY, how="left")
    days = zip(found["resolved_on"], found["severity_since"], strict=True)
    closed = [not pd.isna(on) and on >= since for on, since in days]
    return found.assign(closed=pd.Series(closed, index=found.index, dtype=bool))


def alert_calibration(session: Session) -> pd.DataFrame:
    """decile, alerts, told, came_true, share, band_low, band_high, inside of stock-out alerts whose days are over."""
    return frame(session, "alert_calibration")


def resolved_alerts(
    session: Session,
    as_of: date,
    filters: Filters,
    *,
    causes: tuple[str, ...] = (),
    search: str = "",
    rows: int = MOST_ROWS,
) -> pd.DataFrame:
    """Alerts whose life ended in the period, the latest first."""
    return frame(
        session,
        "alerts_resolved",
        as_of=as_of,
        days=filters.months * 30,
        causes=list(causes) or None,
        search=contains(search),
        row_limit=rows,
        **filters.params(),
    )


def set_alert_state(
    session: Session,
    row: dict[str, Any],
    *,
    read: bool,
    snoozed_until: date | None,
    owner: str | None,
    note: str | None,
) -> None:
    """Write the whole state of an alert. Raises Refused."""
    carry_out(
        session,
        "alert.changed",
        f"{row['item_code']}/{row['site_code']}/{row['cause']}",
        lambda: database().rows(
            "set_alert_state",
            session=session.key,
            **_alert(row),
            read=read,
            snoozed_until=snoozed_until,
            owner=owner,
            note=note,
        ),
    )


def resolve_alert(session: Session, row: dict[str, Any], reason: str) -> None:
    """Close an alert as it was shown. Raises Refused."""
    carry_out(
        session,
        "alert.resolved",
        f"{row['item_code']}/{row['site_code']}/{row['cause']}",
        lambda: database().rows("resolve_alert", session=session.key, as_of=row["as_of"], reason=reason, **_alert(row)),
    )


def reopen_alert(session: Session, row: dict[str, Any]) -> None:
    """Open an alert again that was closed by hand. Raises Refused."""
    carry_out(
        session,
        "alert.reopened",
        f"{row['item_code']}/{row['site_code']}/{row['cause']}",
        lambda: database().rows("reopen_alert", session=session.key, **_alert(row)),
    )


def _alert(row: dict[str, Any]) -> dict[str, Any]:
    return {"item_id": int(row["item_id"]), "site_id": int(row["site_id"]), "cause": row["cause"]}


def _key(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "as_of": row["as_of"],
        "item_id": int(row["item_id"]),
        "site_id": int(row["site_id"]),
        "action": row["action"],
        "order_ref": row["order_ref"],
    }
