"""The migrations build exactly the catalog: tables, columns, keys, checks, indexes, comments, partitions, no more."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import psycopg
import pytest
from psycopg import sql

from migrations import ddl, generate
from nova_assets.catalog import SCHEMAS, TABLES
from nova_resources.bootstrap_database import alembic_config, create_database, migrate
from nova_resources.postgres import Database
from nova_resources.server import admin_parameters
from nova_resources.tables import Column, Index, Table

# What homes were made with; a digest is added when a revision is released, never changed.
RELEASED = {
    "0001_house.sql": "a0eee7c7f1d77f848fe99790af1f3c6e61e35f8a37cd8f036cd82eabd8a6403c",
    "0001_house.json": "6f2172abf011eb7daee11aa13bfa2bc3901dde2924aa5b6c796e91629b2c7c9e",
    "0002_growth.sql": "8e62e70adf09695e4f73843fef63d5405326c9847700b3771bdc7436ff1c7cd4",
    "0002_growth.json": "a83954c1a3ef18c8fba347d9870c1bca8b17444ff008533fc332bf159de84252",
}
# Alembic's own bookkeeping.
NOT_OURS = {"support.alembic_version"}

TABLES_SQL = """
SELECT n.nspname || '.' || c.relname AS name, c.relkind AS kind, pg_get_partkeydef(c.oid) AS partition,
    obj_description(c.oid) AS comment, pg_get_userbyid(c.relowner) AS owner, c.oid
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY (%(schemas)s) AND c.relkind IN ('r', 'p', 'm', 'v') AND NOT c.relispartition
"""
COLUMNS_SQL = """
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
    pg_get_expr(d.adbin, d.adrelid) AS default, a.attidentity AS identity,
    col_description(a.attrelid, a.attnum) AS comment
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = %(oid)s AND a.attnum > 0 AND NOT a.attisdropped
"""
CONSTRAINTS_SQL = """
SELECT conname AS name, pg_get_constraintdef(oid) AS definition
FROM pg_constraint WHERE conrelid = %(oid)s AND contype IN ('p', 'c', 'f', 'u', 'x') AND convalidated
"""
INDEXES_SQL = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index i
WHERE i.indrelid = %(oid)s AND i.indisvalid
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype = 'p')
"""


@pytest.fixture
def owner(settings) -> Database:
    return Database(settings, role="nova_owner")


