"""What the landing has to know about a feed beyond its declaration in the catalog."""

from __future__ import annotations

from dataclasses import dataclass

from nova_assets.catalog import FEEDS
from nova_assets.catalog.staging import KNOWN_ON
from nova_assets.staging.headers import nearest
from nova_resources.landing import FileError
from nova_resources.tables import Column, Table

PROVENANCE = ("file_id", "source_line")

# A second row of one file with the same key is a duplicate. Feeds that are not here: demand lines are movements and
# all count; of reference feeds the last line about a code counts (sql/core).
_KEYS: dict[str, tuple[str, ...]] = {
    "inventory": ("date", "item_code", "site_code"),
    "purchase_orders": ("order_no", "line_no", KNOWN_ON.name),
    "external_daily": ("date", "series_code", "region_code"),
    "planned_work": ("date", "item_code", "site_code", "quantity", "work_type", "contract_code", KNOWN_ON.name),
}
# Where the file's name gives no date, a row became known on the day in this column.
_KNOWN_BY = {"purchase_orders": "order_date", "planned_work": "date"}
# Dates of things that have happened: they cannot lie in the future.
_HAPPENED: dict[str, tuple[str, ...]] = {
    "demand": ("date",),
    "inventory": ("date",),
    "external_daily": ("date",),
    "purchase_orders": ("requested_date", "approved_date", "order_date", "received_date"),
}
_POSITIVE: dict[str, tuple[str, ...]] = {"demand": ("quantity",)}
_ORDERED: dict[str, tuple[str, str]] = {"item_sources": ("valid_from", "valid_to")}
# Feeds whose oldest date says since when the company's history is known.
HISTORY_FEEDS = ("demand", "inventory", "purchase_orders", "planned_work")


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed: its staging table and its rules."""

    table: Table

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns that a file may give, in declared order."""
        return tuple(c for c in self.table.columns if c.name not in (*PROVENANCE, KNOWN_ON.name))

    @property
    def required(self) -> list[str]:
        return [c.name for c in self.columns if not c.nullable]

    @property
    def key(self) -> tuple[str, ...]:
        """Columns that tell rows of one file apart; empty where every row counts."""
        return _KEYS.get(self.name, ())

    @property
    def known_by(self) -> str | None:
        """Column that stands in for the file's date, for feeds with known_on."""
        return _KNOWN_BY.get(self.name)

    @property
    def happened(self) -> tuple[str, ...]:
        return _HAPPENED.get(self.name, ())

    @property
    def positive(self) -> tuple[str, ...]:
        """Number columns that must be above zero."""
        return _POSITIVE.get(self.name, ())

    @property
    def ordered(self) -> tuple[str, str] | None:
        """Two dates of which the second may not lie before the first."""
        return _ORDERED.get(self.name)

    def of_type(self, *types: str) -> list[str]:
        """Names of the columns whose PostgreSQL type begins with one of `types`."""
        return [c.name for c in self.columns if c.type.startswith(types)]


def feed(name: str, file: str) -> Feed:
    """The feed called `name`. Raises FileError naming the nearest for an unknown one; `file` is for the message."""
    if name in FEEDS:
        return Feed(FEEDS[name])
    near = nearest(name, list(FEEDS))
    cure = f"{f'Did you mean {near[0]}? ' if near else ''}Feeds are {', '.join(FEEDS)}; anything else needs a mapping"
    raise FileError(file, f"unknown feed {name!r}", cure)
