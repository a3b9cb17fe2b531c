"""The HTTP side: the gate, the sign-in, the headers, health and the first administrator. No Streamlit runs here."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from nova_resources.postgres import Database
from streamlit_app.access import sessions
from streamlit_app.access.tokens import digest
from streamlit_app.app import middleware, routes
from streamlit_app.data.database import AppDatabase, use_database
from streamlit_app.web.failures import LARGEST_BODY
from streamlit_app.web.gate import is_public
from streamlit_app.web.requests import safe_next
from tests.app.conftest import PASSWORD, PEOPLE

HOST = "testserver"
HOME = {"origin": f"http://{HOST}"}
PAGE = {"accept": "text/html"}
CLOSED = (
    "/",
    "/materiais",
    "/administracao",
    "/anything",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/media/abc.csv",
)


async def _behind_the_gate(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("inside")


async def _stream(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("inside")


@pytest.fixture
def client(app: AppDatabase) -> Iterator[TestClient]:
    rest = [WebSocketRoute("/_stcore/stream", _stream), Route("/{path:path}", _behind_the_gate)]
    with TestClient(Starlette(routes=[*routes, *rest], middleware=middleware), follow_redirects=False) as client:
        yield client


def enter(client: TestClient, role: str = "VIEWER", target: str = "/", password: str = PASSWORD):
    form = {"username": PEOPLE[role][0], "password": password, "next": target}
    return client.post("/entrar", data=form, headers=HOME)


@pytest.mark.parametrize("path", CLOSED)
def test_a_stranger_gets_the_sign_in_page_and_programs_get_401(client, path):
    page = client.get(path, headers=PAGE)
    assert page.status_code == 303
    assert page.headers["location"].startswith("/entrar")
    assert client.get(path).status_code == 401


def test_a_stranger_cannot_open_the_websocket(client):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream"):
        pass
    enter(client)
    with client.websocket_connect("/_stcore/stream") as stream:
        assert stream.receive_text() == "inside"


@pytest.mark.parametrize("path", ["/static/../media/x", "/nova//secret", "/staticx", "/health/x", "/entrar/x"])
def test_paths_that_only_look_public_are_closed(path):
    assert not is_public(path)


def test_signing_in_gives_a_cookie_that_no_script_reads_and_keeps_the_deep_link(client):
    asked = client.get("/material?item=033.010&onde=SSA-03", headers=PAGE)
    assert asked.headers["location"] == "/entrar?next=%2Fmaterial%3Fitem%3D033.010%26onde%3DSSA-03"
    form = client.get(asked.headers["location"])
    assert 'value="/material?item=033.010&amp;onde=SSA-03"' in form.text
    entered = enter(client, target="/material?item=033.010&onde=SSA-03")
    assert (entered.status_code, entered.headers["location"]) == (303, "/material?item=033.010&onde=SSA-03")
    cookie = next(c for c in entered.headers.get_list("set-cookie") if c.startswith("nova_session="))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    assert client.get("/materiais", headers=PAGE).status_code == 200


def test_over_https_the_cookie_is_bound_to_the_host_and_the_plain_one_counts_for_nothing(app):
    site = Starlette(routes=[*routes, Route("/{path:path}", _behind_the_gate)], middleware=middleware)
    with TestClient(site, base_url=f"https://{HOST}", follow_redirects=False) as client:
        form = {"username": PEOPLE["VIEWER"][0], "password": PASSWORD}
        entered = client.post("/entrar", data=form, headers={"origin": f"https://{HOST}"})
        cookie = next(c for c in entered.headers.get_list("set-cookie") if "nova_session=" in c)
        assert cookie.startswith("__Host-nova_session=") and "Secure" in cookie and "Path=/" in cookie
        assert "max-age=31536000" in entered.headers["strict-transport-security"]
        token = client.cookies["__Host-nova_session"]
        client.cookies.clear()
        client.cookies.set("nova_session", token)
        assert client.get("/x").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"referer": "https://evil.example/entrar"},
        HOME | {"sec-fetch-site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", ["/entrar", "/sair", "/configurar"])
def test_forms_from_elsewhere_are_refused(client, path, headers):
    answer = client.post(path, data={"username": "ana", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_wrong_password_says_no_more_than_an_unknown_name(client):
    wrong = enter(client, password="wrong")
    form = {"username": "no.such.name", "password": "wrong"}
    unknown = client.post("/entrar", data=form, headers=HOME)
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.text.replace(PEOPLE["VIEWER"][0], "") == unknown.text.replace("no.such.name", "")


def test_signing_out_needs_a_press_and_ends_the_session(client):
    enter(client)
    token = client.cookies["nova_session"]
    assert client.get("/sair").status_code == 200
    assert sessions.find_session(token)
    assert client.post("/sair", headers=HOME).headers["location"] == "/entrar?aviso=saiu"
    assert sessions.find_session(token) is None
    client.cookies.set("nova_session", token)
    assert client.get("/x").status_code == 401


def test_signing_in_again_gives_a_new_session_and_ends_the_old_one(client):
    enter(client)
    first = client.cookies["nova_session"]
    enter(client)
    assert client.cookies["nova_session"] != first
    assert sessions.find_session(first) is None


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\tevil",
        "javascript:alert(1)",
        "",
        None,
        "/entrar?next=/",
        "x" * 3000,
    ],
)
def test_after_signing_in_the_way_leads_only_to_screens_of_ours(target):
    assert safe_next(target) == "/"


def test_metrics_are_for_an_admin(client):
    enter(client, "ANALYST")
    assert client.get("/_stcore/metrics").status_code == 403
    enter(client, "ADMIN")
    assert client.get("/_stcore/metrics").text == "inside"


def test_every_answer_carries_the_security_headers_and_pages_are_not_cached(client):
    for path in ("/entrar", "/health", "/nova/door.css", "/nothing"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe-eval" not in headers["content-security-policy"]
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")
    assert client.get("/entrar").headers["cache-control"] == "no-store"
    assert "no-store" not in client.get("/nova/door.css").headers.get("cache-control", "")


def test_health_tells_strangers_one_word_and_members_the_parts(client, monkeypatch):
    # Redis is absent here, and nobody waits for it.
    monkeypatch.setattr("redis.retry.sleep", lambda seconds: pytest.fail(f"waited {seconds} s for Redis"))
    assert client.get("/health").json() == {"status": "ok"}
    enter(client)
    told = client.get("/health").json()
    assert told | {"redis": None} == {
        "status": "ok",
        "database": "ok",
        "redis": None,
        "as_of": "2026-11-20",
        "run_id": told["run_id"],
    }


def test_without_its_database_the_app_says_so_and_opens_nothing(client, company, monkeypatch):
    enter(client)
    sessions.forget_sessions()
    monkeypatch.setattr("streamlit_app.data.database.PATIENCE_SECONDS", 0.2)
    use_database(AppDatabase(company.settings.model_copy(update={"database_name": "nowhere"})))
    assert (client.get("/health").status_code, client.get("/health").json()) == (503, {"status": "degraded"})
    page = client.get("/materiais", headers=PAGE)
    assert page.status_code == 503 and "inside" not in page.text
    assert enter(client).status_code == 503


@pytest.mark.parametrize("path", ["/entrar", "/entrar/codigo", "/configurar"])
def test_a_field_that_no_text_can_hold_is_no_field_and_no_error(client, path):
    form = {"username": "a\0b", "password": "x\0", "challenge": "c\0", "code": "1\0", "token": "t\0"}
    answer = client.post(path, data=form, headers=HOME)
    assert answer.status_code in {400, 401, 404} and "text/html" in answer.headers["content-type"]


def _too_long() -> Iterator[bytes]:
    for _ in range(LARGEST_BODY // 1000 + 2):
        yield b"a" * 1000


@pytest.mark.parametrize("path", ["/entrar", "/configurar", "/api/v1/token", "/conta/tokens"])
def test_a_body_that_is_too_large_is_not_read(client, path):
    enter(client)
    kind = {"content-type": "application/json" if path.startswith("/api") else "application/x-www-form-urlencoded"}
    announced = client.post(path, content=b"a" * (LARGEST_BODY + 1), headers=HOME | kind | PAGE)
    assert (announced.status_code, "Pedido grande demais" in announced.text) == (413, True)
    assert client.post(path, content=_too_long(), headers=HOME | kind).status_code == 413


def test_an_unforeseen_error_is_a_page_with_a_number_and_no_inside(client, monkeypatch, caplog):
    def fail(*_args: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("streamlit_app.web.signin.page", fail)
    for language, word in (("pt-BR", "Algo deu errado"), ("en", "Something went wrong")):
        client.cookies.set("nova_lang", language)
        answer = client.get("/entrar", headers=PAGE)
        assert answer.status_code == 500 and word in answer.text and "secret inside" not in answer.text
        number = re.findall(r"\b[0-9a-f]{8}\b", answer.text)[-1]
        assert f"incident {number}" in caplog.text
        assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert client.get("/entrar").text.startswith("incident ")


@pytest.mark.parametrize("origin", ["https://evil.example", "http://testserver:8443", "null", "http://localhost:3000"])
def test_a_page_of_another_origin_cannot_listen_to_a_screen(client, origin):
    enter(client)
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream", headers={"origin": origin}):
        pass
    with client.websocket_connect("/_stcore/stream", headers=HOME) as stream:
        assert stream.receive_text() == "inside"


@pytest.mark.parametrize("path", ["/entrar", "/nova/x", "/static/x", "/health"])
def test_no_websocket_is_public(client, path):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(path):
        pass


def test_the_policy_names_the_pages_own_stream_and_no_other(client):
    policy = client.get("/entrar").headers["content-security-policy"]
    assert "connect-src 'self' ws://testserver wss://testserver;" in policy
    forged = client.get("/entrar", headers={"host": "x; script-src *"}).headers["content-security-policy"]
    assert "connect-src 'self';" in forged and "script-src *" not in forged


def test_reconnecting_resets_no_delay(app):
    site = Starlette(routes=routes, middleware=middleware)
    statuses = []
    for _ in range(6):
        with TestClient(site, follow_redirects=False) as fresh:
            form = {"username": "reconnecting.ghost", "password": "wrong"}
            answer = fresh.post("/entrar", data=form, headers=HOME)
            statuses.append(answer.status_code)
    assert statuses == [401] * 5 + [429]
    assert int(answer.headers["retry-after"]) > 0


def test_a_page_that_waits_for_the_database_asks_again_by_itself(client, company, monkeypatch):
    enter(client)
    sessions.forget_sessions()
    monkeypatch.setattr("streamlit_app.data.database.PATIENCE_SECONDS", 0.2)
    use_database(AppDatabase(company.settings.model_copy(update={"database_name": "nowhere"})))
    assert client.get("/materiais", headers=PAGE).headers["refresh"] == "5"
    use_database(AppDatabase(company.settings))
    assert client.get("/materiais", headers=PAGE).status_code == 200


def test_signing_out_tells_the_other_tabs(client):
    assert "/nova/signed_out.js" in client.get("/entrar?aviso=saiu").text
    assert "/nova/signed_out.js" not in client.get("/entrar").text


def test_the_language_follows_the_reader_from_the_door_on(client):
    assert '<html lang="pt-BR">' in client.get("/entrar").text
    switched = client.get("/idioma?para=en&next=/entrar%3Fnext%3D%252Fmateriais")
    assert switched.headers["location"] == "/entrar?next=%2Fmateriais"
    assert '<html lang="en">' in client.get("/entrar").text
    assert client.get("/idioma?para=xx&next=//evil.example").headers["location"] == "/"


def test_the_shell_of_the_screens_is_ours(client):
    enter(client)
    html = client.get("/materiais", headers=PAGE).text
    assert '<html lang="pt-BR">' in html and "/nova/shell.js" in html
    assert "<script>" not in html and "agent" not in html


def test_the_one_time_link_creates_the_first_admin_once(settings):
    use_database(AppDatabase(settings))
    sessions.forget_sessions()
    token = secrets.token_urlsafe(32)
    owner = Database(settings, role="nova_owner")
    owner.rows("SELECT support.create_setup_token(%(token)s)", token=digest(token))
    form = {"token": token, "username": "Chefe", "display_name": "Ana Souza", "password": "curta", "repeat": "outra"}
    with TestClient(Starlette(routes=routes, middleware=middleware), follow_redirects=False) as client:
        assert client.get("/configurar?token=wrong").status_code == 404
        assert client.get(f"/configurar?token={token}").status_code == 200
        refused = client.post("/configurar", data=form, headers=HOME)
        assert refused.status_code == 400 and "12 caracteres" in refused.text and "curta" not in refused.text
        good = form | {"password": "cavalo bateria grampo", "repeat": "cavalo bateria grampo"}
        assert client.post("/configurar", data=good, headers=HOME).headers["location"] == "/entrar?aviso=criada"
        assert client.post("/configurar", data=good | {"username": "second"}, headers=HOME).status_code == 404
        assert client.get(f"/configurar?token={token}").status_code == 404
    outcome = sessions.sign_in("chefe", "cavalo bateria grampo", None, None)
    assert sessions.find_session(outcome.token).role == "ADMIN"
    use_database(None)
