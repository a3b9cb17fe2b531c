"""The heartbeat: jobs, and the two schedules that run them unattended.

One run holds one grid, so that the daily and the monthly tables are two jobs. The schedules say RUNNING here: what
runs after `nova up` is decided in this file, not by a switch in the UI. What is late, missed or stale is for the
sensors.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import dagster as dg
from dagster._core.definitions.partitions.partitioned_schedule import UnresolvedPartitionedAssetScheduleDefinition

from nova_assets.checks import check_specs
from nova_assets.specs import key_of
from nova_assets.staging_asset import FILES, staging_check_specs
from nova_resources.settings import Settings
from nova_resources.tables import Grid, Stage, Table

DAILY, MONTHLY, LANDING, FRESHNESS = "daily", "monthly", "landing", "freshness"
DAILY_HOUR, MONTHLY_HOUR, FRESHNESS_HOUR = 5, 6, 7
# A day is due once the daily run has had this hour to finish in.
DUE_HOUR = 7


def is_reference(table: Table) -> bool:
    """Landing tables and the conformed ones that are written whole: what a load brings up to date by itself."""
    return table.schema == "staging" or (table.stage is Stage.CORE and table.grid is Grid.NONE)


def is_monthly(table: Table) -> bool:
    """Tables of the monthly job."""
    return table.schema != "staging" and table.grid is Grid.MONTH


def is_daily(table: Table) -> bool:
    """Tables of the daily job that have a window for each day."""
    return table.schema != "staging" and table.grid is Grid.DAY


def own_checks(tables: Collection[Table]) -> set[dg.AssetCheckKey]:
    """Checks that the tables' own steps evaluate. Without saying so, a selection of tables means the others too."""
    staged = FILES in tables
    computed = [spec.key for table in tables if table.schema != "staging" for spec in check_specs(table)]
    return {*computed, *(spec.key for spec in staging_check_specs() if staged)}


def selection(tables: Collection[Table]) -> dg.AssetSelection:
    """These tables with the checks that their own steps evaluate, and no others."""
    assets = dg.AssetSelection.assets(*(key_of(table) for table in tables))
    return assets.without_checks() | dg.AssetSelection.checks(*own_checks(tables))


def jobs(tables: Collection[Table]) -> list[dg.UnresolvedAssetJobDefinition]:
    """The jobs over those of `tables` that each of them holds; one without its kind of tables is left out."""

    def job(
        name: str, description: str, chosen: Callable[[Table], bool], windowed: Callable[[Table], bool] | None = None
    ) -> list[dg.UnresolvedAssetJobDefinition]:
        held = [table for table in tables if chosen(table)]
        # A job takes its partitions from the tables in it: without a windowed one there are none to schedule.
        if not held or (windowed and not any(windowed(table) for table in held)):
            return []
        return [dg.define_asset_job(name, selection(held), description=description)]

    return [
        *job(LANDING, "Load what is new and bring the reference tables up to date.", is_reference),
        *job(DAILY, "Everything for one business day.", lambda table: not is_monthly(table), is_daily),
        *job(MONTHLY, "Backtests and the choice of models.", is_monthly),
        dg.define_asset_job(
            FRESHNESS,
            dg.AssetSelection.checks(*freshness_keys(tables)),
            description="Tables that lack the last window that is due.",
        ),
    ]


def freshness_keys(tables: Collection[Table]) -> list[dg.AssetCheckKey]:
    """Freshness checks of the tables that have windows."""
    return [dg.AssetCheckKey(key_of(table), FRESHNESS) for table in tables if is_daily(table) or is_monthly(table)]


def schedules(
    settings: Settings, made: Collection[dg.UnresolvedAssetJobDefinition]
) -> list[dg.ScheduleDefinition | UnresolvedPartitionedAssetScheduleDefinition]:
    """Daily for the last complete day, monthly on day 1 for the month that is over, freshness once the day is due."""
    running = dg.DefaultScheduleStatus.RUNNING
    found: list[dg.ScheduleDefinition | UnresolvedPartitionedAssetScheduleDefinition] = []
    for job in made:
        if job.name in (DAILY, MONTHLY):
            day, hour = (1, MONTHLY_HOUR) if job.name == MONTHLY else (None, DAILY_HOUR)
            found.append(
                dg.build_schedule_from_partitioned_job(
                    job, name=job.name, default_status=running, hour_of_day=hour, day_of_month=day
                )
            )
        if job.name == FRESHNESS:
            found.append(
                dg.ScheduleDefinition(
                    name=job.name,
                    job=job,
                    cron_schedule=f"30 {FRESHNESS_HOUR} * * *",
                    execution_timezone=settings.timezone,
                    default_status=running,
                )
            )
    return found
