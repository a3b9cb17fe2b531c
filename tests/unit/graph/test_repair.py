"""Exactly the windows that a correction reaches, in waves that compute nothing from stale input."""

from datetime import date, timedelta

import pytest

from nova_assets import catalog
from nova_assets.build import COMPUTE
from nova_assets.repair import Repair, in_order, joined, ready, spread
from nova_resources.tables import Column, Grid, Reach, Stage, Table, Upstream


def days(first, last):
    return {date(2024, 1, first) + timedelta(days=n) for n in range(last - first + 1)}


def table(name, *upstream: Upstream, grid=Grid.DAY):
    return Table(
        "t",
        name,
        name,
        name,
        Stage.CORE,
        (Column("as_of", "date", "Day."),),
        window="as_of",
        grid=grid,
        upstream=tuple(upstream),
    )


FACT = table("fact")
SAME_DAY = table("same_day", Upstream("t.fact", Reach.SAME))
HISTORY = table("history", Upstream("t.fact", Reach.UNTIL))
MODEL = table("model", Upstream("t.history", Reach.SAME), Upstream("t.fact", Reach.UNTIL))
AFTER = table("after", Upstream("t.model", Reach.SAME), Upstream("t.history", Reach.SAME))
DIMENSION = table("dimension")
LOOSE = table("loose", Upstream("t.dimension", Reach.ALL))
ALL = [FACT, SAME_DAY, HISTORY, MODEL, AFTER]
EXISTING = {t.qualified: days(1, 10) for t in ALL} | {"t.model": {date(2024, 1, 5), date(2024, 1, 10)}}


def test_a_corrected_day_reaches_its_day_and_every_later_as_of_that_exists():
    found = spread({"t.fact": {date(2024, 1, 4)}}, EXISTING, ALL)
    assert found == {
        "t.fact": {date(2024, 1, 4)},
        "t.same_day": {date(2024, 1, 4)},
        "t.history": days(4, 10),
        "t.model": {date(2024, 1, 5), date(2024, 1, 10)},
        "t.after": days(4, 10),
    }


def test_a_whole_table_upstream_makes_no_window_stale():
    found = spread({"t.dimension": days(1, 1)}, {"t.loose": days(1, 9)}, [DIMENSION, LOOSE])
    assert "t.loose" not in found


def test_waves_wait_for_what_they_read():
    stale = spread({"t.fact": {date(2024, 1, 4)}}, EXISTING, ALL)
    first = ready(stale, ALL, models={"t.model"})
    assert first == [Repair(("t.fact", "t.same_day"), date(2024, 1, 4), date(2024, 1, 4), False)]
    del stale["t.fact"], stale["t.same_day"]
    assert ready(stale, ALL, {"t.model"}) == [Repair(("t.history",), date(2024, 1, 4), date(2024, 1, 10), False)]
    del stale["t.history"]
    assert {work.tables for work in ready(stale, ALL, {"t.model"})} == {("t.model",)}


def test_a_model_is_computed_again_on_its_existing_days_in_one_run():
    stale = {"t.model": {date(2024, 1, 5), date(2024, 1, 10)}}
    apart = ready(stale, ALL, {"t.model"})
    assert joined(apart, EXISTING) == [Repair(("t.model",), date(2024, 1, 5), date(2024, 1, 10), True)]


def test_a_day_of_a_model_that_is_not_stale_separates_two_runs():
    apart = ready({"t.model": {date(2024, 1, 2), date(2024, 1, 10)}}, ALL, {"t.model"})
    assert len(joined(apart, {"t.model": {date(2024, 1, 2), date(2024, 1, 5), date(2024, 1, 10)}})) == 2


def test_months_follow_their_days_and_days_follow_the_month_before():
    month = table("month", Upstream("t.fact", Reach.UNTIL), grid=Grid.MONTH)
    user = table("user", Upstream("t.month", Reach.SAME, offset_months=-1))
    existing = {
        "t.month": {date(2024, 1, 1), date(2024, 2, 1)},
        "t.user": {date(2024, 2, 10), date(2024, 3, 5)},
    }
    found = spread({"t.fact": {date(2024, 2, 20)}}, existing, [FACT, month, user])
    assert (found["t.month"], found["t.user"]) == ({date(2024, 2, 1)}, {date(2024, 3, 5)})


def test_the_catalog_has_an_order():
    tables = [table for table in catalog.TABLES if table.asset]
    seen = set()
    for table_ in in_order(tables):
        assert {edge.table for edge in table_.upstream if catalog.table(edge.table).asset} <= seen
        seen.add(table_.qualified)


def test_a_circle_is_refused():
    with pytest.raises(ValueError, match="one another"):
        in_order([table("a", Upstream("t.b")), table("b", Upstream("t.a"))])


def test_a_corrected_day_of_demand_ends_in_finitely_many_waves():
    tables = in_order([t for t in catalog.TABLES if t.asset and t.window and t.schema != "staging"])
    existing = {t.qualified: days(1, 9) if t.grid is Grid.DAY else {date(2024, 1, 1)} for t in tables}
    stale = spread({"core.fact_demand_daily": {date(2024, 1, 3)}}, existing, tables)
    waves = []
    while stale:
        wave = ready(stale, tables, COMPUTE.keys())
        assert wave
        waves.append(sorted(name for work in wave for name in work.tables))
        for work in wave:
            for name in work.tables:
                stale.pop(name, None)
    assert waves[0] == ["core.fact_demand_daily"]
    assert len(waves) < 10
