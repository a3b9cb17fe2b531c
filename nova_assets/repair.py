"""What must be computed again, and in which runs: from stale windows in the ledger to ranges of partitions.

Pure reasoning over the catalog's lineage; reading the ledger and asking Dagster for runs is the sensors' business.
A correction of one old day makes that day of a fact stale, every later as-of that reads it, and everything that follows
from those. Runs are asked for in waves: a table's turn comes when nothing that it is computed from is stale any more,
except what is computed before it in the same run.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from nova_resources.tables import Grid, Reach, Table, Upstream

# Windows of a table, each by its day or, for a monthly table, by the first day of its month.
Starts = Mapping[str, Collection[date]]


@dataclass(frozen=True, slots=True, order=True)
class Repair:
    """One run to ask for: tables that share the grid, first and last window, and whether other days are left out."""

    tables: tuple[str, ...]
    first: date
    last: date
    existing_only: bool

    @property
    def key(self) -> str:
        """Name of the work, the same whenever it is found again."""
        return f"{','.join(self.tables)}@{self.first}..{self.last}"


def spread(stale: Starts, existing: Starts, tables: Sequence[Table]) -> dict[str, set[date]]:
    """All windows that are stale or will be once the stale ones are computed again, among those that exist.

    `tables` come in an order in which nothing stands before what it is computed from.
    """
    found = {table.qualified: set(stale.get(table.qualified, ())) for table in tables}
    monthly = {table.qualified for table in tables if table.grid is Grid.MONTH}
    for table in tables:
        own = sorted(existing.get(table.qualified, ()))
        for edge in table.upstream:
            if found.get(edge.table) and own:
                found[table.qualified] |= _fed(table, edge, found[edge.table], own, edge.table in monthly)
    return {name: days for name, days in found.items() if days}


def ready(stale: Mapping[str, Collection[date]], tables: Sequence[Table], models: Collection[str]) -> list[Repair]:
    """Runs that may start now, given everything that is stale (`spread`)."""
    groups: dict[tuple[bool, Grid, tuple[date, ...]], list[str]] = {}
    group_of: dict[str, tuple[bool, Grid, tuple[date, ...]]] = {}
    above: dict[str, set[str]] = {}
    for table in tables:
        name = table.qualified
        parents = {edge.table for edge in table.upstream if edge.reach is not Reach.ALL}
        above[name] = parents.union(*(above.get(parent, ()) for parent in parents))
        if name not in stale:
            continue
        kind = (name in models, table.grid, tuple(sorted(stale[name])))
        if all(group_of.get(parent) == kind for parent in above[name] if parent in stale):
            group_of[name] = kind
            groups.setdefault(kind, []).append(name)
    return [
        Repair(tuple(names), first, last, is_model)
        for (is_model, grid, days), names in groups.items()
        for first, last in _contiguous(days, grid)
    ]


def joined(repairs: Sequence[Repair], existing: Starts) -> list[Repair]:
    """Repairs of models with nothing between them but days that do not exist, as one run over the existing days."""
    done: list[Repair] = []
    for repair in sorted(repairs):
        before = done[-1] if done else None
        if before and before.existing_only and before.tables == repair.tables:
            between = {
                day for name in repair.tables for day in existing.get(name, ()) if before.last < day < repair.first
            }
            if not between:
                done[-1] = Repair(before.tables, before.first, repair.last, True)
                continue
        done.append(repair)
    return done


def in_order(tables: Collection[Table]) -> list[Table]:
    """The same tables, each after everything that it is computed from."""
    waiting = {table.qualified: table for table in tables}
    ordered: list[Table] = []
    while waiting:
        free = [t for t in waiting.values() if not any(edge.table in waiting for edge in t.upstream)]
        if not free:
            raise ValueError(f"these tables are computed from one another: {', '.join(sorted(waiting))}")
        for table in free:
            ordered.append(waiting.pop(table.qualified))
    return ordered


def _fed(
    table: Table, edge: Upstream, stale: Collection[date], own: Sequence[date], upstream_monthly: bool
) -> set[date]:
    """Windows of `table` among `own` that stale windows of one upstream feed."""
    if edge.reach is Reach.ALL:
        return set()
    if edge.reach is Reach.UNTIL:
        # A month stands on its last day, so that it reads a day of its own month too.
        first = min(stale)
        return set(own[bisect_left(own, first.replace(day=1) if table.grid is Grid.MONTH else first) :])
    if table.grid is Grid.MONTH or upstream_monthly:
        months = {_shifted(day, -edge.offset_months) for day in stale}
        return {day for day in own if day.replace(day=1) in months}
    return set(own) & set(stale)


def _shifted(day: date, months: int) -> date:
    """First day of the month that lies `months` after that of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _contiguous(days: Sequence[date], grid: Grid) -> Iterator[tuple[date, date]]:
    """First and last of each run of windows that follow one another."""
    first = last = days[0]
    for day in days[1:]:
        if day != (_shifted(last, 1) if grid is Grid.MONTH else last + timedelta(days=1)):
            yield first, last
            first = day
        last = day
    yield first, last
