"""The small process that keeps the others running: `python -m nova_cli.supervisor RUN_FOLDER LOGS WORKING_FOLDER`.

It reads the plan, starts what may start, restarts what died (with growing pauses), keeps the table of processes true
and the logs short, and stops everything on SIGTERM or SIGINT. It imports little on purpose: it runs for ever beside
processes that need the memory.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from nova_cli.state import Running, RunState, Spec
from nova_resources.embedded.processes import ProcessId, file_lock, noted_process, start, stop, try_lock, wait_until

TICK_SECONDS = 0.5
LOCK_SECONDS = 3.0
STABLE_SECONDS = 60.0
LONGEST_PAUSE = 60.0
STOP_SECONDS = 15.0
LOG_BYTES = 10_000_000
OLD_LOGS = 3


class Child:
    """One process of the plan through all its lives."""

    def __init__(self, spec: Spec, state: RunState, logs: Path, cwd: Path) -> None:
        self.spec, self.state, self.cwd = spec, state, cwd
        self.log = logs / f"{spec.name}.log"
        self.popen: subprocess.Popen[bytes] | None = None
        self.process: ProcessId | None = None
        self.started_at = 0.0
        self.restarts = 0
        self.failures = 0
        self.not_before = 0.0

    def tick(self, now: float) -> None:
        """Notice a death, start what may start; never waits."""
        if self.process:
            if not self._lives():
                stop(self.process)  # what it left behind in its session
                self._retire(now)
        elif self.popen:  # a server's starter is at work
            if self.popen.poll() is not None:
                self.popen, self.process = None, self._noted()
                if self.process is None:
                    self._retire(now)
        elif now >= self.not_before and (self.spec.after is None or self.state.is_marked(self.spec.after)):
            self._start(now)

    def row(self) -> Running:
        if self.process:
            return Running(self.spec.name, "running", self.process.pid, self.process.started, self.restarts)
        return Running(self.spec.name, "restarting" if self.restarts else "waiting", restarts=self.restarts)

    def _lives(self) -> bool:
        if self.popen and self.popen.poll() is not None:
            self.popen = None
            return False
        return self.process is not None and self.process.alive()

    def _noted(self) -> ProcessId | None:
        return noted_process(Path(self.spec.pid_file)) if self.spec.pid_file else None

    def _start(self, now: float) -> None:
        self.started_at = now
        self.process = self._noted()  # a server that runs already is adopted
        if self.process is None:
            is_server = self.spec.pid_file is not None
            env = os.environ | self.spec.env
            self.popen = start(self.spec.argv, log=self.log, cwd=self.cwd, env=env, die_with_parent=not is_server)
            self.process = None if is_server else ProcessId.of(self.popen.pid)

    def _retire(self, now: float) -> None:
        self.failures = 0 if now - self.started_at > STABLE_SECONDS else self.failures + 1
        self.not_before = now + min(2.0**self.failures, LONGEST_PAUSE) - 1
        self.process, self.restarts = None, self.restarts + 1


def supervise(state: RunState, logs: Path, cwd: Path) -> None:
    """Run until told to stop. Returns at once when this home has a supervisor."""
    stopping = False

    def on_signal(_number: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, on_signal)
    with contextlib.ExitStack() as stack:
        # Whoever asks whether there is a supervisor holds the lock for an instant.
        if not wait_until(lambda: stack.enter_context(try_lock(state.lock_file)), LOCK_SECONDS):
            return
        users = stack.enter_context(file_lock(state.users_lock_file, shared=True))
        me = ProcessId.of(os.getpid())
        assert me is not None
        children = [Child(spec, state, logs, cwd) for spec in state.plan()]
        written: list[Running] | None = None
        next_rotation = 0.0
        while not stopping:
            now = time.monotonic()
            for child in children:
                child.tick(now)
            rows = [child.row() for child in children]
            if rows != written:
                state.write_table(me, rows)
                written = rows
            if now >= next_rotation:
                rotate_logs(logs)
                next_rotation = now + 60
            time.sleep(TICK_SECONDS)
        stop_all(children, users)
        state.clear_markers()
        state.table_file.unlink(missing_ok=True)


def stop_all(children: list[Child], users_lock: int) -> None:
    """Everything of ours first, then the servers; one that a command still uses stays until that command ends."""
    stop(*(child.process for child in children if child.process and not child.spec.pid_file), timeout=STOP_SECONDS)
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(users_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        servers = [child.process for child in children if child.process and child.spec.pid_file]
        stop(*servers, timeout=60, first=signal.SIGINT)


def rotate_logs(logs: Path) -> None:
    """Keep each log below LOG_BYTES and three older ones; the writers append, so that truncating is safe."""
    for log in logs.glob("*.log"):
        if log.stat().st_size < LOG_BYTES:
            continue
        for number in range(OLD_LOGS - 1, 0, -1):
            older = log.with_name(f"{log.name}.{number}")
            if older.exists():
                older.replace(log.with_name(f"{log.name}.{number + 1}"))
        shutil.copyfile(log, log.with_name(f"{log.name}.1"))
        os.truncate(log, 0)


if __name__ == "__main__":
    supervise(RunState(Path(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[3]))
