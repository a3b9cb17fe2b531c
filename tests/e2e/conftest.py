"""A real server on the sample company and a real Chromium. Without one the tests are skipped, saying how to get it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import StorageState

from nova_resources.server import admin_parameters, url
from nova_resources.settings import CHECKOUT, Settings
from tests.app.conftest import PASSWORD, PEOPLE, Company, fill_company
from tests.conftest import PREFIX, drop_database

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
START_SECONDS = 180
PATIENCE_MS = 60_000


def chromium() -> str | None:
    """Path of an installed Chromium."""
    return os.environ.get("NOVA_CHROMIUM") or next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    mine = [item for item in items if here in item.path.parents]
    for item in mine:
        item.add_marker(pytest.mark.e2e)
        if chromium() is None:
            item.add_marker(pytest.mark.skip(reason="no Chromium: apt-get install chromium, or set NOVA_CHROMIUM"))


@pytest.fixture(scope="session")
def town(template: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company of the browser's own: what it approves is nobody else's business."""
    name = f"{PREFIX}_town"
    settings = fill_company(template, tmp_path_factory.mktemp("town") / "home", name)
    yield Company(settings)
    drop_database(settings, name)


@pytest.fixture(scope="session")
def address(town: Company, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the app, started as `nova up` starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = town.settings
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("NOVA_", "STREAMLIT_"))}
    environment |= {
        "NOVA_HOME": str(settings.home),
        "NOVA_APP_PORT": str(port),
        "NOVA_DATABASE_URL": url(admin_parameters(settings)),
        "NOVA_DATABASE_NAME": settings.database_name,
        "NOVA_DAGSTER_DATABASE_NAME": settings.dagster_database_name,
    }
    log = tmp_path_factory.mktemp("app") / "app.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit_app"], cwd=CHECKOUT, env=environment, stdout=output, stderr=output
        )
    try:
        base = f"http://127.0.0.1:{port}"
        _wait_for(base, server, log)
        yield base
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(base: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{base}/health").status_code == 200:
                return
        except httpx.TransportError:
            if server.poll() is not None:
                break
        time.sleep(0.2)
    raise AssertionError(f"the app did not start:\n{log.read_text('utf-8')}")


@pytest.fixture(scope="session")
def browser():
    """One Chromium for the session."""
    from playwright.sync_api import expect, sync_playwright

    # A busy machine takes longer than Playwright's five seconds.
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def pictures(tmp_path_factory: pytest.TempPathFactory):
    """Takes a picture of a page: into docs/images with NOVA_TEST_PICTURES=docs, else into a folder thrown away."""
    kept = os.environ.get("NOVA_TEST_PICTURES") == "docs"
    folder = CHECKOUT / "docs" / "images" if kept else tmp_path_factory.mktemp("p")

    def take(page, name: str) -> None:
        page.screenshot(path=folder / f"{name}.png")

    return take


@pytest.fixture(scope="session")
def signed_in() -> dict[str, StorageState]:
    """Role to the cookies of its person's last sign-in."""
    return {}


@pytest.fixture
def visit(browser, address: str, signed_in: dict[str, StorageState]):
    """Opens a page of a fresh visitor, who is in when a role is given: with the cookies of the role's last sign-in, or
    through the door when these open nothing any more. Fails on any violation of the content policy."""
    contexts, violations = [], []

    def open_page(role: str | None = None, path: str = "/", **options: Any):
        if role in signed_in:
            options["storage_state"] = signed_in[role]
        context = browser.new_context(base_url=address, viewport={"width": 1440, "height": 900}, **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda said: violations.append(said.text) if "Content Security Policy" in said.text else None
        )
        page.goto(path)
        if role and "/entrar" in page.url:
            page.fill("#username", PEOPLE[role][0])
            page.fill("#password", PASSWORD)
            page.click("button[type=submit]")
            page.wait_for_url(lambda url: "/entrar" not in url)
            signed_in[role] = context.storage_state()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert violations == []
