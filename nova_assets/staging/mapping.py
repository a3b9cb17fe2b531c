"""Mappings: YAML that tells how a foreign layout becomes feeds of the contract. Language: docs/mappings/README.md.

Belongs here: the model, its checks before any file is read, and the transformation of one batch. Expressions are SQL
on the file's own columns, run by polars: they compute values and can reach nothing else.
"""

from __future__ import annotations

import codecs
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from nova_assets.catalog import FEEDS
from nova_assets.staging.feeds import Feed
from nova_assets.staging.headers import nearest
from nova_assets.staging.source import LINE, ROW
from nova_assets.staging.validation import COLUMN, DETAIL, FAULTS, REASON
from nova_resources.errors import PlatformError
from nova_resources.landing import FileError

LONG_ROWS = 1_000_000


class MappingError(PlatformError):
    """A mapping that cannot be used: which file, where in it, what is wrong."""


def _expression(text: str) -> str:
    try:
        pl.sql_expr(text)
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"no SQL expression: {str(error).splitlines()[0]}") from None
    return text


def _encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise ValueError(f"unknown encoding {name!r}") from None


Sql = Annotated[str, AfterValidator(_expression)]
Name = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Layout(_Part):
    """How the file is laid out; what is not given is found out."""

    sheet: str | None = None
    header: bool = True
    skip_rows: Annotated[int, Field(ge=0)] = 0
    encoding: Annotated[str, AfterValidator(_encoding)] | None = None
    separator: Literal[",", ";", "\t", "|"] | None = None
    nulls: list[str] = []


class Constant(_Part):
    """The same value in every row."""

    constant: str | int | float | bool | date


class Derived(_Part):
    """A value computed from the row."""

    sql: Sql


class Periods(_Part):
    """Dates of columns that lie side by side: the first, and the days from each to the next."""

    first: date
    every_days: int = Field(ge=1)


class Unpivot(_Part):
    """Wide to long: each of the columns from `first` to `last` becomes a row, its name or date in `name`."""

    first: Name
    last: Name
    name: Name
    value: Name
    periods: Periods | None = None


class Reject(_Part):
    """Rows to refuse, with the reason that the quarantine shows."""

    when: Sql
    reason: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    column: str | None = None


class Output(_Part):
    """One feed that the file gives."""

    feed: str
    columns: dict[str, Name | Constant | Derived]
    where: Sql | None = None
    unpivot: Unpivot | None = None
    reject: list[Reject] = []
    distinct: list[str] = []
    dates: dict[str, list[str]] = {}
    decimal: Literal[",", "."] | None = None

    @model_validator(mode="after")
    def _known_names(self) -> Output:
        if self.feed not in FEEDS:
            near = nearest(self.feed, list(FEEDS))
            raise ValueError(f"unknown feed {self.feed!r}" + (f"; did you mean {near[0]}?" if near else ""))
        feed = Feed(FEEDS[self.feed])
        known = [column.name for column in feed.columns]
        for name in (*self.columns, *self.dates, *self.distinct):
            if name not in known:
                near = nearest(name, known)
                hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"
                raise ValueError(f"feed {self.feed} has no column {name!r}{hint}")
        missing = [name for name in feed.required if name not in self.columns]
        if missing:
            raise ValueError(f"feed {self.feed} needs {', '.join(missing)}")
        return self


class Mapping(_Part):
    """A whole mapping file. `text` is part of the checksum of what it reads."""

    description: str
    layout: Layout = Layout()
    outputs: list[Output] = Field(min_length=1)
    name: str = ""
    text: str = ""

    def output(self, feed: str) -> Output:
        """The output for one of the feeds that the mapping gives."""
        return next(output for output in self.outputs if output.feed == feed)

    @model_validator(mode="after")
    def _one_output_per_feed(self) -> Mapping:
        feeds = [output.feed for output in self.outputs]
        twice = {feed for feed in feeds if feeds.count(feed) > 1}
        if twice:
            raise ValueError(f"more than one output for {', '.join(sorted(twice))}")
        return self


