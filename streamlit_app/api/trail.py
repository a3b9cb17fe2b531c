"""Calls of the API on their way into the audit trail: those that end at the same moment are written together.

The trail is a chain whose head whoever writes has to lock. Callers who lock it one after the other wait for each other
longer than their answers take. A caller still gets no answer before his own call is written.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from nova_resources.sql_library import sql
from streamlit_app.data.database import DatabaseUnavailable, database

COLUMNS = ("session", "token", "entity", "outcome", "details", "source", "user_agent")


@dataclass(slots=True)
class _Entry:
    """A call that waits for its turn: to be told that it is written, or to write all that wait."""

    call: Mapping[str, Any]
    turn: threading.Event = field(default_factory=threading.Event)
    writes: bool = False
    error: Exception | None = None


class Trail:
    """The calls of this process; one thread at a time writes, for all that wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Entry] = []
        self._busy = False

    def write(self, call: Mapping[str, Any]) -> None:
        """Return when the call (values of COLUMNS) stands in the trail. Raises DatabaseUnavailable, psycopg.Error."""
        entry = _Entry(call)
        with self._lock:
            self._waiting.append(entry)
            entry.writes, self._busy = not self._busy, True
        if not entry.writes:
            entry.turn.wait()
        if entry.writes:
            self._write_waiting()
        if entry.error:
            raise entry.error

    def _write_waiting(self) -> None:
        with self._lock:
            batch, self._waiting = self._waiting, []
        try:
            _write(batch)
        finally:
            with self._lock:
                self._busy = bool(self._waiting)
                following = self._waiting[:1]
            for entry in following:
                entry.writes = True
            for entry in (*batch, *following):
                entry.turn.set()


def _write(batch: Sequence[_Entry]) -> None:
    """Write all, or each alone when one of them is refused: the error is the caller's whose call it is."""
    try:
        _insert([entry.call for entry in batch])
    except DatabaseUnavailable as error:
        for entry in batch:
            entry.error = error
    except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where the call came from
        if len(batch) == 1:
            batch[0].error = error
            return
        for entry in batch:
            _write([entry])


def _insert(calls: Sequence[Mapping[str, Any]]) -> None:
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


trail = Trail()
