"""`nova materialize`: the graph brought up to date for one day, through Dagster, without waiting for its daemon."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from nova_cli.graph_runs import Graph, Progress, RunReport, open_graph
from nova_resources.errors import PlatformError
from nova_resources.settings import Settings, load_settings

if TYPE_CHECKING:
    from nova_resources.tables import Table

# Screens show the trend of 90 days. Key figures stand on the classes of their own day.
TREND_DAYS = 91
TREND_TABLE, TREND_TABLES = "analytics.kpis_daily", "analytics.demand_classes,analytics.kpis_daily"
# So many separate ranges of days of facts are worth a run each; beyond that one run over all of them costs less.
SEPARATE_RUNS = 3


@dataclass
class DayReport:
    """What was done for one day."""

    as_of: date
    runs: list[RunReport] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Time of all runs."""
        return sum(run.seconds for run in self.runs)


def command(
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="Business day. Default: the newest day that has landed."),
    ] = None,
    select: Annotated[
        str | None, typer.Option(help="Only these tables: schema.name,… or a Dagster selection such as group:planning.")
    ] = None,
    monthly: Annotated[
        bool, typer.Option(help="Choose models for the month before where that was not done yet.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Bring the graph up to date for one day: load what is new, then compute every table.

    Runs here and now, recorded in Dagster. Days of facts that landed meanwhile are brought up to date first.
    """
    from nova_cli.run_display import RunDisplay

    display = RunDisplay()
    report = materialize_day(
        load_settings(), as_of.date() if as_of else None, select, monthly=monthly, progress=display.step
    )
    if as_json:
        values = {"as_of": report.as_of.isoformat(), "seconds": round(report.seconds, 2)}
        print(json.dumps(values | {"runs": [run.as_json() for run in report.runs]}))
    else:
        display.finish(f"{report.as_of} is up to date", report.runs)


def materialize_day(
    settings: Settings,
    as_of: date | None,
    select: str | None = None,
    progress: Progress | None = None,
    *,
    monthly: bool = True,
) -> DayReport:
    """Everything for one business day; None is the newest day that has landed.

    Without `select`: load what is new, bring landed days of facts up to date, choose models for the month before if
    that was not done, then compute the day. Raises RunFailed, and PlatformError for a day that is no partition.
    """
    with open_graph(settings, progress) as graph:
        return materialize_in(graph, as_of, select, monthly=monthly)


def materialize_in(graph: Graph, as_of: date | None, select: str | None = None, *, monthly: bool = True) -> DayReport:
    """`materialize_day` on a graph that is open already."""
    if select is not None:
        day = as_of or newest_day(graph)
        return DayReport(day, _selected(graph, graph.tables(select), day))
    runs = [graph.execute("Load and reference tables", _references())]
    graph.follow_history()
    day = as_of or newest_day(graph)
    _refuse_unknown(graph.settings, day)
    runs += _facts(graph, day)
    if monthly:
        runs += _month_before(graph, day)
    runs += _trend(graph, day)
    runs.append(graph.execute(f"Day {day}", _rest(), first=day, last=day))
    return DayReport(day, runs)


def newest_day(graph: Graph) -> date:
    """Newest business day with landed stock or demand, and not after the last complete day."""
    from nova_resources import ledger
    from nova_resources.postgres import Database

    db = Database(graph.settings)
    landed = [ledger.latest_as_of(db, table) for table in ("staging.inventory", "staging.demand")]
    last = graph.settings.last_complete_day()
    days = [min(day, last) for day in landed if day]
    if not days:
        raise PlatformError(
            f"nothing has landed in {graph.settings.landing}: load extracts first (nova load, nova demo)"
        )
    return max(days)


def _refuse_unknown(settings: Settings, day: date) -> None:
    first, last = settings.history_start, settings.last_complete_day()
    if not first <= day <= last:
        raise PlatformError(f"{day} is no partition: the history holds {first} to {last}")


def _selected(graph: Graph, tables: Collection[Table], day: date) -> list[RunReport]:
    """Only some tables, for a day; monthly ones for the last month that was over then."""
    from nova_assets.automation import is_monthly

    months = [table for table in tables if is_monthly(table)]
    others = [table for table in tables if not is_monthly(table)]
    _refuse_unknown(graph.settings, day)
    runs = []
    if months:
        month = last_month(day)
        runs.append(graph.execute(f"Month {month:%Y-%m}", months, first=month, last=month))
    if others:
        runs.append(graph.execute(f"Day {day}", others, first=day, last=day))
    return runs


def _facts(graph: Graph, until: date) -> list[RunReport]:
    """Days up to `until` that landed and are not in the facts as they landed; the day itself has its own run."""
    from nova_assets.ledger_state import LedgerState
    from nova_assets.partitions import runs_of_days
    from nova_assets.platform import Platform

    facts = [table for table in graph.tables(None) if table.qualified.startswith("core.fact_")]
    feeds = [table for table in graph.tables(None) if table.schema == "staging"]
    db = Platform(graph.settings).database()
    state = LedgerState.read(db, [*feeds, *facts], graph.settings.history_start, until)
    days = sorted(set().union(*state.stale.values()) - {until})
    ranges = [(window.start, window.end - timedelta(days=1)) for window in runs_of_days(days)]
    if len(ranges) > SEPARATE_RUNS:
        ranges = [(days[0], days[-1])]
    return [graph.execute(f"Facts {first} to {last}", facts, first=first, last=last) for first, last in ranges]


def _month_before(graph: Graph, day: date) -> list[RunReport]:
    """Backtests and model choice of the last month that was over before `day`, unless the ledger has them."""
    from nova_assets.automation import is_monthly
    from nova_assets.platform import Platform
    from nova_resources import ledger
    from nova_resources.tables import Window

    month = last_month(day - timedelta(days=1))
    if month < graph.settings.history_start:
        return []
    tables = [table for table in graph.tables(None) if is_monthly(table)]
    if not ledger.missing_windows(Platform(graph.settings).database(), tables, Window.month_of(month)):
        return []
    return [graph.execute(f"Models for {month:%Y-%m}", tables, first=month, last=month)]


def _trend(graph: Graph, day: date) -> list[RunReport]:
    """Key figures of the days before `day`, the first time that any are computed: screens show their trend."""
    from nova_assets.platform import Platform
    from nova_resources import ledger

    if ledger.latest(Platform(graph.settings).database(), [TREND_TABLE]):
        return []
    first, last = max(graph.settings.history_start, day - timedelta(days=TREND_DAYS)), day - timedelta(days=1)
    if last < first:
        return []
    return [graph.execute(f"Key figures from {first}", graph.tables(TREND_TABLES), first=first, last=last)]


def last_month(day: date) -> date:
    """First day of the last month that is over at the end of `day`."""
    return ((day + timedelta(days=1)).replace(day=1) - timedelta(days=1)).replace(day=1)


def _references() -> list[Table]:
    from nova_assets.automation import is_reference
    from nova_assets.ledger_state import assets

    return [table for table in assets() if is_reference(table)]


def _rest() -> list[Table]:
    """Tables of the daily job that a load has not brought up to date already."""
    from nova_assets.automation import is_monthly, is_reference
    from nova_assets.ledger_state import assets

    return [table for table in assets() if not is_reference(table) and not is_monthly(table)]
