"""How fast the app answers: REST calls with and without the cache, the statements behind the screens, and what a reader
waits for in a browser, on the shape of a whole company: 5,000 item-sites with 10 million rows of demand by default.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
from psycopg_pool import ConnectionPool

from nova_cli.benchmarks.app_company import Scale, fill_company
from nova_cli.benchmarks.home import temporary_platform
from nova_cli.benchmarks.measure import Measure, Say
from nova_resources.postgres import Database
from nova_resources.server import role_parameters
from nova_resources.settings import CHECKOUT, Settings
from nova_resources.sql_library import sql

CLIENTS, CALLS = 20, 400
UNCACHED_MS, CACHED_MS, SQL_MS, WARM_MS, COLD_MS = 200, 50, 100, 1000, 2500
BROWSER_TIMES, SQL_TIMES = 3, 20
SCREENS = ("/", "/materiais", "/recomendacoes", "/alertas", "/dados")
PASSWORD = "cavalo bateria grampo"  # noqa: S105 - of an account that lives as long as the measurement
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
RAW = """
    SELECT item_code, site_code, on_hand, reorder_point FROM analytics.mv_item_sites_latest
    ORDER BY item_code, site_code LIMIT 100 OFFSET %s
"""


def run(rows: int | None, say: Say) -> list[Measure]:
    """Milliseconds and ratios; `rows` is the number of item-sites (the facts grow with them)."""
    scale = Scale.of(rows)
    with temporary_platform() as settings:
        say(f"{scale.pairs:,} item-sites, {scale.facts:,} rows of demand")
        began = time.perf_counter()
        fill_company(settings, scale)
        measures = [Measure("filling the company", time.perf_counter() - began, "s")]
        _person(settings)
        with _redis(settings), _app(settings) as address:
            say("REST")
            measures += _rest(settings, address, scale, say)
            say("statements of the screens")
            measures += _statements(settings)
            measures += _browser(address, say)
    return measures


def _person(settings: Settings) -> None:
    from streamlit_app.access.passwords import hash_password

    Database(settings, role="nova_owner").rows(
        "SELECT support.create_user(NULL, 'bench', 'Bench', NULL, %(hash)s, 'ADMIN')", hash=hash_password(PASSWORD)
    )


@contextlib.contextmanager
def _redis(settings: Settings) -> Iterator[None]:
    """The embedded Redis as `nova up` starts it."""
    from nova_resources.embedded.redis import redis_command

    command = redis_command(settings)
    if command is None:
        yield
        return
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def _app(settings: Settings) -> Iterator[str]:
    """The app as `nova up` starts it, in a process of its own; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "NOVA_HOME": str(settings.home),
        "NOVA_APP_PORT": str(port),
        "NOVA_API_CALLS_PER_MINUTE": "10000000",
        "PATH": "/usr/bin:/bin",
    }
    log = settings.logs / "bench-app.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit_app"], cwd=CHECKOUT, env=environment, stdout=output, stderr=output
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait(f"{address}/health", process)
            yield address
        finally:
            process.terminate()
            process.wait(15)


def _wait(address: str, process: subprocess.Popen[bytes], seconds: float = 90) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 - ours
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise RuntimeError(f"the app did not answer at {address}")


