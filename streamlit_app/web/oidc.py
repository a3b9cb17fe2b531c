"""Signing in at an OpenID Connect provider (settings NOVA_OIDC_*): authorization code with PKCE, state and nonce.

The provider says who somebody is; what he may do stands in our own table of people, where his verified e-mail address
or an identity tied to it earlier must be known.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

import httpx
from anyio import to_thread
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from joserfc.errors import JoseError
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from nova_resources.secrets import load_secrets
from streamlit_app.access.sessions import sign_in_identity
from streamlit_app.access.tokens import derived_key
from streamlit_app.data.database import DatabaseUnavailable, database
from streamlit_app.web.cookies import is_secure
from streamlit_app.web.entering import enter
from streamlit_app.web.pages import message_page
from streamlit_app.web.requests import client_address, is_same_origin, next_of, safe_next, user_agent

PATIENCE_SECONDS = 10
# Time to sign in over there.
STATE_SECONDS = 600
COOKIE = "nova_oidc"
REFUSED = "/entrar?aviso=provedor"

log = logging.getLogger(__name__)


def is_configured() -> bool:
    """Whether a provider is set."""
    settings = database().settings
    return bool(settings.oidc_issuer and settings.oidc_client_id)


async def leave(request: Request) -> Response:
    """GET /entrar/oidc/?next=…: to the provider."""
    # A session begins with a press on our own page, never by following a link of somebody else.
    if not is_configured() or not is_same_origin(request):
        return RedirectResponse("/entrar", status_code=303)
    request.session["next"] = next_of(request.query_params)
    try:
        return await _provider().authorize_redirect(request, f"{database().settings.front_url}/entrar/oidc/volta")
    except (OAuthError, httpx.HTTPError):
        log.exception("the identity provider does not answer")
        return RedirectResponse(REFUSED, status_code=303)


async def come_back(request: Request) -> Response:
    """GET /entrar/oidc/volta: from the provider, with a code that stands for the person."""
    if not is_configured():
        return RedirectResponse("/entrar", status_code=303)
    target = safe_next(request.session.pop("next", None))
    try:
        token = await _provider().authorize_access_token(request)
        claims = token.get("userinfo") or {}
    except (OAuthError, JoseError, httpx.HTTPError):
        log.exception("signing in at the identity provider failed")
        return RedirectResponse(REFUSED, status_code=303)
    # Some providers say it as text, and "false" is not empty.
    verified = str(claims.get("email_verified")).casefold() == "true"
    if not verified or not claims.get("email") or not claims.get("sub"):
        log.warning("the identity provider gave no verified e-mail address")
        return RedirectResponse(REFUSED, status_code=303)
    try:
        outcome = await to_thread.run_sync(
            sign_in_identity,
            claims["iss"],
            claims["sub"],
            claims["email"],
            client_address(request),
            user_agent(request),
        )
        if outcome.token is None:
            return RedirectResponse(REFUSED, status_code=303)
        return await enter(request, outcome, target)
    except DatabaseUnavailable:
        return message_page(request, "door.unavailable_title", "door.unavailable_text", status=503)


def _provider() -> StarletteOAuth2App:
    settings = database().settings
    secret = settings.oidc_client_secret
    return _registered(settings.oidc_issuer, settings.oidc_client_id, secret.get_secret_value() if secret else None)


@lru_cache(maxsize=4)
def _registered(issuer: str, client_id: str, client_secret: str | None) -> StarletteOAuth2App:
    values: dict[str, Any] = {
        "client_id": client_id,
        "client_secret": client_secret,
        "server_metadata_url": f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        "client_kwargs": {
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "timeout": PATIENCE_SECONDS,
        },
    }
    provider = OAuth().register("provider", **values)
    assert isinstance(provider, StarletteOAuth2App)
    return provider


class _State:
    """Starlette's signed cookie for the way there and back, with the home's key and as secure as the connection."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        signed = SessionMiddleware(
            self.app,
            secret_key=derived_key(load_secrets(database().settings), "oidc-state"),
            session_cookie=COOKIE,
            max_age=STATE_SECONDS,
            path="/entrar/oidc",
            same_site="lax",
            https_only=is_secure(Request(scope)),
        )
        await signed(scope, receive, send)


routes = [
    Mount(
        "/entrar/oidc",
        routes=[
            Route("/volta", come_back, methods=["GET"]),
            Route("/", leave, methods=["GET"]),
        ],
        middleware=[Middleware(_State)],
    )
]
