"""The whole set of processes of one home: started, killed without mercy, started again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nova_cli.state import RunState
from nova_resources.embedded.processes import wait_until

pytestmark = pytest.mark.slow

MOST_MEMORY_MB = 1.2 * 1024


@dataclass
class Machine:
    """One home and its command line."""

    home: Path
    ports: tuple[int, int]

    def nova(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("NOVA_", "DAGSTER_"))}
        environment |= {
            "NOVA_HOME": str(self.home),
            "NOVA_APP_PORT": str(self.ports[0]),
            "NOVA_DAGSTER_PORT": str(self.ports[1]),
        }
        command = [sys.executable, "-m", "nova_cli", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def up(self) -> None:
        done = self.nova("up", "--detach", "--no-demo")
        assert done.returncode == 0, done.stdout + done.stderr

    def status(self) -> dict:
        return json.loads(self.nova("status", "--json").stdout)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    machine = Machine(tmp_path_factory.mktemp("machine") / "home", (_free_port(), _free_port()))
    machine.up()
    yield machine
    assert machine.nova("down").returncode == 0


def test_it_is_ready_within_its_memory(machine: Machine) -> None:
    status = machine.status()
    assert status["ready"]
    assert {process["state"] for process in status["processes"]} == {"running"}
    assert 0 < status["memory_mb_total"] < MOST_MEMORY_MB


def test_a_second_up_changes_nothing(machine: Machine) -> None:
    before = {process["name"]: process["pid"] for process in machine.status()["processes"]}
    machine.up()
    assert {process["name"]: process["pid"] for process in machine.status()["processes"]} == before


def test_the_doctor_finds_nothing_wrong(machine: Machine) -> None:
    done = machine.nova("doctor", "--json")
    assert [finding for finding in json.loads(done.stdout) if finding["state"] == "wrong"] == []
    assert done.returncode == 0


def test_everything_killed_at_once_is_mended_by_the_next_start(machine: Machine) -> None:
    pids = [process["pid"] for process in machine.status()["processes"]]
    # The supervisor first, so that it cannot mend anything meanwhile.
    for pid in reversed(pids):
        os.kill(pid, signal.SIGKILL)
    assert not machine.status()["ready"]
    machine.up()
    status = machine.status()
    assert status["ready"]
    assert not {process["pid"] for process in status["processes"]} & set(pids)


def test_each_killed_process_is_mended_without_a_start(machine: Machine) -> None:
    state = RunState(machine.home / "run")
    killed = {row.name: row.process for row in state.table()}
    for process in killed.values():
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)

    def mended() -> bool:
        return (
            all(row.process and row.process != killed[row.name] for row in state.table()) and machine.status()["ready"]
        )

    assert wait_until(mended, 90, pause=1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
