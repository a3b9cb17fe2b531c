"""The REST API over HTTP, on the sample company: who may ask, what is answered, what happens when parts are missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from nova_resources.secrets import load_secrets, rotate_app_secret
from streamlit_app.access import accounts, bearer, sessions
from streamlit_app.access.tokens import digest
from streamlit_app.api import answers, callers, problems, rows
from streamlit_app.api.app import api
from streamlit_app.api.routes import router
from streamlit_app.app import middleware, routes
from streamlit_app.data.database import AppDatabase, use_database
from streamlit_app.i18n.words import WORDS
from tests.app.conftest import PASSWORD, PEOPLE
from tests.app.sample_master import AS_OF

API = "/api/v1"
PROBLEM = "application/problem+json"
LISTS = {
    "/items": rows.Item,
    "/demand/timeseries?item_code=033.010": rows.Demand,
    "/inventory": rows.Stock,
    "/forecasts": rows.Forecast,
    "/features": rows.Features,
    "/analytics/kpis": rows.Kpi,
    "/recommendations": rows.Recommendation,
    "/alerts": rows.Alert,
    "/suppliers": rows.Supplier,
}


@pytest.fixture
def client(app: AppDatabase) -> Iterator[TestClient]:
    site = Starlette(routes=routes, middleware=middleware)
    with TestClient(site, follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def token(sign_in: Callable[[str], str]) -> Callable[[str], str]:
    """An API token of a role's person."""

    def make(role: str = "VIEWER") -> str:
        session = sessions.find_session(sign_in(role))
        assert session
        return accounts.create_api_token(session, f"test {role}", 30).token

    return make


@pytest.fixture
def caller(client: TestClient, token: Callable[[str], str]) -> TestClient:
    """A client that carries a reader's token."""
    client.headers["authorization"] = f"Bearer {token('VIEWER')}"
    return client


def sign(client: TestClient, role: str = "VIEWER", **more: str):
    return client.post(f"{API}/token", json={"username": PEOPLE[role][0], "password": PASSWORD} | more)


def trail(company, action: str = "api.called") -> list[dict]:
    query = "SELECT actor, entity, outcome, details FROM support.audit_logs WHERE action = %(a)s ORDER BY audit_id DESC"
    return company.owner().rows(query, a=action)


def test_every_address_refuses_strangers_and_says_what_to_do(client):
    open_to_all = {("POST", "/token")}
    closed = [(m, r.path) for r in router.routes for m in r.methods if (m, r.path) not in open_to_all]
    closed += [("GET", "/openapi.json"), ("GET", "/docs"), ("GET", "/nothing")]
    assert len(closed) >= 15
    for method, path in closed[:25]:
        answer = client.request(method, API + path.replace("{item_code}", "033.010"), params={"limit": "none"})
        assert answer.status_code == 401, (method, path)
        assert answer.headers["content-type"] == PROBLEM and answer.json()["cure"], (method, path)


@pytest.mark.parametrize("credential", ["Bearer x", "Bearer a.b.c", "Basic YTpi", "Bearer", "Bearer " + "x" * 2000])
def test_a_false_credential_is_no_credential_even_beside_a_good_cookie(client, sign_in, credential):
    client.cookies.set("nova_session", sign_in("ADMIN"))
    assert client.get(f"{API}/items").status_code == 200
    answer = client.get(f"{API}/items", headers={"authorization": credential})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", LISTS)
def test_every_list_is_a_page_of_its_rows_and_nothing_else(caller, path):
    first = caller.get(API + path, params=None)
    page = rows.Page[LISTS[path]].model_validate(first.json(), strict=False)
    assert page.total >= len(page.rows) > 0
    glue = "&" if "?" in path else "?"
    one = caller.get(f"{API}{path}{glue}limit=1&offset={page.total - 1}").json()
    assert (len(one["rows"]), one["total"]) == (1, page.total)
    if page.total <= page.limit:
        assert one["rows"][0] == first.json()["rows"][-1], "pages follow one order"


def test_a_material_comes_with_its_sites_and_an_unknown_one_with_a_problem(caller):
    listed = caller.get(f"{API}/items?limit=1").json()["rows"][0]
    detail = caller.get(f"{API}/items/{listed['item_code']}").json()
    assert rows.ItemDetail.model_validate(detail).sites
    assert {name: detail[name] for name in listed} == listed
    missing = caller.get(f"{API}/items/no-such-code")
    assert (missing.status_code, missing.headers["content-type"]) == (404, PROBLEM)
    assert "no-such-code" in missing.json()["detail"]


