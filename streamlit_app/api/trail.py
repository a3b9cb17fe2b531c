"""Calls of the API on their way into the audit trail: those that end at the same moment are written together.

The trail is a chain whose head whoever writes has to lock. Callers who lock it one after the other wait for each other
longer than their answers take. A caller still gets no answer before his own call is written.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg

from nova_resources.sql_library import sql
from streamlit_app.api.together import Together
from streamlit_app.data.database import DatabaseUnavailable, database

COLUMNS = ("session", "token", "entity", "outcome", "details", "source", "user_agent")
# A call: values of COLUMNS.
Call = Mapping[str, Any]


def write(calls: Sequence[Call]) -> list[Exception | None]:
    """Write all, or each alone when one of them is refused: the error is the caller's whose call it is."""
    try:
        _insert(calls)
    except DatabaseUnavailable as error:
        return [error] * len(calls)
    except psycopg.Error as error:
        return [error] if len(calls) == 1 else [outcome for call in calls for outcome in write([call])]
    return [None] * len(calls)


def _insert(calls: Sequence[Call]) -> None:
    values = {name: [call[name] for call in calls] for name in COLUMNS}
    with database().connection() as connection, _one_statement(connection):
        connection.execute(sql("api/audit_calls").text, values)  # type: ignore[arg-type]


@contextlib.contextmanager
def _one_statement(connection: psycopg.Connection) -> Iterator[None]:
    """Each statement its own transaction: the trail's head is then locked inside the server only, for no round trip."""
    connection.autocommit = True
    try:
        yield
    finally:
        connection.autocommit = False


trail: Together[Call, None] = Together(write)
