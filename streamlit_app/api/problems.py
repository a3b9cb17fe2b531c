"""Errors of the API as RFC 9457 problems: what is wrong and what to do about it, never an inside of ours."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from streamlit_app.data.database import DatabaseUnavailable, NotMaterialized

MEDIA_TYPE = "application/problem+json"

# Every code that a problem's `type` may name.
CODES = (
    "unauthorized",
    "forbidden",
    "not-found",
    "invalid",
    "refused",
    "too-many-requests",
    "database-unavailable",
    "not-computed",
    "too-slow",
    "internal",
)

log = logging.getLogger(__name__)


@dataclass
class Problem(Exception):
    """An answer that is no data. `code` is its name in the documentation."""

    status: int
    code: str
    title: str
    cure: str
    detail: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class ProblemBody(BaseModel):
    """RFC 9457 problem details, with what to do about it."""

    type: str = Field(description="Address of the problem's description")
    title: str = Field(description="What is wrong")
    status: int = Field(description="The HTTP status")
    detail: str = Field(description="What is wrong with this very call; may be empty")
    cure: str = Field(description="What to do about it")
    instance: str = Field(description="The path that was asked for")


def answer(request: Request, problem: Problem) -> JSONResponse:
    """The problem as a response."""
    body = ProblemBody(
        type=f"/api/v1/docs#{problem.code}",
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        cure=problem.cure,
        instance=request.url.path,
    )
    headers = dict(problem.headers)
    return JSONResponse(body.model_dump(), status_code=problem.status, headers=headers, media_type=MEDIA_TYPE)


def unauthorized(detail: str = "") -> Problem:
    """Nobody, or nobody who may still come in."""
    return Problem(
        401,
        "unauthorized",
        "No valid token",
        "Send 'Authorization: Bearer' with an API token made under /conta, or with a token of POST /api/v1/token.",
        detail,
        {"WWW-Authenticate": 'Bearer realm="nova-corrente"'},
    )


def unknown(what: str) -> Problem:
    """A code that no table knows."""
    return Problem(404, "not-found", "Not found", "Look the code up in /api/v1/items.", f"there is no {what}")


def too_many(seconds: int, limit: int) -> Problem:
    """Over the limit of calls, or of wrong passwords."""
    headers = {"Retry-After": str(seconds)}
    if limit:
        headers |= {"RateLimit-Limit": str(limit), "RateLimit-Remaining": "0", "RateLimit-Reset": str(seconds)}
    return Problem(
        429, "too-many-requests", "Too many requests", f"Wait {seconds} s; the header Retry-After says so.", "", headers
    )


def install(api: FastAPI) -> None:
    """Make every failure of the API a problem."""
    api.add_exception_handler(Problem, lambda request, error: answer(request, error))  # type: ignore[arg-type]
    for kind, make in _FAILURES.items():
        api.add_exception_handler(kind, _handler(make))


def _handler(make):  # noqa: ANN001, ANN202 - shaped by Starlette
    async def handle(request: Request, error: Exception) -> JSONResponse:
        return answer(request, make(error))

    return handle


def _invalid(error: RequestValidationError) -> Problem:
    found = [f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors()[:5]]
    cure = "Correct the named parameters; /api/v1/docs lists them with their limits."
    return Problem(422, "invalid", "The request cannot be understood", cure, "; ".join(found))


def _http(error: HTTPException) -> Problem:
    if error.status_code == 404:
        cure = "See /api/v1/docs for the addresses that there are."
        return Problem(404, "not-found", "There is nothing at this address", cure)
    cure = "See /api/v1/docs for the methods that an address answers."
    return Problem(error.status_code, "refused", str(error.detail), cure, headers=error.headers or {})


def _unavailable(_error: Exception) -> Problem:
    cure = "Try again in a few seconds; if it lasts, have an administrator run 'nova doctor'."
    return Problem(503, "database-unavailable", "The database does not answer", cure, headers={"Retry-After": "5"})


def _not_computed(_error: Exception) -> Problem:
    cure = "Wait for the first run to end, or have an engineer run 'nova materialize'."
    return Problem(503, "not-computed", "Nothing has been computed yet", cure, headers={"Retry-After": "60"})


def _too_slow(_error: Exception) -> Problem:
    cure = "Ask for less: a narrower filter, a smaller limit, a shorter range of dates."
    return Problem(503, "too-slow", "The database took too long", cure, headers={"Retry-After": "30"})


def _unforeseen(error: Exception) -> Problem:
    number = secrets.token_hex(4)
    log.error("API call failed, incident %s", number, exc_info=error)
    cure = "Give the incident's number to whoever runs the platform: its cause stands in the log of the app."
    return Problem(500, "internal", "Something failed here", cure, f"incident {number}")


_FAILURES = {
    RequestValidationError: _invalid,
    HTTPException: _http,
    DatabaseUnavailable: _unavailable,
    NotMaterialized: _not_computed,
    psycopg.errors.QueryCanceled: _too_slow,
    Exception: _unforeseen,
}
