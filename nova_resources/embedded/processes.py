"""Operating-system processes: start them apart, know them again, stop them and nobody else.

A pid alone is not an identity: the kernel hands it out again. Everything here therefore names a process by its pid and
its start time, and treats a zombie as dead, because where process 1 does not reap (a container without an init) zombies
stay for ever.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class ProcessId:
    """One process for ever: `started` is its creation time in seconds since the epoch."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> ProcessId | None:
        """The living process that has this pid now, or None."""
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            return cls(pid, process.create_time())
        except psutil.NoSuchProcess:
            return None

    def alive(self) -> bool:
        now = ProcessId.of(self.pid)
        # The kernel counts in ticks from boot, so that a clock correction moves every start time a little.
        return now is not None and abs(now.started - self.started) < 1.0


def start(
    argv: Sequence[str],
    *,
    log: Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    die_with_parent: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, its output appended to `log`.

    `die_with_parent` asks the kernel to send it SIGTERM when the calling thread ends, however it ends.
    """
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    parent, libc = os.getpid(), ctypes.CDLL(None)

    def bind_to_parent() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        return subprocess.Popen(
            list(argv),
            cwd=cwd,
            env=None if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            start_new_session=True,
            preexec_fn=bind_to_parent if die_with_parent and sys.platform == "linux" else None,
        )
    finally:
        os.close(descriptor)


def wait_until(condition: Callable[[], bool], timeout: float, pause: float = POLL_SECONDS) -> bool:
    """Poll `condition` every `pause` seconds until it holds; False after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
    return True


def stop(*processes: ProcessId, timeout: float = 10.0, first: signal.Signals = signal.SIGTERM) -> None:
    """End processes and all of their sessions: politely, after `timeout` seconds by SIGKILL. No-op for those gone."""
    families = [member for process in processes for member in _session(process)]
    for process in processes:
        if process.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, first)
    wait_until(lambda: not any(process.alive() for process in processes), timeout)
    leftovers = [member for member in families if member.alive()]
    for member in leftovers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(member.pid, signal.SIGKILL)
    wait_until(lambda: not any(member.alive() for member in leftovers), timeout)


def arguments(pid: int) -> list[str]:
    """Command line of a process; empty when there is none to see."""
    try:
        return psutil.Process(pid).cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return []


def noted_process(pid_file: Path) -> ProcessId | None:
    """The living server that wrote its pid on the first line of `pid_file`, which lies in its data folder.

    Never a zombie, nor a stranger who was given the pid of a dead server: the folder is among the server's arguments.
    """
    try:
        pid = int(pid_file.read_text("utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    return ProcessId.of(pid) if str(pid_file.parent) in arguments(pid) else None


def _session(leader: ProcessId) -> list[ProcessId]:
    """The leader and every living process of its session.

    A pid is not handed out again while a session bears it, so that a stranger under the leader's pid proves that the
    session is over.
    """
    holder = ProcessId.of(leader.pid)
    if holder and not leader.alive():
        return []
    members = []
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(pid) == leader.pid and (member := ProcessId.of(pid)):
                members.append(member)
    return members


@contextlib.contextmanager
def file_lock(path: Path, *, shared: bool = False) -> Iterator[int]:
    """Hold a lock between processes on `path`; the kernel frees it when the holder dies. Yields the descriptor."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def try_lock(path: Path) -> Iterator[bool]:
    """The same without waiting: yields False when somebody else holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            free = True
        except BlockingIOError:
            free = False
        yield free
    finally:
        os.close(descriptor)
