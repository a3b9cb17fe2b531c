"""Weekly orders where unmet demand is lost, from facts to recommendations: no supplier, no unit cost, nothing ordered
before; and the what-ifs that people ask for."""

from __future__ import annotations

import json
from datetime import date, timedelta

import psycopg
import pytest

from nova_assets import catalog
from nova_assets.analytics.scenarios import compute_scenarios
from nova_assets.ledger_state import LedgerState
from nova_assets.model_asset import RunTools
from nova_resources.postgres import Database
from nova_resources.sql_library import Query
from nova_resources.tables import Window
from streamlit_app.data import replays

FIRST = date(2025, 1, 5)
WEEK = timedelta(days=7)
SUNDAY = FIRST + 59 * WEEK
CHAIN = "demand_classes lead_time_profiles forecasts stock_policies recommendations"


@pytest.fixture
def shop(company):
    """Ten a week of each material, told on Sundays; two weeks from order to arrival; p 1, h 0.2 a week."""
    company.rule(
        1, 0, review_days=7, lead_time_days=14, shortage_cost_unit=1, holding_cost_unit_day=0.2 / 7,
        fixed_order_cost=0, unmet_demand="LOST",
    )  # fmt: skip
    for item in ("EMPTY", "FULL", "COMING", "WAITING"):
        company.item(item, unit_cost=None)
        for week in range(60):
            company.demand(FIRST + week * WEEK, item, "S1", 10)
    for item, on_hand in (("EMPTY", 0), ("FULL", 100), ("COMING", 0)):
        company.stock(SUNDAY, item, "S1", on_hand)
    company.stock(SUNDAY, "WAITING", "S1", 0)
    company.order("NEXT", SUNDAY - WEEK, "COMING", "S1", "F1", quantity=15, expected_date=SUNDAY + WEEK)
    company.order("THEN", SUNDAY, "WAITING", "S1", "F1", quantity=40, expected_date=SUNDAY + 2 * WEEK)
    company.publish(CHAIN, SUNDAY)
    return company


def test_only_the_week_of_arrival_is_ordered_for(shop) -> None:
    found = {row["item_code"]: row for row in shop.rows("recommendations")}
    assert {item: row["action"] for item, row in found.items()} == {
        "EMPTY": "REORDER", "COMING": "REORDER", "FULL": "HOLD", "WAITING": "HOLD",
    }  # fmt: skip
    # One week's demand at its 0.83 quantile: the two weeks before are lost, or served by what comes for them.
    assert 10 <= found["EMPTY"]["quantity"] <= 15
    assert 4 <= found["COMING"]["quantity"] <= found["EMPTY"]["quantity"]
    assert found["EMPTY"]["supplier_id"] is None
    # COMING could wait by its position, but its quantity is made for the arrival in two weeks.
    for item in ("EMPTY", "COMING"):
        assert (found[item]["order_by"], found[item]["arrive_by"]) == (SUNDAY, SUNDAY + 2 * WEEK)


def test_the_policy_tells_its_method_and_its_level(shop) -> None:
    policies = {row["item_code"]: row for row in shop.rows("stock_policies")}
    for row in policies.values():
        assert row["service_level"] == pytest.approx(1 / 1.2, abs=1e-3)
        assert row["terms"]["method"]["value"] == "PROJECTION" and row["protection_days"] == 21
    assert policies["FULL"]["reorder_point"] < 100


PERSON = """
INSERT INTO support.users (username, display_name, password_hash, role) VALUES ('ana', 'Ana', 'x', 'ANALYST');
INSERT INTO support.sessions (session_hash, user_id, expires_at)
SELECT sha256('ana'), user_id, now() + interval '8 hours' FROM support.users;
"""
ASK = Query("ask", "SELECT support.request_scenario(sha256('ana'), %(as_of)s, %(parameters)s::jsonb) AS id")


def test_a_what_if_makes_the_scenarios_of_its_day_stale_and_is_answered_by_a_replay(shop) -> None:
    shop.publish("scenarios", SUNDAY)
    with Database(shop.db.settings, role="nova_owner").connect() as connection:
        connection.execute(PERSON)
    app = Database(shop.db.settings, role="nova_app")
    asked = {"policies": ["platform", "minmax"], "levels": [0.8, 0.95], "months": 3}
    with pytest.raises(psycopg.DatabaseError, match="value_invalid"):
        app.rows(ASK, as_of=SUNDAY, parameters=json.dumps(asked | {"policies": ["unknown"]}))
    number = app.rows(ASK, as_of=SUNDAY, parameters=json.dumps(asked))[0]["id"]
    # The shop's days lie before what the retention keeps.
    remembering = Database(shop.db.settings.model_copy(update={"daily_as_of_days": 36_500}))
    state = LedgerState.read(remembering, [catalog.table("analytics.scenarios")], SUNDAY, SUNDAY)
    assert state.stale["analytics.scenarios"] == {SUNDAY}
    shop.publish("scenarios", SUNDAY)
    found = [row for row in shop.rows("scenarios") if row["scenario_code"].startswith(f"request_{number}_")]
    company = {row["scenario_code"].split("_", 2)[2]: row for row in found if row["dimension"] == "company"}
    assert set(company) >= {"platform_0.8", "platform_0.95", "minmax_0.8", "minmax_0.95"}
    assert [code.split("_")[0] for code in company].count("platform") == 3, "as the rules have it, besides"
    assert all(row["item_sites"] == 4 and row["parameters"]["fill_rate"] > 0 for row in company.values())
    assert company["minmax_0.95"]["stock_value"] >= company["minmax_0.8"]["stock_value"]
    assert {row["member"] for row in found if row["dimension"] == "abc"} <= {"A", "B", "C"}
    told: list[str] = []
    compute_scenarios(shop.db, Window.day(SUNDAY), RunTools(lambda doing, share: told.append(doing)))
    assert {replays.step(doing) for doing in told} == {(number, step) for step in (1, 2, 3)}, "as the page reads it"
