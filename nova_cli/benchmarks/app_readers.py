"""What people wait for: a screen in a browser, the first time and again, and twenty planners beside the nightly run.

The browser comes through deploy/nginx with its TLS and compression; the planners speak Streamlit's own protocol, since
twenty browsers would measure themselves.
"""

from __future__ import annotations

import importlib.util
import itertools
import re
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from nova_cli.benchmarks.measure import Measure, Say, p95
from nova_cli.testing import find_chromium

WARM_MS, COLD_MS = 1000, 2500
BROWSER_TIMES = 5
PLANNERS, THINKING_SECONDS, PATIENCE_SECONDS = 20, 5.0, 60.0
COOKIE = "nova_session"
# What ui/states.py draws when a screen cannot be shown.
FAILURE = 'class="nc-state"'


def browser(address: str, paths: list[str], username: str, password: str, say: Say) -> list[Measure]:
    """Milliseconds until a screen's content stands there; nothing where there is no Chromium.

    Cold is a browser that has never been here (signing in apart), warm one that has just seen another screen.
    """
    program = find_chromium()
    if program is None or importlib.util.find_spec("playwright") is None:
        say("no Chromium or no playwright (nova test installs both): what a reader waits for is not measured")
        return []
    from playwright.sync_api import sync_playwright

    measures = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        first = chromium.new_context(ignore_https_errors=True)
        page = first.new_page()
        page.goto(f"{address}/entrar")
        page.fill("#username", username)
        page.fill("#password", password)
        page.click("button[type=submit]")
        page.wait_for_load_state()
        known: Any = first.storage_state()
        for path in paths:
            say(f"browser: /{path}")
            cold = []
            for _ in range(BROWSER_TIMES):
                context = chromium.new_context(ignore_https_errors=True, storage_state=known)
                cold.append(_content_ms(context.new_page(), f"{address}/{path}"))
                context.close()
            warm = [_content_ms(page, f"{address}/{path}") for _ in range(1 + BROWSER_TIMES)][1:]
            name = f"/{path.partition('?')[0]}"
            measures += [
                Measure(f"content of {name} visible, warm, median", statistics.median(warm), "ms", most=WARM_MS),
                Measure(f"content of {name} visible, cold, median", statistics.median(cold), "ms", most=COLD_MS),
            ]
        chromium.close()
    return measures


def _content_ms(page: Any, address: str) -> float:
    """From asking for a page until its script has run and its headline stands there."""
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning] h1", timeout=60_000)
    return (time.perf_counter() - began) * 1000


def planners(address: str, token: str, paths: list[str], until: Callable[[], bool]) -> list[Measure]:
    """PLANNERS people who open one screen after another until something has ended: how long each took and what failed.

    Each stays on a screen for THINKING_SECONDS; the last round is finished.
    """
    taken: list[float] = []
    failures: list[str] = []

    def work(number: int) -> None:
        time.sleep(THINKING_SECONDS * number / PLANNERS)
        for path in itertools.islice(itertools.cycle(paths), number, None):
            began = time.perf_counter()
            try:
                _open(address, token, path)
                taken.append((time.perf_counter() - began) * 1000)
            except (OSError, RuntimeError) as error:
                failures.append(f"/{path}: {error}")
            if until():
                return
            time.sleep(max(0.0, THINKING_SECONDS - (time.perf_counter() - began)))

    with ThreadPoolExecutor(PLANNERS) as pool:
        list(pool.map(work, range(PLANNERS)))
    for failure in dict.fromkeys(failures):
        print(failure)
    return [
        Measure("screens opened", len(taken), ""),
        Measure("screens that failed", len(failures), "", most=0),
        *([Measure("a screen, median", statistics.median(taken), "ms")] if taken else []),
        *([Measure("a screen, p95", p95(taken), "ms")] if len(taken) > 1 else []),
    ]


def _open(address: str, token: str, path: str) -> None:
    """One screen over a WebSocket of its own, as a browser opens it. Raises RuntimeError when it shows a failure."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.exceptions import WebSocketException
    from websockets.sync.client import connect

    name, _, query = path.partition("?")
    wanted = BackMsg()
    wanted.rerun_script.page_name = name
    wanted.rerun_script.query_string = query
    ends = time.monotonic() + PATIENCE_SECONDS
    try:
        with connect(
            f"{address.replace('http', 'ws', 1)}/_stcore/stream",
            additional_headers={"Cookie": f"{COOKIE}={token}"},
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            compression=None,
        ) as socket:
            socket.send(wanted.SerializeToString())
            while True:
                message = ForwardMsg()
                received = socket.recv(timeout=max(0.1, ends - time.monotonic()))
                message.ParseFromString(received if isinstance(received, bytes) else received.encode())
                if message.WhichOneof("type") == "script_finished":
                    return
                _refuse_failures(message)
    except (WebSocketException, TimeoutError) as error:
        raise RuntimeError(f"{type(error).__name__} {error}") from error


def _refuse_failures(message: Any) -> None:
    """Raise RuntimeError for the element of an exception or of a page that says that something is wrong."""
    element = message.delta.new_element if message.WhichOneof("type") == "delta" else None
    if element is None:
        return
    if element.WhichOneof("type") == "exception":
        raise RuntimeError(element.exception.message)
    if element.WhichOneof("type") == "html" and FAILURE in element.html.body:
        raise RuntimeError(re.sub(r"<[^>]+>", " ", element.html.body)[:200])