def _rest(settings: Settings, address: str, scale: Scale, say: Say) -> list[Measure]:
    made = httpx.post(f"{address}/api/v1/token", json={"username": "bench", "password": PASSWORD}, timeout=30)
    headers = {"authorization": f"Bearer {made.raise_for_status().json()['access_token']}"}
    pages = max(1, scale.pairs // 100)

    def call(client: httpx.Client, number: int, spread: int) -> float:
        offset = (number * 37 % min(spread, pages)) * 100
        paths = ("inventory?limit=100", "forecasts?limit=100&target=D30", "recommendations?limit=50", "items?limit=100")
        began = time.perf_counter()
        answer = client.get(f"{address}/api/v1/{paths[number % len(paths)]}&offset={offset + number // 10**6}")
        answer.raise_for_status()
        return (time.perf_counter() - began) * 1000

    with httpx.Client(headers=headers, timeout=60, limits=httpx.Limits(max_connections=CLIENTS)) as client:
        for number in range(8):
            call(client, number, 1)
        say(f"REST, nothing remembered, {CLIENTS} clients")
        uncached = _together(lambda n: _fresh(client, address, n, pages))
        say(f"REST, remembered, {CLIENTS} clients")
        cached = _together(lambda n: call(client, n, 1))
    say(f"bare query, {CLIENTS} clients")
    parameters = role_parameters(settings, "nova_etl")
    pool: ConnectionPool[Any]
    with ConnectionPool(kwargs=parameters, min_size=CLIENTS, max_size=CLIENTS, timeout=60) as pool:
        pool.wait(60)
        raw = _together(lambda n: _bare(pool, n, pages))
    return [
        Measure(f"bare query by psycopg, p95 at {CLIENTS} clients", _p95(raw), "ms"),
        Measure(f"REST not cached, p95 at {CLIENTS} clients", _p95(uncached), "ms", most=UNCACHED_MS),
        Measure("REST not cached / bare query", _p95(uncached) / _p95(raw), ""),
        Measure(f"REST cached, p95 at {CLIENTS} clients", _p95(cached), "ms", most=CACHED_MS),
        Measure("REST cached / bare query", _p95(cached) / _p95(raw), ""),
        Measure("REST cached, median", statistics.median(cached), "ms"),
    ]


def _fresh(client: httpx.Client, address: str, number: int, pages: int) -> float:
    """A call that nobody has made before: its limit and offset together are new."""
    paths = ("inventory?", "forecasts?target=D30&", "recommendations?", "items?")
    limit, offset = 60 + number % 60, (number * 37 % pages) * 100 + number % 97
    began = time.perf_counter()
    answer = client.get(f"{address}/api/v1/{paths[number % len(paths)]}limit={limit}&offset={offset}")
    answer.raise_for_status()
    return (time.perf_counter() - began) * 1000


def _bare(pool: ConnectionPool[Any], number: int, pages: int) -> float:
    """The floor: the same kind of page straight from PostgreSQL, on connections that stand."""
    began = time.perf_counter()
    with pool.connection() as connection:
        connection.execute(RAW, ((number * 37 % pages) * 100,)).fetchall()
    return (time.perf_counter() - began) * 1000


def _together(call: Callable[[int], float]) -> list[float]:
    """Milliseconds of CALLS calls by CLIENTS clients at once."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(call, range(CALLS)))


def _p95(milliseconds: list[float]) -> float:
    return statistics.quantiles(milliseconds, n=20)[-1]


def _statements(settings: Settings) -> list[Measure]:
    """Every statement of a screen that takes no more than the global filters and its usual limits."""
    as_of = settings.last_complete_day()
    known: dict[str, Any] = {
        "as_of": as_of,
        "row_limit": 500,
        "row_offset": 0,
        "order_key": "risk",
        "dimension": "company",
        "members": ["*"],
        "day": as_of,
        "start": as_of - timedelta(days=90),
        "stop": as_of,
    }
    slowest: list[tuple[float, str]] = []
    with Database(settings, role="nova_app").connect(autocommit=True) as connection:
        connection.execute("SET jit = off")
        for name in ("items_list", "recommendations_list", "alerts_list", "panel_kpis", "panel_queue", "panel_risk"):
            query = sql(f"app/{name}")
            parameters = {parameter: known.get(parameter) for parameter in query.parameters}
            taken = []
            for _ in range(SQL_TIMES):
                began = time.perf_counter()
                connection.execute(query.text, parameters).fetchall()  # type: ignore[arg-type]
                taken.append((time.perf_counter() - began) * 1000)
            slowest.append((_p95(taken), name))
    return [Measure(f"SQL {name}, p95", p95, "ms", most=SQL_MS) for p95, name in sorted(slowest, reverse=True)]


def _browser(address: str, say: Say) -> list[Measure]:
    """Milliseconds until a screen's content stands there; nothing where there is no Chromium."""
    program = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if program is None:
        say("no Chromium: what a reader waits for is not measured")
        return []
    from playwright.sync_api import sync_playwright

    measures = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = chromium.new_page()
        page.goto(f"{address}/entrar")
        page.fill("#username", "bench")
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_load_state()
        for path in SCREENS:
            say(f"browser: {path}")
            taken = [_content_ms(page, f"{address}{path}") for _ in range(1 + BROWSER_TIMES)]
            warm = statistics.median(taken[1:])
            measures.append(Measure(f"content of {path} visible, warm", warm, "ms", most=WARM_MS))
            measures.append(Measure(f"content of {path} visible, first", taken[0], "ms", most=COLD_MS))
        chromium.close()
    return measures


def _content_ms(page: Any, address: str) -> float:
    """From asking for a page until its script has run and its last element stands there."""
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning] h1", timeout=60_000)
    return (time.perf_counter() - began) * 1000
