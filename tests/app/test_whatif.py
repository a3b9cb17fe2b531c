"""The simulator's arithmetic against distributions whose answers are known in closed form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from streamlit_app.data import queue_budget, whatif
from streamlit_app.data.whatif import Change

LEVELS = np.linspace(0.0, 1.0, 201)


def rows(**changes: object) -> pd.DataFrame:
    """Two item-sites with demand uniform on 0 to 10 and 0 to 20 over 14 + 7 days."""
    given = {
        "family": ["Energia", "RF"],
        "unit_cost": [2.0, 1.0],
        "holding_cost_unit_day": [0.01, 0.01],
        "shortage_cost_unit": [5.0, 5.0],
        "lead_time_days": [14.0, 14.0],
        "review_days": [7.0, 7.0],
        "reorder_point": [9.0, 18.0],
        "order_up_to": [13.0, 26.0],
        "max_stock": [None, None],
        "position": [5.0, 30.0],
        "mean": [5.0, 10.0],
        "quantile_levels": [LEVELS, LEVELS],
        "quantile_values": [LEVELS * 10, LEVELS * 20],
    }
    return pd.DataFrame(given | changes)


def test_today_is_the_stored_policy():
    result = whatif.outcome(whatif.grid_of(rows()), Change())
    # Mean stock = safety stock + half a cycle: (4 + 2) and (8 + 4).
    assert result.capital == pytest.approx(6 * 2 + 12 * 1)
    assert result.holding_year == pytest.approx((6 + 12) * 0.01 * 365)
    # The position lies between 9 and 13, 18 and 26: below 10 and 20 it covers the share of it, above all of the demand.
    assert result.available == pytest.approx((0.25 * 0.95 + 0.75), abs=1e-3)
    # E(D - x)+ of a uniform on (0, b) is (b - x)^2 / 2b, in the mean from R to b over Q: (b - R)^3 / 6bQ.
    short = np.array([1 / (60 * 4), 8 / (120 * 8)])
    assert result.shortage_cost == pytest.approx((short * 5).sum(), abs=1e-3)
    # Only the first is below its reorder point: 13 - 5 units at R$ 2; avoided is all of (10 - 5)^2 / 20 units.
    assert (result.need, result.spend, result.lines) == (16.0, 16.0, 1)
    assert result.avoided == pytest.approx(1.25 * 5, abs=1e-2)


def test_demand_scales_everything_and_keeps_the_service():
    given = whatif.grid_of(rows())
    before, after = whatif.outcome(given, Change()), whatif.outcome(given, Change(demand=1.5))
    assert after.capital == pytest.approx(before.capital * 1.5)
    assert after.available == pytest.approx(before.available)


def test_a_longer_lead_time_moves_the_mean_by_days_and_the_spread_by_their_root():
    given = whatif.grid_of(rows())
    policy = whatif._policy(given, Change(lead_time=2.0))
    ratio = 35 / 21
    assert policy.mean == pytest.approx(given.mean * ratio)
    assert policy.reorder_point == pytest.approx(given.mean * ratio + (given.reorder_point - given.mean) * ratio**0.5)


def test_a_service_level_is_read_from_the_grid():
    given = whatif.grid_of(rows())
    policy = whatif._policy(given, Change(service=0.95))
    assert policy.reorder_point == pytest.approx([9.5, 19.0])
    assert policy.order_up_to - policy.reorder_point == pytest.approx([4.0, 8.0])
    curve = whatif.curve(given, Change())
    assert curve["capital"].is_monotonic_increasing and curve["available"].is_monotonic_increasing


def test_where_nothing_is_ordered_the_position_is_the_reorder_point():
    given = whatif.grid_of(rows(order_up_to=[9.0, 18.0]))
    result = whatif.outcome(given, Change())
    assert result.available == pytest.approx(0.9, abs=5e-3)
    assert result.shortage_cost == pytest.approx((1 / 20 + 4 / 40) * 5, abs=1e-2)


def test_nothing_goes_beyond_the_maximum_stock():
    free, capped = whatif.grid_of(rows()), whatif.grid_of(rows(max_stock=[None, 20.0]))
    for change in (Change(), Change(demand=2.0), Change(lead_time=2.0), Change(service=0.99)):
        without, within = whatif._policy(free, change), whatif._policy(capped, change)
        assert without.order_up_to[1] > 20 == within.order_up_to[1] and within.reorder_point[1] <= 20
        assert within.order_up_to[0] == without.order_up_to[0]
    # From 5 there is room for 15, whatever twice the demand asks for.
    full = whatif.grid_of(rows(position=[100.0, 5.0], max_stock=[None, 20.0]))
    assert whatif.outcome(full, Change(demand=2.0)).spend == 15.0


def test_a_budget_takes_what_avoids_most_per_real_first():
    given = whatif.grid_of(rows(position=[5.0, 5.0]))
    free = whatif.outcome(given, Change())
    assert (free.lines, free.need) == (2, 16.0 + 21.0)
    # The second avoids (20 - 5)^2 / 40 = 5.625 units for R$ 21, the first 1.25 for R$ 16.
    tight = whatif.outcome(given, Change(budget=30.0))
    assert (tight.lines, tight.spend, tight.need) == (1, 21.0, 37.0)
    assert tight.avoided == pytest.approx(5 * 5.625, abs=5e-2)
    assert whatif.outcome(given, Change(budget=0.0)).lines == 0


def test_families_add_up_to_the_whole():
    given = whatif.grid_of(rows())
    change = Change(demand=1.2, service=0.9)
    parts, whole = whatif.by_family(given, change), whatif.outcome(given, change)
    assert parts["capital_after"].sum() == pytest.approx(whole.capital)
    assert parts["shortage_after"].sum() == pytest.approx(whole.shortage_cost)


def test_the_queue_keeps_what_a_budget_buys_and_all_that_costs_nothing():
    queue = pd.DataFrame(
        {
            "state": ["PROPOSED", "PROPOSED", "PROPOSED", "APPROVED"],
            "spend": [100.0, 50.0, 0.0, 900.0],
            "buy_rank": [2.0, 1.0, None, 3.0],
            "spend_to_here": [150.0, 50.0, None, 1050.0],
        }
    )
    assert queue_budget.need(queue) == 150.0
    assert queue_budget.within(queue, 60.0)["spend"].tolist() == [50.0, 0.0, 900.0]
    assert queue_budget.within(queue, 150.0)["spend"].tolist() == [100.0, 50.0, 0.0, 900.0]
    assert queue_budget.within(queue, 0.0)["spend"].tolist() == [0.0, 900.0]
    undecided = queue.assign(state="PROPOSED")
    for budget in (0.0, 50.0, 149.0, 150.0, 1050.0):
        kept = queue_budget.within(undecided, budget)
        stored = undecided[~(undecided["spend_to_here"] > budget)]
        assert kept["spend"].tolist() == stored["spend"].tolist(), "with nothing decided it is the pipeline's own cut"


@pytest.mark.parametrize("need", [1.0, 39.0, 41.0, 1234.0, 4_030_000.0])
def test_a_budgets_steps_are_round_and_reach_the_need(need):
    steps = queue_budget.steps(need)
    assert steps.most >= need and steps.most - need < steps.size
    assert steps.size * queue_budget.STEPS >= need
