"""One call from beginning to end: who, how often, is it remembered, else ask PostgreSQL, remember, record.

An answer is remembered under the version of what it stands on, so that a publish makes all of them new at once. The
version is asked for at most every VERSION_SECONDS, which is how old an answer can be at worst.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import Request
from starlette.responses import Response

from nova_resources.sql_library import sql
from streamlit_app.api import problems
from streamlit_app.api.callers import Caller, audit, caller_of, require_role
from streamlit_app.api.store import Store
from streamlit_app.data.database import AppDatabase, database

VERSION_SECONDS = 2.0
PREFIX = "/api/v1"


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


def version() -> Version:
    """The version of the data, remembered for VERSION_SECONDS."""
    if _process.version is None or time.monotonic() >= _process.version_until:
        row = _one("api/version", {})
        assert row is not None
        _process.version = Version(row["data_version"], row["decisions"], row["alert_states"], row["as_of"])
        _process.version_until = time.monotonic() + VERSION_SECONDS
    return _process.version


def reply(request: Request, question: Question) -> Response:
    """The response of a GET. Raises Problem; every outcome is recorded."""
    began = time.perf_counter()
    caller = caller_of(request)
    what = request.scope["route"].path
    try:
        response = _reply(request, caller, question)
    except problems.Problem as problem:
        # Calls over the limit are not recorded one by one: the trail must not be filled by them.
        if problem.status != 429:
            audit(caller, what, problem.status, time.perf_counter() - began)
        raise
    audit(caller, what, response.status_code, time.perf_counter() - began, **_told(question.params))
    return response


def _reply(request: Request, caller: Caller, question: Question) -> Response:
    store = _process.current()
    counters = caller.counters
    if caller.session is None:
        _within(store.look(list(counters), None).calls, counters)
    require_role(caller)
    stands_on = version()
    tag = _tag(stands_on, question)
    known = request.headers.get("if-none-match", "")
    found = store.look(list(counters), tag)
    headers = _within(found.calls, counters) | {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache"}
    if f'"{tag}"' in [one.strip().removeprefix("W/") for one in known.split(",")]:
        return Response(status_code=304, headers=headers)
    body = found.body
    if body is None:
        body = _asked(question, stands_on)
        store.keep(tag, body, question.seconds)
    return Response(body, media_type="application/json", headers=headers | {"X-Cache": "hit" if found.body else "miss"})


def limited(caller: Caller) -> None:
    """Count a call that asks for nothing that is remembered. Raises Problem 429."""
    counters = caller.counters
    _within(_process.current().look(list(counters), None).calls, counters)


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


def _tag(stands_on: Version, question: Question) -> str:
    parts = [stands_on.data, *(getattr(stands_on, part) for part in question.version_parts), question.query]
    asked = json.dumps([*parts, sorted(question.params.items())], default=str)
    return hashlib.sha256(asked.encode()).hexdigest()[:32]


def _asked(question: Question, stands_on: Version) -> bytes:
    """The body as PostgreSQL builds it."""
    params = {"as_of": stands_on.as_of} | dict(question.params)
    row = _one(question.query, params)
    if row is None:
        raise problems.unknown(question.missing)
    if not question.paged:
        return row["rows"].encode()
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
