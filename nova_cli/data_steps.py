"""The data work of the first `nova up`: a demo company when nothing has been landed, then load and compute.

Each step is one command of ours in a process of its own. What is still to do is kept in a file of the home, so that an
interrupted first start continues with the step that it was in; every step may be run twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from nova_cli import machine
from nova_cli.progress import Progress
from nova_resources.settings import Settings

TITLES = {
    "demo": "Demo company: extracts",
    "load": "Load the extracts",
    "materialize": "Compute every table",
}


def run(settings: Settings, progress: Progress, *, demo: bool) -> None:
    """Do what is left to do; nothing on a platform that has its data."""
    unfinished = Unfinished(settings.home / "unfinished")
    for step in unfinished.steps(lambda: first_steps(settings, demo=demo)):
        with progress.stage(TITLES[step]) as say:
            machine.run_step(settings, ["nova_cli", step], say)


def first_steps(settings: Settings, *, demo: bool) -> list[str]:
    """The steps of a first start, by what is there: nothing, extracts only, or data already loaded."""
    raise NotImplementedError


class Unfinished:
    """Steps to do, on disk: written before the first one, shortened after each, removed with the last."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def steps(self, otherwise: Callable[[], list[str]]) -> Iterator[str]:
        """Yield each step; a step counts as done when the next one is asked for."""
        remaining = self.path.read_text("utf-8").split() if self.path.exists() else otherwise()
        while remaining:
            self.path.write_text("\n".join(remaining), "utf-8")
            yield remaining[0]
            remaining = remaining[1:]
        self.path.unlink(missing_ok=True)
