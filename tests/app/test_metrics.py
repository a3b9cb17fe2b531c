"""Metrics: closed to strangers, few series whatever is asked for, and the same numbers as the tables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from nova_resources.postgres import Database
from nova_resources.settings import Settings, load_settings
from streamlit_app.app import middleware, routes
from streamlit_app.data.database import AppDatabase
from streamlit_app.web.metrics import may_read, part_of


@pytest.fixture
def here(app: AppDatabase) -> Iterator[TestClient]:
    with TestClient(
        Starlette(routes=list(routes), middleware=middleware), "http://localhost", client=("127.0.0.1", 50000)
    ) as client:
        yield client


def values(client: TestClient) -> dict[tuple[str, ...], float]:
    """Samples by name and values of their labels, in the order of the labels' names."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def test_the_numbers_are_those_of_the_tables(here: TestClient, app: AppDatabase) -> None:
    found = values(here)
    query = "SELECT table_name, max(at) AS at FROM support.materializations GROUP BY table_name"
    published = Database(app.settings, "nova_owner").rows(query)
    assert published
    for row in published:
        assert found["nova_table_published_timestamp_seconds", row["table_name"]] == pytest.approx(
            row["at"].timestamp()
        )
    assert found["nova_database_up",] == 1


def test_requests_are_counted_by_part_and_status(here: TestClient) -> None:
    before = values(here).get(("nova_app_requests_total", "GET", "health", "200"), 0)
    here.get("/health")
    assert values(here)["nova_app_requests_total", "GET", "health", "200"] == before + 1


def test_a_stranger_is_told_that_there_is_no_such_page(app: AppDatabase) -> None:
    with TestClient(Starlette(routes=list(routes), middleware=middleware), client=("10.0.0.9", 50000)) as client:
        assert client.get("/metrics").status_code == 404
        assert "nova_" not in client.get("/metrics").text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_what_comes_through_a_proxy_is_not_from_here(here: TestClient, header: str) -> None:
    assert here.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize(
    ("sent", "admitted"), [("Bearer right", True), ("Bearer wrong", False), ("right", False), ("", False)]
)
def test_where_a_token_is_set_nothing_else_counts(sent: str, admitted: bool) -> None:
    settings: Settings = load_settings(metrics_token=SecretStr("right"))
    scope = {"type": "http", "headers": [(b"authorization", sent.encode())], "client": ("127.0.0.1", 1)}
    assert may_read(Request(scope), settings) is admitted


def test_invented_addresses_make_no_series_of_their_own() -> None:
    assert {part_of(f"/x{number}/y") for number in range(100)} == {"other"}
    assert part_of("/") == "start"
    assert part_of("/static/js/index.js") == part_of("/nova/shell.js") == "assets"
