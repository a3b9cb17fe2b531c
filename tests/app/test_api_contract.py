"""The API keeps what its specification says, asked by schemathesis with good and with broken calls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from starlette.applications import Starlette
from starlette.testclient import TestClient

from streamlit_app.access import accounts, sessions
from streamlit_app.api.app import api
from streamlit_app.api.routes import router
from streamlit_app.app import middleware, routes

# Who gets in is the other tests' matter: here every call carries a token.
SCHEMA = schemathesis.openapi.from_dict({name: part for name, part in api.openapi().items() if name != "security"})
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]
EXAMPLES = 12


@pytest.fixture
def client(app, sign_in, monkeypatch) -> Iterator[TestClient]:
    """A reader's client without a limit of calls."""
    unlimited = app.settings.model_copy(update={"api_calls_per_minute": 1_000_000})
    monkeypatch.setattr(app, "settings", unlimited)
    monkeypatch.setattr("streamlit_app.api.callers.STRANGERS_CALLS", 1_000_000)
    session = sessions.find_session(sign_in("VIEWER"))
    assert session
    with TestClient(Starlette(routes=routes, middleware=middleware), raise_server_exceptions=False) as client:
        client.headers["authorization"] = f"Bearer {accounts.create_api_token(session, 'contract', 30).token}"
        yield client


def test_the_specification_is_valid_and_names_every_route():
    SCHEMA.validate()
    assert {(o.method.upper(), o.path) for o in OPERATIONS} == {(m, r.path) for r in router.routes for m in r.methods}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: f"{o.method.upper()} {o.path}")
def test_calls_are_answered_as_the_specification_says(client, operation):
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    broken = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @given(case=st.one_of(good, broken) if operation.query or operation.body else good)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def hold(case: schemathesis.Case) -> None:
        sent = case.as_transport_kwargs(base_url="http://testserver/api/v1")
        kept = {name: sent[name] for name in ("method", "url", "params", "json", "data", "headers") if sent.get(name)}
        if "json" not in kept and isinstance(kept.get("data"), bytes):
            kept["content"] = kept.pop("data")
        response = client.request(**kept)
        case.validate_response(response)

    hold()
