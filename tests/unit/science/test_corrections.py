"""Totals, drivers and the verdicts on them: what helps is kept, what does not is not, and nothing sees the future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nova_assets.science import corrections, drivers, hierarchy
from nova_assets.science.corrections import InForce
from nova_assets.science.drivers import Holidays, Measured, PlannedWork, Season
from nova_assets.science.forecast import forecast_sums
from nova_assets.science.models.base import Request
from nova_assets.science.verdicts import Trial, judge

DAYS, SERIES = 420, 60


def plan_lines(seed: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(series, day number, quantity) of works of 20 units, a few a year for each series."""
    rng = np.random.default_rng(seed)
    series, day = np.nonzero(rng.random((SERIES, DAYS + 40)) < 1 / 60)
    return series, day, np.full(len(series), 20.0)


@pytest.fixture(scope="module")
def planned(make_panel):
    """Panel whose demand is planned work and a little noise, and the plan, told 40 days before."""
    series, day, quantity = plan_lines()
    demand = np.random.default_rng(5).poisson(0.1, (SERIES, DAYS)).astype(float)
    inside = day < DAYS
    np.add.at(demand, (series[inside], day[inside]), quantity[inside])
    panel = make_panel(demand, family=["a", "b"] * (SERIES // 2))
    date = panel.dates[0] + day
    return panel, PlannedWork(
        series, date, date - 40, np.full(len(day), np.datetime64("NaT"), "datetime64[D]"), quantity
    )


def groups_of(panel):
    return {"family": panel.static("family")}


def test_totals_add_up_and_scale_for_members_that_were_not_seen(make_panel):
    panel = make_panel([[1, 2, 3], [4, 5, 6], [7, 8, 9]], family=["a", "a", "b"])
    whole = hierarchy.totals(panel, panel.static("family"))
    assert whole.ids.tolist() == ["a", "b"] and whole.demand.tolist() == [[5, 7, 9], [7, 8, 9]]
    seen = panel.observed.copy()
    seen[0, 1] = seen[2, 2] = False
    hidden = replace(panel, observed=seen, demand=np.where(seen, panel.demand, 0.0))
    part = hierarchy.totals(hidden, panel.static("family"))
    assert part.demand[0].tolist() == [5, 10, 9] and part.observed[1].tolist() == [True, True, False]


def test_members_add_up_to_their_total(sparse_panel):
    group = sparse_panel.static("family")
    mean = np.random.default_rng(1).uniform(0.9, 1.1, (120, 1)) * sparse_panel.demand.mean(axis=1)[:, None] * 30
    request = Request((30,), np.array([0.5]))
    factor = hierarchy.factors(sparse_panel, group, mean, "historic_mean", request)
    wanted = hierarchy.totals(sparse_panel, group).demand.mean(axis=1) * 30
    assert np.allclose([(mean * factor)[group == name].sum() for name in ("cable", "radio")], wanted)


def test_whole_groups_are_sampled():
    groups = np.repeat([f"g{n}" for n in range(50)], 10).astype(object)
    taken = hierarchy.sample_groups(groups, 95)
    assert taken.sum() == 100 and all(len(set(taken[groups == g])) == 1 for g in set(groups))


def test_planned_work_is_kept_and_what_has_nothing_to_say_is_not(planned):
    panel, plan = planned
    noise = Measured("weather", np.random.default_rng(3).normal(size=(1, DAYS)), np.zeros((SERIES, 1), dtype=int))
    levels = {"item": panel.ids}
    found = corrections.try_all(panel, levels, [Season(), Holidays(), noise, plan], [30], "negative_binomial")
    verdicts = {tried.verdict.name: tried for tried in found}
    assert verdicts["planned_work"].verdict.kept and verdicts["planned_work"].verdict.gain > 0.03
    assert not any(verdicts[name].verdict.kept for name in ("weather", "calendar", "holidays"))
    race = verdicts["item"].details["pinball"]
    assert verdicts["item"].kind == corrections.HIERARCHY and {"zero", "naive"} <= set(next(iter(race.values())))


def test_a_kept_driver_moves_those_it_speaks_of(planned):
    panel, plan = planned
    mean = forecast_sums(panel, [30], models="negative_binomial").mean[:, 0]
    kept = InForce(drivers=("planned_work",))
    factor = corrections.factors(mean, 30, panel, {}, [Season(), plan], kept)
    busy = np.bincount(plan.series[plan.day > panel.dates[-1]], minlength=SERIES) > 0
    assert factor[busy].mean() > 1.2 * factor[~busy].mean()
    assert (corrections.factors(mean, 30, panel, {}, [plan], InForce()) == 1).all()


def test_a_driver_of_some_series_says_the_same_of_them(planned):
    panel, plan = planned
    rows = np.arange(0, SERIES, 3)
    part = plan.take(rows).at(panel.take(rows), 300, 30)
    assert (part == plan.at(panel, 300, 30)[rows]).all() and np.abs(part).max() > 0


def test_nothing_after_the_origin_is_seen(planned):
    """Demand, weather, and plans told after the origin change nothing; plans told before do."""
    panel, plan = planned
    cut = 300
    origin = panel.dates[cut - 1]
    weather = np.random.default_rng(6).normal(size=(1, DAYS))

    def said(panel, plan, weather):
        measured = Measured("weather", weather, np.zeros((SERIES, 1), dtype=int))
        return drivers.factors(panel, [Season(), Holidays(), measured, plan], cut, 30)

    later_demand, later_weather = panel.demand.copy(), weather.copy()
    later_demand[:, cut:] += 50
    later_weather[:, cut:] += 9
    later_plan = replace(plan, quantity=np.where(plan.known_on > origin, 999.0, plan.quantity))
    before = said(panel, plan, weather)
    assert (said(replace(panel, demand=later_demand), later_plan, later_weather) == before).all()
    withdrawn = replace(plan, replaced_on=np.where(plan.known_on > origin, plan.replaced_on, origin + 1))
    assert (said(panel, withdrawn, weather) == before).all()
    known = plan.known_on <= origin
    told_earlier = replace(plan, quantity=np.where(known & (plan.day > origin), 0.0, plan.quantity))
    assert (said(panel, told_earlier, weather) != before).any()


def test_a_verdict_needs_more_than_luck():
    """A factor that halves an over-forecast is kept; a coin toss per series is not."""
    rng = np.random.default_rng(8)
    actual = rng.poisson(10, 200).astype(float)
    values = np.tile([20.0, 26, 28, 30, 34], (200, 1))
    trial = Trial(100, 30, np.arange(200), values, np.full(200, 20.0), actual, np.ones(200))
    assert judge("half", [trial], lambda t: np.full(200, 0.5)).kept
    right = replace(trial, values=values / 2)
    assert not judge("toss", [right], lambda t: rng.choice([0.8, 1.25], 200)).kept
    assert judge("nothing came", [replace(trial, actual=np.zeros(200))], lambda t: np.ones(200)).gain is None