def read_mapping(path: str | Path) -> Mapping:
    """The mapping in a YAML file. Raises MappingError naming the place and the cure."""
    path = Path(path)
    try:
        text = path.read_text("utf-8")
        content = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MappingError(f"mapping {path}: {error}") from None
    if not isinstance(content, dict):
        raise MappingError(f"mapping {path}: expected keys description, layout, outputs")
    try:
        return Mapping(**{**content, "name": path.stem, "text": text})
    except ValidationError as error:
        faults = "\n".join(f"  {_place(e['loc'])}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors())
        raise MappingError(f"mapping {path}:\n{faults}") from None


def _place(location: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in location) or "file"


class Transformation:
    """One output applied to batches of one file, whose columns are `header`. Raises FileError for a missing column."""

    def __init__(self, output: Output, layout: Layout, file: str, header: list[str], header_line: int) -> None:
        self.output, self._nulls, self._file, self._header = output, layout.nulls, file, header
        self._line = header_line
        unpivot = output.unpivot
        self._wide = self._range(unpivot) if unpivot else []
        made = {unpivot.name, unpivot.value} if unpivot else set()
        used = {n for column in output.columns.values() for n in _sources(column)}
        used |= {n for text in (output.where, *(r.when for r in output.reject)) if text for n in _roots(text)}
        plain = [self._position(name) for name in sorted(used - made)]
        self.positions = sorted({*plain, *self._wide})
        # Rows of a batch that stay in bounds when each becomes many.
        self.rows = max(1, LONG_ROWS // max(1, len(self._wide)))

    def apply(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Columns of the feed, `_line`, `_row` and, where a rule refuses rows, their reasons.

        `frame` has the file's columns at `positions`, named by position.
        """
        try:
            frame = frame.rename({str(position): self._header[position] for position in self.positions})
            frame = frame.with_columns(self._cleaned(name) for name, kind in frame.schema.items() if kind == pl.String)
            frame = self._long(frame) if self.output.unpivot else frame
            if self.output.where:
                frame = frame.filter(pl.sql_expr(self.output.where))
            made = frame.select(LINE, ROW, *(self._column(n, c).alias(n) for n, c in self.output.columns.items()))
            refused = self._refused(frame)
        except pl.exceptions.PolarsError as error:
            problem = f"the mapping's output {self.output.feed} fails: {str(error).splitlines()[0]}"
            cure = "Correct the mapping; TRY_CAST gives NULL where CAST fails"
            raise FileError(self._file, problem, cure) from None
        return made.hstack(refused) if refused is not None else made

    def _refused(self, frame: pl.DataFrame) -> pl.DataFrame | None:
        if not self.output.reject:
            return None
        columns = {name: pl.lit(None, dtype=pl.String) for name in FAULTS}
        for rule in reversed(self.output.reject):
            hit = pl.sql_expr(rule.when).fill_null(False)
            for name, value in ((REASON, rule.reason), (COLUMN, rule.column), (DETAIL, rule.when)):
                columns[name] = pl.when(hit).then(pl.lit(value, dtype=pl.String)).otherwise(columns[name])
        return frame.select(**columns)

    def _long(self, frame: pl.DataFrame) -> pl.DataFrame:
        unpivot = self.output.unpivot
        assert unpivot is not None
        wide = [self._header[position] for position in self._wide]
        kept = [name for name in frame.columns if name not in wide]
        long = frame.unpivot(wide, index=kept, variable_name=unpivot.name, value_name=unpivot.value)
        if not unpivot.periods:
            return long
        days = [unpivot.periods.first + timedelta(days=unpivot.periods.every_days * i) for i in range(len(wide))]
        return long.with_columns(pl.col(unpivot.name).replace_strict(wide, days, return_dtype=pl.Date))

    def _column(self, name: str, source: str | Constant | Derived) -> pl.Expr:
        if isinstance(source, Constant):
            return pl.lit(source.constant)
        if isinstance(source, Derived):
            return pl.sql_expr(source.sql)
        unpivot = self.output.unpivot
        made = unpivot is not None and source in (unpivot.name, unpivot.value)
        return pl.col(source if made else self._header[self._position(source)])

    def _cleaned(self, name: str) -> pl.Expr:
        text = pl.col(name).str.strip_chars()
        return pl.when(~text.is_in(["", *self._nulls])).then(text).alias(name)

    def _range(self, unpivot: Unpivot) -> list[int]:
        first, last = self._position(unpivot.first), self._position(unpivot.last)
        if last < first:
            problem = f"column {unpivot.last!r} stands before {unpivot.first!r}"
            raise FileError(self._file, problem, "Swap first and last in the mapping's unpivot", line=self._line)
        return list(range(first, last + 1))

    def _position(self, name: str) -> int:
        found = [i for i, header in enumerate(self._header) if header.strip() == name]
        if len(found) == 1:
            return found[0]
        near = nearest(name, self._header)
        problem = f"column {name!r} stands there {len(found)} times" if found else f"there is no column {name!r}"
        listed = ", ".join(self._header[:40]) + (" …" if len(self._header) > 40 else "")
        cure = f"Did you mean {near[0]!r}?" if near and not found else "Correct the mapping or the file"
        raise FileError(self._file, f"{problem}; found: {listed}", cure, line=self._line, column=name)


def _roots(text: str) -> list[str]:
    return pl.sql_expr(text).meta.root_names()


def _sources(column: str | Constant | Derived) -> list[str]:
    if isinstance(column, Derived):
        return _roots(column.sql)
    return [column] if isinstance(column, str) else []
