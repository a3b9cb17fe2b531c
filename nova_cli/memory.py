"""How much memory the platform's processes really take."""

from __future__ import annotations

import contextlib

import psutil

from nova_resources.embedded.processes import ProcessId

MIB = 1024 * 1024


def memory_mb(process: ProcessId | None, *, descendants: bool = True) -> float:
    """Proportional set size of a process and its descendants in MiB: pages shared by n processes count 1/n.

    Where the kernel does not let us look (a server under another account) the resident size stands in.
    """
    if process is None or not process.alive():
        return 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(process.pid)
        family = root.children(recursive=True) if descendants else []
        return round(sum(_size(member) for member in (root, *family)) / MIB, 1)
    return 0.0


def _size(process: psutil.Process) -> int:
    try:
        return process.memory_full_info().pss
    except psutil.AccessDenied:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0
