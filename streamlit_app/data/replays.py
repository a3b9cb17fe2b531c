"""Full replays of history through candidate policies: asked for here, computed by the pipeline, read back here."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from psycopg.types.json import Jsonb

from streamlit_app.access.roles import carry_out
from streamlit_app.access.sessions import Session
from streamlit_app.data.cache import frame
from streamlit_app.data.database import database
from streamlit_app.data.standing import Standing

# What support.request_scenario takes.
POLICIES = ("platform", "quantile", "economic", "minmax", "sq")
LEVELS = (0.8, 0.85, 0.9, 0.95, 0.98, 0.99)
MOST_MONTHS = 24
SHOWN = 20
# A replay says how far it is every few seconds; its longest silent stretch takes a minute or two.
LONG = timedelta(minutes=10)
# What a run tells begins with one of these; anything else names the policy that is played.
STEPS = ("backtest", "forecasts", "")


def requests() -> list[dict[str, Any]]:
    """request_id, as_of, asked_at, asked_by, months, answered, answered_at and, of the run that is to answer, run_id,
    started_at, told_at, doing, share, failure; newest first."""
    return database().rows("scenario_requests", row_limit=SHOWN)


def standing(request: dict[str, Any], now: datetime) -> Standing:
    """How far a request is, by what the pipeline has told."""
    if request["answered"]:
        return Standing.DONE
    if request["failure"]:
        return Standing.FAILED
    if request["run_id"]:
        return Standing.SILENT if now - request["told_at"] > LONG else Standing.RUNNING
    return Standing.LATE if now - request["asked_at"] > LONG else Standing.WAITING


def step(doing: str) -> tuple[int, int]:
    """Number of the request that a run is busy with, and which of STEPS it is at, from 1."""
    head, _, rest = doing.partition(": ")
    return int(head.removeprefix("request ")), next(n for n, name in enumerate(STEPS, 1) if rest.startswith(name))


def answers(session: Session, request: dict[str, Any]) -> pd.DataFrame:
    """policy, service_level and figures of a request that has been answered."""
    return frame(session, "scenario_answers", request_id=int(request["request_id"]), as_of=request["as_of"])


def ask(session: Session, as_of: date, policies: list[str], levels: list[float], months: int) -> int:
    """Ask for a replay; returns its number. Raises Refused."""
    parameters = Jsonb({"policies": policies, "levels": levels, "months": months})
    answer = carry_out(
        session,
        "scenario.requested",
        str(as_of),
        lambda: database().row("request_scenario", session=session.key, as_of=as_of, parameters=parameters),
    )
    return int(answer["request_id"])
