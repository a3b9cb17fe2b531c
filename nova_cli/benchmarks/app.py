"""How fast the app answers at the size of a whole company, 5,000 item-sites with 10 million rows of facts: REST calls,
statements behind the screens, reruns, what a reader waits for in a browser, twenty planners beside the nightly run.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from nova_assets import demo
from nova_cli import machine
from nova_cli.benchmarks.app_company import Scale, grow_company
from nova_cli.benchmarks.app_readers import browser, planners
from nova_cli.benchmarks.app_rest import rest
from nova_cli.benchmarks.app_screens import screens
from nova_cli.benchmarks.home import temporary_platform
from nova_cli.benchmarks.measure import Measure, Say
from nova_cli.benchmarks.proxy import proxied
from nova_cli.testing import find_nginx
from nova_resources.postgres import Database
from nova_resources.settings import CHECKOUT, Settings

USERNAME, PASSWORD = "bench", "cavalo bateria grampo"
START_SECONDS, ALONE_SECONDS = 90.0, 30.0
# A usual answer of the API: a page of a hundred rows.
BARE_BYTES = 40_000


def run(rows: int | None, say: Say, home: Path | None = None) -> list[Measure]:
    """Milliseconds and ratios; `rows` is the number of item-sites (the facts grow with them). The company is made in
    `home` when there is none yet and stays there; without one it is gone afterwards."""
    scale = Scale.of(rows)
    with temporary_platform(home, dagster=True) as settings:
        measures = _company(settings, scale, say)
        with _redis(settings), _app(settings) as address, _bare() as floor:
            token = _session(address)
            measures += rest(settings, address, _bearer(address), floor, say)
            measures += screens(settings, token, say)
            paths = _paths(settings)
            with _front(settings, address) as front:
                measures += browser(front, paths, USERNAME, PASSWORD, say)
            measures += _together(settings, address, token, paths, say)
    return measures


def _company(settings: Settings, scale: Scale, say: Say) -> list[Measure]:
    """The demonstration company computed up to the day before the last one, grown to its size, with one reader."""
    from streamlit_app.access.passwords import hash_password

    owner = Database(settings, role="nova_owner")
    began = time.perf_counter()
    if not owner.rows("SELECT FROM support.users WHERE username = %(name)s", name=USERNAME):
        eve = (settings.last_complete_day() - timedelta(days=1)).isoformat()
        size = str(min(scale.pairs, demo.DEFAULT_SCALE))
        say("extracts of three years")
        machine.output_of(settings, ["nova_cli", "demo", "--scale", size, "--to", eve])
        say("every table of the company")
        machine.output_of(settings, ["nova_cli", "materialize", "--as-of", eve, "--json", "--monthly"])
        grow_company(settings, scale, say)
        owner.rows(
            "SELECT support.create_user(NULL, %(name)s, 'Bench', NULL, %(hash)s, 'ADMIN')",
            name=USERNAME,
            hash=hash_password(PASSWORD),
        )
    [size] = owner.rows(
        "SELECT (SELECT count(*) FROM analytics.mv_item_sites_latest) AS pairs,"
        " (SELECT count(*) FROM core.fact_demand_daily) + (SELECT count(*) FROM core.fact_inventory_daily) AS facts"
    )
    return [
        Measure("item-sites", size["pairs"], ""),
        Measure("rows of demand and stock", size["facts"], ""),
        Measure("making the company", time.perf_counter() - began, "s"),
    ]


def _paths(settings: Settings) -> list[str]:
    """Addresses of all screens, those of one thing with the thing."""
    from streamlit_app.screens import SCREENS

    [pair] = Database(settings, role="nova_app").rows(
        "SELECT item_code, site_code FROM analytics.mv_item_sites_latest ORDER BY demand_365 DESC LIMIT 1"
    )
    subject = {"item": f"?item={pair['item_code']}&onde={pair['site_code']}"}
    return [f"{screen.path}{subject.get(screen.name, '')}" for screen in SCREENS]


def _together(settings: Settings, address: str, token: str, paths: list[str], say: Say) -> list[Measure]:
    """The planners alone, then beside the nightly run."""
    say("twenty planners")
    ends = time.monotonic() + ALONE_SECONDS
    alone = planners(address, token, paths, lambda: time.monotonic() >= ends)
    say("twenty planners beside the nightly run")
    nightly = _Nightly(settings)
    nightly.start()
    beside = planners(address, token, paths, lambda: not nightly.is_alive())
    nightly.join()
    if nightly.error:
        raise nightly.error
    return [
        *(_named(measure, "20 planners alone") for measure in alone),
        *(_named(measure, "20 planners and the nightly run") for measure in beside),
        Measure("nightly run beside 20 planners", nightly.seconds, "s"),
    ]


def _named(measure: Measure, where: str) -> Measure:
    return Measure(f"{where}: {measure.name}", measure.value, measure.unit, measure.least, measure.most)


class _Nightly(threading.Thread):
    """The newest day's extracts and tables, by the commands that the nightly run is made of."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings, self.seconds, self.error = settings, 0.0, None

    def run(self) -> None:
        began, last = time.perf_counter(), self.settings.last_complete_day().isoformat()
        try:
            machine.output_of(self.settings, ["nova_cli", "demo", "--to", last])
            machine.output_of(self.settings, ["nova_cli", "materialize", "--as-of", last, "--json", "--no-monthly"])
        except machine.MachineError as error:
            self.error = error
        self.seconds = time.perf_counter() - began


