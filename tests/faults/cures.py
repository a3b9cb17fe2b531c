"""What the runbook says about each fault of the suite, and which check of `nova doctor` tells it."""

from __future__ import annotations

from typing import NamedTuple


class Cure(NamedTuple):
    """First cell of the fault's row in docs/faults.md, the doctor's check, and words of what it then finds.

    No check where there is nothing to mend.
    """

    row: str
    check: str | None = None
    found: str = ""


PROCESS = Cure("code server, webserver, daemon or app is killed", "processes", "restart")
TOO_LONG = Cure("a statement or a lock takes too long", "runs", "failed in the last 24 hours")
# By the victim of a kill, or by the circumstance.
CURES = {
    "worker": Cure("a run's process is killed", "runs", "was open when the platform stopped"),
    "PostgreSQL": Cure("PostgreSQL is killed", "database", "does not run"),
    "Redis": Cure("Redis is killed", "redis", "does not"),
    "code server": PROCESS,
    "daemon": PROCESS,
    "webserver": PROCESS,
    "app": PROCESS,
    "connection refused": Cure("connections are refused", "database", "does not run"),
    "statement timeout": TOO_LONG,
    "lock wait": TOO_LONG,
    "two runs of the same windows at once": Cure("two runs write the same window"),
    "deploy in the middle of a run": Cure("a deploy in the middle of a run", "tables", "the code wants"),
    "clock jump": Cure("the clock jumps", "inside", "clock"),
    "read-only landing folder": Cure("the landing folder is read-only", "landing", "is read-only"),
    "duplicate and out-of-order files": Cure("files come twice, late or out of order"),
    "truncated Parquet": Cure("a Parquet file or workbook is damaged", "files", "not in force"),
    "disk full": Cure("the disk is full", "disk", "GiB free"),
}
