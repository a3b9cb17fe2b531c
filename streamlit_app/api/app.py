"""The API as an ASGI application of its own, mounted by the app at /api/v1."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from streamlit_app import api as package
from streamlit_app.api import problems
from streamlit_app.api.answers import PREFIX, limited
from streamlit_app.api.callers import audit, caller_of, require_role
from streamlit_app.api.reference import reference_page
from streamlit_app.api.routes import router
from streamlit_app.data.database import DatabaseUnavailable
from streamlit_app.web.requests import sign_in_address, wants_page

VERSION = "1.0"
# The one call that a stranger may make.
SIGN_IN = ("POST", "/token")

log = logging.getLogger(__name__)
DESCRIPTION = (
    "Read-only. Every call carries 'Authorization: Bearer' with an API token (made under /conta) or with a token of"
    " POST /token. Lists come in pages (limit, offset, total). ETag and If-None-Match save sending what is known."
    " Quantities are in the material's unit, money is in BRL, dates are business dates of America/Bahia, times are UTC."
)


def build() -> FastAPI:
    """The application; its own address of the specification and its own reference page stand behind the token too."""
    api = FastAPI(
        title="Nova Corrente",
        version=VERSION,
        summary=package.__doc__.splitlines()[0] if package.__doc__ else None,
        description=DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    api.include_router(router)
    problems.install(api)
    api.add_exception_handler(RequestValidationError, _misunderstood(problems.invalid))
    api.add_exception_handler(HTTPException, _misunderstood(problems.refused))
    api.add_route("/openapi.json", _specification, methods=["GET"])
    api.add_route("/docs", _reference, methods=["GET"])
    api.openapi = lambda: _openapi(api)
    return api


def _openapi(api: FastAPI) -> dict[str, Any]:
    """FastAPI's specification with what it does not say by itself: the token, and the body of a 422."""
    if api.openapi_schema is None:
        api.openapi_schema = spec = FastAPI.openapi(api)
        schemas = spec["components"]["schemas"]
        schemas["ProblemBody"] = problems.ProblemBody.model_json_schema()
        for left_over in ("HTTPValidationError", "ValidationError"):
            schemas.pop(left_over, None)
        spec["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
        spec["security"] = [{"bearer": []}]
        spec["paths"]["/token"]["post"]["security"] = []
    return api.openapi_schema


def _misunderstood(make: Callable[[Any], problems.Problem]) -> Callable[[Request, Any], Coroutine[Any, Any, Response]]:
    """What no route has seen: strangers learn only that they are strangers; it counts and is recorded like any call."""

    async def handle(request: Request, error: Exception) -> Response:
        problem = make(error)
        try:
            await _note(request, problem)
        except problems.Problem as refused:
            problem = refused
        except DatabaseUnavailable:
            log.warning("a call that was not understood is not recorded: the database does not answer")
        return problems.answer(request, problem)

    return handle


async def _note(request: Request, problem: problems.Problem) -> None:
    caller = await caller_of(request)
    await limited(caller)
    path = request.url.path.removeprefix(PREFIX)
    if caller.session is None and (request.method, path) != SIGN_IN:
        problem = problems.unauthorized()
    await audit(caller, path, problem.status, 0.0)
    if problem.status == 401:
        raise problem


async def _specification(request: Request) -> Response:
    await _admit(request)
    return JSONResponse(request.app.openapi(), headers={"Cache-Control": "no-store"})


async def _reference(request: Request) -> Response:
    try:
        await _admit(request)
    except problems.Problem as problem:
        if problem.status == 401 and wants_page(request):
            return RedirectResponse(sign_in_address(request), status_code=303)
        raise
    return reference_page(request, request.app.openapi())


async def _admit(request: Request) -> None:
    caller = await caller_of(request)
    await limited(caller)
    path = request.url.path.removeprefix(PREFIX)
    try:
        require_role(caller)
    except problems.Problem as problem:
        await audit(caller, path, problem.status, 0.0)
        raise
    await audit(caller, path, 200, 0.0)


api = build()


class ApiDoor:
    """ASGI middleware that answers under PREFIX.

    A call needs nothing of what Streamlit puts around its own pages: signed cookies, checks of paths, and compression,
    which is the proxy's work.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app, self._mount = app, Mount(PREFIX, api)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            match, found = self._mount.matches(scope)
            if match is Match.FULL:
                scope.update(found)
                await self._mount.handle(scope, receive, send)
                return
        await self.app(scope, receive, send)
