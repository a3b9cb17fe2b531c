"""Answers of the database, remembered in this process under a key that carries the version of the data and the role.

The version is the newest entry of the ledger: after any publish every key is new. What people write (decisions, states
of alerts, comments) is not in the ledger and is never remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from streamlit_app.access.sessions import Session
from streamlit_app.data.database import database

VERSION_SECONDS = 5
KEPT_SECONDS = 900
MOST_KEPT = 500
Made = TypeVar("Made")


def frame(session: Session, name: str, **params: Any) -> pd.DataFrame:
    """Rows of sql/app/<name>.sql for a reader; numbers are float64, dates date objects, jsonb its text."""
    return made(session, _unchanged, name, **params)


def made(session: Session, make: Callable[[pd.DataFrame], Made], name: str, **params: Any) -> Made:
    """What a function of a module makes of these rows, remembered in their place: it is what every run has to copy."""
    key = tuple((label, tuple(value) if isinstance(value, list) else value) for label, value in sorted(params.items()))
    return _remembered((name, make.__qualname__), key, _version(), session.role, make)


def _unchanged(rows: pd.DataFrame) -> pd.DataFrame:
    return rows


def fresh(name: str, **params: Any) -> pd.DataFrame:
    """The same, asked anew each time: for what people write."""
    return database().table(name, **params).to_pandas()


@st.cache_data(ttl=KEPT_SECONDS, max_entries=MOST_KEPT, show_spinner=False)
def _remembered(
    what: tuple[str, str],
    key: tuple[tuple[str, Any], ...],
    version: int,
    role: str,
    _make: Callable[[pd.DataFrame], Made],
) -> Made:
    # psycopg would write a tuple as a row, a list as an array.
    params = {label: list(value) if isinstance(value, tuple) else value for label, value in key}
    return _make(database().table(what[0], **params).to_pandas())


@st.cache_data(ttl=VERSION_SECONDS, max_entries=4, show_spinner=False)
def _version() -> int:
    row = database().row("data_version")
    return row["version"] if row else 0