def test_sums_of_demand_agree_in_every_grain_and_with_the_table(caller, company):
    code = caller.get(f"{API}/recommendations?limit=1").json()["rows"][0]["item_code"]
    span = {"item_code": code, "date_from": "2000-01-01", "date_to": str(AS_OF), "limit": "1000"}

    def total(grain: str) -> float:
        found = caller.get(f"{API}/demand/timeseries", params=span | {"grain": grain}).json()
        assert found["total"] == len(found["rows"])
        return sum(row["quantity"] for row in found["rows"])

    query = "SELECT sum(quantity) AS q FROM core.fact_demand_daily WHERE item_id = core.surrogate_key(%(c)s)"
    stored = float(company.owner().rows(query, c=code)[0]["q"])
    assert total("day") == total("week") == total("month") == stored > 0


def test_filters_narrow_and_unknown_ones_are_errors(caller):
    every = caller.get(f"{API}/forecasts").json()["total"]
    d30 = caller.get(f"{API}/forecasts?target=D30").json()
    assert 0 < d30["total"] < every and {row["target"] for row in d30["rows"]} == {"D30"}
    for bad in ("target=D31", "limit=0", "limit=1001", "offset=-1", "itemcode=1", "item_code=%00"):
        answer = caller.get(f"{API}/forecasts?{bad}")
        assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM), bad


def test_a_search_takes_its_signs_literally(caller):
    assert caller.get(f"{API}/items", params={"search": "%"}).json()["total"] == 0
    assert caller.get(f"{API}/items", params={"search": "'; DROP TABLE support.users; --"}).json()["total"] == 0


def test_what_is_known_is_not_sent_again_until_something_is_published(caller, company, monkeypatch):
    monkeypatch.setattr(answers, "VERSION_SECONDS", 0)
    first = caller.get(f"{API}/inventory")
    tag = {"if-none-match": first.headers["etag"]}
    assert first.headers["cache-control"] == "private, no-cache"
    again = caller.get(f"{API}/inventory", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert caller.get(f"{API}/inventory?limit=5", headers=tag).status_code == 200
    company.owner().execute(
        "INSERT INTO support.materializations (table_name, run_id, code_version, rows, mode)"
        " VALUES ('core.dim_item', 'test', 'test', 1, 'REPLACE')"
    )
    assert caller.get(f"{API}/inventory", headers=tag).status_code == 200


def test_a_decision_shows_at_once(caller, company, sign_in, monkeypatch):
    from streamlit_app.data import decisions
    from streamlit_app.data.filters import Filters

    monkeypatch.setattr(answers, "VERSION_SECONDS", 0)
    analyst = sessions.find_session(sign_in("ANALYST"))
    row = decisions.recommendations(analyst, AS_OF, Filters(), decisions.QueueWish()).iloc[-1].to_dict()
    asked = {"item_code": row["item_code"], "site_code": row["site_code"], "action": row["action"]}
    before = caller.get(f"{API}/recommendations", params=asked).json()["rows"]
    version = decisions.decide(analyst, row, "REJECTED", reason="test")
    try:
        after = caller.get(f"{API}/recommendations", params=asked).json()["rows"]
        assert [r["state"] for r in before] == ["PROPOSED"] and [r["state"] for r in after] == ["REJECTED"]
    finally:
        decisions.withdraw(analyst, row | {"version": version})


def test_an_alert_tells_who_closed_it_when_and_why(caller, company, sign_in, monkeypatch):
    from streamlit_app.data import decisions
    from streamlit_app.data.filters import Filters

    monkeypatch.setattr(answers, "VERSION_SECONDS", 0)
    analyst = sessions.find_session(sign_in("ANALYST"))
    row = decisions.alerts(analyst, Filters()).iloc[0].to_dict()
    asked = {"item_code": row["item_code"], "site_code": row["site_code"], "cause": row["cause"]}

    def told() -> tuple[object, ...]:
        [alert] = caller.get(f"{API}/alerts", params=asked).json()["rows"]
        return tuple(alert[f"closed{part}"] for part in ("", "_on", "_reason", "_by"))

    assert told() == (False, None, None, None)
    decisions.resolve_alert(analyst, row, "counted again")
    try:
        closed, day, reason, who = told()
        assert (closed, reason, who) == (True, "counted again", "bruno") and str(day) >= str(AS_OF)
    finally:
        decisions.reopen_alert(analyst, row)
    assert told()[0] is False


def test_totals_of_a_list_are_counted_once_for_all_its_pages(caller, monkeypatch):
    asked = []
    one = answers._one
    monkeypatch.setattr(answers, "_one", lambda query, params: asked.append(params.get("total")) or one(query, params))
    monkeypatch.setattr(answers._process, "totals", {})
    first, second = (caller.get(f"{API}/forecasts?limit=2&offset={offset}").json() for offset in (0, 2))
    assert first["total"] == second["total"] > 4 and first["rows"] != second["rows"]
    assert asked[-2:] == [None, first["total"]]
    assert caller.get(f"{API}/forecasts?target=D30").json()["total"] < first["total"]


def test_a_signed_token_reads_for_eight_hours_and_writes_nothing(client, company):
    made = sign(client, "ANALYST")
    assert made.json()["expires_in"] == 8 * 3600
    token = made.json()["access_token"]
    head, claims = jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})
    assert (head["alg"], claims["exp"] - claims["iat"]) == ("HS256", 8 * 3600)
    assert client.get(f"{API}/items", headers={"authorization": f"Bearer {token}"}).status_code == 200
    client.cookies.set("nova_session", claims["sid"])
    assert client.get("/conta").status_code == 401, "what the token names opens no browser session"
    with pytest.raises(Exception, match="no_live_session"):
        company.owner().rows("SELECT support.set_locale(%(s)s, 'en')", s=bytes.fromhex(claims["sid"]))


