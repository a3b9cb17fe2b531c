"""What a crash leaves open in Dagster, closed before the next code server starts.

Dagster's local launcher cannot tell whether a run's worker is alive, so that after a power loss its runs stay STARTED
for ever and count against every limit. Runs are children of the code server, which does not run when this is called, so
that an open run is a dead one, unless the command that executes it in its own process (`nova materialize`) is still at
work: such runs carry a tag.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg

from nova_resources.dagster_instance import dagster_instance, is_prepared, prepare_instance, write_dagster_home
from nova_resources.embedded.processes import ProcessId
from nova_resources.server import role_parameters
from nova_resources.settings import Settings, load_settings
from nova_resources.sql_library import sql

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun, RunRecord

PROCESS_TAG = "nova/process"
# Between its creation and its launch a run belongs to nobody yet; longer than this it was forgotten.
LAUNCH_TIME = timedelta(seconds=30)
MESSAGE = "The platform stopped while this run was open; nothing half-written was published. Run it again."


def process_tags() -> dict[str, str]:
    """Tags for a run that this very process executes: recovery leaves it alone while the process lives."""
    process = ProcessId.of(os.getpid())
    assert process is not None
    return {PROCESS_TAG: f"{process.pid}:{process.started}"}


def recover_runs(instance: DagsterInstance) -> list[str]:
    """Close every open run whose worker is gone and free its concurrency slots; returns their ids.

    Runs that were being cancelled end as cancelled, others as failed. QUEUED runs lost no worker: the daemon's queue
    starts them.
    """
    from dagster import DagsterRunStatus, RunsFilter

    open_statuses = [
        DagsterRunStatus.NOT_STARTED,
        DagsterRunStatus.STARTING,
        DagsterRunStatus.STARTED,
        DagsterRunStatus.CANCELING,
    ]
    closed = []
    for record in instance.get_run_records(RunsFilter(statuses=open_statuses)):
        run = record.dagster_run
        if _is_being_made(record) or _is_executed_here(run):
            continue
        if run.status == DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, MESSAGE)
        else:
            instance.report_run_failed(run, MESSAGE)
        if instance.event_log_storage.supports_global_concurrency_limits:
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        closed.append(run.run_id)
    return closed


def is_abandoned(record: RunRecord) -> bool:
    """Whether an open run has nobody, even while everything else goes on: its command is gone, or it was forgotten."""
    from dagster import DagsterRunStatus

    run = record.dagster_run
    if PROCESS_TAG in run.tags:
        return not _is_executed_here(run)
    return run.status == DagsterRunStatus.NOT_STARTED and not _is_being_made(record)


def _is_being_made(record: RunRecord) -> bool:
    """A run of a command never waits for somebody to launch it: one that says so lost its start in a crash."""
    from dagster import DagsterRunStatus

    run = record.dagster_run
    is_young = datetime.now(UTC) - record.create_timestamp < LAUNCH_TIME
    return PROCESS_TAG not in run.tags and run.status == DagsterRunStatus.NOT_STARTED and is_young


def _is_executed_here(run: DagsterRun) -> bool:
    pid, _, started = run.tags.get(PROCESS_TAG, "").partition(":")
    return bool(started) and ProcessId(int(pid), float(started)).alive()


def is_settled(settings: Settings) -> bool:
    """Whether there is nothing to prepare and nothing to recover, found out without the seconds that Dagster takes.

    False when in doubt.
    """
    if not is_prepared(settings):
        return False
    try:
        with psycopg.connect(**role_parameters(settings, "nova_dagster", settings.dagster_database_name)) as connection:
            found = connection.execute(sql("dagster/open_runs").text.encode()).fetchone()
    except psycopg.errors.UndefinedTable:
        return False
    return found == (False,)


def main() -> None:
    """Prepare the instance and recover: one short process of `nova up`, whose memory ends with it."""
    settings: Settings = load_settings()
    write_dagster_home(settings)
    prepare_instance(settings)
    with dagster_instance(settings) as instance:
        closed = recover_runs(instance)
    print(f"{len(closed)} open run(s) closed" if closed else "no open runs")  # noqa: T201


if __name__ == "__main__":
    main()
