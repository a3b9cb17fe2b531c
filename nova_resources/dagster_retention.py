"""Old runs leave Dagster's storage and disk, which by itself keeps every event for ever.

Of a run that ended more than NOVA_RUN_DAYS ago its row, tags, events, check outcomes and logs go. What stays is the
newest materialization of each partition and the newest outcome of each check: Dagster's UI goes on to show what exists.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import psycopg

from nova_resources.server import role_parameters
from nova_resources.settings import Settings
from nova_resources.sql_library import sql

# Runs of one transaction; a run over years has thousands of events.
BATCH = 100
DAY_SECONDS = 86_400


def remove_old_runs(settings: Settings) -> int:
    """Remove what is older than the setting says; returns the number of runs. Open runs are never touched.

    The rows first, then the folders: what a crash leaves between is found again by its folder's name.
    """
    values = {"ended_before": time.time() - settings.run_days * DAY_SECONDS, "row_limit": BATCH}
    removed = 0
    with psycopg.connect(**role_parameters(settings, "nova_dagster", settings.dagster_database_name)) as connection:
        while True:
            with connection.transaction():
                rows = connection.execute(sql("dagster/remove_runs").text.encode(), values).fetchall()
            removed += len(rows)
            if len(rows) < BATCH:
                break
        known = {row[0] for row in connection.execute(sql("dagster/known_runs").text.encode())}
    _remove_folders(settings, known, before=values["ended_before"])
    return removed


def _remove_folders(settings: Settings, known: set[str], before: float) -> None:
    """Logs and values of runs that are no more. A run's folder may be there before its row: the young ones stay."""
    for place in (settings.dagster_home / "compute_logs", settings.dagster_home / "storage"):
        for folder in place.iterdir() if place.is_dir() else ():
            if folder.is_dir() and folder.name not in known and _is_run(folder) and folder.stat().st_mtime < before:
                shutil.rmtree(folder)


def _is_run(folder: Path) -> bool:
    """Whether a folder bears the id of a run, as Dagster writes it."""
    return len(folder.name) == 36 and folder.name.count("-") == 4
