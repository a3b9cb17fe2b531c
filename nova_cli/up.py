"""`nova up`: from an empty folder to a platform that answers, in steps that may be interrupted and repeated.

Order: database server, roles and tables, Dagster's storage and what a crash left open there; then the web processes
start while the first data is made, loaded and computed; the daemon with its schedules comes last. Every step is safe to
repeat, so that `nova up` after anything, including the loss of power, continues where the last one stopped.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Annotated

import typer

from nova_cli import data_steps, health, machine
from nova_cli.access import new_setup_link
from nova_cli.progress import Progress
from nova_cli.state import LOADED, MIGRATED, RunState
from nova_resources.bootstrap_database import bootstrap
from nova_resources.dagster_instance import write_dagster_home
from nova_resources.dagster_recovery import is_settled
from nova_resources.embedded.postgres import prepare_run_dir
from nova_resources.embedded.processes import try_lock, wait_until
from nova_resources.embedded.servers import running_postgres
from nova_resources.settings import Settings, load_settings

READY_SECONDS = 120.0
WATCH_SECONDS = 2.0


def command(
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when everything answers.")] = False,
    demo: Annotated[bool, typer.Option(help="Make the demo company when nothing has been landed.")] = True,
) -> None:
    """Start everything on this machine; makes and loads the demo when nothing has been landed.

    In the foreground it stays and Ctrl-C stops everything; with --detach `nova down` does.
    """
    settings = load_settings()
    settings = RunState(settings.state_dir).running_settings(settings)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    prepare_run_dir(settings)
    progress = Progress()
    with try_lock(settings.state_dir / "up.lock") as locked:
        if not locked:
            raise machine.MachineError(f"another nova up is at work on {settings.home}")
        ran_before = RunState(settings.state_dir).is_supervised()
        try:
            _bring_up(settings, progress, demo=demo)
        except BaseException:
            if not ran_before:
                progress.console.print("stopping what was started; the next nova up continues from here")
                machine.stop_supervisor(settings)
            raise
    if not detach:
        _watch(settings, progress)


def _bring_up(settings: Settings, progress: Progress, *, demo: bool) -> None:
    state = RunState(settings.state_dir)
    if not state.is_supervised():
        machine.check_ports(settings)
        with progress.stage("Clean up after the last run") as say:
            found = machine.clear_leftovers(settings)
            say(f"{found} process(es) ended" if found else "nothing left over")
    with ExitStack() as stack:
        with progress.stage("Database server"):
            stack.enter_context(running_postgres(settings))
        _prepare(settings, state, progress)
        lines = data_steps.run(settings, progress, demo=demo)
        with progress.stage("Wait until everything answers") as say:
            wait_until_ready(settings, say)
        link = new_setup_link(settings)
    _greet(settings, progress.seconds(), link, lines)


def _prepare(settings: Settings, state: RunState, progress: Progress) -> None:
    with progress.stage("Roles, databases, tables") as say:
        say(f"revision {bootstrap(settings, say)}")
    if not state.is_supervised():
        with progress.stage("Dagster's storage") as say:
            write_dagster_home(settings)
            if is_settled(settings):
                say("no open runs")
            else:
                machine.run_step(settings, ["nova_resources.dagster_recovery"], say)
    with progress.stage("Start the processes") as say:
        machine.start_supervisor(settings)
        state.mark(MIGRATED)


def wait_until_ready(settings: Settings, say: Callable[[str], None]) -> None:
    """Block until app and Dagster answer, then let the daemon start, which competes with them for the processor.

    Raises MachineError naming what does not come.
    """
    state = RunState(settings.state_dir)
    services = {
        "the app": lambda: health.app_answers(settings),
        "Dagster": lambda: health.dagster_answers(settings),
    }
    _wait_for(services, say, settings)
    state.mark(LOADED)
    _wait_for({"every process": lambda: all(row.state == "running" for row in state.table())}, say, settings)


def _wait_for(checks: dict[str, Callable[[], bool]], say: Callable[[str], None], settings: Settings) -> None:
    missing: list[str] = []

    def ready() -> bool:
        missing[:] = [name for name, answers in checks.items() if not answers()]
        say("waiting for " + ", ".join(missing) if missing else "")
        return not missing

    if not wait_until(ready, READY_SECONDS, pause=0.3):
        raise machine.MachineError(
            f"no answer from {', '.join(missing)} after {READY_SECONDS:.0f} s; see {settings.logs} and nova doctor"
        )


def _greet(settings: Settings, seconds: float, link: str | None, lines: list[str]) -> None:
    print(f"\nReady after {seconds:.0f} s. Home: {settings.home}")
    print(f"  Planners   {settings.app_url}")
    print(f"  Engineers  {settings.dagster_url}")
    if link:
        print(f"Create the first ADMIN (once, within a day): {link}")
    for line in lines:
        print(line)
    sys.stdout.flush()


def _watch(settings: Settings, progress: Progress) -> None:
    """Stay in the foreground, tell what is restarted, stop everything at the end."""
    state = RunState(settings.state_dir)
    progress.console.print("\nCtrl-C stops everything.")
    restarts = {row.name: row.restarts for row in state.table()}
    try:
        while state.is_supervised():
            for row in state.table():
                if row.restarts > restarts.get(row.name, 0):
                    progress.console.print(f"[yellow]{row.name} ended and is started again[/] ({settings.logs})")
                restarts[row.name] = row.restarts
            time.sleep(WATCH_SECONDS)
    except KeyboardInterrupt:
        with progress.stage("Stop everything"):
            machine.stop_supervisor(settings)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