def test_a_token_ends_when_its_owner_says_so_or_loses_his_account(client, company):
    headers = {"authorization": f"Bearer {sign(client).json()['access_token']}"}
    assert client.get(f"{API}/items", headers=headers).status_code == 200
    assert client.delete(f"{API}/token", headers=headers).status_code == 204
    assert client.get(f"{API}/items", headers=headers).status_code == 401
    headers = {"authorization": f"Bearer {sign(client).json()['access_token']}"}
    company.owner().rows("SELECT support.set_active(NULL, 'carla', false)")
    try:
        sessions.forget_sessions()
        assert client.get(f"{API}/items", headers=headers).status_code == 401
        assert sessions.REMEMBERED_SECONDS <= 30
    finally:
        company.owner().rows("SELECT support.set_active(NULL, 'carla', true)")


def test_tokens_of_another_key_algorithm_or_time_are_refused(client, app, monkeypatch):
    good = sign(client).json()["access_token"]
    claims = jwt.decode(good, options={"verify_signature": False})
    key = bearer.derived_keys(load_secrets(app.settings), bearer.PURPOSE)[0]
    head = {"kid": bearer.key_id(key)}
    forged = [
        jwt.encode(claims, "another key of sufficient length 1234", "HS256", headers=head),
        jwt.encode(claims, None, "none", headers=head),
        jwt.encode(claims | {"aud": "elsewhere"}, key, "HS256", headers=head),
        jwt.encode(claims | {"exp": claims["iat"] - 1}, key, "HS256", headers=head),
        jwt.encode(claims, key, "HS512", headers=head),
        jwt.encode(claims, key, "HS256", headers={"kid": "00000000"}),
        good[:-3] + ("AAA" if not good.endswith("AAA") else "BBB"),
    ]
    statuses = [client.get(f"{API}/items", headers={"authorization": f"Bearer {one}"}).status_code for one in forged]
    assert statuses == [401] * len(forged)


def test_a_rotation_ends_no_token_and_a_second_one_does(client, app):
    headers = {"authorization": f"Bearer {sign(client).json()['access_token']}"}
    before = app.settings.secrets_file.read_text("utf-8")
    try:
        rotate_app_secret(app.settings)
        assert client.get(f"{API}/items", headers=headers).status_code == 200
        newer = {"authorization": f"Bearer {sign(client).json()['access_token']}"}
        rotate_app_secret(app.settings)
        assert client.get(f"{API}/items", headers=headers).status_code == 401
        assert client.get(f"{API}/items", headers=newer).status_code == 200
    finally:
        app.settings.secrets_file.write_text(before, "utf-8")


def test_wrong_passwords_say_nothing_and_slow_down_at_this_door_too(client, company):
    wrong = client.post(f"{API}/token", json={"username": "ghost.api", "password": "wrong"})
    assert (wrong.status_code, wrong.headers["content-type"]) == (401, PROBLEM)
    statuses = [
        client.post(f"{API}/token", json={"username": "ghost.api", "password": "x"}).status_code for _ in range(6)
    ]
    assert statuses[-1] == 429 and set(statuses) == {401, 429}


