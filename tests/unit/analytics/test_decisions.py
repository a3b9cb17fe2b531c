"""Decisions about one item-site: when, how much, and never twice."""

from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import pytest

from nova_assets.analytics.decisions import dates, decide, priority, run_out
from nova_assets.analytics.explanations import flips, sentences, terms
from nova_assets.analytics.recommendations import avoided_cost, recommendation_rows
from nova_assets.science.quantiles import GRID


def acts(case) -> list[tuple]:
    return [(act.action, act.quantity, act.order["order_ref"] if act.order else "") for act in decide(case)]


def test_holds_while_the_supply_covers_the_reorder_point(make_case) -> None:
    assert acts(make_case(on_hand=10.0)) == [("HOLD", 0.0, "")]


def test_orders_up_to_the_level_below_the_reorder_point(make_case) -> None:
    assert acts(make_case(on_hand=9.0)) == [("REORDER", 10.0, "")]
    assert acts(make_case(on_hand=9.0, reserved=2.0, backorder=3.0)) == [("REORDER", 15.0, "")]


def test_minimum_and_multiple_round_the_order_up(make_case) -> None:
    assert acts(make_case(on_hand=9.0, order_multiple=6.0)) == [("REORDER", 12.0, "")]
    assert acts(make_case(on_hand=9.0, min_order_qty=25.0, order_multiple=10.0)) == [("REORDER", 30.0, "")]


def test_open_orders_in_the_window_are_not_ordered_again(make_case) -> None:
    assert acts(make_case(on_hand=0.0, on_order=10.0)) == [("HOLD", 0.0, "")]


def test_a_late_order_that_covers_is_expedited_and_not_ordered_again(make_case, late_order) -> None:
    case = make_case(on_hand=2.0, late=[late_order("P1/1", 10.0)])
    assert acts(case) == [("EXPEDITE", 10.0, "P1/1")]


def test_only_what_late_orders_leave_open_is_ordered(make_case, late_order) -> None:
    case = make_case(on_hand=0.0, late=[late_order("P1/1", 4.0)])
    assert acts(case) == [("EXPEDITE", 4.0, "P1/1"), ("REORDER", 15.0, "")]


def test_no_more_late_orders_are_expedited_than_it_takes(make_case, late_order) -> None:
    case = make_case(on_hand=2.0, late=[late_order("P1/1", 9.0), late_order("P2/1", 9.0)])
    assert acts(case) == [("EXPEDITE", 9.0, "P1/1")]


def test_a_late_order_that_makes_no_stock_out_likely_is_left_alone(make_case, late_order) -> None:
    # Uniform demand up to 10: a position of 9 runs out with probability 0.1.
    assert acts(make_case(on_hand=9.0, late=[late_order("P1/1", 5.0)])) == [("HOLD", 0.0, "")]


def test_what_is_not_stocked_is_bought_only_to_settle_debts(make_case) -> None:
    none = {"reorder_point": 0.0, "order_up_to": 0.0, "demand": np.zeros(len(GRID))}
    assert acts(make_case(on_hand=0.0, **none)) == [("HOLD", 0.0, "")]
    assert acts(make_case(on_hand=0.0, backorder=2.0, **none)) == [("REORDER", 2.0, "")]


def test_nothing_is_bought_for_what_is_discontinued(make_case, late_order) -> None:
    assert acts(make_case(on_hand=0.0, active=False, late=[late_order("P1/1", 5.0)])) == [("HOLD", 0.0, "")]


def test_an_order_may_wait_while_the_position_covers_lead_time_and_waiting(make_case) -> None:
    def reorder_dates(on_hand: float):
        (act,) = decide(make_case(on_hand=on_hand))
        return dates(act)

    today = make_case().as_of
    # 8 of 10 cover 24 of 30 days: 20 of them are the lead time, 4 may be waited.
    assert reorder_dates(8.0) == (today + timedelta(days=4), today + timedelta(days=24))
    assert reorder_dates(3.0) == (today, today + timedelta(days=20))
    assert reorder_dates(9.99)[0] <= today + timedelta(days=10)


def test_run_out_counts_only_what_is_free(make_case) -> None:
    today = make_case().as_of
    assert run_out(make_case(on_hand=5.0)) == today + timedelta(days=30)  # 5 units at 5 a month
    assert run_out(make_case(on_hand=5.0, reserved=4.0)) == today + timedelta(days=6)
    assert run_out(make_case(on_hand=1.0, backorder=1.0)) == today
    assert run_out(make_case(on_hand=5.0, mean=0.0)) is None


@pytest.mark.parametrize(
    ("probability", "criticality", "backorder", "expected"),
    [(0.1, 5, 0, "LOW"), (0.2, 5, 0, "MEDIUM"), (0.5, 5, 0, "HIGH"), (0.5, 8, 0, "CRITICAL"), (0.1, None, 1, "MEDIUM")],
)
def test_priority(probability: float, criticality: float | None, backorder: float, expected: str) -> None:
    assert priority("REORDER", probability, criticality, backorder) == expected
    assert priority("HOLD", probability, criticality, backorder) == "LOW"


def test_flips_name_the_values_at_which_the_decision_turns(make_case) -> None:
    (act,) = decide(make_case(on_hand=8.0))
    told = {change["input"]: change for change in json.loads(flips(act, covered=0.8))}
    assert told["position"] == {"input": "position", "now": 8.0, "flips_at": 10.0, "to_action": "HOLD"}
    assert told["demand_per_month"]["flips_at"] == 4.0
    assert told["lead_time_days"]["flips_at"] == 14.0  # 24 protected days less the review
    assert told["service_level"]["flips_at"] == 0.8
    changes = [abs(c["flips_at"] / c["now"] - 1) for c in json.loads(flips(act, covered=0.8))]
    assert changes == sorted(changes)


