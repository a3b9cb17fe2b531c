"""The stock simulation against hand-computed days and exact policy costs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nova_assets.science.simulate import simulate_policy
from nova_assets.science.stock import Terms
from nova_assets.science.supplier_orders import Minimums


def test_a_few_days_by_hand():
    demand = np.array([[2, 2, 2, 2, 2, 2.0]])
    run = simulate_policy(demand, 1, 3, 8, 5, lost_sales=True)
    assert run.on_hand.tolist() == [[3, 1, 4, 2, 0, 4]]
    assert run.ordered.tolist() == [[5, 0, 0, 6, 0, 0]]


def test_unmet_demand_waits_or_is_lost():
    demand = np.array([[4.0, 0, 0, 0], [4.0, 0, 0, 0]])
    run = simulate_policy(demand, 1, 0, 3, 1, lost_sales=[False, True])
    assert run.backorder[:, 0].tolist() == [3, 0]
    assert run.on_hand[:, 2].tolist() == [3, 3]
    assert run.ordered[:, 0].tolist() == [6, 3]


def test_poisson_reorder_policy_costs_what_theory_says():
    """Snyder and Shen, example 4.7: h 1, p 4, K 5, Poisson demand of 6, (s, S) = (4, 10) costs 8.0341116 a period.

    Orders are there at once, and the demand of the day after is what the position must cover.
    """
    demand = np.random.default_rng(1).poisson(6, size=(200, 2000)).astype(float)
    run = simulate_policy(demand, 0, 4, 10, 10)
    cost = run.on_hand + 4 * run.backorder + 5 * (run.ordered > 0)
    assert np.isclose(cost[:, 100:].mean(), 8.0341116, rtol=0.01)


def test_review_days_and_multiples_are_kept():
    demand = np.full((1, 28), 1.0)
    run = simulate_policy(demand, 3, 10, 20, 15, review_days=7, terms=Terms(multiple=6.0))
    assert set((np.flatnonzero(run.ordered[0]) + 1) % 7) == {0}
    assert (run.ordered[0] % 6 == 0).all()


def test_a_ceiling_is_never_exceeded_and_smaller_lots_are_not_placed():
    demand = np.full((2, 28), 1.0)
    run = simulate_policy(demand, 3, 10, 20, 8, terms=Terms(multiple=[3.0, 12.0], max_stock=14.0))
    coming = run.ordered.cumsum(axis=1) - run.received.cumsum(axis=1)
    assert (run.on_hand + coming - run.backorder).max() <= 14
    assert set(run.ordered[0]) == {0.0, 3.0, 6.0} and (run.ordered[0] > 0).sum() > 5
    assert set(run.ordered[1]) == {0.0, 12.0}, "cut to whole lots: it waits until one fits"


def test_an_order_below_the_suppliers_minimum_takes_along_what_comes_due_soonest():
    """Three items of one supplier use 1 a day: due at 4, in 2 days and in 9; the fourth is another supplier's."""
    position, point, upto = np.array([4.0, 6, 13, 4]), np.full(4, 4.0), np.full(4, 9.0)
    asked = {}
    for least in (0.0, 90.0, 110.0, 170.0):
        minimums = Minimums(np.array([0, 0, 0, 1]), np.array([least] * 3 + [0.0]), np.full(4, 10.0), np.ones(4))
        run = simulate_policy(np.zeros((4, 1)), 9, point, upto, position, minimums=minimums)
        asked[least] = run.ordered[:, 0].tolist()
    assert asked[0.0] == [5, 0, 0, 5]
    assert asked[90.0] == [7, 5, 0, 5], "two days brought forward: 70 and 50"
    assert asked[110.0] == [7, 5, 0, 5]
    assert asked[170.0] == [10, 8, 0, 5], "everybody's cover grows alike"


def test_a_minimum_that_a_year_does_not_reach_changes_nothing():
    minimums = Minimums(np.zeros(2, dtype=int), np.full(2, 1e6), np.full(2, 10.0), np.ones(2))
    run = simulate_policy(np.zeros((2, 1)), 9, 4, 9, 4, minimums=minimums)
    assert run.ordered[:, 0].tolist() == [5, 5]


def test_summary_adds_up():
    demand = np.array([[3.0, 3.0], [0.0, 0.0]])
    table = simulate_policy(demand, 1, -1, 0, 4, lost_sales=True).summary(0.5, 10.0)
    assert table["fill_rate"].to_list() == [4 / 6, None]
    assert table["stockout_days"].to_list() == [1, 0]
    assert table["shortage_cost"].to_list() == [20.0, 0.0]


def test_negative_input_is_refused():
    with pytest.raises(ValueError, match="cannot be negative"):
        simulate_policy(np.array([[-1.0]]), 1, 0, 1, 1)


@given(seed=st.integers(0, 10_000), lost=st.booleans(), lead=st.integers(0, 9))
def test_units_are_conserved(seed, lost, lead):
    rng = np.random.default_rng(seed)
    demand = rng.poisson(1.0, size=(3, 40)).astype(float)
    run = simulate_policy(demand, lead, 4, 9, 5, lost_sales=lost)
    unmet = 0.0 if not lost else (demand - run.met).sum(axis=1)
    served = demand.sum(axis=1) - unmet - run.backorder[:, -1]
    assert np.allclose(5 + run.received.sum(axis=1), served + run.on_hand[:, -1])
    assert (run.on_hand >= 0).all()
