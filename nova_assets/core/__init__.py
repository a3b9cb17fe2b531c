"""Core tables that are computed in Python; all others are one statement each under sql/core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from nova_resources.postgres import Database
from nova_resources.tables import Window


def compute_dim_calendar(db: Database, _window: Window | None = None, _tools: Any = None) -> pa.Table:
    """core.dim_calendar from the year before the first partition to the second year after this one."""
    from nova_assets.core import calendar

    settings = db.settings
    first = settings.history_start.year - calendar.YEARS_BEFORE
    return calendar.calendar(first, settings.today().year + calendar.YEARS_AFTER)


COMPUTE: dict[str, Callable[..., pa.Table]] = {"core.dim_calendar": compute_dim_calendar}
