"""Panel: demand of many series over one calendar, dense, with what was observed and what was not.

Everything in this package reads demand from here and only from here. Cutting a panel (`until`) is the one way to look
at the past, so a model that is given a cut panel cannot see the future.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nova_assets.science import randomness
from nova_assets.science.periods import DAYS_PER_PERIOD, Days, Periods

Floats = NDArray[np.float64]
REQUIRED = ("series_id", "date", "quantity")


class PanelError(ValueError):
    """Input that cannot become a panel; the message names the column and row and says how to mend it."""


@dataclass(frozen=True)
class Panel:
    """n series x T periods, ordered by series id; the last period is the last one known on the as-of date."""

    ids: NDArray[np.object_]  # (n,) series ids as text, ascending
    demand: Floats  # (n, T) units per period; 0 where not observed
    observed: NDArray[np.bool_]  # (n, T) False before the first row and where demand could not be seen (stock-out)
    start: NDArray[np.int64]  # (n,) column of each series' first row: leading zeros stay from there
    dates: Days  # (T,) first day of each period
    freq: str  # D, W or MS
    as_of: dt.date  # business date on which the panel is known
    statics: dict[str, NDArray[np.object_]] = field(default_factory=dict)  # name -> (n,), text or None
    known: dict[str, Floats] = field(default_factory=dict)
    """Name -> (n, T + F) what is known ahead, F periods beyond the last one; NaN where nothing was told. Cuts keep all
    of it: it was known at their dates too."""

    memo: dict[tuple, Any] = field(init=False, default_factory=dict, repr=False, compare=False)
    """What models derive from this panel and share: pure functions of it, by purpose. A new panel starts empty."""

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def periods(self) -> int:
        return self.demand.shape[1]

    @property
    def days_per_period(self) -> float:
        return DAYS_PER_PERIOD[self.freq]

    def keys(self, *context: object) -> NDArray[np.uint64]:
        """(n,) random keys for this as-of period and a context (seed, purpose), see `randomness`."""
        return randomness.series_keys(self.ids, self.dates[-1], *context)

    def sums(self, begin: int, end: int) -> Floats:
        """(n,) demand over columns begin..end-1, scaled up for unobserved periods; NaN where under 80 % was seen."""
        seen = self.observed[:, begin:end].sum(axis=1)
        total = self.demand[:, begin:end].sum(axis=1)
        length = end - begin
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(seen >= 0.8 * length, total * length / seen, np.nan)

    def static(self, name: str | None, default: str = "") -> NDArray[np.object_]:
        """(n,) static column as text, `default` where the column or the value is missing."""
        if name is None or name not in self.statics:
            return np.full(len(self), default, dtype=object)
        column = self.statics[name]
        return np.where(column == None, default, column).astype(object)  # noqa: E711 (elementwise)

    def until(self, periods: int) -> Panel:
        """The panel as it was known `periods` columns from its start: later columns and unborn series are gone."""
        if not 0 < periods <= self.periods:
            raise PanelError(f"cannot cut a panel of {self.periods} periods at {periods}")
        if periods == self.periods:
            return self
        whole = self.memo.get(("whole",), self)
        if ("until", periods) in whole.memo:
            return whole.memo["until", periods]
        alive = self.start < periods
        cut = self if alive.all() else self.take(alive)
        earlier = replace(
            cut,
            demand=cut.demand[:, :periods],
            observed=cut.observed[:, :periods],
            dates=self.dates[:periods],
            as_of=self.dates[periods - 1].astype(dt.date),
        )
        # A cut of a cut is a cut of the whole: the backtest's origins and the models' own holdouts meet here.
        whole.memo["until", periods] = earlier
        earlier.memo["whole",] = whole
        return earlier

    def take(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Panel:
        """The panel of some rows (mask or positions in ascending order)."""
        return replace(
            self,
            ids=self.ids[rows],
            demand=self.demand[rows],
            observed=self.observed[rows],
            start=self.start[rows],
            statics={name: column[rows] for name, column in self.statics.items()},
            known={name: values[rows] for name, values in self.known.items()},
        )


def build_panel(frame: object, freq: str, as_of: dt.date | None = None) -> Panel:
    """Panel from a long frame (polars, pandas or Arrow) of series_id, date, quantity, optional available and statics.

    Rows of one series and period are added up; a period without a row is a zero from the series' first row on;
    `available` false or a null quantity means that demand was not observed. Rows after `as_of` are ignored before
    anything is derived from them, but for those without a quantity: they tell what is known ahead, and the numeric
    columns that they fill are `known` where they vary within a series. Every other column is static: its last value by
    the as-of is kept. The default of `as_of` is the last date; the last one with a quantity when more is known ahead.
    Raises PanelError for missing columns, unreadable or negative values, or no rows at all.
    """
    rows = _checked(_to_polars(frame))
    last_date = as_of or _last_date(rows)
    ahead = _known_ahead(rows, last_date)
    rows = rows.filter(pl.col("date") <= last_date)
    if rows.is_empty():
        raise PanelError(f"no rows on or before {as_of}: choose a later as-of date or check the date column")
    periods, labelled = Periods.of(freq, rows["date"].unique().to_numpy().astype("datetime64[D]"))
    end = periods.last_known(last_date, labelled)
    rows, ahead = (
        part.with_columns(period=pl.Series(periods.index(part["date"].to_numpy().astype("datetime64[D]"))))
        for part in (rows, ahead)
    )
    rows = rows.filter(pl.col("period") <= end)
    if rows.is_empty():
        raise PanelError(f"no complete {freq} period on or before {last_date}: choose a later as-of date")
    statics = [name for name in _extra(rows) if name not in ahead.columns]
    return _dense(rows, periods, end, last_date, statics, ahead)


def _extra(rows: pl.DataFrame) -> list[str]:
    return [name for name in rows.columns if name not in (*REQUIRED, "available", "told", "period")]


def _last_date(rows: pl.DataFrame) -> dt.date:
    told = rows.filter("told")["date"].max()
    last = told if told is not None and len(_known_ahead(rows, told).columns) > len(_CELL) else rows["date"].max()  # type: ignore[arg-type]
    assert isinstance(last, dt.date)
    return last


_CELL = ("series_id", "date")


def _known_ahead(rows: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """series_id, date and, as numbers, the columns that rows without a quantity fill after the as-of."""
    later = pl.col("date") > as_of
    if rows.filter(later & ~pl.col("told")).is_empty():
        return rows.select(_CELL).clear()
    every = rows.filter(~later | ~pl.col("told"))
    numbers = every.with_columns(pl.col(name).cast(pl.Float64, strict=False).fill_nan(None) for name in _extra(rows))
    future = every.filter(later)
    found = [
        name
        for name in _extra(rows)
        if future[name].is_not_null().any()
        and not (every[name].is_not_null() & numbers[name].is_null()).any()
        and (numbers.group_by("series_id").agg(pl.col(name).n_unique())[name] > 1).any()
    ]
    return numbers.select(*_CELL, *found)


def _dense(
    rows: pl.DataFrame, periods: Periods, end: int, as_of: dt.date, names: list[str], ahead: pl.DataFrame
) -> Panel:
    series = (
        rows.sort("date")
        .group_by("series_id", maintain_order=True)
        .agg(pl.col("period").min().alias("first"), *(pl.col(c).drop_nulls().last() for c in names))
        .sort("series_id")
    )
    cells = rows.group_by("series_id", "period").agg(pl.col("quantity").sum(), pl.col("available").all())
    ids = series["series_id"].to_numpy().astype(object)
    row = cells["series_id"].replace_strict(series["series_id"], np.arange(len(ids))).to_numpy()
    first = series["first"].to_numpy()
    begin = int(first.min())
    width = end - begin + 1
    column = cells["period"].to_numpy() - begin
    demand = np.zeros((len(ids), width))
    available = cells["available"].to_numpy()
    demand[row, column] = np.where(available, cells["quantity"].to_numpy(), 0.0)
    observed = np.arange(width)[None, :] >= (first - begin)[:, None]
    observed[row, column] &= available
    statics = {c: series[c].cast(pl.String).to_numpy().astype(object) for c in names}
    dates = periods.labels(np.arange(begin, end + 1))
    known = _wide(ahead, series["series_id"], begin)
    return Panel(ids, demand, observed, first - begin, dates, periods.freq, as_of, statics, known)


def _wide(ahead: pl.DataFrame, ids: pl.Series, begin: int) -> dict[str, Floats]:
    """Name -> (n, T + F) of the long frame of what is known ahead; series without a past are left out."""
    names = [name for name in ahead.columns if name not in (*_CELL, "period")]
    if not names:
        return {}
    ahead = ahead.filter(pl.col("series_id").is_in(ids.implode()) & (pl.col("period") >= begin))
    ahead = ahead.group_by("series_id", "period").agg(pl.col(names).mean())
    row = ahead["series_id"].replace_strict(ids, np.arange(len(ids))).to_numpy()
    column = ahead["period"].to_numpy() - begin
    shape = (len(ids), int(column.max()) + 1)
    found = {name: np.full(shape, np.nan) for name in names}
    for name, values in found.items():
        values[row, column] = ahead[name].fill_null(np.nan).to_numpy()
    return found


def _to_polars(frame: object) -> pl.DataFrame:
    if isinstance(frame, pl.DataFrame):
        return frame
    if hasattr(frame, "to_batches"):  # pyarrow
        return pl.DataFrame(pl.from_arrow(frame))
    return pl.from_pandas(frame)  # type: ignore[arg-type]


def _checked(frame: pl.DataFrame) -> pl.DataFrame:
    """Required columns present and typed; row numbers in messages count data rows from 1."""
    missing = [name for name in REQUIRED if name not in frame.columns]
    if missing:
        raise PanelError(f"column {missing[0]!r} is missing; found {', '.join(frame.columns)}: rename or add it")
    if "available" not in frame.columns:
        frame = frame.with_columns(available=pl.lit(True))
    date = pl.col("date").cast(pl.String).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    if frame["date"].dtype.is_temporal():
        date = pl.col("date").cast(pl.Date)
    flag = pl.col("available")
    if frame["available"].dtype == pl.String:
        flag = flag.str.to_lowercase().is_in(["false", "f", "0", "no", "n"]).not_()
    typed = frame.with_columns(
        pl.col("series_id").cast(pl.String),
        date.alias("date"),
        pl.col("quantity").cast(pl.Float64, strict=False).fill_nan(None),
        flag.cast(pl.Boolean).fill_null(True).alias("available"),
    )
    _reject(frame, typed["series_id"].is_null(), "series_id", "is empty", "every row needs a series id")
    _reject(frame, typed["date"].is_null(), "date", "is not a date", "write dates as YYYY-MM-DD")
    said = frame["quantity"].cast(pl.String).str.to_lowercase()
    unreadable = typed["quantity"].is_null() & said.is_not_null() & said.is_in(["", "nan", "null", "none"]).not_()
    _reject(frame, unreadable, "quantity", "is not a number", "use a decimal point and no thousands separator")
    bad = (typed["quantity"] < 0) | typed["quantity"].is_infinite()
    _reject(frame, bad.fill_null(False), "quantity", "is negative or infinite", "net returns or drop the row")
    given = pl.col("quantity").is_not_null()
    told = given | ~pl.col("available")  # a row that is neither says something of other columns alone
    return typed.with_columns(
        available=given & pl.col("available"), told=told, quantity=pl.col("quantity").fill_null(0.0)
    )


def _reject(frame: pl.DataFrame, wrong: pl.Series, column: str, what: str, cure: str) -> None:
    if wrong.any():
        row = int(wrong.arg_true()[0])
        count = int(wrong.sum())
        more = f" ({count} such rows)" if count > 1 else ""
        raise PanelError(f"row {row + 1}: {column} {frame[column][row]!r} {what}{more}: {cure}")


def cumulative(values: NDArray) -> NDArray:
    """(n, T+1) running totals along the columns, starting at 0."""
    dtype = np.int64 if values.dtype == bool else float
    out = np.zeros((values.shape[0], values.shape[1] + 1), dtype=dtype)
    np.cumsum(values, axis=1, out=out[:, 1:])
    return out
