"""What runs because something happened: files landed, windows became stale, days were missed, a run failed.

Every sensor is cheap when nothing happened: one listing of the landing folder, or one number read from the ledger. None
of them can loop: work is asked for only while no run is open, and each piece of work a bounded number of times.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import dagster as dg
import psycopg.types.json

from nova_assets import automation, repair
from nova_assets.ledger_state import LedgerState, lacking
from nova_assets.model_asset import DAYS_TAG, Days
from nova_assets.platform import Platform
from nova_assets.repair import Repair
from nova_assets.specs import key_of
from nova_resources import ledger
from nova_resources.dagster_recovery import MESSAGE as ABANDONED
from nova_resources.dagster_recovery import is_abandoned
from nova_resources.landing import LandingZone
from nova_resources.postgres import Database
from nova_resources.settings import load_settings
from nova_resources.sql_library import sql
from nova_resources.tables import Reach, Table, Window

LOG = logging.getLogger("nova.runs")
LANDING_SECONDS, STALE_SECONDS, MISSED_SECONDS = 60, 60, 600
OPEN = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
# Failures in a row after which a piece of work waits for a person or for new input, and the minutes before each try.
TRIES, PAUSES = 3, (0, 10, 60)
REQUESTS = 10
# Beyond a month without the platform, models are computed for month-ends and the last day only.
EVERY_DAY_UP_TO = 31
LOOK_BACK = timedelta(days=366)


def sensors(tables: Collection[Table], models: Collection[str], platform: Platform) -> list[dg.SensorDefinition]:
    """All sensors, running from the start."""
    return [
        landing_sensor(platform),
        stale_sensor(tables, models, platform),
        missed_sensor(tables, platform),
        failure_sensor(platform),
    ]


def landing_sensor(platform: Platform) -> dg.SensorDefinition:
    """New or changed files: load them once the listing has stood still for a tick, so that nothing half-written is."""

    @dg.sensor(
        name="landed_files",
        job_name=automation.LANDING,
        minimum_interval_seconds=LANDING_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Loads new and changed extracts; what follows from their dates is asked for by stale_windows.",
    )
    def landed_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        seen, loaded = json.loads(context.cursor) if context.cursor else ("", "")
        listing = LandingZone(platform.settings.landing).listing()
        facts = [(file.path, file.size, str(file.modified)) for file in listing.files]
        now = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16] if facts else ""
        if now == loaded:
            return dg.SkipReason(f"{len(facts)} files, none new")
        if now != seen:
            context.update_cursor(json.dumps((now, loaded)))
            return dg.SkipReason("files are arriving; waiting for the listing to stand still")
        return dg.SensorResult([dg.RunRequest(run_key=now)], cursor=json.dumps((now, now)))

    return landed_files


def stale_sensor(tables: Collection[Table], models: Collection[str], platform: Platform) -> dg.SensorDefinition:
    """Windows whose inputs were published again, and landed days without a fact: exactly those, wave by wave."""

    @dg.sensor(
        name="stale_windows",
        asset_selection=_selection(tables),
        minimum_interval_seconds=STALE_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Re-runs exactly the windows that late or corrected data made stale.",
    )
    def stale_windows(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        cursor = Cursor.parse(context.cursor)
        if is_busy(context.instance):
            return dg.SkipReason("a run is open")
        settings, db = platform.settings, platform.database()
        head = ledger.head(db)
        if head == cursor.head and not cursor.tries:
            return dg.SkipReason("nothing was published since the last look")
        state = LedgerState.read(db, tables, settings.history_start, settings.last_complete_day())
        found = repair.ready(state.stale, state.tables, models)
        causes = _causes(db, tables)
        wanted = {f"{work.key}#{causes(work)}": work for work in repair.joined(found, state.existing)}
        if not wanted and load_settings(home=settings.home).history_start < settings.history_start:
            context.update_cursor(Cursor(head).dump())
            return dg.SkipReason("older days have landed than there are partitions: restart the code server")
        return _ask(context, cursor, head, wanted, tables)

    return stale_windows


def missed_sensor(tables: Collection[Table], platform: Platform) -> dg.SensorDefinition:
    """Days that no run was made for, after the platform was off for longer than the schedule catches up."""
    daily = [table for table in tables if automation.is_daily(table)]

    @dg.sensor(
        name="missed_days",
        asset_selection=_selection(tables),
        minimum_interval_seconds=MISSED_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Catches up the days between the newest window and yesterday.",
    )
    def missed_days(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        cursor = Cursor.parse(context.cursor)
        if is_busy(context.instance):
            return dg.SkipReason("a run is open")
        settings = platform.settings
        until = settings.last_complete_day()
        if datetime.now(settings.tz).hour < automation.DUE_HOUR:
            until -= timedelta(days=1)
        db = platform.database()
        if not ledger.missing_windows(db, daily, Window.day(until)):
            return dg.SkipReason(f"every table has {until}")
        state = LedgerState.read(db, daily, until - LOOK_BACK, until)
        gaps = lacking(state, daily)
        if not gaps:
            return dg.SkipReason("what was never computed is not caught up")
        first = min(min(days) for days in gaps.values())
        work = Repair(tuple(sorted(gaps)), first, until, existing_only=False)
        days = Days.EVERY if (until - first).days < EVERY_DAY_UP_TO else Days.MONTH_ENDS
        return _ask(context, cursor, 0, {work.key: work}, tables, days)

    return missed_days


def failure_sensor(platform: Platform) -> dg.SensorDefinition:
    """Every failed run: one line in the log and one row in the audit trail."""

    @dg.run_failure_sensor(
        name="failed_runs",
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Records each failed run in the log and in the audit trail.",
    )
    def failed_runs(context: dg.RunFailureSensorContext) -> None:
        run, steps = context.dagster_run, [event.step_key for event in context.get_step_failure_events()]
        facts = {
            "job": run.job_name,
            "run_id": run.run_id,
            "steps": steps,
            "message": context.failure_event.message,
            "partition": run.tags.get("dagster/partition") or run.tags.get(RANGE_START),
        }
        LOG.error("run.failed %s", json.dumps(facts))
        platform.database().rows(
            sql("app/audit"),
            session=None,
            action="run.failed",
            entity=run.run_id,
            outcome="FAILED",
            details=psycopg.types.json.Jsonb(facts),
            source=None,
            user_agent=None,
        )

    return failed_runs


@dataclass
class Cursor:
    """What a sensor remembers: the ledger's head at its last look, and the tries of work that is still wanted."""

    head: int = -1
    tries: dict[str, tuple[int, float]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str | None) -> Cursor:
        """The cursor that `dump` wrote; an empty one for a sensor's first look."""
        if not text:
            return cls()
        stored = json.loads(text)
        return cls(stored["head"], {key: (count, at) for key, (count, at) in stored["tries"].items()})

    def dump(self) -> str:
        """The cursor as Dagster keeps it."""
        return json.dumps({"head": self.head, "tries": self.tries})

    def may_try(self, key: str, now: float) -> bool:
        """Whether a piece of work has a try left and has waited for it."""
        count, last = self.tries.get(key, (0, 0.0))
        return count < TRIES and now - last >= PAUSES[count] * 60


