"""Maximum stock and supplier's minimum in the decisions of a day."""

from __future__ import annotations

import json

from nova_assets.analytics.decisions import Act, decide
from nova_assets.analytics.explanations import sentences, terms
from nova_assets.analytics.other_stock import plan

MINIMUM = {"supplier_min_value": 1200.0, "unit_price": 40.0}


def orders(acts: list[Act]) -> dict[int, float]:
    return {act.case.row["item_id"]: act.quantity for act in acts if act.action == "REORDER"}


def test_the_maximum_stock_cuts_an_order_to_the_lots_that_fit(make_case) -> None:
    assert orders(decide(make_case(on_hand=9.0, order_multiple=6.0))) == {1: 12.0}
    (act,) = decide(make_case(on_hand=9.0, order_multiple=6.0, max_stock=19.0))
    assert act.quantity == 6.0, "12 more would make 21"
    assert "maximum stock of 19 is the limit" in sentences(act, 0.5, 0.1)[1]
    assert json.loads(terms(act))["max_stock"] == 19


def test_a_maximum_stock_without_room_for_a_lot_holds_and_says_so(make_case) -> None:
    (act,) = decide(make_case(on_hand=9.0, order_multiple=12.0, max_stock=19.0))
    assert (act.action, act.quantity) == ("HOLD", 0.0)
    assert sentences(act, 0.5, 0.5)[1].startswith("Hold: the maximum stock of 19 leaves no room")


def test_an_order_below_the_suppliers_minimum_takes_along_what_comes_due_soonest(make_case) -> None:
    """Both use 1/6 unit a day. Due are 10 units (400 R$); the other falls below 10 six days after 11 on the shelf."""
    due, soon = make_case(on_hand=9.0, **MINIMUM), make_case(on_hand=10.5, item_id=3, item_code="M3", **MINIMUM)
    far = make_case(on_hand=30.0, item_id=4, item_code="M4", **MINIMUM)
    other = make_case(
        on_hand=9.0, item_id=5, item_code="M5", **(MINIMUM | {"supplier_id": 8, "supplier_min_value": None})
    )
    acts = plan([due, soon, far, other])
    found = orders(acts)
    assert set(found) == {1, 3, 5} and found[5] == 10.0
    assert found[1] > 10.0 and 40 * (found[1] + found[3]) >= 1200 > 40 * (found[1] + found[3] - 2)
    first = next(act for act in acts if act.case is due)
    told = json.loads(terms(first))
    assert (told["supplier_min_value"], told["due_quantity"]) == (1200, 10)
    assert told["supplier_order_value"] == 40 * (found[1] + found[3])
    assert f"within {told['days_ahead']} days is included (10 without it)" in sentences(first, 0.5, 0.1)[1]


def test_nothing_is_ordered_for_a_minimum_alone_and_approved_orders_count_towards_it(make_case) -> None:
    covered = [make_case(on_hand=10.5, item_id=n, item_code=f"M{n}", **MINIMUM) for n in (1, 3)]
    assert orders(plan(covered)) == {}
    due = make_case(on_hand=9.0, **MINIMUM)
    approved = make_case(on_hand=0.0, on_order_approved=20.0, item_id=3, item_code="M3", **MINIMUM)
    assert orders(plan([due, approved])) == {1: 10.0}, "800 R$ are approved, 400 more make the minimum"


def test_a_minimum_that_a_year_does_not_reach_is_told(make_case) -> None:
    (act,) = plan([make_case(on_hand=9.0, **(MINIMUM | {"supplier_min_value": 90000.0}))])
    assert act.quantity == 10.0
    assert "which a year's use does not reach (R$ 400)" in sentences(act, 0.5, 0.1)[1]
