"""Tables that Python computes: one as-of date at a time, and each frame judged before it is published.

A run over a range computes the month-ends in it and its last day: a model's history is wanted at month-ends, and every
day of years would take hours. The run tag `nova/days` asks for something else: `every` day, or the `existing` ones,
which is what a correction of the past must bring up to date.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import dagster as dg
import pyarrow as pa

from nova_assets import artifacts, code_version
from nova_assets.factory import make_asset, partition_keys
from nova_assets.failures import PermanentFailure
from nova_assets.partitions import Calendar, window_of
from nova_assets.platform import Platform
from nova_assets.publishing import publish_windows
from nova_assets.run_progress import RunProgress
from nova_assets.types import validated
from nova_resources import ledger
from nova_resources.postgres import Database
from nova_resources.tables import Grid, Table, Window
from nova_resources.window import Published, publish

Compute = Callable[..., pa.Table]

DAYS_TAG = "nova/days"


class Days(StrEnum):
    """Which days of a range a model is computed for."""

    MONTH_ENDS = "month_ends"
    EVERY = "every"
    EXISTING = "existing"


@dataclass(frozen=True)
class RunTools:
    """What a run lends to a computation."""

    progress: Callable[[str, float], None] | None


def model_asset(table: Table, calendar: Calendar, known: Collection[str], compute: Compute) -> dg.AssetsDefinition:
    """The asset of a table that `compute(db, window, tools)` gives the rows of."""
    version = code_version.of_function(compute)

    def body(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        db = platform.database(context)
        keys = partition_keys(context, table, calendar)
        windows = chosen(table, keys, asked_days(context), db) if keys else [None]
        progress = RunProgress(context, db, table)

        def write(window: Window | None) -> Published:
            head = ledger.head(db)
            with progress.of(window):
                rows = validated(table, compute(db, window, RunTools(progress)))
            with artifacts.kept(platform.settings.home, table, window, rows):
                return publish(
                    db,
                    table,
                    window,
                    rows,
                    run_id=context.run.run_id,
                    code_version=version,
                    details=artifacts.details_of(rows),
                    inputs_seen=head,
                )

        return publish_windows(context, table, db, windows, write, keys)

    return make_asset(table, calendar, known, version, body)


def asked_days(context: dg.AssetExecutionContext) -> Days:
    """The choice of the run's tag; month-ends without one."""
    asked = context.run.tags.get(DAYS_TAG, Days.MONTH_ENDS)
    try:
        return Days(asked)
    except ValueError:
        raise PermanentFailure(f"{DAYS_TAG} is {asked!r}; it may be {', '.join(Days)}") from None


def chosen(table: Table, keys: Sequence[str], days: Days, db: Database) -> list[Window | None]:
    """Windows to compute among the partitions of a run: all of a monthly table, the asked-for days of a daily one."""
    windows: list[Window] = [window_of(table, key) for key in keys]
    if len(windows) == 1:
        return [*windows]
    if days is Days.EXISTING:
        reach = Window(windows[0].start, windows[-1].end)
        missing = {day for _, day in ledger.missing_windows(db, [table], reach)}
        return [window for window in windows if window.start not in missing]
    if table.grid is Grid.MONTH or days is Days.EVERY:
        return [*windows]
    return [window for window in windows if _is_month_end(window) or window == windows[-1]]


def _is_month_end(window: Window) -> bool:
    return (window.start + timedelta(days=1)).day == 1
