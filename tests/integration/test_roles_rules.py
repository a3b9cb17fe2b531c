"""Planning rules of the screens and alerts that a person closes: who may, within which bounds, and what stays of it."""

from __future__ import annotations

import pytest
from psycopg.types.json import Jsonb

from nova_assets.catalog import table
from nova_resources.postgres import Database
from nova_resources.sql_library import sql
from nova_resources.window import publish
from tests.integration.test_roles_decisions import DAY, Planner, last_audit
from tests.integration.test_roles_decisions import planner as planner

PAIR = {"p_item_id": 1, "p_site_id": 2, "p_cause": "EXCESS"}
ALERT = """
    SELECT support.ensure_partitions('analytics.alerts', '2024-05-01', '2024-06-01');
    INSERT INTO analytics.alerts (as_of, item_id, site_id, cause, severity, value_at_risk, hours_at_risk, details)
    VALUES ('2024-05-10', 1, 2, 'EXCESS', 'WARNING', 10, 0, '{}')
"""
OPEN_RULES = "SELECT edit_id, item_code, service_level::float FROM support.planning_rule_edits WHERE ended_at IS NULL"


@pytest.fixture
def admin(planner: Planner) -> Planner:
    return Planner(planner.db.settings, "ADMIN")


def rule(**given: object) -> dict:
    return {"p_rule": Jsonb(given), "p_reason": "contract 17"}


def test_a_rule_of_the_same_scope_takes_the_place_of_the_former_one(admin, settings):
    first = admin.call("set_planning_rule", **rule(item_code="I1", service_level=0.9))
    second = admin.call("set_planning_rule", **rule(item_code="I1", service_level=0.95, site_code=None))
    wider = admin.call("set_planning_rule", **rule(service_level=0.8))
    assert admin.db.rows(OPEN_RULES + " ORDER BY edit_id") == [
        {"edit_id": second, "item_code": "I1", "service_level": 0.95},
        {"edit_id": wider, "item_code": None, "service_level": 0.8},
    ]
    assert admin.refused("end_planning_rule", p_edit_id=first) == "NV404 rule_unknown"
    admin.call("end_planning_rule", p_edit_id=second)
    assert [row["edit_id"] for row in admin.db.rows(OPEN_RULES)] == [wider]
    audited = last_audit(settings)
    assert (audited["action"], audited["details"]["item_code"], audited["details"]["reason"]) == (
        "rule.ended",
        "I1",
        "contract 17",
    )


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"service_level": 0.3}, "NV422 value_invalid"),
        ({"service_level": "high"}, "NV422 value_invalid"),
        ({"holding_rate_year": 6}, "NV422 value_invalid"),
        ({"unmet_demand": "MAYBE"}, "NV422 value_invalid"),
        ({"item_code": "I1"}, "NV422 value_invalid"),
        ({"item_code": "I9", "service_level": 0.9}, "NV404 scope_unknown"),
        ({"site_code": "S9", "service_level": 0.9}, "NV404 scope_unknown"),
        ({"family": "none", "service_level": 0.9}, "NV404 scope_unknown"),
    ],
)
def test_a_rule_keeps_the_bounds_of_the_extract(admin, given, answer):
    assert admin.refused("set_planning_rule", **rule(**given)) == answer
    assert admin.db.rows(OPEN_RULES) == []


def test_a_rule_needs_a_reason_and_an_admin(admin, planner):
    assert admin.refused("set_planning_rule", **(rule(service_level=0.9) | {"p_reason": " "})) == "NV422 value_invalid"
    for role in ("ANALYST", "VIEWER"):
        person = Planner(planner.db.settings, role)
        assert person.refused("set_planning_rule", **rule(service_level=0.9)) == "NV403 role_refused"
        assert person.refused("end_planning_rule", p_edit_id=1) == "NV403 role_refused"


def test_the_next_run_plans_by_the_rule_of_the_screens_until_it_is_ended(admin, settings):
    owner, etl = Database(settings, role="nova_owner"), Database(settings, role="nova_etl")
    files = """
        INSERT INTO staging.files (
            feed, path, checksum, size_bytes, format, rows_in, rows_accepted, rows_rejected, status, run_id)
        VALUES ('planning_rules', 'planning_rules.csv', 'x', 1, 'csv', 2, 2, 0, 'LOADED', 'r') RETURNING file_id
    """
    file_id = owner.rows(files)[0]["file_id"]
    landed = """
        INSERT INTO staging.planning_rules (criticality_min, service_level, file_id, source_line)
        VALUES (NULL, 0.8, %(f)s, 2), (5, 0.9, %(f)s, 3) RETURNING source_line
    """
    owner.rows(landed, f=file_id)
    read = """
        SELECT criticality_min::int AS least, service_level::float AS level, origin
        FROM support.planning_rules ORDER BY 1
    """

    def in_force() -> list[tuple]:
        publish(etl, table("support.planning_rules"), None, sql("support/planning_rules"), run_id="r", code_version="v")
        return [tuple(row.values()) for row in etl.rows(read)]

    assert in_force() == [(5, 0.9, "ERP"), (None, 0.8, "ERP")]
    number = admin.call("set_planning_rule", **rule(criticality_min=5, service_level=0.97))
    assert in_force() == [(5, 0.97, "APP"), (None, 0.8, "ERP")]
    admin.call("end_planning_rule", p_edit_id=number)
    assert in_force() == [(5, 0.9, "ERP"), (None, 0.8, "ERP")]


def test_an_alert_is_closed_with_a_reason_and_can_be_opened_again(planner, settings):
    with Database(settings, role="nova_owner").connect() as connection:
        connection.execute(ALERT)
    assert planner.refused("resolve_alert", **PAIR, p_as_of=DAY, p_reason=" ") == "NV422 value_invalid"
    assert (
        planner.refused("resolve_alert", **(PAIR | {"p_cause": "LATE_ORDER"}), p_as_of=DAY, p_reason="x")
        == "NV404 alert_unknown"
    )
    assert planner.refused("reopen_alert", **PAIR) == "NV404 alert_unknown"
    planner.call("set_alert_state", **PAIR, p_read=False, p_snoozed_until=None, p_owner="admin", p_note="mine")
    planner.call("resolve_alert", **PAIR, p_as_of=DAY, p_reason="transferred to S2")
    read = "SELECT read_at IS NOT NULL AS read, resolved_on, resolution, note FROM support.alert_states"
    assert planner.db.rows(read) == [
        {"read": True, "resolved_on": DAY, "resolution": "transferred to S2", "note": "mine"}
    ]
    assert last_audit(settings)["details"]["reason"] == "transferred to S2"
    planner.call("reopen_alert", **PAIR)
    assert planner.db.rows(read)[0]["resolved_on"] is None
    assert last_audit(settings)["action"] == "alert.reopened"
    viewer = Planner(settings, "VIEWER")
    assert viewer.refused("resolve_alert", **PAIR, p_as_of=DAY, p_reason="x") == "NV403 role_refused"
    assert viewer.refused("reopen_alert", **PAIR) == "NV403 role_refused"
