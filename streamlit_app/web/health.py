"""GET /health: whether the platform can serve, for probes; its parts, for people who are signed in."""

from __future__ import annotations

import logging

import psycopg
import redis
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from nova_resources.settings import Settings
from streamlit_app.access.sessions import find_session
from streamlit_app.data.database import DatabaseUnavailable, database
from streamlit_app.web.cookies import session_token

REDIS_PATIENCE_SECONDS = 0.5

log = logging.getLogger(__name__)


async def health(request: Request) -> JSONResponse:
    """200 and "ok" when the screens can be served, 503 and "degraded" when they cannot. Redis may be absent."""
    report = await to_thread.run_sync(examine)
    healthy = report["database"] == "ok"
    answer = {"status": "ok" if healthy else "degraded"}
    token = session_token(request)
    if healthy and token and await to_thread.run_sync(find_session, token):
        answer |= report
    return JSONResponse(answer, status_code=200 if healthy else 503)


def examine() -> dict[str, str | None]:
    """State of the parts: `database` ok or unavailable or not migrated, `redis` ok or absent, newest as-of served."""
    report: dict[str, str | None] = {"redis": _redis_state(database().settings), "as_of": None, "run_id": None}
    try:
        row = database().row("freshness") or {}
    except DatabaseUnavailable:
        return report | {"database": "unavailable"}
    except psycopg.Error:
        log.exception("health query failed")
        return report | {"database": "not migrated"}
    as_of = row.get("as_of")
    return report | {"database": "ok", "as_of": as_of.isoformat() if as_of else None, "run_id": row.get("run_id")}


def _redis_state(settings: Settings) -> str:
    wait = REDIS_PATIENCE_SECONDS
    # Made from a URL, the client does not try again by itself: a probe must not wait for what may be absent.
    client = redis.Redis.from_url(settings.cache_url, socket_connect_timeout=wait, socket_timeout=wait)
    try:
        with client:
            return "ok" if client.ping() else "absent"
    except redis.RedisError:
        return "absent"


routes = [Route("/health", health, methods=["GET"])]
