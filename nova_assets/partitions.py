"""Windows as Dagster's partitions: the daily and the monthly grid, how they map, and what a run was asked for.

A daily partition is a business date of the platform's zone; a monthly one is keyed by its first day and stands on its
last. The newest partition is the last complete day (month).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import dagster as dg

from nova_resources.settings import Settings
from nova_resources.tables import Grid, Table, Upstream, Window

# The locked version is what is tested; a warning for each edge of the graph tells an operator nothing.
warnings.filterwarnings("ignore", category=dg.BetaWarning, module=r"nova_assets\.")

# A day whose upstream is the month before: 31 days earlier lies in that month on all but seven days of a year (the
# first ones after a short month). Dagster offers no exact mapping; the true reach is in the asset's metadata, and the
# computation itself reads the right month whatever the mapping says.
MONTH_BEFORE = -31


@dataclass(frozen=True)
class Calendar:
    """The two grids of one platform."""

    daily: dg.DailyPartitionsDefinition
    monthly: dg.MonthlyPartitionsDefinition

    @classmethod
    def of(cls, settings: Settings) -> Calendar:
        """Grids from the first day (month) of the platform's history, in its zone."""
        first = settings.history_start
        return cls(
            dg.DailyPartitionsDefinition(first.isoformat(), timezone=settings.timezone),
            dg.MonthlyPartitionsDefinition(first.replace(day=1).isoformat(), timezone=settings.timezone),
        )

    def grid(self, table: Table) -> dg.TimeWindowPartitionsDefinition | None:
        """Partitions of the asset of `table`; None where it is written whole, as everything in staging is."""
        if table.schema == "staging" or table.grid is Grid.NONE:
            return None
        return self.monthly if table.grid is Grid.MONTH else self.daily


def mapping(downstream: Table, edge: Upstream, calendar: Calendar, upstream: Table) -> dg.PartitionMapping | None:
    """Mapping of an edge, None where Dagster's own choice (everything, or no partitions at all) is meant.

    A trailing history (Reach.UNTIL) is mapped to the partition of the same date: naming every earlier day would have
    each of three years of days ask for a thousand others.
    """
    if calendar.grid(upstream) is None:
        return None
    if downstream.materialized_view:
        # Views show the newest window; naming all of them would list three years of days in every run.
        return dg.LastPartitionMapping()
    if calendar.grid(downstream) is None:
        return None
    if edge.offset_months:
        return dg.TimeWindowPartitionMapping(MONTH_BEFORE, MONTH_BEFORE, allow_nonexistent_upstream_partitions=True)
    return dg.TimeWindowPartitionMapping(allow_nonexistent_upstream_partitions=True)


def window_of(table: Table, key: str) -> Window:
    """Window of one partition."""
    day = date.fromisoformat(key)
    return Window.month_of(day) if table.grid is Grid.MONTH else Window.day(day)


def key_of(table: Table, day: date) -> str:
    """Partition that holds a business date."""
    return (day.replace(day=1) if table.grid is Grid.MONTH else day).isoformat()


def span(table: Table, keys: Sequence[str]) -> Window:
    """Window over contiguous partitions, from the first of them to the end of the last."""
    return Window(window_of(table, keys[0]).start, window_of(table, keys[-1]).end)


def as_of(window: Window) -> date:
    """Business date that a window of one day or one month stands on: its last day."""
    return window.end - timedelta(days=1)


def runs_of_days(days: Sequence[date]) -> list[Window]:
    """Ascending windows of consecutive days that together hold exactly `days`."""
    windows: list[Window] = []
    for day in sorted(set(days)):
        if windows and windows[-1].end == day:
            windows[-1] = Window(windows[-1].start, day + timedelta(days=1))
        else:
            windows.append(Window.day(day))
    return windows
