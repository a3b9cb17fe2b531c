"""Named points at which a fault test kills the process, to prove that a crash there loses and tears nothing.

Inert unless NOVA_CRASH_AT names the point. Only places where a crash would be dangerous call this.
"""

from __future__ import annotations

import os
import signal


def reach(point: str) -> None:
    """Die here, without any clean-up, when NOVA_CRASH_AT is `point`."""
    if os.environ.get("NOVA_CRASH_AT") == point:
        os.kill(os.getpid(), signal.SIGKILL)
