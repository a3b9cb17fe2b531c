"""PostgreSQL for the rest of the platform: connections in a role, Arrow tables out of queries and into tables.

Belongs here: the driver, its settings and the conversion between COPY's CSV and Arrow. Does not belong here: what is
written together (window.py) and where the server is (server.py).
"""

from __future__ import annotations

import contextlib
import io
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, LiteralString, cast

import psycopg
import pyarrow as pa
from psycopg import sql
from psycopg.rows import dict_row

from nova_resources import arrow_csv, server
from nova_resources.secrets import DATABASE_ROLES
from nova_resources.settings import Settings
from nova_resources.sql_library import Query
from nova_resources.tables import Table

ROLES = DATABASE_ROLES
Statement = Query | sql.SQL | sql.Composed | LiteralString

# A restart of the server takes about a second; nothing else is worth waiting for.
CONNECT_PAUSES = (0.2, 0.5, 1.0)
# Waiting does not mend these. By their text: libpq gives no code for what fails before the connection stands.
HOPELESS = re.compile("authentication failed|does not exist|permission denied|no pg_hba.conf entry")
SESSION = "-c timezone=UTC -c datestyle=ISO -c intervalstyle=iso_8601 -c extra_float_digits=1"


class Database:
    """The platform's database in one role. Making the object connects to nothing.

    `run_id` names the run in the server's process list and logs.
    """

    def __init__(self, settings: Settings, role: str = "nova_etl", run_id: str | None = None) -> None:
        if role not in ROLES:
            raise ValueError(f"no database role {role!r}; there are {', '.join(ROLES)}")
        self.settings = settings
        self.role = role
        self.run_id = run_id

    def url(self, role: str | None = None, driver: str | None = None) -> str:
        """URL of the platform's database in `role`; `driver` gives SQLAlchemy's `postgresql+driver://`."""
        return server.url(server.role_parameters(self.settings, role or self.role), driver)

    @contextlib.contextmanager
    def connect(self, *, run_id: str | None = None, **options: Any) -> Iterator[psycopg.Connection]:
        """One transaction on a new connection: committed at the end of the block, rolled back by an exception.

        Times are UTC. `options` go to psycopg (autocommit, row_factory, cursor_factory …).
        """
        connection = self._open(run_id or self.run_id, options)
        with connection:
            yield connection

    def read(self, query: Statement, *, exact: bool = False, **params: Any) -> pa.Table:
        """Rows of a query as an Arrow table; see `read_table`."""
        with self.connect() as connection:
            return read_table(connection, query, params, exact=exact)

    def rows(self, query: Statement, **params: Any) -> list[dict[str, Any]]:
        """Rows of a small query or of a call as dictionaries of Python values."""
        with self.connect() as connection, psycopg.ClientCursor(connection, row_factory=dict_row) as cursor:
            return cursor.execute(executable(query), params).fetchall()

    def execute(self, query: Statement, **params: Any) -> int:
        """Run one statement in its own transaction; returns the number of rows that it touched."""
        with self.connect() as connection, psycopg.ClientCursor(connection) as cursor:
            return cursor.execute(executable(query), params).rowcount

    @staticmethod
    def copy_in(
        connection: psycopg.Connection,
        table: sql.Composable | Table,
        columns: Sequence[str],
        rows: pa.Table | Iterable[pa.RecordBatch],
    ) -> int:
        """Append Arrow rows to a table on an open connection; see `copy_in`."""
        return copy_in(connection, table, columns, rows)

    def _open(self, run_id: str | None, options: dict[str, Any]) -> psycopg.Connection:
        parameters: dict[str, Any] = server.role_parameters(self.settings, self.role)
        parameters["application_name"] = run_id or self.role
        parameters["options"] = SESSION
        for pause in CONNECT_PAUSES:
            try:
                return psycopg.connect(**parameters, **options)
            except psycopg.OperationalError as error:
                if HOPELESS.search(str(error)):
                    raise
                time.sleep(pause)
        return psycopg.connect(**parameters, **options)


def trusted(text: str) -> sql.SQL:
    """SQL out of our own files and declarations; never anything that a person or a file of data has written."""
    return sql.SQL(cast(LiteralString, text))


def executable(query: Statement) -> sql.SQL | sql.Composed:
    """What psycopg executes for a statement of any kind."""
    if isinstance(query, Query):
        return trusted(query.text)
    return trusted(query) if isinstance(query, str) else query


def bound_text(connection: psycopg.Connection, query: Statement, params: dict[str, Any]) -> str:
    """The statement with its parameters written in as literals, for COPY and other commands that take none."""
    return psycopg.ClientCursor(connection).mogrify(executable(query), params)


def describe(connection: psycopg.Connection, statement: str) -> list[arrow_csv.Field]:
    """Name and type of each column that a statement without parameters would give, without running it."""
    encoding = connection.info.encoding
    prepared = connection.pgconn.prepare(b"", statement.encode(encoding))
    if prepared.status != psycopg.pq.ExecStatus.COMMAND_OK:
        raise psycopg.errors.error_from_result(prepared, encoding=encoding)
    described = connection.pgconn.describe_prepared(b"")
    return [
        arrow_csv.Field((described.fname(i) or b"").decode(encoding), described.ftype(i), described.fmod(i))
        for i in range(described.nfields)
    ]


def read_table(
    connection: psycopg.Connection, query: Statement, params: dict[str, Any] | None = None, *, exact: bool = False
) -> pa.Table:
    """Rows of a query on an open connection as an Arrow table, by COPY.

    Types follow the query: integers, float64, bool, string, date32, timestamp[us, UTC], arrays of numbers as lists;
    jsonb and everything else as its text. numeric becomes float64, or with `exact` decimal128 where its precision is
    declared. NULL stays NULL and '' stays ''. Raises psycopg.Error for a bad query.
    """
    text = bound_text(connection, query, params or {})
    fields = describe(connection, text)
    buffer = io.BytesIO()
    with connection.cursor().copy(trusted(f"COPY (\n{text}\n) TO STDOUT (FORMAT csv)")) as copy:
        for block in copy:
            buffer.write(block)
    return arrow_csv.parse(buffer.getbuffer(), fields, exact=exact)


def copy_in(
    connection: psycopg.Connection,
    table: sql.Composable | Table,
    columns: Sequence[str],
    rows: pa.Table | Iterable[pa.RecordBatch],
) -> int:
    """Append rows by COPY; returns their number. Columns are matched by name.

    Lists become arrays, structs and maps JSON, null NULL. Raises KeyError for a column that the rows lack and
    psycopg.Error for values that the table refuses.
    """
    target = sql.Identifier(table.schema, table.name) if isinstance(table, Table) else table
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        target, sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    batches = rows.to_batches(max_chunksize=arrow_csv.CHUNK_ROWS) if isinstance(rows, pa.Table) else rows
    count = 0
    with connection.cursor().copy(statement) as copy:
        for batch in batches:
            count += batch.num_rows
            for block in arrow_csv.write(batch, columns):
                copy.write(block)
    return count
