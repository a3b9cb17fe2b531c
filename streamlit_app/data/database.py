"""The app's connections to PostgreSQL: one pool of the role nova_app for the whole process.

Belongs here: borrowing a connection, running a named query, and telling "the database does not answer" from "the query
is wrong" or "the database said no". Which questions are asked is the other modules' business.
"""

from __future__ import annotations

import contextlib
import select
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pyarrow as pa
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from nova_resources import crash_points
from nova_resources.postgres import SESSION, read_table
from nova_resources.server import role_parameters
from nova_resources.settings import Settings, load_settings
from nova_resources.sql_library import sql

ROLE = "nova_app"
LARGEST_POOL = 12
# Screen queries are short: compiling them takes longer than running them.
OPTIONS = f"{SESSION} -c jit=off"
# A reader waits no longer for a connection; the page then says that the database does not answer.
PATIENCE_SECONDS = 3.0
# PostgreSQL's classes for a server that is absent, starting, stopping or full.
ABSENT = ("08", "53", "57P")


class DatabaseUnavailable(RuntimeError):
    """PostgreSQL cannot be reached at the moment; trying again later is the right thing to do."""


class NotMaterialized(RuntimeError):
    """The pipeline has not filled the views yet."""


class AppDatabase:
    """Named queries through a pool of connections. Making the object connects to nothing."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._pool: ConnectionPool | None = None
        self._lock = threading.Lock()

    def rows(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """Rows of sql/app/<name>.sql as dictionaries of Python values: for small answers and calls of functions."""
        with self.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(sql(f"app/{name}").text, params)  # type: ignore[arg-type]
            return cursor.fetchall()

    def row(self, name: str, **params: Any) -> dict[str, Any] | None:
        """The first row, or None."""
        rows = self.rows(name, **params)
        return rows[0] if rows else None

    def table(self, name: str, **params: Any) -> pa.Table:
        """Rows of sql/app/<name>.sql as an Arrow table: for lists and series."""
        with self.connection() as connection:
            return read_table(connection, sql(f"app/{name}"), params)

    @contextlib.contextmanager
    def connection(self) -> Iterator[psycopg.Connection]:
        """One transaction on a borrowed connection. Raises DatabaseUnavailable when there is none to be had,
        NotMaterialized when a view that was asked for has never been refreshed."""
        try:
            with self._opened().connection(timeout=PATIENCE_SECONDS) as connection:
                yield connection
                crash_points.reach("app.before_commit")
            crash_points.reach("app.after_commit")
        except PoolTimeout as error:
            raise DatabaseUnavailable(str(error)) from error
        except psycopg.errors.ObjectNotInPrerequisiteState as error:
            raise NotMaterialized(str(error)) from error
        except psycopg.OperationalError as error:
            if error.sqlstate is None or error.sqlstate.startswith(ABSENT):
                raise DatabaseUnavailable(str(error)) from error
            raise

    def close(self) -> None:
        """Give all connections back to the server."""
        with self._lock:
            if self._pool:
                self._pool.close()
                self._pool = None

    def _opened(self) -> ConnectionPool:
        with self._lock:
            if self._pool is None:
                parameters = role_parameters(self.settings, ROLE) | {"application_name": ROLE, "options": OPTIONS}
                self._pool = ConnectionPool(
                    kwargs=parameters,
                    min_size=1,
                    max_size=LARGEST_POOL,
                    timeout=PATIENCE_SECONDS,
                    # A connection that died with the server is replaced before a reader gets it.
                    check=check_connection,
                    reconnect_timeout=5.0,
                    open=True,
                    name=ROLE,
                )
            return self._pool


def check_connection(connection: psycopg.Connection) -> None:
    """Raise psycopg.OperationalError for a connection whose server is gone.

    A server that goes away closes its end, which the socket tells without a round trip; the server is asked only where
    there is something to read.
    """
    readable = select.poll()
    readable.register(connection.fileno(), select.POLLIN)
    if readable.poll(0):
        ConnectionPool.check_connection(connection)


class _Process:
    """The one database of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.database: AppDatabase | None = None


_process = _Process()


def database() -> AppDatabase:
    """The process's database, made from the settings on first use."""
    with _process.lock:
        if _process.database is None:
            _process.database = AppDatabase(load_settings())
        return _process.database


def use_database(other: AppDatabase | None) -> None:
    """Put another database in its place (tests); None forgets it."""
    with _process.lock:
        if _process.database is not None:
            _process.database.close()
        _process.database = other


def close_database() -> None:
    """Give the process's connections back, if it ever had any."""
    use_database(None)
