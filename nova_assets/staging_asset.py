"""The landing as one asset step with a table for each feed, the register of files and the quarantine.

Staging has no partitions: a load takes whatever is new in the landing folder, whichever dates that touches, and the
ledger says which. What follows from old dates is the business of the sensor for stale windows.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from nova_assets import catalog, code_version
from nova_assets.factory import SECONDS
from nova_assets.failures import TRANSIENT_RETRIES, classified
from nova_assets.partitions import Calendar
from nova_assets.platform import Platform
from nova_assets.specs import asset_spec, key_of, table_of
from nova_resources.sql_library import sql
from nova_resources.tables import Table

if TYPE_CHECKING:
    from nova_assets.staging.report import LoadReport

FILES, REJECTS = catalog.table("staging.files"), catalog.table("staging.rejects")
TABLES: tuple[Table, ...] = (*catalog.FEEDS.values(), FILES, REJECTS)
REPORT_SECONDS = 20.0
SHOWN = 100

Load = Callable[..., "LoadReport"]


def staging_assets(calendar: Calendar, known: Collection[str], load: Load) -> dg.AssetsDefinition:
    """The assets of all landing tables; any of the feeds may be selected alone."""
    version = code_version.of_module("nova_assets.staging")
    specs = [asset_spec(table, calendar, known, version) for table in TABLES if table.qualified in known]

    @dg.multi_asset(
        name="staging__landing",
        description="Load every new or changed file of the landing folder.",
        specs=specs,
        check_specs=staging_check_specs(),
        can_subset=True,
        retry_policy=TRANSIENT_RETRIES,
    )
    def landing(context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]) -> Iterator[Any]:
        began = time.monotonic()
        with classified(context):
            db = platform.database(context)
            asked = {table_of(key).name for key in context.selected_asset_keys}
            feeds = sorted(asked & set(catalog.FEEDS)) or None
            report = load(db, platform.settings, feeds=feeds, run_id=context.run.run_id, progress=_reporter(context))
            totals = {row["feed"]: row for row in db.rows(sql("support/feed_totals"), run_id=context.run.run_id)}
        seconds = round(time.monotonic() - began, 3)
        for table in TABLES:
            if key_of(table) in context.selected_asset_keys:
                facts = _metadata(table, report, totals) | {SECONDS: seconds}
                yield dg.MaterializeResult(key_of(table), metadata=facts)
        chosen = {key.name for key in context.selected_asset_check_keys}
        yield from (result for result in _check_results(report, totals) if result.check_name in chosen)

    return landing


def _metadata(table: Table, report: "LoadReport", totals: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if table is REJECTS:
        rows = {"dagster/row_count": sum(total["rows_rejected"] for total in totals.values())}
        return rows | {"reasons": _by_reason(report)}
    if table is FILES:
        return {"dagster/row_count": sum(total["files"] for total in totals.values()), "rows in": report.rows_in}
    total, loaded = totals.get(table.name, {}), report.by_feed.get(table.name)
    facts: dict[str, Any] = {"dagster/row_count": total.get("rows_accepted", 0)}
    if loaded:
        facts |= {
            "files loaded": loaded.files,
            "rows in": loaded.rows_in,
            "rows accepted": loaded.rows_accepted,
            "rows rejected": loaded.rows_rejected,
        }
    windows = report.windows.get(table.name, [])
    return facts | ({"dates": ", ".join(map(str, windows[:SHOWN]))} if windows else {})


def staging_check_specs() -> list[dg.AssetCheckSpec]:
    """Checks of a load as a whole."""
    return [
        dg.AssetCheckSpec(
            "rows_add_up",
            asset=key_of(FILES),
            blocking=True,
            description="Rows in = accepted + rejected, and as many rows stand in the feed's table and the quarantine.",
        ),
        dg.AssetCheckSpec("files_usable", asset=key_of(FILES), description="Every landed file could be read."),
    ]


def _check_results(report: "LoadReport", totals: dict[str, dict[str, Any]]) -> Iterator[dg.AssetCheckResult]:
    """Files of this run are counted in the tables; the counts of older ones were checked when they came."""
    records = [dg.TableRecord({name: str(value) for name, value in total.items()}) for total in totals.values()]
    yield dg.AssetCheckResult(
        asset_key=key_of(FILES),
        check_name="rows_add_up",
        passed=all(_adds_up(total) for total in totals.values()),
        metadata={"feeds": dg.MetadataValue.table(records)} if records else None,
    )
    yield dg.AssetCheckResult(
        asset_key=key_of(FILES),
        check_name="files_usable",
        passed=not report.problems,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"problems": dg.MetadataValue.md("\n".join(f"- {line}" for line in report.problems[:SHOWN]))}
        if report.problems
        else None,
    )


def _adds_up(total: dict[str, Any]) -> bool:
    return (
        total["rows_in"] == total["rows_accepted"] + total["rows_rejected"]
        and total["new_accepted"] == total["new_rows"]
        and total["new_rejected"] == total["new_quarantined"]
    )


def _by_reason(report: "LoadReport") -> dg.MetadataValue:
    counts: Counter[tuple[str, str]] = Counter()
    for feed, loaded in report.by_feed.items():
        for reason, count in loaded.reasons.items():
            counts[feed, reason] += count
    records = [
        dg.TableRecord({"feed": feed, "reason": reason, "rows": count})
        for (feed, reason), count in counts.most_common(SHOWN)
    ]
    columns = [dg.TableColumn("feed"), dg.TableColumn("reason"), dg.TableColumn("rows", "int")]
    return dg.MetadataValue.table(records, schema=dg.TableSchema(columns))


def _reporter(context: dg.AssetExecutionContext) -> Callable[[str, int, int], None]:
    last = time.monotonic()

    def report(feed: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= REPORT_SECONDS or done == total:
            last = time.monotonic()
            context.log.info(f"{feed}: {done} of {total} files")

    return report
