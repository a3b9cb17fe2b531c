"""Arrow in and out of PostgreSQL: nothing is lost on the way; connecting is retried, nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from psycopg import sql
from pydantic import SecretStr

from nova_resources.postgres import CONNECT_PAUSES, Database, copy_in, read_table
from nova_resources.sql_library import Query

TYPES = Query(
    "types",
    """-- 100 %% of the types
    SELECT 7::smallint AS small, 8::integer AS whole, 2::bigint ^ 52 AS power, 9007199254740993::bigint AS big,
        1.5::real AS single, 0.1::float8 AS double, 12.34::numeric(18,4) AS money, avg(n) AS mean,
        bool_or(n > 1) AS yes,
        date '2024-02-29' AS day, timestamptz '2024-01-01 00:00:00.5-03' AS moment, '{"a": "x,y"}'::jsonb AS document,
        array[1, null, 2.5]::float8[] AS numbers, '{}'::float8[] AS none, null::float8[] AS missing,
        '{1,2}'::integer[] AS counts, ''::text AS blank, null::text AS unknown,
        E'a,"b"\\nc\\\\N' AS text, %(day)s AS given, '50%%'::text || %(more)s AS percent
    FROM (VALUES (1), (2)) AS v (n)  -- and a comment at the end""",
)


def test_every_type_arrives(database):
    row = database.read(TYPES, day=date(2024, 1, 31), more="'%s").to_pylist()[0]
    assert row == {
        "small": 7,
        "whole": 8,
        "power": 2.0**52,
        "big": 9007199254740993,
        "single": 1.5,
        "double": 0.1,
        "money": 12.34,
        "mean": 1.5,
        "yes": True,
        "day": date(2024, 2, 29),
        "moment": datetime(2024, 1, 1, 3, 0, 0, 500000, UTC),
        "document": '{"a": "x,y"}',
        "numbers": [1.0, None, 2.5],
        "none": [],
        "missing": None,
        "counts": [1, 2],
        "blank": "",
        "unknown": None,
        "text": 'a,"b"\nc\\N',
        "given": date(2024, 1, 31),
        "percent": "50%'%s",
    }


def test_types_do_not_depend_on_the_rows(database):
    query = Query("empty", "SELECT 1::bigint AS i, now() AS t, '{1}'::float8[] AS l, ''::text AS s WHERE %(wanted)s")
    full, empty = database.read(query, wanted=True), database.read(query, wanted=False)
    assert (full.schema, full.num_rows, empty.num_rows) == (empty.schema, 1, 0)


def test_exact_keeps_declared_decimals(database):
    table = database.read("SELECT 12345678901234.5678::numeric(18,4) AS money", exact=True)
    assert table.column("money").to_pylist() == [Decimal("12345678901234.5678")]


def test_single_column_of_nulls_keeps_its_rows(database):
    table = database.read("SELECT v FROM (VALUES (NULL), ('a'), (NULL), ('')) AS t (v)")
    assert table.column("v").to_pylist() == [None, "a", None, ""]


def test_column_given_twice_is_refused(database):
    with pytest.raises(ValueError, match="twice"):
        database.read("SELECT 1 AS a, 2 AS a")


def test_query_error_names_what_is_wrong(database):
    with pytest.raises(psycopg.errors.UndefinedColumn, match="nothing_such"):
        database.read("SELECT nothing_such")


CELLS = {
    "flag": (pa.bool_(), st.booleans()),
    "number": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "measure": (pa.float64(), st.floats(allow_nan=False)),
    "day": (pa.date32(), st.dates(date(1, 1, 1), date(9999, 12, 31))),
    "label": (pa.string(), st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))),
    "series": (pa.list_(pa.float64()), st.lists(st.none() | st.floats(allow_nan=False), max_size=4)),
}
ROWS = st.lists(st.fixed_dictionaries({name: st.none() | cell for name, (_, cell) in CELLS.items()}), max_size=6)
SCHEMA = pa.schema([(name, type_) for name, (type_, _) in CELLS.items()])
SCRATCH = "CREATE TEMP TABLE scratch (flag bool, number bigint, measure float8, day date, label text, series float8[])"


@pytest.fixture
def scratch(database):
    with database.connect() as connection:
        connection.execute(SCRATCH)
        yield connection


@given(ROWS)
@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_arrow_survives_the_round_trip(scratch, rows):
    sent = pa.Table.from_pylist(rows, schema=SCHEMA)
    scratch.execute("DELETE FROM scratch")
    assert copy_in(scratch, sql.Identifier("scratch"), SCHEMA.names, sent) == len(rows)
    assert read_table(scratch, "SELECT * FROM scratch").to_pylist() == rows


def test_copy_in_converts_what_csv_cannot_hold(scratch):
    scratch.execute("CREATE TEMP TABLE odd (j jsonb, t text[], d numeric(18,4), e text, m timestamptz)")
    moment = datetime(2024, 1, 1, 12, tzinfo=UTC)
    rows = pa.table(
        {
            "e": pa.array(["a", None, "a"]).dictionary_encode(),
            "m": pa.array([moment, None, None], pa.timestamp("us", "UTC")),
            "j": pa.array([{"k": [1, None]}, None, {"k": []}]),
            "t": pa.array([['x"y', None, "{,}"], [], None], pa.list_(pa.string())),
            "d": pa.array([Decimal("1.2345"), None, Decimal("0.0001")], pa.decimal128(18, 4)),
        }
    )
    copy_in(scratch, sql.Identifier("odd"), ["j", "t", "d", "e", "m"], rows.slice(0, 2).to_batches())
    found = scratch.execute("SELECT j, t, d, e, m FROM odd").fetchall()
    assert found == [
        ({"k": [1, None]}, ['x"y', None, "{,}"], Decimal("1.2345"), "a", moment),
        (None, [], None, None, None),
    ]


def test_copy_in_names_missing_columns(scratch):
    with pytest.raises(KeyError, match="day"), scratch.transaction():
        copy_in(scratch, sql.Identifier("scratch"), ["flag", "day"], pa.table({"flag": [True]}))


def test_connection_tells_who_it_is_and_speaks_utc(settings):
    with Database(settings, role="nova_ro", run_id="run-7").connect() as connection:
        row = connection.execute(
            "SELECT current_user, current_setting('application_name'), current_setting('timezone')"
        )
        assert row.fetchone() == ("nova_ro", "run-7", "UTC")


def test_block_that_fails_leaves_nothing(database):
    with pytest.raises(ZeroDivisionError), database.connect() as connection:
        connection.execute("INSERT INTO core.dim_region VALUES (1, 'A', 'a', NULL, false)")
        _ = 1 / 0
    assert database.read("SELECT * FROM core.dim_region").num_rows == 0


@pytest.mark.parametrize(
    ("change", "pauses"),
    [
        ({"database_name": "nova_absent"}, ()),
        ({"database_url": SecretStr("postgresql://postgres@/?host=/nowhere")}, CONNECT_PAUSES),
    ],
    ids=["absent database", "absent server"],
)
def test_connecting_is_retried_where_waiting_helps(settings, monkeypatch, change, pauses):
    waited: list[float] = []
    monkeypatch.setattr("nova_resources.postgres.time.sleep", waited.append)
    with pytest.raises(psycopg.OperationalError):
        Database(settings.model_copy(update=change), role="nova_ro").execute("SELECT 1")
    assert tuple(waited) == pauses


def test_unknown_role_is_refused(settings):
    with pytest.raises(ValueError, match="nova_etl"):
        Database(settings, role="postgres")
