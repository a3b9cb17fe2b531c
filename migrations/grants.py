"""Who may do what in the database, written out: one line per right, nothing granted by sweep.

Partitions carry no grants: all access goes through their parents. Functions are closed to PUBLIC first.
"""

from __future__ import annotations

from collections.abc import Iterable

from nova_resources.tables import Table

SCHEMA_USAGE = {
    "staging": ("nova_etl", "nova_app"),
    "core": ("nova_etl", "nova_app", "nova_ro"),
    "analytics": ("nova_etl", "nova_app", "nova_ro"),
    "support": ("nova_etl", "nova_app"),
}

# Beyond the rule in `table_grants`: the tables of schema support, and the two registers of staging.
SPECIAL = {
    "staging.files": {"nova_etl": "SELECT, INSERT, UPDATE, DELETE", "nova_app": "SELECT"},
    "staging.rejects": {"nova_etl": "SELECT, INSERT, DELETE", "nova_app": "SELECT"},
    "support.materializations": {"nova_etl": "SELECT, INSERT", "nova_app": "SELECT"},
    "support.planning_rules": {"nova_etl": "SELECT, INSERT, DELETE", "nova_app": "SELECT"},
    "support.overrides": {"nova_etl": "SELECT", "nova_app": "SELECT"},
    "support.recommendation_states": {"nova_etl": "SELECT", "nova_app": "SELECT"},
    "support.alert_states": {"nova_app": "SELECT"},
    "support.comments": {"nova_app": "SELECT"},
}

FUNCTIONS: dict[str, tuple[str, ...]] = {
    "core.surrogate_key": ("nova_etl", "nova_app", "nova_ro"),
    "support.partitioned_table": (),
    "support.ensure_partitions": ("nova_etl",),
    "support.begin_swap": ("nova_etl",),
    "support.seal_swap": ("nova_etl",),
    "support.finish_swap": ("nova_etl",),
    "support.analyze_table": ("nova_etl",),
    "support.refresh_view": ("nova_etl",),
}


def table_grants(table: Table) -> dict[str, str]:
    """Role to privileges on one table or view. Tables of schema support give none unless they are in SPECIAL."""
    if table.qualified in SPECIAL:
        return SPECIAL[table.qualified]
    if table.schema == "support":
        return {}
    readers = {"nova_app": "SELECT", "nova_ro": "SELECT"} if table.schema in ("core", "analytics") else {}
    if table.materialized_view:
        return {"nova_etl": "SELECT"} | readers
    return {"nova_etl": "SELECT, INSERT, DELETE"} | readers


def statements(tables: Iterable[Table]) -> Iterable[str]:
    """Every GRANT and REVOKE, schemas first."""
    yield "REVOKE ALL ON SCHEMA public FROM PUBLIC;"
    for schema, roles in SCHEMA_USAGE.items():
        yield f"GRANT USAGE ON SCHEMA {schema} TO {', '.join(roles)};"
    for table in tables:
        for role, privileges in table_grants(table).items():
            yield f"GRANT {privileges} ON {table.qualified} TO {role};"
    for function, roles in FUNCTIONS.items():
        yield f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC;"
        if roles:
            yield f"GRANT EXECUTE ON FUNCTION {function} TO {', '.join(roles)};"
