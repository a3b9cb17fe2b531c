"""Parquet copies of forecasts and features by as-of date, under NOVA_HOME/artifacts/<table>/as_of=YYYY-MM-DD/.

They are for notebooks and other tools; the platform itself never reads them, so any of them may be removed at any time.
A copy appears whole or not at all, and only after the window it copies was published.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from nova_resources.tables import Table, Window

KEPT = frozenset({"analytics.forecasts", "analytics.forecast_paths", "analytics.features_store"})
FILE = "part-0.parquet"
_DETAILS = b"nova.details"


def path_of(home: Path, table: Table, window: Window) -> Path:
    """Where the copy of a day lies: a layout that dataset readers take as Hive partitions."""
    return home / "artifacts" / table.qualified / f"as_of={window.end - timedelta(days=1)}" / FILE


def keeps(table: Table, window: Window | None) -> bool:
    """Whether a copy is made: of single days of certain tables."""
    return table.qualified in KEPT and window is not None and len(window.days) == 1


@contextlib.contextmanager
def kept(home: Path, table: Table, window: Window | None, rows: pa.Table) -> Iterator[None]:
    """Write the copy of one day aside, let the block publish the same rows, then put the copy in its place.

    Does nothing for what is not kept. The file carries the rows' metadata.
    """
    if window is None or not keeps(table, window):
        yield
        return
    import pyarrow.parquet as pq

    path = path_of(home, table, window)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        pq.write_table(rows, aside, compression="zstd")
        yield
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def with_details(rows: pa.Table, details: dict[str, Any]) -> pa.Table:
    """The rows, carrying what made them: it goes to the ledger and into the Parquet copy."""
    return rows.replace_schema_metadata({**(rows.schema.metadata or {}), _DETAILS: json.dumps(details).encode()})


def details_of(rows: pa.Table) -> dict[str, Any]:
    """What `with_details` has put there; nothing otherwise."""
    return json.loads((rows.schema.metadata or {}).get(_DETAILS, b"{}"))


def thin(home: Path, before: date) -> int:
    """Remove copies of days before `before`, a first of month, but the newest day of each month; returns how many."""
    removed = 0
    for table in KEPT:
        newest: dict[str, Path] = {}
        for folder in sorted((home / "artifacts" / table).glob("as_of=*-*-*")):
            day = folder.name.removeprefix("as_of=")
            if day >= before.isoformat():
                break
            if older := newest.get(day[:7]):
                shutil.rmtree(older)
                removed += 1
            newest[day[:7]] = folder
    return removed
