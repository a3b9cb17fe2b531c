"""Never order twice: the complaints that planners make about other systems, each as a case on real tables.

One material at one site: two units every fifth day, five on the shelf, bought from F1 in about twenty days.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from nova_assets.analytics.positions import APPROVED_COUNTS_DAYS
from nova_resources.postgres import Database

FIRST = date(2025, 1, 1)
DAY = timedelta(days=1)
NOW = 150
CHAIN = "demand_classes lead_time_profiles forecasts stock_policies recommendations"
SPOKEN = """
    INSERT INTO support.recommendation_history (
        as_of, item_id, site_id, action, order_ref, state, quantity, version, decided_by, at)
    SELECT %(as_of)s, %(item_id)s, %(site_id)s, 'REORDER', '', %(state)s, %(quantity)s, 1, user_id, %(at)s
    FROM support.users LIMIT 1
"""
PERSON = """
    INSERT INTO support.users (username, display_name, password_hash, role)
    SELECT 'ana', 'Ana', 'x', 'ANALYST' WHERE NOT EXISTS (SELECT FROM support.users)
"""


def on(number: int) -> date:
    return FIRST + number * DAY


@pytest.fixture
def running(company, settings):
    company.rule(1, 0, service_level=0.9, review_days=5, holding_rate_year=0.2, lead_time_days=20)
    company.source("M1", "F1", unit_price=12, min_order_qty=4, order_multiple=4, lead_time_days=45)
    company.stock([on(number) for number in range(NOW + 30)], "M1", "S1", 5)
    for number in range(0, NOW + 30, 5):
        company.demand(on(number), "M1", "S1", 2, 2)
    company.owner = Database(settings, role="nova_owner")
    return company


def decision(company, number: int) -> dict:
    company.publish(CHAIN, on(number))
    (row,) = company.rows("recommendations", as_of=on(number))
    return row


def say(company, state: str, number: int, quantity: float, spoken: int) -> None:
    """A word about the recommendation of day `number`, spoken at noon of day `spoken`."""
    company.flush()
    noon = datetime.combine(on(spoken), datetime.min.time(), ZoneInfo("America/Bahia")) + timedelta(hours=12)
    with company.owner.connect() as connection:
        connection.execute(PERSON)
        values = {"as_of": on(number), "item_id": company.id_of("M1"), "site_id": company.id_of("S1")}
        connection.execute(SPOKEN, values | {"state": state, "quantity": quantity, "at": noon})


def test_an_open_order_is_counted_in_its_window_and_not_before(running) -> None:
    first = decision(running, NOW)
    assert first["action"] == "REORDER"
    running.order("FAR", on(NOW), "M1", "S1", "F1", quantity=40, expected_date=on(NOW + 90))
    far = decision(running, NOW)
    assert (far["action"], far["quantity"]) == ("REORDER", first["quantity"]), (
        "an order for next quarter covers nothing"
    )
    assert (far["on_order"], far["on_order_later"]) == (0, 40)
    running.order("NEAR", on(NOW), "M1", "S1", "F1", quantity=first["quantity"], expected_date=on(NOW + 20))
    near = decision(running, NOW)
    assert (near["action"], near["quantity"], near["on_order"]) == ("HOLD", 0, first["quantity"])


def test_the_narrowest_maximum_stock_and_the_suppliers_minimum_shape_the_order(running) -> None:
    free = decision(running, NOW)
    level = running.rows("stock_policies", as_of=on(NOW))[0]["order_up_to"]
    running.rule(2, 0, max_stock=500)
    running.rule(3, 8, item_code="M1", max_stock=level - 6)
    full = decision(running, NOW)
    (policy,) = running.rows("stock_policies", as_of=on(NOW))
    assert (policy["order_up_to"], policy["max_stock"]) == (level - 6, level - 6)
    assert policy["terms"]["max_stock"] == {"value": level - 6, "source": "rule", "scope": "item_code=M1"}
    assert 0 < full["quantity"] < free["quantity"]
    assert full["quantity"] % 4 == 0 and full["position"] + full["quantity"] <= level - 6
    running.publish("scenarios", on(NOW))
    most = {row["scenario_code"]: row["stock_value"] for row in running.rows("scenarios", dimension="company")}
    assert most["service_0.99"] == most["current"] == (level - 6) * 10, "no level is stocked above the maximum"
    running.supplier("F2", min_order_value=1000)
    running.source("M2", "F2", unit_price=20, min_order_qty=1, order_multiple=1, lead_time_days=20)
    running.stock([on(number) for number in range(NOW + 30)], "M2", "S1", 3)
    for number in range(3, NOW + 30, 5):
        running.demand(on(number), "M2", "S1", 2, 2)
    running.publish(CHAIN, on(NOW))
    raised = next(row for row in running.rows("recommendations", as_of=on(NOW)) if row["item_code"] == "M2")
    told = raised["terms"]
    assert raised["spend"] == told["supplier_order_value"] >= told["supplier_min_value"] == 1000
    assert raised["quantity"] > told["due_quantity"] and told["days_ahead"] > 0
    assert f"R$ 1,000 on: what would be due within {told['days_ahead']} days" in raised["explanation_en"]


def test_what_was_approved_is_not_advised_again_the_next_day(running) -> None:
    first = decision(running, NOW)
    say(running, "APPROVED", NOW, first["quantity"], NOW + 1)
    second = decision(running, NOW + 1)
    assert (second["action"], second["on_order_approved"]) == ("HOLD", first["quantity"])
    assert second["position"] == 5 + first["quantity"]
    say(running, "EXPORTED", NOW, first["quantity"], NOW + 2)
    assert decision(running, NOW + 2)["action"] == "HOLD"


def test_an_adjusted_quantity_counts_as_adjusted(running) -> None:
    first = decision(running, NOW)
    say(running, "ADJUSTED", NOW, 1, NOW + 1)
    second = decision(running, NOW + 1)
    assert (second["action"], second["on_order_approved"]) == ("REORDER", 1)
    assert second["quantity"] <= first["quantity"]


def test_the_order_in_the_erp_takes_the_place_of_the_approval(running) -> None:
    first = decision(running, NOW)
    say(running, "APPROVED", NOW, first["quantity"], NOW + 1)
    bought = first["quantity"] - 4
    running.order("P1", on(NOW + 2), "M1", "S1", "F1", quantity=bought, expected_date=on(NOW + 22))
    after = decision(running, NOW + 2)
    assert (after["on_order"], after["on_order_approved"]) == (bought, 4), "the rest is still to come"
    running.order("P2", on(NOW + 3), "M1", "S1", "F1", quantity=9, expected_date=on(NOW + 23))
    whole = decision(running, NOW + 3)
    assert (whole["on_order"], whole["on_order_approved"]) == (bought + 9, 0)


def test_an_order_that_was_there_before_serves_no_approval(running) -> None:
    running.order("OLD", on(NOW - 2), "M1", "S1", "F1", quantity=1, expected_date=on(NOW + 9))
    first = decision(running, NOW)
    say(running, "APPROVED", NOW, first["quantity"], NOW + 1)
    assert decision(running, NOW + 1)["on_order_approved"] == first["quantity"]


@pytest.mark.parametrize("state", ["REJECTED", "PROPOSED", "RECEIVED"])
def test_what_was_refused_withdrawn_or_received_is_not_on_the_way(running, state) -> None:
    first = decision(running, NOW)
    say(running, "APPROVED", NOW, first["quantity"], NOW + 1)
    say(running, state, NOW, first["quantity"], NOW + 2)
    assert decision(running, NOW + 1)["on_order_approved"] == first["quantity"], "so it was on that day"
    later = decision(running, NOW + 2)
    assert (later["action"], later["on_order_approved"]) == ("REORDER", 0)


def test_a_forgotten_approval_is_advised_again(running) -> None:
    first = decision(running, NOW)
    say(running, "EXPORTED", NOW, first["quantity"], NOW + 1)
    last = NOW + APPROVED_COUNTS_DAYS
    assert decision(running, last)["action"] == "HOLD"
    assert decision(running, last + 1)["action"] == "REORDER"


def test_an_old_date_does_not_know_later_decisions(running) -> None:
    before = decision(running, NOW)
    say(running, "APPROVED", NOW, before["quantity"], NOW + 1)
    assert decision(running, NOW) == before


def test_the_advice_reconciles_with_the_forecast_on_screen(running) -> None:
    row = decision(running, NOW)
    (forecast,) = running.rows("forecasts", target="PROTECTION")
    (month,) = running.rows("forecasts", target="D30")
    (policy,) = running.rows("stock_policies")
    assert row["terms"]["protection_mean"] == pytest.approx(forecast["mean"], abs=1e-6)
    assert row["terms"]["mean_30"] == pytest.approx(month["mean"], abs=1e-6)
    assert row["terms"]["reorder_point"] == policy["reorder_point"]
    assert row["quantity"] >= policy["order_up_to"] - row["position"] > row["quantity"] - 4
    assert row["explanation"].startswith(f"Comprar {row['quantity']:g}:")


def test_the_list_is_told_apart_by_what_each_line_saves(running) -> None:
    """No long list without order: lines rank by R$ avoided per R$ spent, alerts by what doing nothing costs."""
    running.item("DEAR", unit_cost=10, criticality=9)
    running.rule(2, 5, item_code="DEAR", service_level=0.9, shortage_cost_unit=900)
    running.source("DEAR", "F1", unit_price=12, min_order_qty=4, order_multiple=4, lead_time_days=45)
    running.stock([on(number) for number in range(NOW + 1)], "DEAR", "S1", 5)
    for number in range(0, NOW + 1, 5):
        running.demand(on(number), "DEAR", "S1", 2, 2)
    running.publish(CHAIN, on(NOW))
    running.publish("alerts", on(NOW))
    dear, plain = running.rows("recommendations", as_of=on(NOW), action="REORDER")
    if dear["item_code"] != "DEAR":
        dear, plain = plain, dear
    assert (dear["buy_rank"], plain["buy_rank"]) == (1, 2)
    assert dear["value_per_spend"] > plain["value_per_spend"]
    assert plain["spend_to_here"] == pytest.approx(dear["spend"] + plain["spend"])
    risk = {row["item_code"]: row for row in running.rows("alerts", as_of=on(NOW), cause="STOCKOUT_RISK")}
    assert risk["DEAR"]["value_at_risk"] > risk["M1"]["value_at_risk"] > 0
    assert set(risk) == {dear["item_code"], plain["item_code"]}, "the flag stands beside the line it is about"


def test_dates_stand_on_the_lead_time_that_was_planned_with(running) -> None:
    """Neither the minimum of the supplier nor his longer promise changes it, and no order is due in the past."""
    row = decision(running, NOW)
    assert row["order_by"] >= on(NOW)
    assert (row["arrive_by"] - row["order_by"]).days == 20


def test_the_list_holds_still_while_nothing_happens(running) -> None:
    quantities = [decision(running, number)["quantity"] for number in range(NOW + 1, NOW + 4)]
    assert max(quantities) - min(quantities) <= 4, "one lot of the supplier at most"


def test_an_alert_goes_when_the_shelf_is_full_again(running) -> None:
    def causes(number: int) -> set[str]:
        decision(running, number)
        running.publish("alerts", on(number))
        return {row["cause"] for row in running.rows("alerts", as_of=on(number))}

    assert "STOCKOUT_RISK" in causes(NOW)
    running.order("P1", on(NOW + 1), "M1", "S1", "F1", quantity=60, expected_date=on(NOW + 2))
    assert causes(NOW + 1) & {"STOCKOUT_RISK", "STOCKED_OUT", "LATE_ORDER"} == set()


def test_every_advised_line_is_exported_under_the_agreed_columns(running, tmp_path) -> None:
    import pandas as pd

    from nova_assets import catalog
    from nova_cli.export import export

    row = decision(running, NOW)
    out = tmp_path / "advice.csv"
    export(running.owner, catalog.table("analytics.recommendations"), out, "csv", on(NOW))
    (line,) = pd.read_csv(out).to_dict("records")
    assert list(line)[:10] == [
        "as_of", "item_code", "site_code", "action", "quantity", "supplier_code", "order_by", "arrive_by", "priority",
        "explanation",
    ]  # fmt: skip
    assert [line[name] for name in ("item_code", "site_code", "action", "supplier_code")] == [
        "M1",
        "S1",
        "REORDER",
        "F1",
    ]
    assert line["quantity"] == row["quantity"]


def test_a_panel_without_suppliers_and_costs_is_advised_too(company) -> None:
    """Demand, stock and rules are enough: what a shop would buy that only knows what it sells and has."""
    company.item("X1", unit_cost=None, criticality=None, family=None)
    company.site("SHOP")
    company.rule(
        1,
        0,
        review_days=7,
        lead_time_days=14,
        holding_cost_unit_day=0.2 / 7,
        shortage_cost_unit=1.0,
        unmet_demand="LOST",
    )
    company.stock([on(number) for number in range(0, NOW + 1, 7)], "X1", "SHOP", 4)
    for number in range(1, NOW + 1, 7):
        company.demand(on(number), "X1", "SHOP", 5, 4)
    last = NOW - NOW % 7
    company.publish(CHAIN, on(last))
    company.publish("alerts", on(last))
    (row,) = company.rows("recommendations", as_of=on(last))
    assert (row["action"], row["supplier_code"], row["spend"]) == ("REORDER", None, 0)
    assert row["quantity"] >= 5
    assert (row["value_per_spend"], row["buy_rank"], row["carrying_cost_month"]) == (None, 1, 0)
    assert (row["order_by"], row["arrive_by"]) == (on(last), on(last + 14))
    assert "None" not in row["explanation"] + row["explanation_en"]
