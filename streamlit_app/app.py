"""The ASGI application: Streamlit with the gate in front of it and the plain HTTP routes beside it.

Served by `python -m streamlit_app`. A REST API mounts its routes here, next to `health.routes`.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from streamlit_app.web import health, setup, shell, signin
from streamlit_app.web.gate import AccessGate
from streamlit_app.web.headers import SecurityHeaders

HERE = Path(__file__).resolve().parent

app = st.App(
    HERE / "main.py",
    routes=[
        *signin.routes,
        *setup.routes,
        *health.routes,
        *shell.routes,
        Mount("/nova", StaticFiles(directory=HERE / "assets")),
    ],
    middleware=[Middleware(SecurityHeaders), Middleware(AccessGate)],
)
