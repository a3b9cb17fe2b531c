"""Full replays of history through candidate policies: asked for here, computed by the pipeline, read back here."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from psycopg.types.json import Jsonb

from streamlit_app.access.roles import carry_out
from streamlit_app.access.sessions import Session
from streamlit_app.data.cache import frame, fresh
from streamlit_app.data.database import database

# What support.request_scenario takes.
POLICIES = ("platform", "quantile", "economic", "minmax", "sq")
LEVELS = (0.8, 0.85, 0.9, 0.95, 0.98, 0.99)
MOST_MONTHS = 24
SHOWN = 20


def requests() -> pd.DataFrame:
    """request_id, as_of, asked_at, asked_by, months, answered; newest first."""
    return fresh("scenario_requests", row_limit=SHOWN)


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
