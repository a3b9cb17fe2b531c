"""`nova down`."""

from __future__ import annotations

from nova_cli.machine import stop_supervisor
from nova_cli.progress import Progress
from nova_resources.settings import load_settings


def command() -> None:
    """Stop everything that `nova up` started; a database that another command still uses ends with that command."""
    progress = Progress()
    with progress.stage("Stop everything") as say:
        if not stop_supervisor(load_settings()):
            say("nothing was running")