class Probe:
    """Spells declared types and conditions the way that the server spells them back."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def _one(self, statement: str, *values: object) -> str:
        row = self.connection.execute(sql.SQL(statement), values).fetchone()
        assert row is not None
        return row[0]

    def type(self, declared: str) -> str:
        self.connection.execute(sql.SQL("CREATE TEMP TABLE probe (c {})").format(sql.SQL(declared)))
        spelled = self._one(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = 'probe'::regclass AND attnum = 1"
        )
        self.connection.execute("DROP TABLE probe")
        return spelled

    def default(self, column: Column) -> str | None:
        if column.default is None:
            return None
        statement = sql.SQL("CREATE TEMP TABLE probe (c {} DEFAULT {})")
        self.connection.execute(statement.format(sql.SQL(column.type), sql.SQL(column.default)))
        spelled = self._one("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'probe'::regclass")
        self.connection.execute("DROP TABLE probe")
        return spelled

    def conditions(self, table: Table, declared: dict[str, str]) -> dict[str, str]:
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.type)) for column in table.columns
        )
        self.connection.execute(sql.SQL("CREATE TEMP TABLE probe ({})").format(columns))
        for name, condition in declared.items():
            statement = sql.SQL("ALTER TABLE probe ADD CONSTRAINT {} CHECK ({})")
            self.connection.execute(statement.format(sql.Identifier(name), sql.SQL(condition)))
        spelled = self.connection.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = 'probe'::regclass AND contype = 'c'"
        ).fetchall()
        self.connection.execute("DROP TABLE probe")
        return dict(spelled)


def declared(table: Table, probe: Probe) -> dict[str, Any]:
    """What the database should say about one table."""
    kind = "m" if table.materialized_view else "p" if table.partition else "r"
    constraints = probe.conditions(table, ddl.checks(table))
    if table.key and not table.materialized_view:
        constraints[f"{table.name}_pkey"] = f"PRIMARY KEY ({', '.join(table.key)})"
    if table.foreign_keys:
        for column in table.columns:
            if column.references:
                target, _, key = column.references.rpartition(".")
                spelled = f"FOREIGN KEY ({column.name}) REFERENCES {target}({key})"
                constraints[f"{table.name}_{column.name}_fkey"] = spelled
    indexes = {f"{table.schema}.{ddl.index_name(table, index)}": index for index in table.indexes}
    if table.materialized_view:
        indexes[f"{table.schema}.{table.name}_pkey"] = Index(table.key, unique=True)
    return {
        "kind": kind,
        "owner": "nova_owner",
        "comment": ddl.table_comment(table),
        "partition": f"RANGE ({table.partition})" if table.partition else None,
        # By name: what a later revision adds stands last, wherever it is declared.
        "columns": {
            column.name: {
                "type": probe.type(column.type),
                "nullable": column.nullable or table.materialized_view,
                "default": probe.default(column),
                "identity": "a" if column.identity else "",
                "comment": ddl.column_comment(column),
            }
            for column in table.columns
        },
        "constraints": constraints,
        "indexes": {name: index_definition(table, name, index) for name, index in indexes.items()},
    }


def index_definition(table: Table, name: str, index: Index) -> str:
    only = "ONLY " if table.partition else ""
    where = f" WHERE ({index.where}::text)" if index.where else ""
    kind = "UNIQUE INDEX" if index.unique else "INDEX"
    bare = name.rpartition(".")[2]
    return f"CREATE {kind} {bare} ON {only}{table.qualified} USING {index.method} ({', '.join(index.columns)}){where}"


def found(owner: Database) -> dict[str, Any]:
    """What the database says about every table of our schemas, its partitions apart."""
    tables = {}
    for row in owner.rows(sql.SQL(TABLES_SQL), schemas=list(SCHEMAS)):
        oid = row.pop("oid")
        name = row.pop("name")
        row["columns"] = {column.pop("name"): column for column in owner.rows(sql.SQL(COLUMNS_SQL), oid=oid)}
        if row["kind"] == "m":
            # A view takes the precision of what it shows: a plain numeric stands for any.
            for column in row["columns"].values():
                column["type"] = re.sub(r"numeric\(\d+,\d+\)", "numeric", column["type"])
        row["constraints"] = {c["name"]: c["definition"] for c in owner.rows(sql.SQL(CONSTRAINTS_SQL), oid=oid)}
        row["indexes"] = {i["name"]: i["definition"] for i in owner.rows(sql.SQL(INDEXES_SQL), oid=oid)}
        tables[name] = row
    return {name: table for name, table in tables.items() if name not in NOT_OURS}


def test_database_equals_the_catalog(owner):
    with owner.connect() as connection:
        probe = Probe(connection)
        wanted = {table.qualified: declared(table, probe) for table in TABLES}
    spelled = [
        json.dumps(side, indent=1, sort_keys=True, default=str, ensure_ascii=False).splitlines()
        for side in (wanted, found(owner))
    ]
    difference = "\n".join(difflib.unified_diff(*spelled, "catalog", "database", lineterm="", n=6))
    assert not difference, f"the migrations do not build the catalog:\n{difference}"


def test_open_revision_is_what_the_catalog_gives():
    assert generate.target().read_text("utf-8") == generate.revision(), "run: python -m migrations.generate"


@pytest.mark.parametrize(("name", "digest"), RELEASED.items())
def test_released_revision_is_frozen(name, digest):
    text = (generate.VERSIONS / name).read_bytes()
    assert hashlib.sha256(text).hexdigest() == digest, f"{name} is released: what changed belongs in the next revision"


def test_partitions_are_there_and_alike(owner):
    """Current month -2 to +3 for every partitioned table, each with its parent's columns, checks and indexes."""
    partitions = owner.rows(
        """
        SELECT p.oid::regclass::text AS parent, count(*) AS partitions,
            bool_and(
                (SELECT count(*) FROM pg_index WHERE indrelid = c.oid)
                = (SELECT count(*) FROM pg_index WHERE indrelid = p.oid)
                AND (SELECT count(*) FROM pg_constraint WHERE conrelid = c.oid AND contype IN ('c', 'p'))
                = (SELECT count(*) FROM pg_constraint WHERE conrelid = p.oid AND contype IN ('c', 'p'))
            ) AS alike
        FROM pg_class p JOIN pg_inherits i ON i.inhparent = p.oid JOIN pg_class c ON c.oid = i.inhrelid
        WHERE p.relkind = 'p' AND c.relkind = 'r'
        GROUP BY p.oid
        """
    )
    wanted = {table.qualified: (6, True) for table in TABLES if table.partition}
    assert {row["parent"]: (row["partitions"], row["alike"]) for row in partitions} == wanted


def test_migrating_twice_and_at_once_changes_nothing(settings, server):
    name = f"{settings.database_name}_twice"
    private = settings.model_copy(update={"database_name": name})
    with psycopg.connect(**admin_parameters(server), autocommit=True) as admin:
        create_database(admin, private, name, owner="nova_owner")
        try:
            # Processes: Alembic keeps its context in module globals.
            with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
                revisions = list(pool.map(migrate, [private] * 2))
            assert revisions == [migrate(private)] * 2
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_migrates_on_a_connection_of_the_caller(owner):
    from alembic import command
    from sqlalchemy import create_engine, text

    engine = create_engine(owner.url(driver="psycopg"))
    config = alembic_config(owner.settings)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert connection.execute(text("SELECT version_num FROM support.alembic_version")).scalar_one()
        assert connection.execute(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")).scalar_one() == 0
    engine.dispose()


def test_surrogate_key_is_the_same_everywhere(owner):
    rows = owner.rows("SELECT core.surrogate_key(c) AS key FROM unnest(ARRAY['ITEM-001', 'Conexão', '', NULL]) c")
    assert [row["key"] for row in rows] == [1131168913585345, 3559697832457609, 3731574115332107, None]
