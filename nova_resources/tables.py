"""How a table is described to the database: the types that every declaration in the catalog is made of.

Only shapes live here. Which tables exist is the catalog's business; how rows reach them is `window.py`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum


class Stage(StrEnum):
    """Steps of the pipeline, in the order in which the asset graph reads from left to right."""

    STAGING = "staging"
    CORE = "core"
    FEATURES = "features"
    FORECASTING = "forecasting"
    PLANNING = "planning"
    KPIS = "kpis"
    SERVING = "serving"
    SUPPORT = "support"


class Grid(StrEnum):
    """How a table is cut into windows. NONE: written whole. DAY and MONTH: one window per business day or month."""

    NONE = "none"
    DAY = "day"
    MONTH = "month"


class Reach(StrEnum):
    """Which windows of a table a window of its upstream feeds.

    SAME: the window of the same date. UNTIL: every as-of at or after the date (a trailing history).
    ALL: the whole table, whatever the date.
    """

    SAME = "same"
    UNTIL = "until"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: PostgreSQL type, meaning, unit, and the rules that each of its values meets.

    `references` names `schema.table.column`; `minimum` and `maximum` are inclusive; `values` is the closed list.
    """

    name: str
    type: str
    description: str
    nullable: bool = False
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] | None = None
    references: str | None = None
    default: str | None = None
    identity: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A row predicate in SQL over the table's own columns that no row may make false (NULL counts as met)."""

    name: str
    predicate: str
    description: str


@dataclass(frozen=True, slots=True)
class Index:
    """A secondary index. `method` is btree, gin or brin; `where` makes it partial."""

    columns: tuple[str, ...]
    method: str = "btree"
    unique: bool = False
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Upstream:
    """A table that this one is computed from, and which of this table's windows its windows feed.

    `offset_months` shifts a monthly upstream: -1 means that day D reads the month before D's.
    """

    table: str
    reach: Reach = Reach.SAME
    offset_months: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """One table or materialized view of the platform: the single declaration that everything else is derived from.

    `key` is the primary key (for a materialized view: its unique index). `partition` is the date column of the monthly
    RANGE partitions, or None. `window` is the date column that windows are cut on (the same column where the table is
    partitioned), `grid` how finely.
    """

    schema: str
    name: str
    description: str
    grain: str
    stage: Stage
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    partition: str | None = None
    window: str | None = None
    grid: Grid = Grid.NONE
    indexes: tuple[Index, ...] = ()
    rules: tuple[Rule, ...] = ()
    upstream: tuple[Upstream, ...] = ()
    materialized_view: bool = False
    owner: str = "planning@novacorrente.example"
    kinds: tuple[str, ...] = ("postgres", "sql")
    foreign_keys: bool = False
    asset: bool = True
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def qualified(self) -> str:
        """`schema.name`, the table's one name everywhere outside SQL."""
        return f"{self.schema}.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in declared order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError names the table when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.qualified} has no column {name!r}")


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A half-open range of business dates, [start, end)."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"empty window: {self.start} to {self.end}")

    @classmethod
    def day(cls, day: date) -> Window:
        """The window of one business day."""
        return cls(day, day + timedelta(days=1))

    @classmethod
    def month_of(cls, day: date) -> Window:
        """The whole calendar month that holds `day`."""
        start = day.replace(day=1)
        return cls(start, (start + timedelta(days=32)).replace(day=1))

    @property
    def days(self) -> list[date]:
        """Every business date in the window, ascending."""
        return [self.start + timedelta(days=n) for n in range((self.end - self.start).days)]

    def months(self) -> list[Window]:
        """The window cut at month borders, ascending."""
        pieces, start = [], self.start
        while start < self.end:
            stop = min(Window.month_of(start).end, self.end)
            pieces.append(Window(start, stop))
            start = stop
        return pieces

    def is_whole_month(self) -> bool:
        """True when the window is exactly one calendar month."""
        return self == Window.month_of(self.start)

    def __str__(self) -> str:
        return f"[{self.start}, {self.end})"
