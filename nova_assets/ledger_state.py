"""The ledger as the sensors and commands need it: which windows exist, which are stale, which are lacking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from nova_assets import catalog, repair
from nova_resources import ledger, retention
from nova_resources.postgres import Database
from nova_resources.tables import Grid, Reach, Table, Window

Days = dict[str, set[date]]


@dataclass(frozen=True)
class LedgerState:
    """Windows of tables with windows, up to and with one business date."""

    tables: list[Table]
    until: date
    existing: Days
    stale: Days = field(default_factory=dict)

    @classmethod
    def read(cls, db: Database, tables: Collection[Table], first: date, until: date) -> LedgerState:
        """What the ledger says of the assets `tables` from `first` to `until`, both included. Two queries.

        Days of as-of tables before the retention's horizon are history: they neither exist here nor become stale.
        """
        cut = repair.in_order([table for table in tables if table.window])
        span = Window(min(first, until), until + timedelta(days=1))
        horizon = retention.horizon(db.settings)
        since = {t.qualified: max(span.start, horizon) if retention.is_thinned(t) else span.start for t in cut}
        existing = {
            name: {day for day in days if day >= since[name]} for name, days in _existing(db, cut, span).items()
        }
        stale: Days = defaultdict(set)
        for name, day in ledger.stale_windows(db, cut):
            if since[name] <= day < span.end:
                stale[name].add(day)
        for table in cut:
            stale[table.qualified] |= _landed_only(table, existing)
        computed = [table for table in cut if table.schema != "staging"]
        return cls(computed, until, existing, repair.spread(stale, existing, computed))

    def newest(self, table: str) -> date | None:
        """Newest window of a table, None before its first."""
        return max(self.existing.get(table, ()), default=None)


def lacking(state: LedgerState, tables: Sequence[Table]) -> Days:
    """Days after a table's newest window and up to the state's date; nothing for a table that was never computed."""
    gaps: Days = {}
    for table in tables:
        newest = state.newest(table.qualified)
        if newest and newest < state.until:
            gaps[table.qualified] = {newest + timedelta(days=n) for n in range(1, (state.until - newest).days + 1)}
    return gaps


def _existing(db: Database, tables: Sequence[Table], span: Window) -> Days:
    missing: Days = defaultdict(set)
    for name, day in ledger.missing_windows(db, tables, span):
        missing[name].add(day)
    days = set(span.days)
    months = {day for day in days if day.day == 1 and Window.month_of(day).end <= span.end}
    return {
        table.qualified: (months if table.grid is Grid.MONTH else days) - missing[table.qualified] for table in tables
    }


def _landed_only(table: Table, existing: Days) -> set[date]:
    """Days that landed and that a fact has no window of: older history, or a day that came before its run."""
    feeds = [edge.table for edge in table.upstream if edge.reach is Reach.SAME and edge.table.startswith("staging.")]
    landed = set().union(*(existing.get(feed, set()) for feed in feeds))
    return landed - existing[table.qualified]


def assets() -> list[Table]:
    """Tables of the catalog that are assets."""
    return [table for table in catalog.TABLES if table.asset]
