"""A home of the first release becomes one of today: no row is lost, and what a difference can be, it is."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from psycopg import sql

from migrations import generate
from migrations.difference import CannotMigrate, statements
from nova_resources.bootstrap_database import alembic_config, create_database, migrate
from nova_resources.checksums import whole_database
from nova_resources.postgres import Database
from nova_resources.server import admin_parameters
from nova_resources.settings import Settings

FIRST = json.loads((generate.VERSIONS / "0001_house.json").read_text("utf-8"))
ROWS = """
    INSERT INTO core.dim_item (item_id, item_code, name, unit_measure, item_kind, active, inferred)
    VALUES (1, 'I1', 'Connector', 'UN', 'MATERIAL', true, false);
    INSERT INTO core.dim_site (site_id, site_code, name, active, inferred) VALUES (2, 'S1', 'Depot', true, false);
    INSERT INTO support.users (username, display_name, password_hash, role) VALUES ('ana', 'Ana', 'x', 'ADMIN');
    INSERT INTO support.sessions (session_hash, user_id, expires_at)
    SELECT sha256('ana'), user_id, now() + interval '8 hours' FROM support.users;
    SELECT support.ensure_partitions('core.fact_inventory_daily', '2024-03-01', '2024-04-01');
    INSERT INTO core.fact_inventory_daily (full_date, item_id, site_id, on_hand, reserved, backorder)
    SELECT d::date, 1, 2, 5, 0, 0 FROM generate_series('2024-03-01', '2024-03-31', interval '1 day') d;
    INSERT INTO analytics.kpi_definitions (
        kpi_code, position, name_pt, name_en, numerator, basis, null_rule, unit, lower_is_better)
    VALUES ('K', 1, 'k', 'k', 'n', 'b', 'r', 'share', false);
    INSERT INTO support.materializations (table_name, run_id, code_version, rows, mode)
    VALUES ('analytics.kpi_definitions', 'r', 'v', 1, 'REPLACE'), ('core.dim_item', 'r', 'v', 1, 'REPLACE');
    SELECT support.audit(sha256('ana'), 'export', 'x', 'DONE', '{}', NULL, NULL)
