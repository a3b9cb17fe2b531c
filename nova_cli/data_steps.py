"""The data work of a first `nova up`: a demo company when nothing has been landed, then load and compute.

Each step is one command of ours in a process of its own. What is still to do is kept in a file of the home, so that an
interrupted first start continues with the step that it was in; every step may be run twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from nova_cli import machine
from nova_cli.progress import Progress
from nova_resources.postgres import Database
from nova_resources.settings import Settings
from nova_resources.sql_library import sql

DEMO, LOAD, COMPUTE, PEOPLE = "demo", "load", "compute", "people"
TITLES = {
    DEMO: "Demo company: three years of extracts",
    LOAD: "Load the extracts",
    COMPUTE: "Compute every table",
    PEOPLE: "Demo users",
}


def run(settings: Settings, progress: Progress, *, demo: bool) -> list[str]:
    """Do what is left to do; nothing on a platform that has its data. Returns lines that are shown once, at the end."""
    lines: list[str] = []
    for step in Unfinished(settings.home / "unfinished").steps(lambda: first_steps(settings, demo=demo)):
        with progress.stage(TITLES[step]) as say:
            if step == PEOPLE:
                lines += _demo_users(settings)
            else:
                machine.run_step(settings, command_of(step, settings), say)
    return lines


def command_of(step: str, settings: Settings) -> list[str]:
    """The command that does a step."""
    return {
        DEMO: ["nova_cli", "demo"],
        LOAD: ["nova_cli", "load", settings.landing],
        COMPUTE: ["nova_cli", "materialize"],
    }[step]


def first_steps(settings: Settings, *, demo: bool) -> list[str]:
    """The steps of a first start, by what is there: nothing, extracts only, or loaded data."""
    done = Database(settings, role="nova_owner").rows(sql("cli/data_so_far"))[0]
    if done["has_analytics"]:
        return []
    if done["has_files"]:
        return [COMPUTE]
    if not has_extracts(settings.landing):
        return [DEMO, LOAD, COMPUTE, PEOPLE] if demo else []
    return [LOAD, COMPUTE]


def has_extracts(landing: str) -> bool:
    """Whether any file lies in the landing folder or URL."""
    if "://" not in landing:
        return any(path.is_file() for path in Path(landing).rglob("*"))
    import fsspec

    file_system, root = fsspec.url_to_fs(landing)
    return bool(file_system.exists(root) and file_system.find(root))


def _demo_users(settings: Settings) -> list[str]:
    people = json.loads(machine.output_of(settings, ["nova_cli", "user", "demo"]))
    rows = [f"  {person['username']:<16} {person['password']}   {person['role']}" for person in people]
    return ["Demo users; these passwords are shown once:", *rows] if rows else []


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
