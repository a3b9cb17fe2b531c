"""The ASGI application: Streamlit with the gate in front of it and the plain HTTP routes beside it.

Served by `python -m streamlit_app`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from anyio import to_thread
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from streamlit_app.api.app import ApiDoor
from streamlit_app.data.database import close_database
from streamlit_app.warm import warm_up
from streamlit_app.web import account, gatekeeper, health, oidc, setup, shell, signin
from streamlit_app.web.failures import Failures
from streamlit_app.web.gate import AccessGate
from streamlit_app.web.headers import SecurityHeaders
from streamlit_app.web.metrics import Metrics

HERE = Path(__file__).resolve().parent


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, object] | None]:
    """Import what the first reader would otherwise wait for, and give the connections back at the end."""
    await to_thread.run_sync(warm_up)
    yield None
    close_database()


routes = [
    *signin.routes,
    *oidc.routes,
    *setup.routes,
    *health.routes,
    *account.routes,
    *gatekeeper.routes,
    *shell.routes,
    Mount("/nova", StaticFiles(directory=HERE / "assets")),
]
middleware = [
    Middleware(SecurityHeaders),
    Middleware(Metrics),
    Middleware(Failures),
    Middleware(AccessGate),
    Middleware(ApiDoor),
]

app = st.App(HERE / "main.py", routes=routes, lifespan=lifespan, middleware=middleware)
