"""The supervisor with real, small processes: order, restarts, and what dies with it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nova_cli import machine
from nova_cli.state import LOADED, MIGRATED, Running, RunState, Spec
from nova_cli.supervisor import LOG_BYTES, rotate_logs
from nova_resources.embedded.processes import ProcessId, wait_until
from nova_resources.settings import Settings, load_settings

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
WITH_CHILD = [sys.executable, "-c", "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"]
BROKEN = [sys.executable, "-c", "raise SystemExit('cannot start')"]


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    # A database URL: the platform's own server has tests of its own.
    return load_settings(
        home=tmp_path / "home", database_url="postgresql://nobody@/none", app_port=18931, dagster_port=18932
    )


@pytest.fixture
def supervised(home: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[list[Spec]], RunState]]:
    def start(plan: list[Spec]) -> RunState:
        home.state_dir.mkdir(parents=True, exist_ok=True)
        monkeypatch.setattr(machine, "make_plan", lambda _settings: plan)
        machine.start_supervisor(home)
        return RunState(home.state_dir)

    yield start
    machine.stop_supervisor(home)


def row(state: RunState, name: str) -> Running:
    return next(row for row in state.table() if row.name == name)


def running(state: RunState, name: str, but: ProcessId | None = None) -> ProcessId:
    """Wait until the named process runs (as another one than `but`)."""

    def found() -> bool:
        process = row(state, name).process
        return process is not None and process != but

    assert wait_until(found, 10)
    process = row(state, name).process
    assert process is not None
    return process


def test_a_killed_process_is_started_again(supervised: Callable[[list[Spec]], RunState]) -> None:
    state = supervised([Spec("sleeper", SLEEP)])
    first = running(state, "sleeper")
    os.kill(first.pid, signal.SIGKILL)
    second = running(state, "sleeper", but=first)
    assert second.alive()
    assert row(state, "sleeper").restarts == 1


def test_a_process_waits_for_its_marker(supervised: Callable[[list[Spec]], RunState]) -> None:
    state = supervised([Spec("first", SLEEP, after=MIGRATED), Spec("second", SLEEP, after=LOADED)])
    state.mark(MIGRATED)
    running(state, "first")
    assert row(state, "second").state == "waiting"
    state.mark(LOADED)
    running(state, "second")


def test_one_that_cannot_start_does_not_hold_up_the_others(supervised: Callable[[list[Spec]], RunState]) -> None:
    state = supervised([Spec("broken", BROKEN), Spec("sleeper", SLEEP)])
    running(state, "sleeper")
    assert wait_until(lambda: row(state, "broken").restarts >= 2, 10)
    assert "cannot start" in (state.folder.parent / "logs" / "broken.log").read_text()


def test_stop_ends_processes_with_their_children(home: Settings, supervised: Callable[[list[Spec]], RunState]) -> None:
    state = supervised([Spec("parent", WITH_CHILD)])
    parent = running(state, "parent")
    assert machine.stop_supervisor(home) is True
    assert not parent.alive()
    assert not state.is_supervised()
    assert machine.stop_supervisor(home) is False


def test_processes_end_with_a_killed_supervisor_and_the_next_start_is_clean(
    home: Settings, supervised: Callable[[list[Spec]], RunState]
) -> None:
    state = supervised([Spec("sleeper", SLEEP)])
    sleeper, supervisor = running(state, "sleeper"), state.supervisor()
    assert supervisor is not None
    os.kill(supervisor.pid, signal.SIGKILL)
    assert wait_until(lambda: not sleeper.alive(), 10)
    assert state.supervisor() is None
    machine.clear_leftovers(home)
    state = supervised([Spec("sleeper", SLEEP)])
    assert running(state, "sleeper") != sleeper


def test_a_recycled_pid_is_never_touched(home: Settings) -> None:
    home.state_dir.mkdir(parents=True)
    state, me = RunState(home.state_dir), ProcessId.of(os.getpid())
    assert me is not None
    # The table names our own pid with the start time of a process of yesterday.
    state.write_table(me, [Running("app", "running", me.pid, me.started - 86_400)])
    assert machine.clear_leftovers(home) == 0
    assert me.alive()


def test_a_changed_port_restarts_the_supervisor(supervised: Callable[[list[Spec]], RunState]) -> None:
    before = running(supervised([Spec("app", [*SLEEP, "--port=1"])]), "app")
    after = running(supervised([Spec("app", [*SLEEP, "--port=2"])]), "app")
    assert after != before
    assert not before.alive()


def test_commands_find_the_ports_that_the_platform_was_started_with(
    home: Settings, supervised: Callable[[list[Spec]], RunState]
) -> None:
    state = supervised([Spec("app", SLEEP, {"NOVA_APP_PORT": "18931", "NOVA_DAGSTER_PORT": "18932"})])
    unsaid = state.running_settings(load_settings(home=home.home))
    assert (unsaid.app_port, unsaid.dagster_port) == (18931, 18932)
    said = state.running_settings(load_settings(home=home.home, app_port=18955))
    assert (said.app_port, said.dagster_port) == (18955, 18932)


def test_a_taken_port_names_the_variable_to_change(home: Settings) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", home.app_port))
        other.listen()
        with pytest.raises(machine.MachineError, match=f"port {home.app_port} .*NOVA_APP_PORT"):
            machine.check_ports(home)


def test_logs_are_kept_short_without_losing_the_newest(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    for content in (b"a", b"b"):
        log.write_bytes(content * (LOG_BYTES + 1))
        rotate_logs(tmp_path)
    assert log.stat().st_size == 0
    assert [(tmp_path / f"app.log.{number}").read_bytes()[:1] for number in (1, 2)] == [b"b", b"a"]
