"""Decisions, alerts, overrides and remarks: who may, in which order, and nobody overwrites what he has not seen."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg import sql

from nova_resources.postgres import Database

DAY = date(2024, 5, 10)
KEY = {"p_as_of": DAY, "p_item_id": 1, "p_site_id": 2, "p_action": "REORDER", "p_order_ref": ""}
SEED = """
    SELECT support.ensure_partitions('analytics.recommendations', '2024-05-01', '2024-06-01');
    INSERT INTO core.dim_item (item_id, item_code, name, unit_measure, item_kind, active, inferred)
    VALUES (1, 'I1', 'Connector', 'UN', 'MATERIAL', true, false);
    INSERT INTO core.dim_site (site_id, site_code, name, active, inferred) VALUES (2, 'S1', 'Depot', true, false);
    INSERT INTO analytics.recommendations (
        item_code, site_code, explanation, explanation_en, on_order_approved, on_order_later, on_order_abandoned,
        risk_days, risk_position, risk_probability, risk_shortage, carrying_cost_month,
        as_of, item_id, site_id, action, order_ref, quantity, priority, position, on_hand, on_order, on_order_late,
        reserved, backorder, stockout_probability, stockout_probability_after, expected_shortage,
        expected_shortage_after, spend, avoided_cost, terms, flips)
    VALUES ('I1', 'S1', 'Comprar', 'Buy', 0, 0, 0, 30, 3, 0.5, 4, 0,
        '2024-05-10', 1, 2, 'REORDER', '', 40, 'HIGH', 3, 3, 0, 0, 0, 0, 0.6, 0.05, 9, 1, 400, 900, '{}', '{}');
    INSERT INTO support.users (username, display_name, password_hash, role)
    SELECT lower(r), r, 'x', r FROM unnest(ARRAY['ADMIN', 'ANALYST', 'VIEWER']) r;
    INSERT INTO support.sessions (session_hash, user_id, expires_at)
    SELECT sha256(username::bytea), user_id, now() + interval '8 hours' FROM support.users;
"""


def session(role: str) -> bytes:
    return hashlib.sha256(role.lower().encode()).digest()


class Planner:
    """The functions under test as one of the seeded people, in the app's role."""

    def __init__(self, settings, role: str = "ANALYST") -> None:
        self.db = Database(settings, role="nova_app")
        self.session = session(role)

    def call(self, function: str, **params: Any) -> Any:
        arguments = ", ".join(["p_session => %(p_session)s", *(f"{name} => %({name})s" for name in params)])
        statement = sql.SQL(f"SELECT support.{function}({arguments}) AS answer")
        return self.db.rows(statement, p_session=self.session, **params)[0]["answer"]

    def refused(self, function: str, **params: Any) -> str:
        with pytest.raises(psycopg.DatabaseError) as caught:
            self.call(function, **params)
        return f"{caught.value.sqlstate} {caught.value.diag.message_primary}"

    def decide(self, state: str, version: int, quantity: float | None = None, reason: str | None = None) -> int:
        return self.call(
            "decide_recommendation",
            **KEY,
            p_state=state,
            p_quantity=quantity,
            p_reason=reason,
            p_expected_version=version,
        )

    def state(self) -> dict:
        rows = self.db.rows("SELECT state, quantity, reason, version FROM support.recommendation_states")
        return rows[0] if rows else {}


@pytest.fixture
def planner(settings) -> Planner:
    with Database(settings, role="nova_owner").connect() as connection:
        connection.execute(sql.SQL(SEED))
    return Planner(settings)


def last_audit(settings) -> dict:
    rows = Database(settings, role="nova_owner").rows(
        "SELECT actor, action, entity, details FROM support.audit_logs ORDER BY audit_id DESC LIMIT 1"
    )
    return rows[0]


def test_decision_goes_through_its_states(planner, settings):
    assert planner.decide("APPROVED", 0) == 1
    assert planner.state()["quantity"] == 40, "approving takes the advised quantity"
    assert planner.decide("ADJUSTED", 1, quantity=30, reason="budget") == 2
    assert planner.decide("EXPORTED", 2) == 3
    assert planner.decide("RECEIVED", 3) == 4
    assert planner.state() == {"state": "RECEIVED", "quantity": 30, "reason": "budget", "version": 4}
    found = last_audit(settings)
    assert (found["actor"], found["action"], found["entity"]) == ("analyst", "recommendation.received", "I1 @ S1")


def test_every_word_is_kept_in_order(planner, settings):
    planner.decide("APPROVED", 0)
    planner.decide("ADJUSTED", 1, quantity=30, reason="budget")
    planner.call("withdraw_decision", **KEY, p_expected_version=2)
    planner.decide("REJECTED", 0, reason="stock found")
    words = planner.db.rows(
        "SELECT state, quantity, reason, version FROM support.recommendation_history ORDER BY history_id"
    )
    assert [tuple(word.values()) for word in words] == [
        ("APPROVED", 40, None, 1),
        ("ADJUSTED", 30, "budget", 2),
        ("PROPOSED", None, None, 3),
        ("REJECTED", 0, "stock found", 1),
    ]
    # Nobody can change what was said: neither the app nor the pipeline.
    for role in ("nova_app", "nova_etl"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            Database(settings, role=role).rows("DELETE FROM support.recommendation_history RETURNING 1 AS gone")


def test_older_version_is_refused(planner):
    planner.decide("APPROVED", 0)
    planner.decide("REJECTED", 1, reason="stock found")
    refused = planner.refused(
        "decide_recommendation", **KEY, p_state="APPROVED", p_quantity=None, p_reason=None, p_expected_version=1
    )
    assert refused == "NV409 version_conflict"
    assert planner.state()["state"] == "REJECTED"


def test_one_of_two_simultaneous_decisions_wins(planner, settings):
    def decide(_: int) -> str:
        try:
            return str(Planner(settings).decide("APPROVED", 0))
        except psycopg.DatabaseError as error:
            return str(error.sqlstate)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(decide, range(4))) == ["1", "NV409", "NV409", "NV409"]


