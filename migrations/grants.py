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
    "support.check_results": {"nova_etl": "SELECT, INSERT, UPDATE", "nova_app": "SELECT"},
    "support.run_progress": {"nova_etl": "SELECT, INSERT, UPDATE", "nova_app": "SELECT"},
    "support.planning_rule_edits": {"nova_etl": "SELECT", "nova_app": "SELECT"},
    "support.planning_rules": {"nova_etl": "SELECT, INSERT, DELETE", "nova_app": "SELECT"},
    "support.overrides": {"nova_etl": "SELECT", "nova_app": "SELECT"},
    "support.recommendation_states": {"nova_etl": "SELECT", "nova_app": "SELECT"},
    "support.recommendation_history": {"nova_etl": "SELECT", "nova_app": "SELECT"},
    "support.scenario_requests": {"nova_etl": "SELECT", "nova_app": "SELECT"},
    "support.run_requests": {"nova_etl": "SELECT, UPDATE", "nova_app": "SELECT"},
    "support.alert_states": {"nova_app": "SELECT"},
    "support.comments": {"nova_app": "SELECT"},
}

# Owner only: what other functions are made of, and what the command line does as the owner.
INTERNAL = (
    "support.partitioned_table",
    "support.audit_hash",
    "support.append_audit",
    "support.refuse_change",
    "support.live_session",
    "support.acting",
    "support.close_sessions",
    "support.login_wait",
    "support.open_session",
    "support.known_user",
    "support.insert_user",
    "support.require_hash",
    "support.require_admin_left",
    "support.create_setup_token",
    "support.planner",
    "support.item_site",
    "support.require_transition",
    "support.require_version",
    "support.record_word",
)

FUNCTIONS: dict[str, tuple[str, ...]] = {
    "core.surrogate_key": ("nova_etl", "nova_app", "nova_ro"),
    "support.ensure_partitions": ("nova_etl",),
    "support.begin_swap": ("nova_etl",),
    "support.seal_swap": ("nova_etl",),
    "support.finish_swap": ("nova_etl",),
    "support.analyze_table": ("nova_etl",),
    "support.refresh_view": ("nova_etl",),
    "support.audit": ("nova_etl", "nova_app"),
    "support.begin_login": ("nova_app",),
    "support.finish_login": ("nova_app",),
    "support.confirm_password": ("nova_app",),
    "support.begin_second_factor": ("nova_app",),
    "support.finish_second_factor": ("nova_app",),
    "support.identity_login": ("nova_app",),
    "support.check_session": ("nova_app",),
    "support.end_session": ("nova_app",),
    "support.revoke_sessions": ("nova_app",),
    "support.revoke_session": ("nova_app",),
    "support.sessions_list": ("nova_app",),
    "support.setup_open": ("nova_app",),
    "support.create_first_admin": ("nova_app",),
    "support.create_user": ("nova_app",),
    "support.set_password": ("nova_app",),
    "support.set_role": ("nova_app",),
    "support.set_active": ("nova_app",),
    "support.set_locale": ("nova_app",),
    "support.users_list": ("nova_app",),
    "support.people": ("nova_app",),
    "support.begin_totp": ("nova_app",),
    "support.own_totp": ("nova_app",),
    "support.confirm_totp": ("nova_app",),
    "support.reset_totp": ("nova_app",),
    "support.create_api_token": ("nova_app",),
    "support.check_api_token": ("nova_app",),
    "support.audit_api_call": ("nova_app",),
    "support.revoke_api_token": ("nova_app",),
    "support.api_tokens_list": ("nova_app",),
    "support.audit_list": ("nova_app",),
    "support.audit_verify": ("nova_app",),
    "support.decide_recommendation": ("nova_app",),
    "support.withdraw_decision": ("nova_app",),
    "support.set_alert_state": ("nova_app",),
    "support.resolve_alert": ("nova_app",),
    "support.reopen_alert": ("nova_app",),
    "support.set_planning_rule": ("nova_app",),
    "support.end_planning_rule": ("nova_app",),
    "support.request_scenario": ("nova_app",),
    "support.request_run": ("nova_app",),
    "support.add_override": ("nova_app",),
    "support.withdraw_override": ("nova_app",),
    "support.add_comment": ("nova_app",),
    "support.save_view": ("nova_app",),
    "support.delete_view": ("nova_app",),
    "support.saved_views_list": ("nova_app",),
    **dict.fromkeys(INTERNAL, ()),
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
