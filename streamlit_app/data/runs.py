"""Runs of the pipeline: those that published something, those that failed, and those that people ask for here."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from streamlit_app.access.roles import carry_out
from streamlit_app.access.sessions import Session
from streamlit_app.data.cache import frame
from streamlit_app.data.database import database
from streamlit_app.data.standing import Standing

# What support.request_run takes, and the days that it takes at most.
KINDS = ("DAYS", "MONTH", "LOAD", "RERUN")
MOST_DAYS = 31
SHOWN_RUNS, SHOWN_REQUESTS, SHOWN_FAILED = 300, 10, 30
# The sensor looks every quarter of a minute while it lives.
LONG = timedelta(minutes=3)


def published(session: Session) -> pd.DataFrame:
    """Runs of the pipeline that published something, newest first."""
    return frame(session, "pipeline_runs", row_limit=SHOWN_RUNS)


def failed(session: Session) -> list[dict[str, Any]]:
    """run_id, at, day, steps and step (the first one) of the runs that failed, newest first."""
    return database().rows("failed_runs", session=session.key, row_limit=SHOWN_FAILED)


def requests() -> list[dict[str, Any]]:
    """Columns of support.run_requests with the name of who asked, newest first."""
    return database().rows("run_requests", row_limit=SHOWN_REQUESTS)


def standing(request: dict[str, Any], now: datetime) -> Standing:
    """How far a request is, by what the sensor has told."""
    if request["state"] in ("DONE", "FAILED"):
        return Standing(request["state"].lower())
    # One without a run waits for others, which may take long; one with a run is looked at whatever else goes on.
    if request["run_id"] and now - request["told_at"] > LONG:
        return Standing.SILENT
    if request["state"] == "RUNNING":
        return Standing.RUNNING
    return Standing.LATE if now - request["asked_at"] > LONG else Standing.WAITING


def ask(
    session: Session,
    kind: str,
    *,
    first_day: date | None = None,
    last_day: date | None = None,
    failed_run: str | None = None,
) -> int:
    """Ask for a run; returns the request's number. Raises Refused."""
    answer = carry_out(
        session,
        "run.requested",
        kind,
        lambda: database().row(
            "request_run",
            session=session.key,
            kind=kind,
            first_day=first_day,
            last_day=last_day,
            failed_run=failed_run,
        ),
    )
    return int(answer["request_id"])
