"""Stock in the wrong place or of no use: who gives, who stands in, what is too much; and nothing is given twice."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from nova_assets.analytics.decisions import Case, dates
from nova_assets.analytics.other_stock import LEAST_CARRYING_COST, TRANSFER_COST, plan
from nova_assets.analytics.recommendations import buy_ranks, recommendation_rows

NONE = {"reorder_point": 0.0, "order_up_to": 0.0, "demand_day_90": 0.0}


@pytest.fixture
def at(make_case):
    """A case at a site, told by number."""

    def make(site: int, item: int = 1, **given: object) -> Case:
        codes = {"item_id": item, "item_code": f"M{item}", "site_id": site, "site_code": f"S{site}"}
        return make_case(**(codes | given))

    return make


def told(acts) -> list[tuple]:
    return [(act.case.row["site_code"], act.action, act.quantity) for act in acts]


def test_surplus_elsewhere_is_moved_instead_of_buying(at) -> None:
    donor = at(1, on_hand=30.0)
    acts = plan([donor, at(2, on_hand=9.0)])
    # 19 is the donor's own level; the site in need lacks 10 of its 19.
    assert told(acts) == [("S1", "HOLD", 0.0), ("S2", "REALLOCATE", 10.0)]
    move = acts[1]
    assert move.told["donor_keeps"] == 20.0
    assert move.told["buy"] == {"days": 20.0, "cost": 400.0}
    assert move.told["transfer"] == {"days": 2.0, "cost": TRANSFER_COST, "from": "S1"}
    assert (dates(move)[1] - move.case.as_of).days == 2


def test_a_donor_keeps_its_own_level_and_the_rest_is_bought(at) -> None:
    acts = plan([at(1, on_hand=23.0), at(2, on_hand=0.0)])
    assert told(acts) == [("S1", "HOLD", 0.0), ("S2", "REALLOCATE", 4.0), ("S2", "REORDER", 15.0)]
    row = recommendation_rows(acts[0].case.as_of, acts).to_pylist()
    assert [line["from_site_code"] for line in row] == [None, "S1", None]
    assert row[1]["spend"] == TRANSFER_COST


def test_the_same_surplus_is_not_given_twice(at) -> None:
    acts = plan([at(1, on_hand=27.0), at(2, on_hand=0.0), at(3, on_hand=0.0, shortage_cost_unit=90.0)])
    assert told(acts)[1:] == [("S2", "REORDER", 19.0), ("S3", "REALLOCATE", 8.0), ("S3", "REORDER", 11.0)]


def test_what_is_promised_or_approved_elsewhere_is_no_surplus(at) -> None:
    for taken in ({"reserved": 11.0}, {"backorder": 11.0}, {"on_order_approved": -11.0}):
        assert "REALLOCATE" not in {act.action for act in plan([at(1, on_hand=30.0, **taken), at(2, on_hand=9.0)])}


def test_the_own_region_gives_first(at) -> None:
    far, near = at(1, on_hand=40.0, region_code="R2"), at(2, on_hand=25.0)
    acts = plan([far, near, at(3, on_hand=9.0)])
    assert acts[2].told["transfer"]["from"] == "S2"


@pytest.mark.parametrize(
    "given",
    [
        {"region_code": None},
        {"unit_cost": None, "unit_price": None},
        # Ten units at 5 R$ are worth less than the way, and no stock-out is likely.
        {"unit_price": 5.0},
    ],
)
def test_nothing_is_moved_that_cannot_be_compared_or_does_not_pay(at, given) -> None:
    assert told(plan([at(1, on_hand=30.0, **given), at(2, on_hand=9.5, **given)]))[1][1] == "REORDER"


def test_a_refused_transfer_is_bought(at) -> None:
    acts = plan([at(1, on_hand=30.0), at(2, on_hand=9.0)], {(1, 2, "REALLOCATE", "")})
    assert told(acts)[1] == ("S2", "REORDER", 10.0)


def test_a_replaced_material_is_not_bought_again(at) -> None:
    old = {"item": 1, "successor_code": "M2", "on_hand": 4.0}
    from_shelf = plan([at(1, **old), at(1, item=2, on_hand=30.0)])
    assert told(from_shelf)[0] == ("S1", "SUBSTITUTE", 15.0)
    assert (from_shelf[0].spend, from_shelf[0].told["to_buy"]) == (0.0, False)
    # An empty shelf of the successor is not shown as a way out: it has to be bought.
    bought = plan([at(1, **old), at(1, item=2, on_hand=11.0)])
    assert (bought[0].spend, bought[0].told["to_buy"], bought[0].told["substitute_spare"]) == (600.0, True, 1)
    alone = plan([at(1, **old)])
    row = recommendation_rows(alone[0].case.as_of, alone).to_pylist()[0]
    assert (row["action"], row["substitute_code"], row["supplier_code"]) == ("SUBSTITUTE", "M2", None)


def test_old_stock_is_used_before_more_of_the_new_is_bought(at) -> None:
    old = at(1, item=1, successor_code="M2", on_hand=9.0, mean=0.0, demand=np.zeros(21), **NONE)
    acts = plan([old, at(1, item=2, on_hand=2.0)])
    # Seventeen are missing: nine lie there under the old code; eleven then cover the reorder point.
    assert [(act.action, act.quantity) for act in acts] == [("HOLD", 0.0), ("SUBSTITUTE", 9.0)]


def test_surplus_is_what_a_year_above_the_level_does_not_use(at) -> None:
    # 19 + 365 * 5 / 30 = 79.8 are kept.
    (act,) = plan([at(1, on_hand=100.0)])
    assert (act.action, act.quantity, act.told["kind"]) == ("REDUCE", 20.0, "EXCESS")
    assert act.told["carrying_cost_month"] == pytest.approx(20 * 0.01 * 30)
    row = recommendation_rows(act.case.as_of, [act]).to_pylist()[0]
    assert row["months_of_cover"] == pytest.approx(20)
    assert row["carrying_cost_month"] == 6
    assert row["avoided_cost"] > 0
    assert row["stockout_probability_after"] == pytest.approx(0, abs=1e-6)
    assert (row["order_by"], row["spend"], row["priority"]) == (None, 0, "LOW")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"last_demand_date": date(2026, 4, 1)}, ("REDUCE", "SLOW")),
        ({"demand_class": "dead", **NONE}, ("DISPOSE", "DEAD")),
        ({"active": False, **NONE}, ("DISPOSE", "DEAD")),
    ],
)
def test_kinds_of_surplus(at, given, expected) -> None:
    (act,) = plan([at(1, on_hand=120.0, **given)])
    assert (act.action, act.told["kind"]) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"demand_class": "new"},
        {"holding_cost_unit_day": None},
        {"holding_cost_unit_day": LEAST_CARRYING_COST / 30 / 21},
        {"reserved": 30.0},
    ],
)
def test_what_is_new_cheap_or_promised_is_left_alone(at, given) -> None:
    assert told(plan([at(1, on_hand=100.0, **given)])) == [("S1", "HOLD", 0.0)]


def test_what_was_given_away_is_not_reduced_as_well(at) -> None:
    acts = plan([at(1, on_hand=100.0), at(2, on_hand=9.0)])
    assert told(acts) == [("S1", "REDUCE", 10.0), ("S2", "REALLOCATE", 10.0)]


def test_a_decided_reduction_is_not_asked_for_again(at) -> None:
    assert told(plan([at(1, on_hand=100.0)], {(1, 1, "REDUCE", "")})) == [("S1", "HOLD", 0.0)]


def test_a_budget_cuts_the_list_where_it_avoids_most() -> None:
    value, spend = np.array([3.0, 1.0, np.nan, 2.0, 9.0]), np.array([100.0, 50.0, 0.0, 200.0, 10.0])
    rank, up_to = buy_ranks([True, True, True, True, False], value, spend)
    assert rank == [2, 4, 1, 3, None]
    assert up_to[:4].tolist() == [100.0, 350.0, 0.0, 300.0]
    assert np.isnan(up_to[4])


def test_no_choice_of_whole_lines_beats_the_budget_by_more_than_the_line_that_is_cut() -> None:
    rng = np.random.default_rng(5)
    spend, avoided = rng.uniform(10, 200, 12), rng.uniform(0, 400, 12)
    _, up_to = buy_ranks([True] * 12, avoided / spend, spend)
    for budget in (100.0, 400.0, 900.0):
        chosen = avoided[up_to <= budget].sum()
        picks = (np.arange(2**12)[:, None] >> np.arange(12)) & 1
        best = (picks @ avoided)[picks @ spend <= budget].max()
        cut = avoided[up_to > budget].max(initial=0.0)
        assert chosen <= best + 1e-9
        assert best - chosen <= cut + 1e-9
