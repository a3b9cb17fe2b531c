"""Dagster on our PostgreSQL: its home, and the runs that a crash left open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from nova_resources import dagster_recovery
from nova_resources.dagster_instance import dagster_instance, prepare_instance, write_dagster_home
from nova_resources.dagster_recovery import PROCESS_TAG, is_settled, process_tags, recover_runs
from nova_resources.settings import Settings

STATUS = dg.DagsterRunStatus


@pytest.fixture
def instance(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DAGSTER_HOME", "")
    write_dagster_home(settings)
    prepare_instance(settings)
    with dagster_instance(settings) as instance:
        yield instance
        instance.wipe()


def test_open_runs_are_closed_and_all_others_left_alone(
    instance: dg.DagsterInstance, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dagster_recovery, "LAUNCH_TIME", timedelta(0))
    assert is_settled(settings)
    # A queued run needs a code location to come from; recovery does not even ask for it.
    statuses = [status for status in STATUS if status != STATUS.QUEUED]
    before = {status: create_run_for_test(instance, status=status).run_id for status in statuses}
    assert not is_settled(settings)
    closed = recover_runs(instance)
    after = {status: instance.get_run_by_id(run_id) for status, run_id in before.items()}
    assert {
        before[status] for status in (STATUS.NOT_STARTED, STATUS.STARTING, STATUS.STARTED, STATUS.CANCELING)
    } == set(closed)
    assert {status: run.status for status, run in after.items() if run and run.status != status} == {
        STATUS.NOT_STARTED: STATUS.FAILURE,
        STATUS.STARTING: STATUS.FAILURE,
        STATUS.STARTED: STATUS.FAILURE,
        STATUS.CANCELING: STATUS.CANCELED,
    }
    assert is_settled(settings)
    assert recover_runs(instance) == []


def test_a_run_that_is_just_being_launched_is_left_alone(instance: dg.DagsterInstance) -> None:
    create_run_for_test(instance, status=STATUS.NOT_STARTED)
    assert recover_runs(instance) == []


def test_a_run_of_a_dead_command_is_closed_even_if_the_crash_lost_its_start(instance: dg.DagsterInstance) -> None:
    """Dagster's events do not wait for the disk: a run that was at work may read NOT_STARTED after a power loss."""
    dead = create_run_for_test(instance, status=STATUS.NOT_STARTED, tags={PROCESS_TAG: "1:12.5"})
    assert recover_runs(instance) == [dead.run_id]


def test_the_slots_of_a_dead_run_are_freed(instance: dg.DagsterInstance) -> None:
    run = create_run_for_test(instance, status=STATUS.STARTED)
    storage = instance.event_log_storage
    storage.set_concurrency_slots("database", 1)
    storage.claim_concurrency_slot("database", run.run_id, "step")
    recover_runs(instance)
    assert storage.get_concurrency_info("database").active_slot_count == 0


def test_a_run_whose_own_process_lives_goes_on(instance: dg.DagsterInstance) -> None:
    mine = create_run_for_test(instance, status=STATUS.STARTED, tags=process_tags())
    dead = create_run_for_test(instance, status=STATUS.STARTED, tags={PROCESS_TAG: "1:12.5"})
    assert recover_runs(instance) == [dead.run_id]
    assert instance.get_run_by_id(mine.run_id).status == STATUS.STARTED  # pyright: ignore[reportOptionalMemberAccess]


def test_runs_are_kept_in_postgresql_through_psycopg2(instance: dg.DagsterInstance) -> None:
    assert "psycopg2" in instance.run_storage.postgres_url  # pyright: ignore[reportAttributeAccessIssue]
    assert not instance.telemetry_enabled


def test_the_files_hold_a_password_and_are_for_their_owner_only(settings: Settings) -> None:
    write_dagster_home(settings)
    modes = {path.name: path.stat().st_mode & 0o777 for path in settings.dagster_home.iterdir()}
    assert modes == {"dagster.yaml": 0o600, "workspace.yaml": 0o600}
