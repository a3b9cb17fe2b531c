"""Signing in at a provider: a small OpenID Connect provider on loopback, with real keys, codes and PKCE."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt as jose
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from streamlit_app.app import middleware, routes
from streamlit_app.data.database import AppDatabase, use_database
from tests.app.serving import served

CLIENT, SECRET = "nova", "client secret"
BACK = "/entrar/oidc/volta"
OURS = {"referer": "http://testserver/entrar", "sec-fetch-site": "same-origin"}


class Provider:
    """Vouches for `claims`; checks what a provider must check."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self.foreign_key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self.claims: dict[str, Any] = {}
        self.issuer = ""
        self.asked: dict[str, dict[str, str]] = {}
        self.forge = ""

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.metadata),
                Route("/jwks", self.jwks),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
            ]
        )

    async def metadata(self, _request: Request) -> JSONResponse:
        here = self.issuer
        return JSONResponse(
            {
                "issuer": here,
                "authorization_endpoint": f"{here}/authorize",
                "token_endpoint": f"{here}/token",
                "jwks_uri": f"{here}/jwks",
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def jwks(self, _request: Request) -> JSONResponse:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> RedirectResponse:
        query = dict(request.query_params)
        assert query["client_id"] == CLIENT and query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.asked[code] = query
        return RedirectResponse(f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}", 302)

    async def token(self, request: Request) -> JSONResponse:
        form = await request.form()
        asked = self.asked.pop(str(form["code"]), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(form.get("code_verifier")).encode()).digest())
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".replace(" ", "+").encode()).decode()
        known = request.headers.get("authorization", "").replace("%20", "+")
        if not asked or asked["code_challenge"] != challenge.rstrip(b"=").decode() or not known.startswith("Basic "):
            return JSONResponse({"error": "invalid_grant"}, 400)
        assert base64.b64decode(known[6:]).decode().replace("%20", " ").replace("+", " ") == f"{CLIENT}:{SECRET}", basic
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked["nonce"]}
        signed = self.signed(claims | self.claims)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": signed})

    def signed(self, claims: dict[str, Any]) -> str:
        """As a right provider signs, or as somebody would who has no key but knows how to confuse a reader."""
        if self.forge in {"none", "HS256"}:
            # No library signs so: the public key, which everybody has, as the secret of a symmetric signature.
            head = {"alg": self.forge, "kid": "1"}
            text = b".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
            mac = hmac.digest(self.key.as_pem(private=False), text, "sha256") if self.forge == "HS256" else b""
            return (text + b"." + _encoded(mac)).decode()
        key = self.foreign_key if self.forge == "another key" else self.key
        return jose.encode({"alg": "RS256", "kid": "1"}, claims, key)


def _encoded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    provider = Provider()
    with served(provider.app()) as port:
        provider.issuer = f"http://127.0.0.1:{port}"
        yield provider


@pytest.fixture
def client(app: AppDatabase, company, provider: Provider) -> Iterator[TestClient]:
    provider.claims, provider.forge = {}, ""
    with_provider = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SecretStr(SECRET),
        "public_url": "http://testserver",
    }
    use_database(AppDatabase(company.settings.model_copy(update=with_provider)))
    company.owner().execute("UPDATE support.users SET email = 'Bruno@Nova.example' WHERE username = 'bruno'")
    company.owner().execute("DELETE FROM support.identities")
    with TestClient(Starlette(routes=routes, middleware=middleware), follow_redirects=False) as client:
        yield client


def travel(client: TestClient, provider: Provider, target: str = "/materiais", **claims: Any):
    """There and back: what the browser does; the answer of our own door at the end."""
    import httpx

    provider.claims = {"sub": "s-1", "email": "bruno@nova.example", "email_verified": True} | claims
    leaving = client.get("/entrar/oidc/", params={"next": target}, headers=OURS)
    assert leaving.status_code == 302 and leaving.headers["location"].startswith(provider.issuer)
    back = httpx.get(leaving.headers["location"]).headers["location"]
    assert back.startswith(f"http://testserver{BACK}?")
    return client.get(back.removeprefix("http://testserver"))


def is_inside(client: TestClient) -> bool:
    return client.get("/conta").status_code == 200


def test_a_known_address_comes_in_and_keeps_the_deep_link(client, provider, company):
    assert "/entrar/oidc/?next=" in client.get("/entrar").text
    entered = travel(client, provider)
    assert (entered.status_code, entered.headers["location"]) == (303, "/materiais")
    assert is_inside(client) and "Bruno Lima" in client.get("/conta").text
    actions = company.owner().rows("SELECT action FROM support.audit_logs ORDER BY audit_id DESC LIMIT 2")
    assert [row["action"] for row in actions] == ["login.succeeded", "identity.linked"]


def test_the_subject_counts_once_it_is_known_not_the_address(client, provider):
    travel(client, provider)
    client.cookies.clear()
    assert travel(client, provider, email="renamed@nova.example").headers["location"] == "/materiais"
    client.cookies.clear()
    refused = travel(client, provider, sub="another subject")
    assert refused.headers["location"] == "/entrar?aviso=provedor" and not is_inside(client)


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "nobody@nova.example"},
        {"email_verified": False},
        {"email_verified": "false"},
        {"email": None},
        {"nonce": "of another sign-in"},
        {"aud": "another client"},
        {"exp": 1_000_000_000},
        {"iss": "https://evil.example"},
    ],
)
def test_what_the_provider_does_not_vouch_for_stays_outside(client, provider, claims):
    assert travel(client, provider, **claims).headers["location"] == "/entrar?aviso=provedor"
    assert not is_inside(client)
    assert 'role="alert"' in client.get("/entrar?aviso=provedor").text


@pytest.mark.parametrize("forge", ["another key", "none", "HS256"])
def test_a_token_of_another_key_stays_outside(client, provider, forge):
    provider.forge = forge
    assert travel(client, provider).headers["location"] == "/entrar?aviso=provedor"
    assert not is_inside(client)


def test_a_code_that_this_browser_did_not_ask_for_stays_outside(client, provider):
    leaving = client.get("/entrar/oidc/", headers=OURS)
    state = parse_qs(urlsplit(leaving.headers["location"]).query)["state"][0]
    client.cookies.clear()
    refused = client.get(BACK, params={"code": "stolen", "state": state})
    assert refused.headers["location"] == "/entrar?aviso=provedor" and not is_inside(client)


@pytest.mark.parametrize("headers", [{}, {"referer": "https://evil.example/"}, OURS | {"sec-fetch-site": "cross-site"}])
def test_following_a_link_of_somebody_else_begins_no_session(client, headers):
    assert client.get("/entrar/oidc/", headers=headers).headers["location"] == "/entrar"


def test_without_the_setting_there_is_no_such_door(app):
    with TestClient(Starlette(routes=routes, middleware=middleware), follow_redirects=False) as client:
        assert "/entrar/oidc" not in client.get("/entrar").text
        assert client.get("/entrar/oidc/", headers=OURS).headers["location"] == "/entrar"
        assert client.get(BACK).headers["location"] == "/entrar"


def test_a_provider_that_is_down_leaves_the_other_door_open(client, company):
    gone = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": CLIENT}
    use_database(AppDatabase(company.settings.model_copy(update=gone)))
    assert client.get("/entrar/oidc/", headers=OURS).headers["location"] == "/entrar?aviso=provedor"
    assert client.get("/entrar").status_code == 200
