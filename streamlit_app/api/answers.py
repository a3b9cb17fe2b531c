"""One call from beginning to end: who, how often, is it remembered, else ask PostgreSQL, remember, record.

An answer is remembered under the version of what it stands on, so that a publish makes all of them new at once. The
version is asked for at most every VERSION_SECONDS, which is how old an answer can be at worst.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import Request
from starlette.responses import Response

from nova_resources.sql_library import sql
from streamlit_app.api import problems
from streamlit_app.api.callers import Caller, audit, caller_of, require_role
from streamlit_app.api.store import Found, Look, Store
from streamlit_app.api.together import Together
from streamlit_app.data.database import LARGEST_POOL, AppDatabase, database

VERSION_SECONDS = 2.0
MOST_TOTALS = 10_000
PREFIX = "/api/v1"
# Parameters that choose a page of a list.
PAGE = ("limit", "offset")


@dataclass(frozen=True, slots=True)
class Version:
    """What every answer stands on."""

    data: int
    decisions: str
    alert_states: str
    as_of: date | None


@dataclass(frozen=True, slots=True)
class Question:
    """One named statement with its parameters. `seconds`: how long its answer may be remembered; `version_parts`:
    which of what people write it shows; `paged`: a page of rows instead of one thing."""

    query: str
    params: Mapping[str, Any]
    seconds: int
    version_parts: tuple[str, ...] = ()
    paged: bool = True
    missing: str = ""


class _Process:
    """What this process shares between calls: the store of the current database, and its version."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.database: AppDatabase | None = None
        self.store: Store | None = None
        self.version: Version | None = None
        self.version_until = 0.0
        # Rows that match, by the tag of the question without its page: counted once for all pages of a version.
        self.totals: dict[str, int] = {}

    def current(self) -> Store:
        """The store; a new one, and nothing remembered, when the process's database has been replaced."""
        now = database()
        with self.lock:
            if self.store is None or self.database is not now:
                if self.store:
                    self.store.close()
                self.database, self.store, self.version = now, Store(now.settings), None
            return self.store


_process = _Process()


def store() -> Store:
    """Redis, or its stand-in."""
    return _process.current()


def _read_version(wishes: Sequence[None]) -> list[Version]:
    row = _one("api/version", {})
    assert row is not None
    found = Version(row["data_version"], row["decisions"], row["alert_states"], row["as_of"])
    if found != _process.version or len(_process.totals) > MOST_TOTALS:
        _process.totals = {}
    _process.version = found
    _process.version_until = time.monotonic() + VERSION_SECONDS
    return [found] * len(wishes)


_looks: Together[Look, Found] = Together(lambda looks: store().look(looks))
_versions: Together[None, Version] = Together(_read_version)
# Screens share the connections: the API takes no more than half of them for what it has to ask.
_asking = ThreadPoolExecutor(LARGEST_POOL // 2)


async def version() -> Version:
    """The version of the data, remembered for VERSION_SECONDS."""
    store()
    if _process.version is None or time.monotonic() >= _process.version_until:
        return await _versions.ask(None)
    return _process.version


async def reply(request: Request, question: Question) -> Response:
    """The response of a GET. Raises Problem; every outcome is recorded."""
    began = time.perf_counter()
    caller = await caller_of(request)
    what = request.scope["route"].path
    try:
        response = await _reply(request, caller, question)
    except problems.Problem as problem:
        # Calls over the limit are not recorded one by one: the trail must not be filled by them.
        if problem.status != 429:
            await audit(caller, what, problem.status, time.perf_counter() - began)
        raise
    await audit(caller, what, response.status_code, time.perf_counter() - began, **_told(question.params))
    return response


async def _reply(request: Request, caller: Caller, question: Question) -> Response:
    if caller.session is None:
        await limited(caller)
    require_role(caller)
    stands_on = await version()
    tag = _tag(stands_on, question)
    known = request.headers.get("if-none-match", "")
    unchanged = f'"{tag}"' in [one.strip().removeprefix("W/") for one in known.split(",")]
    counters = caller.counters
    found = await _looks.ask(Look(list(counters), None if unchanged else tag))
    headers = _within(found.calls, counters) | {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache"}
    if unchanged:
        return Response(status_code=304, headers=headers)
    if found.body is not None:
        return Response(found.body, media_type="application/json", headers=headers | {"X-Cache": "hit"})
    body = await asyncio.get_running_loop().run_in_executor(_asking, _asked_and_kept, question, stands_on, tag)
    return Response(body, media_type="application/json", headers=headers | {"X-Cache": "miss"})


async def limited(caller: Caller) -> None:
    """Count a call that asks for nothing that is remembered. Raises Problem 429."""
    counters = caller.counters
    _within((await _looks.ask(Look(list(counters)))).calls, counters)


def _within(calls: list[int], counters: Mapping[str, int]) -> dict[str, str]:
    """Headers that tell how much is left; Problem 429 when a counter is over its limit."""
    left = 60 - int(time.time()) % 60
    for count, limit in zip(calls, counters.values(), strict=True):
        if count > limit:
            raise problems.too_many(left, limit)
    limit = next(iter(counters.values()))
    return {
        "RateLimit-Limit": str(limit),
        "RateLimit-Remaining": str(limit - calls[0]),
        "RateLimit-Reset": str(left),
    }


def _tag(stands_on: Version, question: Question, without: tuple[str, ...] = ()) -> str:
    """Name of an answer, or of what answers have in common that differ in some parameters only."""
    parts = [stands_on.data, *(getattr(stands_on, part) for part in question.version_parts), question.query]
    params = sorted((name, value) for name, value in question.params.items() if name not in without)
    return hashlib.sha256(json.dumps([*parts, params], default=str).encode()).hexdigest()[:32]


def _asked_and_kept(question: Question, stands_on: Version, tag: str) -> bytes:
    body = _asked(question, stands_on)
    store().keep(tag, body, question.seconds)
    return body


def _asked(question: Question, stands_on: Version) -> bytes:
    """The body as PostgreSQL builds it."""
    list_tag = _tag(stands_on, question, PAGE)
    params = {"as_of": stands_on.as_of, "total": _process.totals.get(list_tag)} | dict(question.params)
    row = _one(question.query, params)
    if row is None:
        raise problems.unknown(question.missing)
    if not question.paged:
        return row["rows"].encode()
    _process.totals[list_tag] = row["total"]
    head = {
        "as_of": stands_on.as_of,
        "data_version": stands_on.data,
        "total": row["total"],
        "limit": params["limit"],
        "offset": params["offset"],
    }
    return f'{json.dumps(head, default=str)[:-1]}, "rows": {row["rows"]}}}'.encode()


def _one(query: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
    from psycopg.rows import dict_row

    with database().connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql(query).text, params).fetchone()  # type: ignore[arg-type]


def _told(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as the audit trail keeps them: those that were given."""
    return {"asked": {name: str(value) for name, value in params.items() if value is not None}}
