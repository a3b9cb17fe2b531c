"""A throwaway server of any PostgreSQL release: over TCP on loopback, with SCRAM, gone when the tests end."""

from __future__ import annotations

import contextlib
import secrets
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg

from nova_resources.embedded.account import server_account
from nova_resources.embedded.processes import ProcessId, start, stop, wait_until
from nova_resources.server import url

SECONDS_TO_START = 60


@contextlib.contextmanager
def throwaway_postgres(programs: Path, folder: Path, options: Mapping[str, str]) -> Iterator[str]:
    """URL of the administrator of a new server whose programs lie in `programs`; its data lie below `folder`."""
    account = server_account(folder, programs / "postgres")
    data, log, password = folder / "data", folder / "server.log", secrets.token_urlsafe(24)
    data.mkdir(mode=0o700)
    file = data.with_name("password")
    file.write_text(password, "utf-8")
    for path in (data, file):
        account.own(path)
    initdb = [str(programs / "initdb"), "--pgdata", str(data), "--username=postgres", f"--pwfile={file}", "--no-sync"]
    safe = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"]
    subprocess.run([*account.prefix, *initdb, *safe], cwd="/", check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    address: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "user": "postgres",
        "password": password,
        "dbname": "postgres",
    }
    given = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", **options}
    command = [str(programs / "postgres"), "-D", str(data), *(f"--{name}={value}" for name, value in given.items())]
    server = start([*account.prefix, *command], log=log, cwd=Path("/"))
    process = ProcessId.of(server.pid)
    assert process is not None

    def answers() -> bool:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(**address):
            return True
        return False

    try:
        assert wait_until(answers, SECONDS_TO_START), log.read_text("utf-8", "replace")[-2000:]
        yield url(address)
    finally:
        stop(process, timeout=60, first=signal.SIGINT)
        server.wait(60)
