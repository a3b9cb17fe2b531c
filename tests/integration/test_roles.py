"""What each database role must not be able to do, tried for real, and the explicit grants behind what it can."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from migrations import grants
from nova_assets.catalog import TABLES
from nova_resources.postgres import Database

REFUSED = {
    "nova_app": [
        "INSERT INTO core.dim_region VALUES (1, 'A', 'a', NULL, false)",
        "DELETE FROM core.fact_demand_daily",
        "UPDATE analytics.recommendations SET quantity = 0",
        "TRUNCATE analytics.forecasts",
        "SELECT * FROM support.users",
        "SELECT * FROM support.sessions",
        "SELECT * FROM support.api_tokens",
        "SELECT * FROM support.setup_tokens",
        "SELECT * FROM support.audit_logs",
        "SELECT * FROM support.login_attempts",
        "INSERT INTO support.recommendation_states VALUES (now(), 1, 1, 'REORDER', '', 'APPROVED')",
        "UPDATE support.alert_states SET note = 'x'",
        "INSERT INTO support.materializations (table_name) VALUES ('x')",
        "SELECT * FROM staging.demand",
        "SELECT support.append_audit('admin', 'x', NULL, 'DONE')",
        "SELECT support.create_setup_token('x')",
        "SELECT support.live_session('x')",
        "SELECT support.insert_user('x', 'x', NULL, 'x', 'ADMIN', 'en')",
        "SELECT support.begin_swap('core.fact_demand_daily', '2024-01-01')",
        "SELECT support.refresh_view('analytics.mv_kpis_latest')",
        "CREATE TABLE core.mine (i integer)",
        "CREATE TABLE public.mine (i integer)",
        "SET ROLE nova_owner",
    ],
    "nova_ro": [
        "DELETE FROM core.dim_item",
        "SELECT * FROM staging.demand",
        "SELECT * FROM support.materializations",
        "SELECT * FROM support.users",
        "SELECT support.people()",
        "SELECT support.audit(NULL, 'x', NULL, 'DONE', '{}', NULL, NULL)",
    ],
    "nova_etl": [
        "DROP TABLE core.fact_demand_daily_202401",
        "ALTER TABLE core.dim_item ADD COLUMN x integer",
        "TRUNCATE core.fact_demand_daily",
        "SELECT * FROM support.users",
        "INSERT INTO support.users (username) VALUES ('x')",
        "SELECT * FROM support.audit_logs",
        "UPDATE support.materializations SET rows = 0",
        "DELETE FROM support.materializations",
        "INSERT INTO support.overrides (item_id) VALUES (1)",
        "INSERT INTO support.recommendation_states (item_id) VALUES (1)",
        "SELECT support.create_user(NULL, 'x', 'x', NULL, 'x', 'ADMIN')",
        "CREATE TABLE core.mine (i integer)",
        "REFRESH MATERIALIZED VIEW analytics.mv_kpis_latest",
    ],
}


@pytest.fixture
def with_partition(settings) -> None:
    Database(settings, role="nova_etl").rows(
        "SELECT support.ensure_partitions('core.fact_demand_daily', '2024-01-01', '2024-02-01')"
    )


@pytest.mark.parametrize("role", REFUSED)
def test_role_is_refused(settings, with_partition, role):
    db, allowed = Database(settings, role=role), []
    for statement in REFUSED[role]:
        try:
            db.execute(sql.SQL(statement))
            allowed.append(statement)
        except psycopg.errors.InsufficientPrivilege:
            continue
    assert allowed == []


def test_swap_functions_touch_only_partitioned_tables_of_the_platform(settings):
    db, allowed = Database(settings, role="nova_etl"), []
    for name in ("support.users", "core.dim_item", "pg_catalog.pg_class", "analytics.mv_kpis_latest"):
        for call in ("ensure_partitions(%(n)s, '2024-01-01', '2024-02-01')", "begin_swap(%(n)s, '2024-01-01')"):
            try:
                db.rows(sql.SQL("SELECT support." + call), n=name)
                allowed.append((name, call))
            except psycopg.DatabaseError as error:
                assert error.sqlstate == "NV404", (name, call, error)
    assert allowed == []


def test_grants_are_exactly_the_declared_ones(settings):
    """Nothing is granted by sweep, to PUBLIC, or on a partition."""
    found = Database(settings, role="nova_owner").rows(
        """
        SELECT n.nspname || '.' || c.relname AS name, coalesce(r.rolname, 'PUBLIC') AS role,
            string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type) AS privileges
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN aclexplode(c.relacl) a
        LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE n.nspname IN ('staging', 'core', 'analytics', 'support') AND a.grantee <> c.relowner
        GROUP BY 1, 2
        """
    )
    declared = {
        (table.qualified, role, ", ".join(sorted(privileges.split(", "))))
        for table in TABLES
        for role, privileges in grants.table_grants(table).items()
    }
    assert {(row["name"], row["role"], row["privileges"]) for row in found} == declared


def test_functions_are_closed_to_public_and_have_a_fixed_search_path(settings):
    found = Database(settings, role="nova_owner").rows(
        """
        SELECT p.proname AS name, p.prosecdef AS definer, p.proconfig AS config,
            EXISTS (
                SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0
            ) AS open
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname IN ('core', 'support', 'staging', 'analytics')
        """
    )
    assert [row["name"] for row in found if row["open"]] == []
    unsafe = [r["name"] for r in found if r["definer"] and "search_path=pg_catalog, pg_temp" not in (r["config"] or [])]
    assert unsafe == []