def test_calls_are_limited_by_token_and_the_rest_is_told(app, client, token, monkeypatch):
    settings = app.settings.model_copy(update={"api_calls_per_minute": 3})
    monkeypatch.setattr(app, "settings", settings)
    monkeypatch.setattr("streamlit_app.api.store.time.time", lambda: 1_000_000_000.0)
    headers = {"authorization": f"Bearer {token('VIEWER')}"}
    told = [client.get(f"{API}/items", headers=headers) for _ in range(4)]
    assert [answer.status_code for answer in told] == [200, 200, 200, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in told] == ["2", "1", "0", "0"]
    assert 0 < int(told[-1].headers["retry-after"]) <= 60
    other = {"authorization": f"Bearer {token('ANALYST')}"}
    assert client.get(f"{API}/items", headers=other).status_code == 200


def test_strangers_are_limited_by_address(client, monkeypatch):
    monkeypatch.setattr("streamlit_app.api.store.time.time", lambda: 2_000_000_000.0)
    monkeypatch.setattr(callers, "STRANGERS_CALLS", 2)
    assert [client.get(f"{API}/items").status_code for _ in range(3)] == [401, 401, 429]


def test_every_call_is_recorded_in_the_name_of_its_credential(client, token, company):
    headers = {"authorization": f"Bearer {token('ANALYST')}"}
    client.get(f"{API}/items?family=Energia", headers=headers)
    [last, *_] = trail(company)
    assert (last["actor"], last["entity"], last["outcome"]) == ("bruno", "/items", "DONE")
    assert last["details"]["asked"]["family"] == "Energia"
    client.get(f"{API}/items")
    [last, *_] = trail(company)
    assert (last["actor"], last["outcome"], last["details"]["status"]) == ("anonymous", "REFUSED", 401)
    assert company.owner().rows("SELECT problem FROM support.audit_verify()") == [{"problem": None}]


@pytest.mark.parametrize(
    ("path", "status"), [("/items?limit=0", 422), ("/nothing", 404), ("/openapi.json", 200), ("/docs", 200)]
)
def test_calls_that_no_list_answers_count_and_are_recorded_too(client, token, company, path, status):
    headers = {"authorization": f"Bearer {token('ANALYST')}"}
    assert client.get(f"{API}{path}", headers=headers).status_code == status
    [last, *_] = trail(company)
    assert (last["actor"], last["entity"], last["details"]["status"]) == ("bruno", path.partition("?")[0], status)
    assert client.get(f"{API}{path}").status_code == 401
    [last, *_] = trail(company)
    assert (last["actor"], last["outcome"], last["details"]["status"]) == ("anonymous", "REFUSED", 401)


def test_strangers_broken_calls_are_limited_by_address(client, monkeypatch):
    monkeypatch.setattr("streamlit_app.api.store.time.time", lambda: 4_000_000_000.0)
    monkeypatch.setattr(callers, "STRANGERS_CALLS", 2)
    assert [client.get(f"{API}/items?limit=0").status_code for _ in range(3)] == [401, 401, 429]


@pytest.mark.parametrize(
    ("asked", "language", "words"),
    [
        ({}, "pt-BR", "limit: precisa ser 1 ou mais"),
        ({"accept-language": "en-GB,en;q=0.9,pt;q=0.8"}, "en", "limit: must be 1 or more"),
        ({"accept-language": "en;q=0.5, pt-PT"}, "pt-BR", "limit: precisa ser 1 ou mais"),
        ({"accept-language": "de, xx;q=z, en;q=0.1"}, "en", "limit: must be 1 or more"),
        ({"accept-language": "de", "cookie": "nova_lang=en"}, "en", "limit: must be 1 or more"),
    ],
)
def test_an_error_speaks_the_callers_language(caller, asked, language, words):
    answer = caller.get(f"{API}/items?limit=0", headers=asked)
    assert (answer.headers["content-language"], answer.headers["vary"]) == (language, "Accept-Language")
    assert words in answer.json()["detail"]
    titles = {"pt-BR": "O pedido não pode ser entendido", "en": "The request cannot be understood"}
    assert answer.json()["title"] == titles[language]


def test_every_problem_has_its_words():
    """Stems that the code names, against the catalogue: none without title and cure, none that nobody says."""
    package = Path(problems.__file__).parent
    code = "\n".join(file.read_text("utf-8") for file in package.glob("*.py"))
    named = set(re.findall(r'Problem\(\s*(?:\d+|error\.status_code), "[a-z-]+", "([a-z_]+)"', code))
    named |= {"unauthorized", "wrong_password"}
    assert named == {key.split(".")[1] for key in WORDS if key.startswith("problem.")}
    assert {f"problem.{one}.{part}" for one in named for part in ("title", "cure")} <= WORDS.keys()


