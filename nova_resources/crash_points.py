"""Named points at which a fault test stops or kills the process, to prove that a crash there loses and tears nothing.

Inert unless NOVA_CRASH_AT or NOVA_STOP_AT names the point. Only places where a crash would be dangerous call this, and
each of them stands in POINTS, from which the fault matrix is made.
"""

from __future__ import annotations

import os
import signal

POINTS = {
    "load.after_lock": "the feed is locked, nothing is written",
    "load.after_rows": "rows are copied, the register is not settled",
    "load.before_commit": "files, rows and ledger entry are written",
    "load.after_commit": "the load stands",
    "publish.after_load": "new rows lie aside, unchecked",
    "publish.after_delete": "the old rows of the window are gone",
    "publish.before_swap": "the month's partition is sealed aside",
    "publish.after_swap": "the month's partition is exchanged",
    "publish.before_ledger": "the window is written, the ledger is not",
    "publish.before_commit": "the ledger entry is written",
    "publish.after_commit": "the window stands, the run does not know it",
    "view.after_refresh": "the view is computed anew",
    "view.before_commit": "its ledger entry is written",
    "app.before_commit": "a decision and its audit row are written",
    "app.after_commit": "the decision stands, the screen does not know it",
}


def reach(point: str) -> None:
    """Die here without any clean-up (NOVA_CRASH_AT), or stand still until somebody says SIGCONT (NOVA_STOP_AT)."""
    if os.environ.get("NOVA_CRASH_AT") == point:
        os.kill(os.getpid(), signal.SIGKILL)
    if os.environ.get("NOVA_STOP_AT") == point:
        del os.environ["NOVA_STOP_AT"]
        os.kill(os.getpid(), signal.SIGSTOP)
