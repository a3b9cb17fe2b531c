"""Freshness by partition, told by the ledger: does each table have the last window that is due?

One step for all tables, outside of the daily job. A backfill of an old month cannot turn it green, as it would a
freshness policy, which looks at the moment of the latest materialization whatever was materialized.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta

import dagster as dg

from nova_assets.automation import DUE_HOUR, FRESHNESS, is_daily, is_monthly
from nova_assets.platform import Platform
from nova_assets.specs import key_of
from nova_resources import ledger
from nova_resources.settings import Settings
from nova_resources.tables import Table, Window

LOOK_BACK = timedelta(days=62)


def freshness_checks(tables: Collection[Table]) -> dg.AssetChecksDefinition:
    """One check `freshness` for each table that has windows, all in one step."""
    judged = [table for table in tables if is_daily(table) or is_monthly(table)]
    specs = [
        dg.AssetCheckSpec(FRESHNESS, asset=key_of(table), description="The last window that is due is there.")
        for table in judged
    ]

    @dg.multi_asset_check(name="freshness_by_window", specs=specs, can_subset=True)
    def freshness_by_window(
        context: dg.AssetCheckExecutionContext, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.AssetCheckResult]:
        asked = {key.asset_key for key in context.selected_asset_check_keys}
        chosen = [table for table in judged if key_of(table) in asked]
        due = due_day(platform.settings)
        db = platform.database(context)
        first = min(due, max(due - LOOK_BACK, platform.settings.history_start))
        missing = ledger.missing_windows(db, chosen, Window(first, due + timedelta(days=1)))
        for table in chosen:
            lacking = [day for name, day in missing if name == table.qualified]
            yield _result(table, due, lacking)

    return freshness_by_window


def due_day(settings: Settings) -> date:
    """Last business day whose run must be over by now."""
    return settings.today() - timedelta(days=1 if datetime.now(settings.tz).hour >= DUE_HOUR else 2)


def _result(table: Table, due: date, lacking: list[date]) -> dg.AssetCheckResult:
    wanted = (due + timedelta(days=1)).replace(day=1) - timedelta(days=1) if is_monthly(table) else due
    start = wanted.replace(day=1) if is_monthly(table) else wanted
    return dg.AssetCheckResult(
        asset_key=key_of(table),
        check_name=FRESHNESS,
        passed=start not in lacking,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"due": start.isoformat(), f"windows missing in {LOOK_BACK.days} days": len(lacking)},
    )
