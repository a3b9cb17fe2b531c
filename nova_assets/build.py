"""The whole graph, built once for production, tests and the command line.

Every table of the catalog becomes an asset; where its rows come from decides which kind. Building reads the texts of
SQL and Python files and the settings; it opens no connection and imports no forecasting library.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
import pyarrow as pa

from nova_assets import analytics, core
from nova_assets.asked_runs import asked_sensor
from nova_assets.automation import jobs, schedules
from nova_assets.digest import digest_job, digest_schedule
from nova_assets.freshness import freshness_checks
from nova_assets.housekeeping import housekeeping_job, housekeeping_schedule
from nova_assets.ledger_state import assets as all_assets
from nova_assets.model_asset import model_asset
from nova_assets.partitions import Calendar
from nova_assets.platform import Platform
from nova_assets.sensors import sensors
from nova_assets.sql_asset import sql_asset, view_asset
from nova_assets.staging_asset import Load, staging_assets
from nova_resources.settings import Settings, load_settings
from nova_resources.sql_library import UnknownQuery, sql
from nova_resources.tables import Table

COMPUTE: Mapping[str, Callable[..., pa.Table]] = {**core.COMPUTE, **analytics.COMPUTE}


def load_landing(*arguments: Any, **options: Any) -> Any:
    """nova_assets.staging.load_landing, whose readers are imported when a load runs."""
    from nova_assets import staging

    return staging.load_landing(*arguments, **options)


class MissingBody(LookupError):
    """A table of the catalog that nothing computes."""


@dataclass(frozen=True)
class Overrides:
    """What tests and commands may put in the place of production's choice.

    `tables` builds only these, by `schema.name`; `compute` replaces functions of single tables.
    """

    settings: Settings | None = None
    tables: Collection[str] | None = None
    compute: Mapping[str, Callable[..., pa.Table]] = field(default_factory=dict)
    load: Load = load_landing


def build_defs(overrides: Overrides | None = None) -> dg.Definitions:
    """Assets, checks, jobs, schedules, sensors and resources of one platform.

    Raises MissingBody naming every table that has neither a SQL file nor a compute function.
    """
    chosen = overrides or Overrides()
    settings = chosen.settings or load_settings()
    calendar = Calendar.of(settings)
    tables = [table for table in all_assets() if not chosen.tables or table.qualified in chosen.tables]
    compute = {**COMPUTE, **chosen.compute}
    assets = list(_assets(tables, calendar, compute, chosen.load))
    platform, made = Platform(settings), jobs(tables)
    mailing, cleaning = digest_job(), housekeeping_job()
    return dg.Definitions(
        assets=assets,
        asset_checks=[freshness_checks(tables)],
        jobs=[*made, mailing, cleaning],
        schedules=[
            *schedules(settings, made),
            digest_schedule(settings, mailing),
            housekeeping_schedule(settings, cleaning),
        ],
        sensors=[*sensors(tables, compute.keys(), platform), asked_sensor(tables, platform)],
        resources={"platform": platform},
        executor=dg.in_process_executor,
    )


def _assets(
    tables: Collection[Table], calendar: Calendar, compute: Mapping[str, Callable[..., pa.Table]], load: Load
) -> Iterator[dg.AssetsDefinition]:
    known, lacking = {table.qualified for table in tables}, []
    if any(table.schema == "staging" for table in tables):
        yield staging_assets(calendar, known, load)
    for table in tables:
        name = f"{table.schema}/{table.name}"
        if table.schema == "staging":
            continue
        if table.qualified in compute:
            yield model_asset(table, calendar, known, compute[table.qualified])
            continue
        try:
            query = sql(name)
        except UnknownQuery:
            lacking.append(f"{table.qualified}: neither sql/{name}.sql nor a function in COMPUTE")
            continue
        make = view_asset if table.materialized_view else sql_asset
        yield make(table, calendar, known, query)
    if lacking:
        raise MissingBody("nothing computes these tables of the catalog:\n  " + "\n  ".join(lacking))
