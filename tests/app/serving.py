"""The app on loopback: its doors in threads of the test, and itself in processes."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from nova_resources.embedded.processes import wait_until
from nova_resources.server import admin_parameters, url
from nova_resources.settings import CHECKOUT, Settings
from tests.app.conftest import PASSWORD, PEOPLE

START_SECONDS = 180.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def served(app: Any, **options: Any) -> Iterator[int]:
    """Serve an application as the product does behind a proxy; gives its port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    options = {"proxy_headers": True, "forwarded_allow_ips": "127.0.0.1"} | options
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="websockets-sansio", lifespan="off", **options))
    ready = threading.Event()
    startup = server.startup

    async def started(sockets: list[socket.socket] | None = None) -> None:
        await startup(sockets)
        ready.set()

    server.startup = started  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@contextlib.contextmanager
def app_process(settings: Settings, log: Path, host: str = "127.0.0.1", **variables: str) -> Iterator[subprocess.Popen]:
    """The app as `nova up` starts it, on the host of a deployment that the settings name; ready when given."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("NOVA_", "STREAMLIT_"))}
    environment |= {
        "NOVA_HOME": str(settings.home),
        "NOVA_HOST": host,
        "NOVA_APP_PORT": str(settings.app_port),
        "NOVA_DATABASE_URL": url(admin_parameters(settings)),
        "NOVA_DATABASE_NAME": settings.database_name,
        "NOVA_DAGSTER_DATABASE_NAME": settings.dagster_database_name,
    } | variables
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit_app"], cwd=CHECKOUT, env=environment, stdout=output, stderr=output
        )

    def ready() -> bool:
        assert process.poll() is None, f"the app did not start:\n{log.read_text('utf-8')}"
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"http://{host}:{settings.app_port}/health").status_code == 200
        return False

    try:
        assert wait_until(ready, START_SECONDS), f"the app does not answer:\n{log.read_text('utf-8')}"
        yield process
    finally:
        process.terminate()
        process.wait(timeout=20)


def new_browser() -> httpx.Client:
    """Cookies of its own; it takes the proxy's certificate, and tries again while the proxy starts."""
    return httpx.Client(transport=httpx.HTTPTransport(verify=False, retries=5), timeout=20)


def enter(browser: httpx.Client, address: str, role: str) -> httpx.Response:
    """Sign a role's person in by the form."""
    form = {"username": PEOPLE[role][0], "password": PASSWORD}
    return browser.post(f"{address}/entrar", data=form, headers={"origin": address})
