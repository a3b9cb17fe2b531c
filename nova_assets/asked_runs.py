"""Runs that people ask for on the screens: launched one at a time, and how far they are told back to the screens.

What Dagster knows of a request's run, found by its tag, is the truth; the row in support.run_requests repeats it. A
crash between the two is mended by the next look: the run key lets Dagster launch a request once only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg

from nova_assets import automation, sensors
from nova_assets.failures import causes
from nova_assets.model_asset import DAYS_TAG, Days
from nova_assets.platform import Platform
from nova_assets.repair import Repair
from nova_resources.logs import redact
from nova_resources.postgres import Database
from nova_resources.settings import Settings
from nova_resources.sql_library import sql
from nova_resources.tables import Table

ASKED_SECONDS = 15
REQUEST_TAG, PARTITION = "nova/request", "dagster/partition"
LONGEST_REASON = 500
STATES = {
    dg.DagsterRunStatus.STARTED: "RUNNING",
    dg.DagsterRunStatus.CANCELING: "RUNNING",
    dg.DagsterRunStatus.SUCCESS: "DONE",
    dg.DagsterRunStatus.FAILURE: "FAILED",
    dg.DagsterRunStatus.CANCELED: "FAILED",
}


class Impossible(Exception):
    """A request that no run can answer; the message says why."""


def asked_sensor(tables: Collection[Table], platform: Platform) -> dg.SensorDefinition:
    """Requests of the screens: follows those whose run is there, and launches the oldest other one."""

    @dg.sensor(
        name="asked_runs",
        asset_selection=automation.selection(tables),
        minimum_interval_seconds=ASKED_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Launches the runs that an ADMIN asks for on the screens, and tells the screens how far they are.",
    )
    def asked_runs(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        db, instance = platform.database(), context.instance
        asked = db.rows(sql("support/open_run_requests"))
        waiting = [one for one in asked if not _followed(instance, db, one["request_id"])]
        if not waiting:
            return dg.SkipReason("a run that was asked for is under way" if asked else "nobody asks for a run")
        if sensors.is_busy(instance):
            return dg.SkipReason("a run is open")
        try:
            return dg.SensorResult([_wanted(instance, platform.settings, tables, waiting[0])])
        except Impossible as reason:
            _tell(db, waiting[0]["request_id"], state="FAILED", failure=str(reason), ended_at=datetime.now(UTC))
            return dg.SkipReason(str(reason))

    return asked_runs


def _wanted(
    instance: dg.DagsterInstance, settings: Settings, tables: Collection[Table], asked: Mapping[str, Any]
) -> dg.RunRequest:
    """The run that a request means. Raises Impossible."""
    number, kind = asked["request_id"], asked["kind"]
    key, mark = f"request {number}", {REQUEST_TAG: str(number)}
    if kind == "LOAD":
        return sensors.run_of([table for table in tables if automation.is_reference(table)], key, mark)
    if kind == "RERUN":
        left, window = _left(instance, tables, asked["failed_run"])
        return sensors.run_of(left, key, mark | window)
    first, last = asked["first_day"], asked["last_day"]
    _refuse_unknown(settings, first, last)
    if kind == "MONTH":
        chosen, last = [table for table in tables if automation.is_monthly(table)], first
    else:
        chosen = [table for table in tables if automation.is_daily(table)]
    work = Repair(tuple(sorted(table.qualified for table in chosen)), first, last, existing_only=False)
    found = sensors.request(work, tables, Days.EVERY, key)
    return found.with_replaced_attrs(tags={**found.tags, **mark})


def _refuse_unknown(settings: Settings, first: date, last: date) -> None:
    known, newest = settings.history_start, settings.last_complete_day()
    if not known <= first <= last <= newest:
        raise Impossible(f"the history holds {known} to {newest}")


def _left(instance: dg.DagsterInstance, tables: Collection[Table], run_id: str) -> tuple[list[Table], dict[str, str]]:
    """What a failed run did not come to, with the tags of its window. Raises Impossible."""
    run = instance.get_run_by_id(run_id)
    if run is None:
        raise Impossible(f"Dagster no longer knows run {run_id}")
    if not run.is_finished:
        raise Impossible(f"run {run_id} is still open")
    planned, done = _reach(instance, run_id)
    left = [table for table in tables if table.qualified in planned - done]
    if not left:
        raise Impossible(f"run {run_id} left nothing undone")
    tags = {name: run.tags[name] for name in (sensors.RANGE_START, sensors.RANGE_END, DAYS_TAG) if name in run.tags}
    if PARTITION in run.tags:
        tags |= dict.fromkeys((sensors.RANGE_START, sensors.RANGE_END), run.tags[PARTITION])
    return left, tags


def _followed(instance: dg.DagsterInstance, db: Database, number: int) -> bool:
    """Whether a request has a run; if so, how far it is is told to the screens."""
    records = instance.get_run_records(dg.RunsFilter(tags={REQUEST_TAG: str(number)}), limit=1)
    if not records:
        return False
    record = records[0]
    run, state = record.dagster_run, STATES.get(record.dagster_run.status, "QUEUED")
    planned, done = _reach(instance, run.run_id)
    _tell(
        db,
        number,
        state=state,
        run_id=run.run_id,
        tables=len(planned),
        tables_done=len(done),
        failure=_failure(instance, run) if state == "FAILED" else None,
        started_at=_moment(record.start_time),
        ended_at=_moment(record.end_time),
    )
    return True


def _reach(instance: dg.DagsterInstance, run_id: str) -> tuple[set[str], set[str]]:
    """Tables that a run was to compute, and those that it has."""
    kinds = dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED, dg.DagsterEventType.ASSET_MATERIALIZATION
    events = ([entry.dagster_event for entry in instance.all_logs(run_id, kind)] for kind in kinds)
    planned, done = ({".".join(event.asset_key.path) for event in some if event and event.asset_key} for some in events)
    return planned, done


def _failure(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """Why a run failed, as its steps tell it; what Dagster says of the run where none does."""
    told = [
        line.strip()
        for entry in instance.all_logs(run.run_id, dg.DagsterEventType.STEP_FAILURE)
        if (event := entry.dagster_event)
        for line in causes((event.step_key or "").replace("__", ".", 1), event.step_failure_data)
    ]
    if not told:
        ends = dg.DagsterEventType.RUN_FAILURE, dg.DagsterEventType.RUN_CANCELED
        events = [entry.dagster_event for kind in ends for entry in instance.all_logs(run.run_id, kind)]
        told = [event.message or "" for event in events if event]
    return redact("; ".join(told))[:LONGEST_REASON]


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _tell(db: Database, number: int, **facts: Any) -> None:
    unknown = dict.fromkeys(("run_id", "tables", "tables_done", "failure", "started_at", "ended_at"))
    db.execute(sql("support/follow_run_request"), **(unknown | {"request_id": number} | facts))
