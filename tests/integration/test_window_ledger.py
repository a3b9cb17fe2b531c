"""The ledger's arithmetic: which windows are stale, which are missing, and in which order entries count."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, cast

import pytest

from nova_resources import ledger
from nova_resources.postgres import Database
from nova_resources.sql_library import Query
from nova_resources.tables import Column, Grid, Reach, Stage, Table, Upstream, Window


def declare(name: str, *upstream: Upstream, grid: Grid = Grid.DAY) -> Table:
    return Table(
        "analytics",
        name,
        name,
        "one row",
        Stage.FEATURES,
        (Column("as_of", "date", "Day."),),
        window=None if grid is Grid.NONE else "as_of",
        grid=grid,
        upstream=upstream,
    )


FACT = declare("fact")
SAME = declare("same", Upstream("analytics.fact"))
TRAIL = declare("trail", Upstream("analytics.fact", Reach.UNTIL))
WHOLE = declare("whole", Upstream("analytics.fact", Reach.ALL))
SCORES = declare("scores", Upstream("analytics.fact", Reach.UNTIL), grid=Grid.MONTH)
CHOICE = declare("choice", Upstream("analytics.scores"), grid=Grid.MONTH)
USER = declare("user", Upstream("analytics.choice", Reach.SAME, offset_months=-1))
TABLES = (FACT, SAME, TRAIL, WHOLE, SCORES, CHOICE, USER)
JANUARY, FEBRUARY, MARCH = (Window.month_of(date(2024, month, 1)) for month in (1, 2, 3))


def record(db: Database, table: Table, *windows: Window, rows: int = 1, inputs_seen: int | None = None) -> int:
    with db.connect() as connection:
        return ledger.record(
            connection, table, windows, run_id="r", code_version="v", rows=rows, mode="REPLACE", inputs_seen=inputs_seen
        )


def build(db: Database, tables: Sequence[Table] = TABLES) -> None:
    """Everything up to date: January to March of every table, in the order of the lineage."""
    for table in tables:
        record(db, table, Window(JANUARY.start, MARCH.end))


def stale(db: Database) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, window in ledger.stale_windows(db, TABLES):
        found.setdefault(name.removeprefix("analytics."), []).append(str(window))
    return found


def days(start: date, end: date) -> list[str]:
    return [str(day) for day in Window(start, end).days]


def test_nothing_is_stale_after_everything_was_built(database):
    build(database)
    assert stale(database) == {}


def test_late_correction_reaches_its_day_and_all_later_ones(database):
    build(database)
    record(database, FACT, Window.day(date(2024, 2, 10)))
    assert stale(database) == {
        "same": ["2024-02-10"],
        "trail": days(date(2024, 2, 10), MARCH.end),
        # A month stands on its last day: February's has trailed over the 10th, January's has not.
        "scores": ["2024-02-01", "2024-03-01"],
    }


def test_only_windows_that_exist_are_stale(database):
    record(database, FACT, FEBRUARY)
    record(database, TRAIL, Window.day(date(2024, 1, 31)), Window.day(date(2024, 2, 29)))
    record(database, FACT, Window.day(date(2024, 2, 10)))
    assert stale(database) == {"trail": ["2024-02-29"]}


def test_recomputing_makes_fresh_again_and_passes_the_news_on(database):
    build(database)
    record(database, FACT, Window.day(date(2024, 2, 10)))
    for table, window in ((SAME, FEBRUARY), (TRAIL, Window(FEBRUARY.start, MARCH.end))):
        record(database, table, window)
    record(database, SCORES, Window(FEBRUARY.start, MARCH.end))
    assert stale(database) == {"choice": ["2024-02-01", "2024-03-01"]}
    record(database, CHOICE, FEBRUARY)
    assert stale(database) == {"choice": ["2024-03-01"], "user": days(MARCH.start, MARCH.end)}


def test_publish_that_did_not_see_its_input_is_stale(database):
    build(database)
    seen = ledger.head(database)
    record(database, FACT, Window.day(date(2024, 3, 31)))
    record(database, SAME, MARCH, inputs_seen=seen)
    assert stale(database)["same"] == ["2024-03-31"]


def test_missing_windows(database):
    record(database, FACT, Window(date(2024, 1, 3), date(2024, 1, 30)))
    record(database, SCORES, JANUARY)
    window = Window(date(2024, 1, 2), date(2024, 3, 31))
    found = ledger.missing_windows(database, [FACT, SCORES, declare("static", grid=Grid.NONE)], window)
    expected = {str(JANUARY.start + (date(2024, 1, 2) - JANUARY.start))} | set(days(date(2024, 1, 30), window.end))
    assert {str(day) for name, day in found if name == FACT.qualified} == expected
    assert [(n, str(d)) for n, d in found if n == SCORES.qualified] == [(SCORES.qualified, "2024-02-01")]


def test_latest_as_of_is_the_newest_date_with_rows(database):
    record(database, FACT, JANUARY)
    record(database, FACT, FEBRUARY, rows=0)
    assert ledger.latest_as_of(database, FACT.qualified) == date(2024, 1, 31)
    assert ledger.latest_as_of(database, "analytics.nothing") is None
    assert ledger.latest(database)[FACT.qualified].windows == "{[2024-02-01,2024-03-01)}"


@pytest.mark.parametrize("writers", [6])
def test_numbers_follow_the_order_of_commits(database, settings, writers):
    """Whoever reads the head knows every entry up to it: none with a smaller number appears later."""

    def write(_: int) -> list[tuple[int, int]]:
        db, found = Database(settings), []
        for _ in range(10):
            record(db, FACT, JANUARY)
            [row] = db.rows("SELECT max(materialization_id) AS head, count(*) AS entries FROM support.materializations")
            found.append((row["head"], row["entries"]))
        return found

    with ThreadPoolExecutor(writers) as pool:
        seen = [pair for pairs in pool.map(write, range(writers)) for pair in pairs]
    assert all(head == entries for head, entries in seen)


class Explaining:
    """A database that tells how many rows the steps of its plans handed on, instead of the rows."""

    def __init__(self, database: Database) -> None:
        self.database, self.handed_on = database, 0.0

    def rows(self, query: Query, **params: Any) -> list[dict[str, Any]]:
        with self.database.connect() as connection:
            text = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {query.text}"
            found = connection.execute(cast(Any, text), params).fetchone()
        assert found
        steps = [found[0][0]["Plan"]]
        while steps:
            step = steps.pop()
            steps += step.get("Plans", [])
            self.handed_on += step["Actual Rows"] * step["Actual Loops"]
        return []


def test_staleness_of_three_years_looks_at_each_window_few_times(database):
    """Daily windows of 40 tables over three years, each with three inputs whose every day reaches all later ones."""
    tables = [FACT]
    for number in range(40):
        edges = tuple(Upstream(up.qualified, Reach.UNTIL) for up in tables[-3:])
        tables.append(declare(f"t{number}", *edges))
    years = Window(date(2022, 1, 1), date(2025, 1, 1))
    with database.connect() as connection:
        for table in tables:
            for month in years.months():
                ledger.record(connection, table, [month], run_id="r", code_version="v", rows=1, mode="SWAP")
    assert ledger.stale_windows(database, tables) == []
    explaining = Explaining(database)
    ledger.stale_windows(cast(Database, explaining), tables)
    judged = sum(len(table.upstream) for table in tables) * len(years.days)
    assert judged < explaining.handed_on < 40 * judged, "a plan that looks at every earlier day hands on hundreds"
