"""GET /metrics for Prometheus: this process's requests and open sessions, and the freshness of the data.

Closed to strangers: a bearer token where one is set (NOVA_METRICS_TOKEN), else a direct call from this machine.
"""

from __future__ import annotations

import secrets
import time
from functools import cache
from urllib.parse import urlsplit

from anyio import to_thread
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nova_resources.metrics import DataCollector
from nova_resources.settings import Settings
from streamlit_app.data.database import DatabaseUnavailable, NotMaterialized, database
from streamlit_app.screens import SCREENS

PATH = "/metrics"
LOOPBACK = {"127.0.0.1", "::1"}
# First parts of addresses that are told apart; everything else is "other", so that nobody can add series.
KNOWN = {screen.path for screen in SCREENS} | {"entrar", "sair", "configurar", "health", "api", "media", "_stcore"}
ASSETS = {"static", "nova"}
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)


class Meters:
    """The counters of this process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("part", "method", "status")
        self.requests = Counter("nova_app_requests", "Answered requests.", labels, registry=self.registry)
        self.seconds = Histogram(
            "nova_app_request_seconds", "Time to an answer's end.", ("part",), buckets=SECONDS, registry=self.registry
        )
        self.sessions = Gauge("nova_app_open_streams", "Browser tabs that show a screen.", registry=self.registry)
        absent = (DatabaseUnavailable, NotMaterialized)
        self.registry.register(DataCollector(lambda: database().connection(), absent))


@cache
def meters() -> Meters:
    """The one set of this process."""
    return Meters()


class Metrics:
    """ASGI middleware, outermost: counts every answer and gives the numbers away to whoever may have them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            with meters().sessions.track_inprogress():
                await self.app(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == PATH:
            await (await _answer(Request(scope)))(scope, receive, send)
        elif scope["type"] == "http":
            await self._measured(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _measured(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, status, part = time.perf_counter(), 500, part_of(scope["path"])

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            method = scope["method"] if scope["method"] in {"GET", "POST", "HEAD"} else "other"
            meters().requests.labels(part, method, str(status)).inc()
            meters().seconds.labels(part).observe(time.perf_counter() - began)


def part_of(path: str) -> str:
    """The part of the app that an address belongs to: one of few names, whatever was asked for."""
    first = path.strip("/").split("/", 1)[0]
    if not first:
        return "start"
    return "assets" if first in ASSETS else first if first in KNOWN else "other"


async def _answer(request: Request) -> Response:
    if not may_read(request, database().settings):
        return Response(status_code=404)
    text = await to_thread.run_sync(generate_latest, meters().registry)
    return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)


def may_read(request: Request, settings: Settings) -> bool:
    """Whoever shows the token; without a token set, a caller on this machine who does not come through a proxy."""
    if settings.metrics_token is not None:
        expected = f"Bearer {settings.metrics_token.get_secret_value()}"
        return secrets.compare_digest(request.headers.get("authorization", "").encode(), expected.encode())
    direct = "x-forwarded-for" not in request.headers and "forwarded" not in request.headers
    # A page of elsewhere whose name was rebound to this machine would ask under its own name.
    asked_here = urlsplit(f"//{request.headers.get('host', '')}").hostname in LOOPBACK | {"localhost"}
    return direct and asked_here and request.client is not None and request.client.host in LOOPBACK
