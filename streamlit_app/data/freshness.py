"""What a page stands on: the newest business date, the run that published it, and the files behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from streamlit_app.access.sessions import Session
from streamlit_app.data.cache import frame, fresh
from streamlit_app.data.database import NotMaterialized


@dataclass(frozen=True, slots=True)
class Freshness:
    """Newest as-of of the policies, run and moment of the newest publish, newest file of each feed and when it came."""

    as_of: date
    run_id: str | None
    published_at: datetime | None
    files: tuple[tuple[str, datetime], ...]


def failed_checks() -> pd.DataFrame:
    """Checks that failed: table_name, check_name, severity (ERROR: not to be trusted, WARN: look at it), broken, at.

    Asked anew each time: a refused publish leaves no entry in the ledger.
    """
    return fresh("failed_checks")


def freshness(session: Session) -> Freshness:
    """What the screens stand on now. Raises NotMaterialized before the first policies."""
    row = frame(session, "freshness").iloc[0]
    if pd.isna(row["as_of"]):
        raise NotMaterialized("no stock policies yet")
    files = frame(session, "freshness_files")
    published = None if pd.isna(row["at"]) else row["at"].to_pydatetime()
    return Freshness(
        row["as_of"],
        row["run_id"],
        published,
        tuple((path, at.to_pydatetime()) for path, at in zip(files["path"], files["loaded_at"], strict=True)),
    )
