"""Housekeeping: what is older than it is kept goes, and partitions are made before they are needed.

The job runs every night before the daily run and finds nothing to do on most of them.
"""

from collections.abc import Callable

import dagster as dg

from nova_assets import artifacts, catalog
from nova_assets.platform import Platform
from nova_resources import retention
from nova_resources.dagster_retention import remove_old_runs
from nova_resources.postgres import Database
from nova_resources.settings import Settings

HOUSEKEEPING = "housekeeping"
HOUR, MINUTE = 3, 30


def keep_house(settings: Settings, run_id: str, say: Callable[[str], None]) -> None:
    """Make partitions ahead, thin old months of as-of tables and their Parquet copies, remove old runs.

    `say` is told what was done; nothing where there was nothing to do.
    """
    db = Database(settings)
    retention.make_ahead(db, catalog.TABLES, run_id)
    for table in filter(retention.is_thinned, catalog.TABLES):
        for done in retention.thin(db, table, run_id):
            say(f"{done.table} {done.month:%Y-%m}: {done.kept} kept, {done.removed_rows} rows of other days removed")
    if files := artifacts.thin(settings.home, retention.horizon(settings)):
        say(f"{files} Parquet copies of such days removed")
    if runs := remove_old_runs(settings):
        say(f"{runs} runs that ended more than {settings.run_days} days ago removed")


def housekeeping_job() -> dg.JobDefinition:
    """The job that keeps house."""

    @dg.op(name="keep_house")
    def keep(context: dg.OpExecutionContext, platform: dg.ResourceParam[Platform]) -> None:
        keep_house(platform.settings, f"{context.run_id}/{context.op_def.name}", context.log.info)

    @dg.job(name=HOUSEKEEPING, description="Make partitions ahead; remove what is older than it is kept.")
    def housekeeping() -> None:
        keep()

    return housekeeping


def housekeeping_schedule(settings: Settings, job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """Every night before the daily run."""
    return dg.ScheduleDefinition(
        name=HOUSEKEEPING,
        job=job,
        cron_schedule=f"{MINUTE} {HOUR} * * *",
        execution_timezone=settings.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