def test_the_flip_of_demand_really_flips(make_case) -> None:
    (act,) = decide(make_case(on_hand=8.0))
    share = 4.0 / act.case.row["mean_30"]
    assert acts(make_case(on_hand=8.0, reorder_point=share * 10.0)) == [("HOLD", 0.0, "")]
    assert acts(make_case(on_hand=8.0, reorder_point=share * 10.0 + 0.01))[0][0] == "REORDER"


def test_the_explanation_reconciles(make_case, late_order) -> None:
    case = make_case(on_hand=5.0, reserved=1.0, backorder=2.0, on_order=3.0, late=[late_order("P1/1", 4.0)])
    told = json.loads(terms(decide(case)[0]))
    assert told["position"] == told["on_hand"] + told["on_order"] - told["reserved"] - told["backorder"] == 5.0
    assert told["supply"] == told["position"] + told["on_order_late"] == 9.0
    assert told["protection_quantile"] == pytest.approx(9.5)
    assert [order["order"] for order in told["open_orders"]] == ["P1/1"]


def test_the_sentences_carry_the_numbers_in_the_readers_form(make_case) -> None:
    (act,) = decide(make_case(on_hand=5.5, min_order_qty=4.0))
    portuguese, english = sentences(act, 0.45, 0.012)
    assert portuguese.startswith("Comprar 14: a posição com os atrasados (5,5) está abaixo do ponto de pedido")
    assert "Risco de ruptura 45 % sem agir." in portuguese
    assert english.startswith("Buy 14: the position with late orders (5.5) is below the reorder point")
    assert "risk 1.2%" in english


def test_risk_and_money_of_a_row(make_case) -> None:
    case = make_case(on_hand=5.0)
    row = recommendation_rows(case.as_of, decide(case)).to_pylist()[0]
    assert (row["action"], row["quantity"], row["supplier_id"], row["spend"]) == ("REORDER", 14.0, 7, 560.0)
    # Uniform between 0 and 10: half of the demands exceed 5, by 2.5 on average.
    assert row["stockout_probability"] == pytest.approx(0.5)
    assert row["expected_shortage"] == pytest.approx(1.25, abs=0.02)
    assert row["stockout_probability_after"] == pytest.approx(0.0, abs=1e-6)
    holding = 0.01 * 30 * (14 - 1.25)
    assert row["avoided_cost"] == pytest.approx(20 * 1.25 - holding, abs=0.5)
    assert row["value_per_spend"] == pytest.approx(row["avoided_cost"] / 560)


def test_unknown_costs_avoid_nothing() -> None:
    values = 10 * np.asarray(GRID)[None, :]
    unknown = np.array([np.nan])
    assert avoided_cost(values, np.array([5.0]), np.array([5.0]), unknown, unknown)[0] == 0


def told(case) -> tuple[str, str]:
    return sentences(decide(case)[0], 0.45, 0.012)


def test_a_shared_level_is_told_with_the_mean_that_it_has_its_share_in(make_case) -> None:
    level = {"value": 0.7, "source": "rule", "scope": "abc_class=A", "group_level": 0.97}
    portuguese, english = told(make_case(on_hand=5.0, method="BALANCED", service_level=level))
    assert "a sua parte da média de 97 % de classe A" in portuguese
    assert "its share of the mean of 97% of class A" in english


def test_costs_that_decide_are_told_with_their_amounts_and_no_quantile(make_case) -> None:
    case = make_case(on_hand=5.0, method="COSTS")
    portuguese, english = told(case)
    assert "manter (R$ 0,1 por unidade em 10 dias), de faltar (R$ 20 por unidade) e de pedir (R$ 80)" in portuguese
    assert "quantile" not in english
    (act,) = decide(case)
    assert "service_level" not in {change["input"] for change in json.loads(flips(act, covered=0.8))}
    assert "protection_quantile" not in json.loads(terms(act))


def test_lost_sales_are_told_as_a_projection_and_turn_with_the_stock_alone(make_case) -> None:
    case = make_case(on_hand=5.0, method="PROJECTION", unmet_demand="LOST")
    portuguese, english = told(case)
    assert "se perde e não é reposto" in portuguese and "quantil" not in portuguese
    assert "covered with a probability of 95%" in english and "30 days" not in english
    (act,) = decide(case)
    assert [change["input"] for change in json.loads(flips(act, covered=0.8))] == ["position"]
    assert "protection_quantile" not in json.loads(terms(act))


def test_demand_that_is_better_lost_is_told_so(make_case) -> None:
    level = {"value": 0.0, "source": "shortage and holding cost"}
    case = make_case(on_hand=5.0, reorder_point=0.0, method="PROJECTION", unmet_demand="LOST", service_level=level)
    assert decide(case)[0].action == "HOLD"
    portuguese, english = told(case)
    assert "Nada se estoca" in portuguese and "Nothing is stocked" in english and "probabilidade" not in portuguese


def test_a_planners_override_is_told_beside_what_was_computed(make_case) -> None:
    case = make_case(on_hand=5.0, override_id=3, baseline_mean=2.5)
    assert told(case)[0].endswith("Um planejador alterou a previsão: média 5 no lugar de 2,5.")
    assert json.loads(terms(decide(case)[0]))["computed_mean"] == 2.5
    assert "planner" not in told(make_case(on_hand=5.0))[1]
