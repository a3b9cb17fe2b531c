"""Errors of the API as RFC 9457 problems: what is wrong and what to do about it, in the caller's language, and never an
inside of ours.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from streamlit_app.data.database import DatabaseUnavailable, NotMaterialized
from streamlit_app.i18n import LANGUAGES, known, text
from streamlit_app.web.requests import language_of

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
    """An answer that is no data. `code` is its name in the documentation, `words` its place in the catalogue
    (problem.<words>.title, .cure and, where there is one, .detail), `parts` what these leave open.

    `found` are the reasons of a refused parameter: where, its key in the catalogue, what that leaves open.
    """

    status: int
    code: str
    words: str
    parts: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    found: tuple[tuple[str, str, Mapping[str, object]], ...] = ()


class ProblemBody(BaseModel):
    """RFC 9457 problem details, with what to do about it."""

    type: str = Field(description="Address of the problem's description")
    title: str = Field(description="What is wrong")
    status: int = Field(description="The HTTP status")
    detail: str = Field(description="What is wrong with this very call; may be empty")
    cure: str = Field(description="What to do about it")
    instance: str = Field(description="The path that was asked for")


def answer(request: Request, problem: Problem) -> JSONResponse:
    """The problem as a response, in the language that the caller asks for."""
    language = accepted_language(request)

    def words(part: str) -> str:
        return text(language, f"problem.{problem.words}.{part}", **problem.parts)

    detail = words("detail") if known(f"problem.{problem.words}.detail") else ""
    body = ProblemBody(
        type=f"/api/v1/docs#{problem.code}",
        title=words("title"),
        status=problem.status,
        detail=detail or "; ".join(f"{where}: {text(language, key, **parts)}" for where, key, parts in problem.found),
        cure=words("cure"),
        instance=request.url.path,
    )
    headers = dict(problem.headers) | {"Content-Language": language, "Vary": "Accept-Language"}
    return JSONResponse(body.model_dump(), status_code=problem.status, headers=headers, media_type=MEDIA_TYPE)


def accepted_language(request: Request) -> str:
    """The language of ours that Accept-Language wants most; a browser's own choice otherwise, else Portuguese."""
    wanted: list[tuple[float, int, str]] = []
    for place, one in enumerate(request.headers.get("accept-language", "").split(",")):
        tag, _, weight = one.partition(";q=")
        ours = next((code for code in LANGUAGES if code[:2] == tag.strip()[:2].casefold()), None)
        if ours and re.fullmatch(r"(0(\.\d+)?|1(\.0+)?)?", weight.strip()):
            wanted.append((-float(weight.strip() or 1), place, ours))
    return min(wanted)[2] if wanted else language_of(request)


def unauthorized(words: str = "unauthorized") -> Problem:
    """Nobody, or nobody who may still come in."""
    return Problem(401, "unauthorized", words, headers={"WWW-Authenticate": 'Bearer realm="nova-corrente"'})


def unknown(what: str) -> Problem:
    """A code that no table knows."""
    return Problem(404, "not-found", "unknown", {"what": what})


def too_many(seconds: int, limit: int) -> Problem:
    """Over the limit of calls, or of wrong passwords."""
    headers = {"Retry-After": str(seconds)}
    if limit:
        headers |= {"RateLimit-Limit": str(limit), "RateLimit-Remaining": "0", "RateLimit-Reset": str(seconds)}
    return Problem(429, "too-many-requests", "too_many", {"seconds": seconds}, headers)


def install(api: FastAPI) -> None:
    """Make every failure of the API a problem."""
    api.add_exception_handler(Problem, lambda request, error: answer(request, error))  # type: ignore[arg-type]
    for kind, make in _FAILURES.items():
        api.add_exception_handler(kind, _handler(make))


def _handler(make):  # noqa: ANN001, ANN202 - shaped by Starlette
    async def handle(request: Request, error: Exception) -> JSONResponse:
        return answer(request, make(error))

    return handle


def invalid(error: RequestValidationError) -> Problem:
    """Parameters that are missing, unknown or out of their limits."""
    return Problem(422, "invalid", "invalid", found=tuple(_found(one) for one in error.errors()[:5]))


def _found(error: Mapping[str, Any]) -> tuple[str, str, Mapping[str, object]]:
    key = f"field.{error['type']}"
    where = ".".join(str(part) for part in error["loc"])
    return where, key if known(key) else "field.other", error.get("ctx") or {}


def refused(error: HTTPException) -> Problem:
    """An address that is none, or a method or form that it does not take."""
    if error.status_code == 404:
        return Problem(404, "not-found", "no_address")
    return Problem(error.status_code, "refused", "refused", headers=error.headers or {})


def _unavailable(_error: Exception) -> Problem:
    return Problem(503, "database-unavailable", "unavailable", headers={"Retry-After": "5"})


def _not_computed(_error: Exception) -> Problem:
    return Problem(503, "not-computed", "not_computed", headers={"Retry-After": "60"})


def _too_slow(_error: Exception) -> Problem:
    return Problem(503, "too-slow", "too_slow", headers={"Retry-After": "30"})


def _unforeseen(error: Exception) -> Problem:
    number = secrets.token_hex(4)
    log.error("API call failed, incident %s", number, exc_info=error)
    return Problem(500, "internal", "internal", {"number": number})


_FAILURES = {
    DatabaseUnavailable: _unavailable,
    NotMaterialized: _not_computed,
    psycopg.errors.QueryCanceled: _too_slow,
    Exception: _unforeseen,
}