@pytest.mark.parametrize(
    ("state", "quantity", "reason", "error"),
    [
        ("ADJUSTED", 5, None, "NV422 value_invalid"),
        ("ADJUSTED", None, "why", "NV422 value_invalid"),
        ("ADJUSTED", float("nan"), "why", "NV422 value_invalid"),
        ("REJECTED", None, " ", "NV422 value_invalid"),
        ("SHIPPED", None, None, "NV422 value_invalid"),
        ("EXPORTED", None, None, "NV409 state_refused"),
        ("RECEIVED", None, None, "NV409 state_refused"),
    ],
)
def test_incomplete_or_early_decisions_are_refused(planner, state, quantity, reason, error):
    refused = planner.refused(
        "decide_recommendation", **KEY, p_state=state, p_quantity=quantity, p_reason=reason, p_expected_version=0
    )
    assert refused == error
    assert planner.state() == {}


def test_decision_is_withdrawn_until_exported(planner):
    planner.decide("APPROVED", 0)
    planner.call("withdraw_decision", **KEY, p_expected_version=1)
    assert planner.state() == {}
    planner.decide("APPROVED", 0)
    planner.decide("EXPORTED", 1)
    assert planner.refused("withdraw_decision", **KEY, p_expected_version=2) == "NV409 state_refused"


def test_unknown_recommendation_is_refused(planner):
    refused = planner.refused(
        "decide_recommendation",
        **(KEY | {"p_item_id": 9}),
        p_state="APPROVED",
        p_quantity=None,
        p_reason=None,
        p_expected_version=0,
    )
    assert refused == "NV404 recommendation_unknown"


def test_viewer_decides_nothing(planner, settings):
    viewer = Planner(settings, "VIEWER")
    pair = {"p_item_id": 1, "p_site_id": 2}
    calls = {
        "decide_recommendation": {
            **KEY,
            "p_state": "APPROVED",
            "p_quantity": None,
            "p_reason": None,
            "p_expected_version": 0,
        },
        "withdraw_decision": {**KEY, "p_expected_version": 0},
        "set_alert_state": {**pair, "p_cause": "EXCESS", "p_read": True, "p_snoozed_until": None},
        "add_override": {
            **pair,
            "p_field": "FORECAST",
            "p_target": "D30",
            "p_value": 1.0,
            "p_reason": "x",
            "p_valid_until": DAY,
        },
        "withdraw_override": {"p_override_id": 1},
        "add_comment": {**pair, "p_body": "x"},
    }
    assert {name: viewer.refused(name, **params) for name, params in calls.items()} == dict.fromkeys(
        calls, "NV403 role_refused"
    )


def test_alert_keeps_when_it_was_first_read(planner):
    pair = {"p_item_id": 1, "p_site_id": 2, "p_cause": "EXCESS"}
    planner.call("set_alert_state", **pair, p_read=True, p_snoozed_until=None)
    read = "SELECT read_at, snoozed_until, note FROM support.alert_states"
    [first] = planner.db.rows(read)
    planner.call("set_alert_state", **pair, p_read=True, p_snoozed_until=DAY, p_owner="admin", p_note="mine")
    [second] = planner.db.rows(read)
    assert second == {"read_at": first["read_at"], "snoozed_until": DAY, "note": "mine"}


def test_override_is_kept_apart_and_can_be_taken_back(planner, settings):
    values = {
        "p_item_id": 1,
        "p_site_id": 2,
        "p_field": "FORECAST",
        "p_target": "D30",
        "p_value": 12.5,
        "p_reason": "tender",
        "p_valid_until": settings.today(),
    }
    number = planner.call("add_override", **values)
    assert planner.refused("add_override", **(values | {"p_valid_until": DAY})) == "NV422 value_invalid"
    planner.call("withdraw_override", p_override_id=number)
    assert planner.refused("withdraw_override", p_override_id=number) == "NV404 override_unknown"
    assert last_audit(settings)["action"] == "override.withdrawn"


def test_comment_and_saved_view(planner, settings):
    planner.call("add_comment", p_item_id=1, p_site_id=None, p_body=" checked ")
    assert planner.db.rows("SELECT body FROM support.comments") == [{"body": "checked"}]
    viewer = Planner(settings, "VIEWER")
    view = viewer.call("save_view", p_screen="items", p_name="mine", p_query="abc=A")
    assert viewer.call("save_view", p_screen="items", p_name="mine", p_query="abc=B") == view
    assert planner.refused("delete_view", p_view_id=view) == "NV404 view_unknown", "it is somebody else's"
    listed = viewer.db.rows("SELECT name, query FROM support.saved_views_list(%(s)s, 'items')", s=viewer.session)
    assert listed == [{"name": "mine", "query": "abc=B"}]
