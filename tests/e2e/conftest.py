"""A real server on the sample company and a real Chromium. Without one the tests are skipped, saying how to get it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import StorageState

from nova_cli.testing import find_chromium
from nova_resources.settings import CHECKOUT, Settings
from tests.app.conftest import PASSWORD, PEOPLE, Company, fill_company
from tests.app.serving import app_process, free_port
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
PATIENCE_MS = 60_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    mine = [item for item in items if here in item.path.parents]
    for item in mine:
        item.add_marker(pytest.mark.e2e)
        if find_chromium() is None:
            item.add_marker(pytest.mark.skip(reason="no Chromium: apt-get install chromium, or set NOVA_TEST_CHROMIUM"))


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
    settings = town.settings.model_copy(update={"app_port": free_port()})
    with app_process(settings, tmp_path_factory.mktemp("app") / "app.log"):
        yield settings.app_url


@pytest.fixture(scope="session")
def browser():
    """One Chromium for the session."""
    from playwright.sync_api import expect, sync_playwright

    # A busy machine takes longer than Playwright's five seconds.
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
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