def _session(address: str) -> str:
    """The id of a browser's session."""
    form = {"username": USERNAME, "password": PASSWORD}
    answer = httpx.post(f"{address}/entrar", data=form, headers={"Origin": address}, timeout=30)
    return answer.cookies["nova_session"]


def _bearer(address: str) -> str:
    answer = httpx.post(f"{address}/api/v1/token", json={"username": USERNAME, "password": PASSWORD}, timeout=30)
    return answer.raise_for_status().json()["access_token"]


@contextlib.contextmanager
def _redis(settings: Settings) -> Iterator[None]:
    """The embedded Redis as `nova up` starts it."""
    from nova_resources.embedded.redis import redis_command

    command = redis_command(settings)
    with _running(command) if command else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def _app(settings: Settings) -> Iterator[str]:
    """The app as `nova up` starts it, in a process of its own; gives its address."""
    port = _free_port()
    environment = {
        "NOVA_HOME": str(settings.home),
        "NOVA_APP_PORT": str(port),
        "NOVA_API_CALLS_PER_MINUTE": "10000000",
        "PATH": "/usr/bin:/bin",
    }
    settings.logs.mkdir(parents=True, exist_ok=True)
    with (settings.logs / "bench-app.log").open("wb") as log:
        command = [sys.executable, "-m", "streamlit_app"]
        with _running(command, env=environment, stdout=log, stderr=log) as process:
            _wait(f"http://127.0.0.1:{port}/health", process)
            yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _front(settings: Settings, address: str) -> Iterator[str]:
    """What readers come through: the proxy, where there is an nginx."""
    if find_nginx() is None:
        yield address
        return
    folder, app = settings.state_dir / "nginx", urlsplit(address).netloc
    folder.mkdir(exist_ok=True)
    with proxied(app, app, folder) as door:
        yield door.app


@contextlib.contextmanager
def _bare() -> Iterator[str]:
    port = _free_port()
    command = [sys.executable, "-m", "nova_cli.benchmarks.app_bare", str(port), str(BARE_BYTES)]
    with _running(command, env=dict(os.environ)) as process:
        _wait(f"http://127.0.0.1:{port}/health", process)
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _running(command: list[str], **options: object) -> Iterator[subprocess.Popen[bytes]]:
    """A process that lives as long as the block."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": CHECKOUT}
    process: subprocess.Popen[bytes] = subprocess.Popen(command, **(quiet | options))  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.terminate()
        process.wait(15)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 - ours
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise RuntimeError(f"nothing answers at {address}")
