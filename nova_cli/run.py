"""`nova run`: become one process of the platform, for machines that keep processes running themselves.

The same commands as those that `nova up` supervises on one machine: a container or a systemd unit runs one of them.
Where a process lives alone, its home is made ready first (configuration files of Dagster, folders); the database is the
business of `nova init`, which must have run.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Annotated

import typer

from nova_cli.plan import APP, CODE_SERVER, DAEMON, WEBSERVER, processes
from nova_resources.errors import PlatformError
from nova_resources.settings import CHECKOUT, Settings, load_settings

NAMES = (APP, CODE_SERVER, WEBSERVER, DAEMON)


def command(
    name: Annotated[str, typer.Argument(help=f"Which one: {', '.join(NAMES)}.")],
    check: Annotated[bool, typer.Option("--check", help="Ask whether it answers; exit code 1 when not.")] = False,
) -> None:
    """Become one process of the platform in the foreground, or ask whether it answers."""
    if name not in NAMES:
        raise PlatformError(f"no process {name!r}; there are {', '.join(NAMES)}")
    settings = load_settings()
    if check:
        raise typer.Exit(0 if answers(settings, name) else 1)
    if settings.database_url is None:
        raise PlatformError("nova run needs NOVA_DATABASE_URL; on one machine nova up brings a database server along")
    prepare(settings, name)
    spec = processes(settings)[name]
    os.environ.update(spec.env)
    os.chdir(CHECKOUT)
    # What a script starts in the background ignores interrupts, and Dagster does to SIGTERM what is done to SIGINT.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.stdout.flush()
    os.execv(spec.argv[0], spec.argv)  # noqa: S606


def prepare(settings: Settings, name: str) -> None:
    """Folders and, for Dagster's processes, the configuration of this home."""
    for folder in (settings.home, settings.state_dir, settings.logs):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if name != APP:
        from nova_resources.dagster_instance import write_dagster_home

        write_dagster_home(settings)


def answers(settings: Settings, name: str) -> bool:
    """Whether the process does its work: asked as its users ask."""
    from nova_cli import health

    checks = {
        APP: health.app_answers,
        WEBSERVER: health.dagster_answers,
        CODE_SERVER: health.code_server_answers,
        DAEMON: health.daemon_beats,
    }
    return checks[name](settings)