"""
KEPT = ("core.dim_item", "core.dim_site", "core.fact_inventory_daily", "support.users", "support.audit_logs")


@pytest.fixture
def old(server: Settings, settings: Settings) -> Iterator[Settings]:
    """A database of the first release with a few rows of each kind."""
    name = f"{settings.database_name}_old"
    private = settings.model_copy(update={"database_name": name})
    with psycopg.connect(**admin_parameters(server), autocommit=True) as admin:
        create_database(admin, private, name, owner="nova_owner")
        command.upgrade(alembic_config(private), "0001")
        with Database(private, "nova_owner").connect() as connection:
            for statement in ROWS.split(";\n"):
                connection.execute(statement.encode())
        yield private
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def columns(database: Database, table: str) -> list[str]:
    query = "SELECT attname FROM pg_attribute WHERE attrelid = %(t)s::regclass AND attnum > 0 AND NOT attisdropped"
    return [row["attname"] for row in database.rows(query, t=table)]


def content(database: Database, known: dict[str, list[str]]) -> dict[str, list[dict]]:
    query = sql.SQL("SELECT {} FROM {} ORDER BY 1, 2, 3")
    names = {table: sql.SQL(", ").join(map(sql.Identifier, found)) for table, found in known.items()}
    return {table: database.rows(query.format(names[table], sql.Identifier(*table.split(".")))) for table in known}


def test_a_home_of_the_first_release_keeps_its_rows(old):
    owner = Database(old, "nova_owner")
    known = {table: columns(owner, table) for table in KEPT}
    before = content(owner, known)
    assert migrate(old) == generate.target().name[:4]
    assert content(owner, known) == before
    assert len(before["core.fact_inventory_daily"]) == 31
    (audit,) = owner.rows("SELECT problem FROM support.audit_verify()")
    assert audit["problem"] is None
    # The new release writes where the old one wrote: every partition has its parent's columns.
    owner.execute("UPDATE core.fact_inventory_daily SET on_hand = on_hand + 1")


def test_an_upgrade_waits_for_nobody_long(old):
    """A reader who does not end makes the upgrade give up after its lock timeout, with nothing changed."""
    owner = Database(old, "nova_owner")
    new = copy.deepcopy(FIRST)
    new["tables"]["core.dim_item"]["columns"]["colour"] = column("colour text")
    (alter,) = (text for text in statements(FIRST, new) if text.startswith("ALTER"))
    with owner.connect() as reader:
        reader.execute("SELECT count(*) FROM core.dim_item")
        with pytest.raises(psycopg.errors.LockNotAvailable), owner.connect() as connection:
            connection.execute("SET lock_timeout = '100ms'")
            connection.execute(alter.encode())
    assert "colour" not in columns(owner, "core.dim_item")


def column(clause: str, *, nullable: bool = True, default: str | None = None) -> dict:
    name, _, rest = clause.partition(" ")
    return {"type": rest.split(" ")[0], "nullable": nullable, "default": default, "clause": f"{name} {rest}"}


def test_every_kind_of_change_is_carried_out(old):
    new = copy.deepcopy(FIRST)
    users, kpis = new["tables"]["support.users"], new["tables"]["analytics.kpi_definitions"]
    users["columns"]["phone"] = column("phone text")
    users["columns"]["logins"] = column("logins integer NOT NULL DEFAULT 0", nullable=False, default="0")
    users["checks"]["users_role_values"] = "role IN ('ADMIN', 'ANALYST', 'VIEWER', 'AUDITOR')"
    users["indexes"]["users_role_idx"] = "CREATE INDEX users_role_idx ON support.users USING btree (role);"
    # A row of a derived table that lacks what it must have is computed again.
    kpis["columns"]["formula"] = column("formula text NOT NULL", nullable=False)
    del kpis["columns"]["null_rule"]
    del new["tables"]["analytics.scenarios"], new["rights"]["analytics.scenarios"]
    opening = new["functions"]["support.setup_open"]
    new["functions"]["support.setup_open"] = re.sub(r"\bp_token\b", "p_link", opening)
    new["rights"]["core.dim_item"]["nova_ro"] = "SELECT, REFERENCES"
    owner = Database(old, "nova_owner")
    with owner.connect() as connection:
        for statement in statements(FIRST, new):
            connection.execute(statement.encode())
    (user,) = owner.rows("SELECT username, phone, logins FROM support.users")
    assert user == {"username": "ana", "phone": None, "logins": 0}
    assert owner.rows("SELECT * FROM analytics.kpi_definitions") == []
    assert owner.rows("SELECT table_name FROM support.materializations") == [{"table_name": "core.dim_item"}]
    assert "null_rule" not in columns(owner, "analytics.kpi_definitions")
    assert owner.rows(
        "SELECT to_regclass('analytics.scenarios')::text AS gone, to_regclass('support.users_role_idx')::text AS made"
    ) == [{"gone": None, "made": "support.users_role_idx"}]
    with owner.connect() as connection:
        connection.execute(
            "INSERT INTO support.users (username, display_name, password_hash, role)"
            " VALUES ('bea', 'Bea', 'x', 'AUDITOR')"
        )
        assert whole_database(connection)["support.users"].rows == 2
    rights = owner.rows(
        "SELECT has_table_privilege('nova_ro', 'core.dim_item', 'REFERENCES') AS may,"
        " has_function_privilege('nova_ro', 'support.setup_open(bytea)', 'EXECUTE') AS may_not,"
        " has_function_privilege('nova_app', 'support.setup_open(bytea)', 'EXECUTE') AS app"
    )
    assert rights == [{"may": True, "may_not": False, "app": True}]


def changed(table: str, change) -> dict:
    new = copy.deepcopy(FIRST)
    change(new["tables"], new["tables"][table])
    return new


@pytest.mark.parametrize(
    ("table", "change", "told"),
    [
        ("support.users", lambda tables, _: tables.pop("support.users"), "not dropped"),
        ("support.users", lambda _, users: users["columns"].pop("email"), "would be lost"),
        ("core.dim_item", lambda _, item: item["columns"]["name"].update(type="integer"), "type of a column"),
        (
            "staging.demand",
            lambda _, demand: demand["columns"].update(x=column("x text NOT NULL", nullable=False)),
            "give it a default",
        ),
    ],
)
def test_what_would_lose_rows_is_refused(table, change, told):
    with pytest.raises(CannotMigrate, match=told):
        statements(FIRST, changed(table, change))


def test_nothing_changed_gives_nothing_and_the_same_change_the_same_text():
    assert statements(FIRST, copy.deepcopy(FIRST)) == []
    assert generate.revision() == generate.revision()
