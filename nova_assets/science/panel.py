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
        )


def build_panel(frame: object, freq: str, as_of: dt.date | None = None) -> Panel:
    """Panel from a long frame (polars, pandas or Arrow) of series_id, date, quantity, optional available and statics.

    Rows after `as_of` (default: the last date) are ignored before anything is derived from them. Rows of one series and
    period are added up; a period without a row is a zero from the series' first row on; `available` false or a null
    quantity means that demand was not observed. Every other column is static: its last known value is kept.
    Raises PanelError for missing columns, unreadable or negative values, or no rows at all.
    """
    rows = _checked(_to_polars(frame))
    if as_of is not None:
        rows = rows.filter(pl.col("date") <= as_of)
    if rows.is_empty():
        raise PanelError(f"no rows on or before {as_of}: choose a later as-of date or check the date column")
    last_date = as_of or rows["date"].max()
    assert isinstance(last_date, dt.date)
    periods, labelled = Periods.of(freq, rows["date"].unique().to_numpy().astype("datetime64[D]"))
    end = periods.last_known(last_date, labelled)
    rows = rows.with_columns(period=pl.Series(periods.index(rows["date"].to_numpy().astype("datetime64[D]"))))
    rows = rows.filter(pl.col("period") <= end)
    if rows.is_empty():
        raise PanelError(f"no complete {freq} period on or before {last_date}: choose a later as-of date")
    return _dense(rows, periods, end, last_date)


def _dense(rows: pl.DataFrame, periods: Periods, end: int, as_of: dt.date) -> Panel:
    names = [c for c in rows.columns if c not in (*REQUIRED, "available", "period")]
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
    return Panel(ids, demand, observed, first - begin, dates, periods.freq, as_of, statics)


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
    known = pl.col("available") & pl.col("quantity").is_not_null()
    return typed.with_columns(available=known, quantity=pl.col("quantity").fill_null(0.0))


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