def test_a_given_password_must_be_replaced_before_it_reads(client, company):
    create = "SELECT support.create_user(NULL, 'novato', 'Novato', NULL, %(h)s, 'VIEWER', p_temporary => true)"
    from streamlit_app.access.passwords import hash_password

    company.owner().rows(create, h=hash_password(PASSWORD))
    answer = client.post(f"{API}/token", json={"username": "novato", "password": PASSWORD})
    assert (answer.status_code, answer.headers["content-type"]) == (403, PROBLEM)


def test_without_the_database_the_answer_says_so(caller, company, monkeypatch):
    monkeypatch.setattr("streamlit_app.data.database.PATIENCE_SECONDS", 0.2)
    use_database(AppDatabase(company.settings.model_copy(update={"database_name": "nowhere"})))
    sessions.forget_sessions()
    answer = caller.get(f"{API}/items")
    assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
    assert answer.headers["retry-after"] and "nova doctor" in answer.json()["cure"]


def test_before_the_first_run_the_answer_says_what_is_missing(settings, tmp_path):
    from nova_resources.postgres import Database
    from streamlit_app.access.passwords import hash_password

    Database(settings, role="nova_owner").rows(
        "SELECT support.create_user(NULL, 'ana', 'Ana', NULL, %(h)s, 'ADMIN')", h=hash_password(PASSWORD)
    )
    with Database(settings, role="nova_owner").connect() as connection:
        connection.execute("REFRESH MATERIALIZED VIEW analytics.mv_item_sites_latest WITH NO DATA")
    use_database(AppDatabase(settings))
    sessions.forget_sessions()
    try:
        with TestClient(Starlette(routes=routes, middleware=middleware), raise_server_exceptions=False) as client:
            made = client.post(f"{API}/token", json={"username": "ana", "password": PASSWORD}).json()
            headers = {"authorization": f"Bearer {made['access_token']}"}
            assert client.get(f"{API}/items", headers=headers).json()["total"] == 0
            answer = client.get(f"{API}/inventory", headers=headers)
            assert (answer.status_code, answer.json()["type"]) == (503, "/api/v1/docs#not-computed")
    finally:
        use_database(None)


def test_an_unforeseen_error_tells_a_number_and_no_inside(caller, monkeypatch, caplog):
    def fail(*_args: object):
        raise RuntimeError("secret inside")

    monkeypatch.setattr(answers, "_asked", fail)
    answer = caller.get(f"{API}/suppliers?limit=7")
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert "secret inside" not in answer.text and "ocorrência" in answer.json()["detail"]
    assert "secret inside" in caplog.text


def test_health_names_the_parts(caller):
    told = rows.Health.model_validate(caller.get(f"{API}/health").json())
    assert (told.database, str(told.as_of)) == ("ok", str(AS_OF))
    assert told.status == ("ok" if told.cache == "ok" else "degraded")


def test_the_reference_page_speaks_both_languages_and_needs_a_session(client, sign_in):
    away = client.get(f"{API}/docs", headers={"accept": "text/html"})
    assert (away.status_code, away.headers["location"]) == (303, "/entrar?next=%2Fapi%2Fv1%2Fdocs")
    client.cookies.set("nova_session", sign_in("VIEWER"))
    for language, word in (("pt-BR", "Somente leitura"), ("en", "Read-only")):
        client.cookies.set("nova_lang", language)
        page = client.get(f"{API}/docs")
        assert word in page.text and "/api/v1/demand/timeseries" in page.text and "<script" not in page.text
    assert client.get(f"{API}/openapi.json").json()["openapi"].startswith("3.1")
    assert api.openapi()["security"] == [{"bearer": []}]


def test_an_api_token_is_no_cookie_and_a_cookie_no_token(client, token, sign_in):
    api_token, cookie = token("ADMIN"), sign_in("ADMIN")
    assert client.get(f"{API}/items", headers={"authorization": f"Bearer {api_token}"}).status_code == 200
    client.cookies.set("nova_session", api_token)
    assert client.get("/conta").status_code == 401
    client.cookies.clear()
    assert client.get(f"{API}/items", headers={"authorization": f"Bearer {cookie}"}).status_code == 401
    assert sessions.session_of(sessions.BROWSER, digest(api_token)) is None
    assert timedelta(hours=8) == bearer.LIFETIME
