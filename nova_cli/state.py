"""What the supervisor and the commands tell each other: one plan, one table of processes, a few marker files.

All of it lives in NOVA_HOME/run and is written whole or not at all. Belongs here: the format. The supervisor is the
only writer of the table and the only owner of its lock.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nova_resources.embedded.processes import ProcessId, try_lock

if TYPE_CHECKING:
    from nova_resources.settings import Settings

# Markers of `nova up`: processes of the plan wait for them.
MIGRATED = "migrated"
LOADED = "loaded"


@dataclass(frozen=True)
class Spec:
    """One process to keep running: its command, what it adds to the environment, the marker it waits for.

    With `pid_file` it is a server that runs by itself: `argv` starts it and ends, the file names its process.
    """

    name: str
    argv: list[str]
    env: dict[str, str] = field(default_factory=dict)
    after: str | None = None
    pid_file: str | None = None


@dataclass(frozen=True)
class Running:
    """One row of the table; `state` is waiting, running or restarting."""

    name: str
    state: str
    pid: int | None = None
    started: float | None = None
    restarts: int = 0

    @property
    def process(self) -> ProcessId | None:
        return ProcessId(self.pid, self.started) if self.pid and self.started else None


class RunState:
    """The files of one home's `run` folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.table_file = folder / "processes.json"
        self.plan_file = folder / "plan.json"
        self.lock_file = folder / "supervisor.lock"
        self.users_lock_file = folder / "users.lock"

    def write_plan(self, plan: list[Spec]) -> None:
        write_json(self.plan_file, [asdict(spec) for spec in plan])

    def plan(self) -> list[Spec]:
        return [Spec(**row) for row in _read_json(self.plan_file, [])]

    def write_table(self, supervisor: ProcessId, rows: list[Running]) -> None:
        write_json(self.table_file, {"supervisor": asdict(supervisor), "processes": [asdict(row) for row in rows]})

    def table(self) -> list[Running]:
        return [Running(**row) for row in _read_json(self.table_file, {}).get("processes", [])]

    def supervisor(self) -> ProcessId | None:
        """The supervisor of this home, if it lives."""
        row = _read_json(self.table_file, {}).get("supervisor")
        process = ProcessId(**row) if row else None
        return process if process and process.alive() and self.is_supervised() else None

    def is_supervised(self) -> bool:
        """Whether a supervisor holds its lock: true from its first instant to its last."""
        if not self.lock_file.exists():
            return False
        with try_lock(self.lock_file) as free:
            return not free

    def running_settings(self, settings: Settings) -> Settings:
        """The settings with the ports that the running platform was started with, where this call names no others."""
        env = next((spec.env for spec in self.plan() if spec.env), {}) if self.is_supervised() else {}
        ports = {"app_port": "NOVA_APP_PORT", "dagster_port": "NOVA_DAGSTER_PORT"}
        running = {field: int(env[name]) for field, name in ports.items() if name in env}
        return settings.model_copy(
            update={field: port for field, port in running.items() if field not in settings.model_fields_set}
        )

    def mark(self, marker: str) -> None:
        (self.folder / marker).touch()

    def is_marked(self, marker: str) -> bool:
        return (self.folder / marker).exists()

    def clear_markers(self) -> None:
        for marker in (MIGRATED, LOADED):
            (self.folder / marker).unlink(missing_ok=True)


def write_json(path: Path, content: object) -> None:
    """Replace a file of ours by new content in one step, readable by the owner only."""
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
    draft.replace(path)


def _read_json(path: Path, default: Any) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return default