def _ask(
    context: dg.SensorEvaluationContext,
    cursor: Cursor,
    head: int,
    wanted: dict[str, Repair],
    tables: Collection[Table],
    days: Days = Days.EXISTING,
) -> dg.SensorResult | dg.SkipReason:
    """Requests for the wanted work that has tries left. Work that is no longer wanted is forgotten."""
    now = datetime.now().astimezone().timestamp()
    cursor.head = head
    cursor.tries = {key: tries for key, tries in cursor.tries.items() if key in wanted}
    given_up = [key for key, (count, _) in cursor.tries.items() if count >= TRIES]
    requests = []
    for key, work in wanted.items():
        if len(requests) < REQUESTS and cursor.may_try(key, now):
            count = cursor.tries.get(key, (0, 0.0))[0] + 1
            cursor.tries[key] = (count, now)
            requests.append(request(work, tables, days, run_key=f"{key}#{count}"))
    if requests:
        return dg.SensorResult(requests, cursor=cursor.dump())
    context.update_cursor(cursor.dump())
    if given_up:
        return dg.SkipReason(f"gave up after {TRIES} tries, until a person or new input comes: {'; '.join(given_up)}")
    return dg.SkipReason("waiting before the next try" if wanted else "nothing is stale")


def request(work: Repair, tables: Collection[Table], days: Days, run_key: str) -> dg.RunRequest:
    """One run over the work's range, refreshing the views that show its tables."""
    by_name = {table.qualified: table for table in tables}
    chosen = [by_name[name] for name in work.tables]
    shown = set(work.tables)
    views = [table for table in tables if table.materialized_view and shown & {edge.table for edge in table.upstream}]
    tags = {RANGE_START: work.first.isoformat(), RANGE_END: work.last.isoformat(), DAYS_TAG: days.value}
    return run_of([*chosen, *views], run_key, tags)


def run_of(tables: Collection[Table], run_key: str, tags: dict[str, str]) -> dg.RunRequest:
    """A run that computes these tables with their own checks and nothing else."""
    return dg.RunRequest(
        run_key=run_key,
        asset_selection=[key_of(table) for table in tables],
        asset_check_keys=list(automation.own_checks(tables)),
        tags=tags,
    )


def _selection(tables: Collection[Table]) -> dg.AssetSelection:
    return automation.selection([table for table in tables if table.schema != "staging"])


def is_busy(instance: dg.DagsterInstance) -> bool:
    """Whether a run is open. One whose command was killed is closed here, since nobody else would before a restart."""
    busy = False
    for record in instance.get_run_records(dg.RunsFilter(statuses=OPEN)):
        if is_abandoned(record):
            instance.report_run_failed(record.dagster_run, ABANDONED)
        else:
            busy = True
    return busy


def _causes(db: Database, tables: Collection[Table]) -> Callable[[Repair], int]:
    """Newest publish of what a piece of work reads from outside of itself: new input gives it new tries."""
    newest = {name: entry.materialization_id for name, entry in ledger.latest(db).items()}
    by_name = {table.qualified: table for table in tables}

    def cause(work: Repair) -> int:
        edges = (edge for name in work.tables for edge in by_name[name].upstream if edge.reach is not Reach.ALL)
        return max((newest.get(edge.table, 0) for edge in edges if edge.table not in work.tables), default=0)

    return cause
