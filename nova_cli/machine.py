"""Start and stop of the platform's processes on this machine, without what they are for.

Belongs here: the supervisor's beginning and end, and the care for what an earlier one left. `up`, `down` and `status`
are built on it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable

from nova_cli.health import port_holder, port_is_free
from nova_cli.plan import environment, make_plan
from nova_cli.state import RunState
from nova_resources.embedded.postgres import EmbeddedPostgres
from nova_resources.embedded.processes import ProcessId, start, stop, wait_until
from nova_resources.errors import PlatformError
from nova_resources.settings import CHECKOUT, Settings

# The supervisor gives its processes 15 s and the database 60 s; beyond that something hangs.
STOP_SECONDS = 90.0


class MachineError(PlatformError):
    """The processes of this home cannot be started or stopped."""


def check_ports(settings: Settings) -> None:
    """Raise MachineError, naming the setting to change, when somebody else listens on one of our ports."""
    if settings.app_port == settings.dagster_port:
        raise MachineError(f"NOVA_APP_PORT and NOVA_DAGSTER_PORT are both {settings.app_port}; they must differ")
    for variable, port in (("NOVA_APP_PORT", settings.app_port), ("NOVA_DAGSTER_PORT", settings.dagster_port)):
        if not port_is_free(settings.host, port):
            raise MachineError(
                f"port {port} on {settings.host} is taken by {port_holder(port)}; set {variable} to a free port"
            )


def clear_leftovers(settings: Settings) -> int:
    """End what a killed supervisor left running; returns the number of processes found. The database is kept."""
    state = RunState(settings.state_dir)
    if state.is_supervised():
        return 0
    server = EmbeddedPostgres(settings).postmaster()
    found = [row.process for row in state.table() if row.process and row.process != server]
    living = [process for process in found if process.alive()]
    stop(*found, timeout=10)
    state.clear_markers()
    state.table_file.unlink(missing_ok=True)
    return len(living)


def start_supervisor(settings: Settings) -> None:
    """Start the supervisor on today's plan; a running one with another plan (a changed port) is stopped first."""
    state, plan = RunState(settings.state_dir), make_plan(settings)
    if state.is_supervised():
        if state.plan() == plan:
            return
        stop_supervisor(settings)
    check_ports(settings)
    state.write_plan(plan)
    places = [str(settings.state_dir), str(settings.logs), str(CHECKOUT)]
    command = [sys.executable, "-P", "-m", "nova_cli.supervisor", *places]
    log = settings.logs / "supervisor.log"
    child = start(command, log=log, cwd=CHECKOUT)
    wait_until(lambda: state.supervisor() is not None or child.poll() is not None, 20)
    if state.supervisor() is None:
        raise MachineError(f"the supervisor did not start; see {log}")


def stop_supervisor(settings: Settings) -> bool:
    """Stop everything of this home; False when nothing ran. Raises MachineError when something does not end."""
    state = RunState(settings.state_dir)
    supervisor = state.supervisor()
    if supervisor is None:
        found = clear_leftovers(settings)
        server = EmbeddedPostgres(settings)
        orphaned = settings.database_url is None and server.postmaster() is not None
        if orphaned:
            server.stop()
        return bool(found) or orphaned
    terminate(supervisor)
    if not wait_until(lambda: not state.is_supervised(), STOP_SECONDS):
        raise MachineError(f"the supervisor (process {supervisor.pid}) does not end; kill it and run nova down again")
    return True


def terminate(process: ProcessId) -> None:
    """Ask one process to end; the supervisor ends its own children."""
    if process.alive():
        os.kill(process.pid, signal.SIGTERM)


def run_step(settings: Settings, module: list[str], say: Callable[[str], None]) -> None:
    """Run one command of ours in a process of its own, whose memory ends with it; its latest line shows the progress.

    Raises MachineError with the end of its output when it fails.
    """
    log = settings.logs / "up.log"
    log.parent.mkdir(mode=0o700, exist_ok=True)
    tail: deque[str] = deque(maxlen=20)
    with log.open("a", encoding="utf-8") as copy, _process(settings, module, subprocess.STDOUT) as child:
        assert child.stdout is not None
        try:
            for line in child.stdout:
                copy.write(line)
                if line.strip():
                    tail.append(line.rstrip())
                    say(line.strip())
        except BaseException:
            child.terminate()  # interrupted: leaving the block waits for it
            raise
    if child.returncode != 0:
        raise MachineError(f"{' '.join(module)} failed, exit code {child.returncode}, log {log}\n" + "\n".join(tail))


def output_of(settings: Settings, module: list[str]) -> str:
    """What a command of ours prints, kept out of every log. Raises MachineError when it fails."""
    with _process(settings, module, subprocess.PIPE) as child:
        output, errors = child.communicate()
    if child.returncode != 0:
        raise MachineError(f"{' '.join(module)} failed, exit code {child.returncode}\n{errors}")
    return output


def _process(settings: Settings, module: list[str], errors: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd=CHECKOUT,
        env=os.environ | environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        errors="replace",
    )
