"""One's own account over HTTP: first passwords, second factors, sessions and tokens."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from cryptography.fernet import InvalidToken
from pyotp.totp import TOTP
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from nova_resources.secrets import load_secrets, rotate_app_secret
from streamlit_app.access import second_factor, sessions
from streamlit_app.access.tokens import digest
from streamlit_app.app import middleware, routes
from streamlit_app.data.database import AppDatabase
from tests.app.conftest import PASSWORD, QUICK_HASH

HOME = {"origin": "http://testserver"}
PAGE = {"accept": "text/html"}
NEW_PASSWORD = "cavalo bateria grampo"
SECRET = re.compile(r'<p class="secret">(\S+)</p>')
CHALLENGE = re.compile(r'name="challenge" value="([^"]+)"')


async def _inside(_request) -> PlainTextResponse:
    return PlainTextResponse("inside")


@pytest.fixture
def client(app: AppDatabase) -> Iterator[TestClient]:
    site = Starlette(routes=[*routes, Route("/{path:path}", _inside)], middleware=middleware)
    with TestClient(site, follow_redirects=False) as client:
        yield client


@pytest.fixture
def person(company, request):
    """Makes a person of this test alone; his name."""
    names = iter(f"p{abs(hash(request.node.name)) % 10**8}{letter}" for letter in "abc")

    def make(role: str = "VIEWER", *, temporary: bool = False) -> str:
        name = next(names)
        company.owner().rows(
            "SELECT support.create_user(NULL, %(n)s, 'Test', NULL, %(h)s, %(r)s, p_temporary => %(t)s)",
            n=name,
            h=QUICK_HASH,
            r=role,
            t=temporary,
        )
        return name

    return make


def enter(client: TestClient, name: str, password: str = PASSWORD):
    return client.post("/entrar", data={"username": name, "password": password, "next": "/materiais"}, headers=HOME)


def post(client: TestClient, path: str, **fields: str):
    return client.post(path, data=fields, headers=HOME)


def switch_on(client: TestClient) -> tuple[TOTP, list[str]]:
    """Enrol the signed-in person as his phone would; the device and the recovery codes."""
    shown = post(client, "/conta/segundo-fator", old=PASSWORD)
    device = TOTP(SECRET.findall(shown.text)[0])
    done = post(client, "/conta/segundo-fator/confirmar", code=device.now())
    codes = re.findall(r"<li>([A-Z2-9]{5}-[A-Z2-9]{5})</li>", done.text)
    assert len(codes) == second_factor.RECOVERY_CODES
    return device, codes


def ask_for_code(client: TestClient, name: str) -> str:
    asked = enter(client, name)
    assert asked.status_code == 200 and "set-cookie" not in asked.headers, "no session before the code"
    return CHALLENGE.findall(asked.text)[0]


def test_a_given_password_opens_nothing_but_the_form_that_replaces_it(client, person):
    name = person(temporary=True)
    enter(client, name)
    for path in ("/", "/materiais", "/conta", "/_stcore/host-config"):
        away = client.get(path, headers=PAGE)
        assert (away.status_code, away.headers["location"]) == (303, "/conta/senha"), path
        assert client.get(path).status_code == 403
    assert client.get("/api/v1/items").status_code == 403
    assert client.get("/conta/senha").status_code == 200
    bad = {"old": PASSWORD, "password": "curta", "repeat": "curta"}
    assert "12 caracteres" in post(client, "/conta/senha", **bad).text
    assert post(client, "/conta/senha", **(bad | {"password": PASSWORD, "repeat": PASSWORD})).status_code == 400
    good = {"old": PASSWORD, "password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    assert post(client, "/conta/senha", **(good | {"old": "wrong"})).status_code == 400
    assert post(client, "/conta/senha", **good).headers["location"] == "/conta?feito=senha"
    assert client.get("/materiais").text == "inside" or client.get("/materiais").status_code == 200
    assert enter(client, name, PASSWORD).status_code == 401
    assert enter(client, name, NEW_PASSWORD).status_code == 303


@pytest.fixture
def demanding(app: AppDatabase, monkeypatch):
    """Demands a second factor of some of the people."""

    def demand(of: str) -> None:
        monkeypatch.setattr(app, "settings", app.settings.model_copy(update={"second_factor": of}))

    return demand


@pytest.mark.parametrize(
    ("demanded", "role", "free"), [("everybody", "VIEWER", "ADMIN"), ("admin", "ADMIN", "ANALYST")]
)
def test_where_a_second_factor_is_demanded_nothing_opens_before_it_is_on(
    client, person, demanding, demanded, role, free
):
    name = person(role)
    demanding(demanded)
    enter(client, name)
    for path in ("/", "/materiais", "/_stcore/host-config", "/conta/tokens"):
        away = client.get(path, headers=PAGE)
        assert (away.status_code, away.headers["location"]) == (303, "/conta"), path
        assert client.get(path).status_code == 403
    refused = client.get("/api/v1/items")
    assert (refused.status_code, "/conta" in refused.text) == (403, True)
    token = client.post("/api/v1/token", json={"username": name, "password": PASSWORD}, headers=HOME)
    assert (token.status_code, "/conta" in token.text) == (403, True)
    assert "obrigatório" in client.get("/conta").text
    switch_on(client)
    assert client.get("/materiais").status_code == 200
    assert client.get("/api/v1/items").status_code == 200
    client.cookies.clear()
    if demanded == "admin":
        enter(client, person(free))
        assert client.get("/materiais").status_code == 200


def test_a_given_password_is_good_for_a_week(client, person, company):
    name = person(temporary=True)
    company.owner().execute(
        "UPDATE support.users SET password_changed_at = now() - interval '8 days' WHERE username = %(n)s", n=name
    )
    assert enter(client, name).status_code == 401


def test_signing_in_asks_for_a_code_that_counts_once(client, person):
    name = person("ADMIN")
    enter(client, name)
    device, _ = switch_on(client)
    client.cookies.clear()
    used = device.now()
    assert post(client, "/entrar/codigo", challenge=ask_for_code(client, name), code=used).status_code == 401
    fresh = device.at(int(time.time()) + second_factor.STEP_SECONDS)
    challenge = ask_for_code(client, name)
    entered = post(client, "/entrar/codigo", challenge=challenge, code=fresh, next="/materiais")
    assert (entered.status_code, entered.headers["location"]) == (303, "/materiais")
    assert client.get("/conta").status_code == 200
    client.cookies.clear()
    assert post(client, "/entrar/codigo", challenge=challenge, code=fresh).status_code == 401, "the challenge is spent"
    assert post(client, "/entrar/codigo", challenge="no such challenge", code=fresh).status_code == 401


def test_a_password_of_ones_own_does_not_expire(client, person, company):
    name = person()
    company.owner().execute(
        "UPDATE support.users SET password_changed_at = now() - interval '10 years' WHERE username = %(n)s", n=name
    )
    assert enter(client, name).status_code == 303


def test_a_recovery_code_stands_in_once(client, person, company):
    name = person("ADMIN")
    enter(client, name)
    _, codes = switch_on(client)
    kept = company.owner().rows("SELECT code_hash FROM support.recovery_codes")
    assert all(len(row["code_hash"]) == 32 and codes[0].encode() not in row["code_hash"] for row in kept)
    assert {second_factor.recovery_digest(code) for code in codes} <= {row["code_hash"] for row in kept}
    client.cookies.clear()
    written = codes[0].lower().replace("-", " ")
    assert post(client, "/entrar/codigo", challenge=ask_for_code(client, name), code=written).status_code == 303
    client.cookies.clear()
    assert post(client, "/entrar/codigo", challenge=ask_for_code(client, name), code=codes[0]).status_code == 401


def test_guessing_codes_slows_down_like_guessing_passwords(client, person):
    name = person("ADMIN")
    enter(client, name)
    switch_on(client)
    client.cookies.clear()
    challenge = ask_for_code(client, name)
    statuses = [post(client, "/entrar/codigo", challenge=challenge, code="000000").status_code for _ in range(5)]
    assert statuses[-1] == 429 and set(statuses) == {401, 429}
    assert enter(client, name).status_code == 429, "a new challenge is no way around"


def test_the_api_asks_for_the_code_too(client, person):
    name = person("ADMIN")
    enter(client, name)
    device, _ = switch_on(client)
    client.cookies.clear()
    given = {"username": name, "password": PASSWORD}
    assert client.post("/api/v1/token", json=given).status_code == 401
    fresh = device.at(int(time.time()) + second_factor.STEP_SECONDS)
    assert client.post("/api/v1/token", json=given | {"code": fresh}).status_code == 200


def test_the_second_factor_goes_with_the_password_or_by_an_admin(client, person, company):
    name = person("ADMIN")
    enter(client, name)
    switch_on(client)
    assert post(client, "/conta/segundo-fator/remover", old="wrong").status_code == 400
    assert post(client, "/conta/segundo-fator/remover", old=PASSWORD).status_code == 303
    switch_on(client)
    company.owner().rows("SELECT support.reset_totp(NULL, %(n)s)", n=name)
    client.cookies.clear()
    assert enter(client, name).status_code == 303


def test_the_database_alone_does_not_tell_the_secret(client, person, company, app):
    name = person("ADMIN")
    enter(client, name)
    device, _ = switch_on(client)
    query = (
        "SELECT f.secret FROM support.second_factors f JOIN support.users u USING (user_id) WHERE u.username = %(n)s"
    )
    sealed = company.owner().rows(query, n=name)[0]["secret"]
    assert device.secret.encode() not in sealed and second_factor.unseal(sealed) == device.secret
    before = app.settings.secrets_file.read_text("utf-8")
    try:
        renewed = second_factor.reseal(sealed, rotate_app_secret(app.settings))
        assert renewed and second_factor.unseal(sealed) == device.secret
        rotate_app_secret(app.settings)
        assert second_factor.unseal(renewed) == device.secret
        with pytest.raises(InvalidToken):
            second_factor.unseal(sealed)
        assert second_factor.reseal(sealed, load_secrets(app.settings)) is None
    finally:
        app.settings.secrets_file.write_text(before, "utf-8")


def test_one_ends_ones_own_sessions_and_nobody_elses(client, person):
    name, other = person(), person()
    enter(client, other)
    foreign = client.cookies["nova_session"]
    client.cookies.clear()
    enter(client, name)
    first = client.cookies["nova_session"]
    client.cookies.clear()
    enter(client, name)
    shown = client.get("/conta").text
    assert digest(first).hex()[:16] in shown and digest(foreign).hex()[:16] not in shown
    assert post(client, "/conta/sessoes/encerrar", session_id=digest(foreign).hex()[:16]).status_code == 400
    assert sessions.find_session(foreign)
    assert post(client, "/conta/sessoes/encerrar", session_id=digest(first).hex()[:16]).status_code == 303
    assert sessions.find_session(first) is None


def test_a_token_is_shown_once_and_works_until_revoked(client, person):
    enter(client, person())
    wish = {"label": "ERP", "days": "30", "old": PASSWORD}
    assert post(client, "/conta/tokens", **(wish | {"old": "wrong"})).status_code == 400
    assert post(client, "/conta/tokens", **(wish | {"days": "4000"})).status_code == 400
    token = SECRET.findall(post(client, "/conta/tokens", **wish).text)[0]
    page = client.get("/conta").text
    assert token not in page and "ERP" in page
    headers = {"authorization": f"Bearer {token}"}
    cookies = dict(client.cookies)
    client.cookies.clear()
    assert client.get("/api/v1/items", headers=headers).status_code == 200
    client.cookies.update(cookies)
    assert post(client, "/conta/tokens/revogar", token_id=digest(token).hex()[:16]).status_code == 303
    assert client.get("/api/v1/items", headers=headers).status_code == 401


def test_a_right_password_is_no_guess_and_a_wrong_one_is_recorded(client, person, company):
    name = person()
    enter(client, name)
    wish = {"label": "ERP", "days": "30", "old": PASSWORD}
    assert [post(client, "/conta/tokens", **wish).status_code for _ in range(8)] == [200] * 8
    post(client, "/conta/tokens", **(wish | {"old": "wrong"}))
    query = "SELECT actor, action, outcome FROM support.audit_logs ORDER BY audit_id DESC LIMIT 1"
    assert company.owner().rows(query) == [{"actor": name, "action": "password.refused", "outcome": "REFUSED"}]


@pytest.mark.parametrize("path", [r.path for r in routes if isinstance(r, Route) and r.path.startswith("/conta")])
def test_forms_of_the_account_come_from_our_own_page(client, sign_in, path):
    client.cookies.set("nova_session", sign_in("VIEWER"))
    answer = client.post(path, data={"old": PASSWORD}, headers={"origin": "https://evil.example"})
    assert answer.status_code in {403, 405}


def test_the_account_speaks_both_languages(client, sign_in):
    client.cookies.set("nova_session", sign_in("VIEWER"))
    assert "Sessões abertas" in client.get("/conta").text
    client.cookies.set("nova_lang", "en")
    page = client.get("/conta").text
    assert "Open sessions" in page and "Sessões" not in page


@pytest.mark.parametrize(("role", "status"), [("ADMIN", 204), ("ANALYST", 403), ("VIEWER", 403)])
def test_a_proxy_learns_who_may_pass_to_the_engineers_tools(client, sign_in, role, status):
    assert client.get("/portaria/engenharia").status_code == 401
    client.cookies.set("nova_session", sign_in(role))
    assert client.get("/portaria/engenharia").status_code == status
    assert client.get("/portaria/leitura").status_code == 204
    assert client.get("/portaria/other").status_code == 404
