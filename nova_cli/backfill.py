"""`nova backfill`: a range of days (and the months in it) in few runs, committed month by month."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from nova_cli.graph_runs import Graph, Progress, RunReport, open_graph
from nova_resources.errors import PlatformError
from nova_resources.settings import Settings, load_settings

if TYPE_CHECKING:
    from nova_resources.tables import Table

_DAY = ["%Y-%m-%d"]


def command(
    from_: Annotated[datetime, typer.Option("--from", formats=_DAY, help="First day.")],
    to: Annotated[datetime, typer.Option("--to", formats=_DAY, help="Last day.")],
    select: Annotated[
        str | None, typer.Option(help="Only these tables: schema.name,… or a Dagster selection such as group:kpis.")
    ] = None,
    every_day: Annotated[
        bool, typer.Option("--every-day", help="Models for every day; without it for month-ends and the last day.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print rows of each partition as JSON.")] = False,
) -> None:
    """Materialize a range of partitions in few runs: facts, then months, then everything else.

    Each month is committed by itself: after an interruption the months that were reached are there.
    """
    from nova_cli.run_display import RunDisplay

    display = RunDisplay()
    runs = backfill_range(load_settings(), from_.date(), to.date(), select, every_day=every_day, progress=display.step)
    if as_json:
        print(json.dumps([run.as_json() for run in runs]))
    else:
        display.rows_by_month(runs)
        display.finish(f"{from_.date()} to {to.date()} is up to date", runs)


def backfill_range(
    settings: Settings,
    start: date,
    end: date,
    select: str | None = None,
    every_day: bool = False,
    progress: Progress | None = None,
) -> list[RunReport]:
    """Materialize the partitions from `start` to `end`, both included; one report for each of at most four runs.

    Monthly tables get the months that are over by `end`. Raises RunFailed; PlatformError for days outside of the
    history.
    """
    with open_graph(settings, progress) as graph:
        return backfill_in(graph, start, end, select, every_day)


def backfill_in(graph: Graph, start: date, end: date, select: str | None, every_day: bool = False) -> list[RunReport]:
    """`backfill_range` on a graph that is open already."""
    from nova_assets.model_asset import DAYS_TAG, Days

    first, last = graph.settings.history_start, graph.settings.last_complete_day()
    if not first <= start <= end <= last:
        raise PlatformError(f"{start} to {end} is no range within the history, {first} to {last}")
    references, facts, months, rest = _in_turn(graph.tables(select))
    tags = {DAYS_TAG: (Days.EVERY if every_day else Days.MONTH_ENDS).value}
    runs = []
    if references:
        runs.append(graph.execute("Reference tables", references))
    if facts:
        runs.append(graph.execute(f"Facts {start} to {end}", facts, first=start, last=end))
    if months:
        runs += _months(graph, months, start, end)
    if rest:
        runs.append(graph.execute(f"Days {start} to {end}", rest, first=start, last=end, tags=tags))
    return runs


def _in_turn(tables: Collection[Table]) -> tuple[list[Table], list[Table], list[Table], list[Table]]:
    """Reference tables, since facts refer to them; facts, since months are computed from them; months, since forecasts
    use the models chosen there; everything else.
    """
    from nova_assets.automation import is_monthly, is_reference
    from nova_resources.tables import Stage

    references = [table for table in tables if is_reference(table) and table.schema != "staging"]
    partitioned = [table for table in tables if not is_reference(table)]
    months = [table for table in partitioned if is_monthly(table)]
    facts = [table for table in partitioned if table.stage is Stage.CORE and table.window]
    rest = [table for table in partitioned if table not in months and table not in facts]
    return references, facts, months, rest


def _months(graph: Graph, tables: list[Table], start: date, end: date) -> list[RunReport]:
    """Months that end within the range."""
    first = max(start, graph.settings.history_start).replace(day=1)
    last = ((end + timedelta(days=1)).replace(day=1) - timedelta(days=1)).replace(day=1)
    if last < first:
        return []
    return [graph.execute(f"Months {first:%Y-%m} to {last:%Y-%m}", tables, first=first, last=last)]
