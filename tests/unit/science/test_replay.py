"""Replays of history through policies: no look ahead, curves that rise, and a forecast that pays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from nova_assets.science import candidates as cd
from nova_assets.science import quantiles
from nova_assets.science import replay as rp
from nova_assets.science.candidates import History
from nova_assets.science.forecast import LeadTimes
from nova_assets.science.panel import build_panel
from nova_assets.science.replay import replay

DAYS, FIRST = 300, 210
LEVELS = (0.8, 0.95)


@pytest.fixture(scope="module")
def history(make_panel) -> History:
    rng = np.random.default_rng(2)
    rate = np.exp(rng.uniform(np.log(0.02), np.log(1.0), size=(60, 1)))
    demand = rng.poisson(rate, size=(60, DAYS)) * rng.integers(1, 4, size=(60, DAYS)).astype(float)
    panel, flat = make_panel(demand), np.ones(60)
    return History(
        panel, demand[:, FIRST:], FIRST, LeadTimes.fixed(12 * flat), 7 * flat, np.arange(60) % 2 == 0, 10 * flat,
        0.01 * flat, 5 * flat, np.nan * flat, 0 * flat, 0 * flat,
    )  # fmt: skip


@pytest.fixture(scope="module")
def curves(history) -> pl.DataFrame:
    return replay(history, ["quantile", "minmax", "sq"], LEVELS)


def test_more_service_costs_more_stock_and_leaves_fewer_empty_shelves(curves):
    for policy in ("quantile", "minmax", "sq"):
        low, high = curves.filter((pl.col("policy") == policy) & (pl.col("abc_class") == "*")).sort("level").to_dicts()
        assert high["stock_value"] > low["stock_value"] and high["fill_rate"] > low["fill_rate"]
        assert high["short_share"] < low["short_share"]


def test_classes_add_up_to_all(curves):
    parts = (
        curves.filter(pl.col("abc_class") != "*").group_by("policy", "level").agg(pl.col("total_cost", "orders").sum())
    )
    whole = curves.filter(pl.col("abc_class") == "*").select("policy", "level", "total_cost", "orders")
    both = parts.join(whole, on=["policy", "level"], suffix="_all")
    assert len(both) == 6 and (both["orders"] == both["orders_all"]).all()
    assert np.allclose(both["total_cost"], both["total_cost_all"])


def test_no_decision_sees_the_future(history):
    """Other demand from the second month on: the settings of the first two refits stay as they were."""
    later = history.panel.demand.copy()
    later[:, FIRST + 30 :] = later[::-1, FIRST + 30 :] * 7
    other = replace(history, panel=replace(history.panel, demand=later))
    settings = []
    for one in (history, other):
        pasts = [one.panel.until(cut) for cut in rp.refits(one)[:2]]
        said = rp._forecasts(one, ["quantile"], pasts, 0, None)[0]
        settings.append(
            [p(one, past, f)(0.9) for p in cd.POLICIES.values() for past, f in zip(pasts, said, strict=True)]
        )
    for mine, theirs in zip(*settings, strict=True):
        assert np.array_equal(mine.point, theirs.point) and np.array_equal(mine.upto, theirs.upto)


def test_where_no_shortage_cost_is_known_a_level_stands_for_the_one_that_it_implies(history):
    past = history.panel.until(FIRST)
    said = rp._forecasts(history, ["quantile"], [past], 0, None)[0][0]
    known = replace(history, shortage_cost=cd.implied_shortage(history, 0.9))
    by_level, by_cost = cd.economic_policy(history, past, said)(0.9), cd.economic_policy(known, past, said)(0.5)
    assert np.array_equal(by_level.point, by_cost.point) and np.array_equal(by_level.upto, by_cost.upto)
    higher = cd.economic_policy(history, past, said)(0.99)
    assert higher.point.sum() > by_level.point.sum()


def test_orders_keep_minimum_and_multiple(history):
    lots = replace(history, min_order=np.full(60, 10.0), multiple=np.full(60, 6.0))
    assert set(cd.order_quantity(lots, np.full(60, 0.1)) % 6) == {0.0}
    assert (cd.order_quantity(lots, np.full(60, 0.1)) >= 12).all()
    assert (cd.order_quantity(lots, np.zeros(60)) == 0).all()


def test_what_cannot_be_replayed_is_refused(history):
    with pytest.raises(ValueError, match="no policy 'nonsense': known are platform"):
        replay(history, ["nonsense"])
    with pytest.raises(ValueError, match="nothing to replay"):
        replay(replace(history, first=0), ["minmax"])


def test_the_platform_keeps_its_rules_and_lets_costs_decide(history):
    past = history.panel.until(history.first)
    forecast = rp.forecast_protection(past, history.lead_times, history.review_days)
    level = np.where(np.arange(60) < 30, 0.9, 0.98)
    ruled = cd.Targets(level, np.where(level > 0.95, "A", "C").astype(object), np.arange(60) == 59)
    priced = replace(history, targets=ruled, shortage_cost=50.0 * np.ones(60))
    setting = cd.platform_policy(priced, past, forecast)(level.mean())
    served = quantiles.probability_at_most(forecast.levels, forecast.values[:, 0], setting.point + 1e-9)
    for rows in (slice(0, 30), slice(30, 59)):
        assert served[rows].mean() >= level[rows][0] - 0.005
    base = cd.platform_policy(replace(priced, targets=replace(ruled, by_costs=np.zeros(60, bool))), past, forecast)(
        0.94
    )
    assert (setting.point[59], setting.upto[59]) != (base.point[59], base.upto[59])
    higher = cd.platform_policy(priced, past, forecast)(0.99)
    assert higher.point[:59].sum() > setting.point[:59].sum()


def test_the_platform_is_replayed_as_it_plans_beside_the_levels_asked_for(history):
    level = np.where(np.arange(60) < 30, 0.9, 0.98)
    ruled = cd.Targets(level, level.astype(str).astype(object), np.zeros(60, dtype=bool))
    assert rp.levels_of(replace(history, targets=ruled), "platform", LEVELS) == pytest.approx([0.8, 0.94, 0.95])
    assert rp.levels_of(history, "platform", LEVELS) == list(LEVELS)
    assert np.allclose(ruled.moved(0.94), level)


@pytest.fixture(scope="module")
def weekly_lost() -> History:
    """Weekly sales, two weeks to wait, cost 1 a unit short and 0.2 a unit left at the end of a week."""
    rng = np.random.default_rng(8)
    rate = np.exp(rng.uniform(np.log(0.5), np.log(6.0), size=(40, 1)))
    demand = rng.poisson(rate * rng.gamma(2.0, 0.5, size=(40, 150))).astype(float)
    demand[:, 0] += 1
    begin = np.datetime64("2022-01-03")
    flat, (row, week) = np.ones(40), np.nonzero(demand)
    sold = {"series_id": [f"s{i:02d}" for i in row], "date": begin + 7 * week, "quantity": demand[row, week]}
    weeks = build_panel(pl.DataFrame(sold), "W", (begin + 7 * 149).astype(object))
    return History(
        weeks, demand[:, 100:], 100, LeadTimes.fixed(14 * flat), 7 * flat, flat > 0, flat,
        0.2 / 7 * flat, 0 * flat, flat, 0 * flat, 0 * flat,
    )  # fmt: skip


def test_what_is_lost_is_not_ordered_again(weekly_lost):
    """The projection is cheaper than a base stock at the same forecasts, which orders again what nobody waited for."""
    costs = {
        row["policy"]: row
        for row in replay(weekly_lost, ["platform", "quantile"], [1 / 1.2]).filter(abc_class="*").iter_rows(named=True)
    }
    assert costs["platform"]["total_cost"] < 0.95 * costs["quantile"]["total_cost"]
    assert costs["platform"]["holding_cost"] < costs["quantile"]["holding_cost"]


def test_what_costs_less_to_lose_than_to_order_is_never_ordered(weekly_lost):
    """An order of what sells until the next costs more than all the sales that it serves."""
    dear = replace(weekly_lost, order_cost=np.full(40, 60.0), shortage_cost=np.full(40, 0.5))
    worth = replace(dear, shortage_cost=np.full(40, 30.0))
    lost, served = (
        replay(tried, ["platform"], [0.9]).filter(abc_class="*").row(0, named=True) for tried in (dear, worth)
    )
    assert lost["orders"] == 0 and lost["total_cost"] == pytest.approx(0.5 * dear.demand.sum())
    assert served["orders"] > 0
