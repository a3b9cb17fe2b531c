"""How far something is that a person asked the pipeline for: a run, or a replay of history."""

from __future__ import annotations

from enum import StrEnum


class Standing(StrEnum):
    """Silent: its run has told nothing for long. Late: no run has taken it up for long."""

    DONE = "done"
    FAILED = "failed"
    SILENT = "silent"
    RUNNING = "running"
    LATE = "late"
    WAITING = "waiting"
