"""deploy/nginx with a real nginx on loopback, in front of the real doors and a stand-in for Dagster's page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nova_cli.benchmarks.proxy import Door, proxied
from nova_cli.testing import find_nginx
from streamlit_app.access import sessions
from streamlit_app.app import middleware, routes
from streamlit_app.data.database import AppDatabase
from tests.app.serving import enter, free_port, new_browser, served

pytestmark = pytest.mark.skipif(find_nginx() is None, reason="no nginx (Debian: apt-get install nginx-light)")


async def _echo(request: Request) -> Response:
    return JSONResponse({"headers": dict(request.headers), "path": request.url.path, "scheme": request.url.scheme})


async def _bundle(_request: Request) -> Response:
    return Response("x" * 100_000, media_type="text/javascript")


@pytest.fixture
def door(app: AppDatabase, tmp_path: Path) -> Iterator[Door]:
    site = Starlette(
        routes=[*routes, Route("/static/big.js", _bundle), Route("/{path:path}", _echo)], middleware=middleware
    )
    # Both open static files to everybody; the route above stands for Streamlit's.
    dagster = Starlette(routes=[Route("/{path:path}", _echo, methods=["GET", "POST"])])
    with (
        served(site) as app_port,
        served(dagster) as dagster_port,
        proxied(f"127.0.0.1:{app_port}", f"127.0.0.1:{dagster_port}", tmp_path) as door,
    ):
        yield door


@pytest.fixture
def nowhere(tmp_path: Path) -> Iterator[Door]:
    """The proxy while nobody listens behind it."""
    with proxied(f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}", tmp_path) as door:
        yield door


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    with new_browser() as client:
        yield client


def test_the_doors_work_through_the_proxy_and_know_that_they_are_safe(browser, door):
    entered = enter(browser, door.app, "VIEWER")
    assert entered.status_code == 303
    assert "__Host-nova_session=" in entered.headers["set-cookie"] and "Secure" in entered.headers["set-cookie"]
    assert entered.headers["strict-transport-security"].startswith("max-age=31536000")
    inside = browser.get(f"{door.app}/anything", headers={"x-forwarded-for": "6.6.6.6", "x-forwarded-proto": "http"})
    assert inside.json()["scheme"] == "https"
    assert inside.json()["headers"]["x-forwarded-for"] == "127.0.0.1", "what a client claims counts for nothing"


def test_plain_http_is_sent_to_the_safe_side(browser, door):
    away = browser.get(f"{door.plain}/materiais?x=1")
    assert (away.status_code, away.headers["location"]) == (308, "https://localhost/materiais?x=1")


def test_dagster_is_for_admins_and_never_sees_the_session(browser, door):
    stranger = browser.get(f"{door.dagster}/runs")
    assert (stranger.status_code, stranger.headers["location"]) == (303, "https://localhost/entrar")
    enter(browser, door.app, "ANALYST")
    assert browser.get(f"{door.dagster}/graphql").status_code == 403
    enter(browser, door.app, "ADMIN")
    inside = browser.get(f"{door.dagster}/runs")
    assert (inside.status_code, inside.json()["path"]) == (200, "/runs")
    assert not {"cookie", "authorization"} & inside.json()["headers"].keys()
    assert inside.headers["x-frame-options"] == "DENY"
    sessions.forget_sessions()
    browser.post(f"{door.app}/sair", headers={"origin": door.app})
    assert browser.get(f"{door.dagster}/runs").status_code == 303


@pytest.mark.parametrize("path", ["/metrics", "/_stcore/metrics", "/portaria/engenharia", "/nova-portaria"])
def test_what_is_for_the_inside_stays_there(browser, door, path):
    assert browser.get(f"{door.app}{path}").status_code in {401, 404}
    enter(browser, door.app, "ADMIN")
    if path != "/nova-portaria":
        assert browser.get(f"{door.app}{path}").status_code == 404
    assert browser.get(f"{door.dagster}/nova-portaria").status_code == 404


@pytest.mark.parametrize("path", ["/media/abc.csv", "/_stcore/host-config", "/api/v1/items", "/anything"])
def test_downloads_and_data_need_a_session(browser, door, path):
    assert browser.get(f"{door.app}{path}").status_code == 401


def test_program_files_come_compressed(browser, door):
    told = browser.get(f"{door.app}/static/big.js", headers={"accept-encoding": "gzip"})
    assert told.headers["content-encoding"] == "gzip" and len(told.text) == 100_000
    assert int(told.headers.get("content-length", 0)) < 5_000


def test_a_storm_at_the_door_is_slowed_down(browser, door):
    statuses = [browser.get(f"{door.app}/entrar").status_code for _ in range(60)]
    assert statuses[0] == 200 and 429 in statuses


@pytest.mark.parametrize(("language", "words"), [(None, "não é para o seu perfil"), ("en", "not for your role")])
def test_who_may_not_pass_is_told_so_in_his_language(browser, door, language, words):
    enter(browser, door.app, "VIEWER")
    refused = browser.get(f"{door.dagster}/runs", headers={"cookie": cookies_of(browser, language)})
    assert (refused.status_code, refused.headers["content-language"]) == (403, language or "pt-BR")
    assert words in refused.text and refused.headers["content-type"] == "text/html; charset=utf-8"
    assert refused.headers["cache-control"] == "no-store" and "refresh" not in refused.headers


def cookies_of(browser: httpx.Client, language: str | None) -> str:
    """The header that a browser of this language sends."""
    given = {cookie.name: cookie.value for cookie in browser.cookies.jar if cookie.name != "nova_lang"}
    return "; ".join(f"{name}={value}" for name, value in (given | {"nova_lang": language or "pt-BR"}).items())


@pytest.mark.parametrize(
    ("language", "words"), [("pt-BR", "A aplicação não responde"), ("en", "The app does not answer")]
)
def test_while_the_app_is_away_a_page_says_so_and_asks_again(nowhere, language, words):
    with new_browser() as client:
        away = client.get(f"{nowhere.app}/materiais", headers={"cookie": f"nova_lang={language}"})
        assert (away.status_code, away.headers["refresh"]) == (502, "5") and words in away.text
        assert client.get(f"{nowhere.dagster}/runs").status_code in {500, 502}


@pytest.mark.parametrize("origin", ["https://localhost", "https://evil.example", "null"])
def test_a_page_of_another_origin_cannot_speak_to_dagster(browser, door, origin):
    enter(browser, door.app, "ADMIN")
    assert browser.post(f"{door.dagster}/graphql", headers={"origin": origin}).status_code == 403
    assert browser.post(f"{door.dagster}/graphql", headers={"origin": door.dagster}).status_code != 403


def test_the_proxys_log_holds_no_query(browser, door):
    browser.get(f"{door.app}/configurar?token=one-time-secret")
    browser.get(f"{door.dagster}/runs?code=one-time-secret")
    said = door.log.read_text("utf-8")
    assert "GET /configurar" in said and "GET /runs" in said and "one-time-secret" not in said
