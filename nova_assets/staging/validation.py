"""Each row accepted or refused, once: text to typed values, rules of the catalog, a reason code for every refusal.

Works on whole columns. A value that cannot be read becomes null together with a reason; the first column at fault, in
declared order, names the row's reason. Reason codes: docs/extract_contract.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from nova_assets.staging import styles, vocabulary
from nova_assets.staging.feeds import Feed
from nova_resources.tables import Column

LONGEST_CODE, LONGEST_TEXT = 200, 500
OLDEST_DATE = date(1990, 1, 1)
# The ERP's clock may be in another time zone.
CLOCK_SLACK = timedelta(days=1)
DETAIL_LIMIT = 200

FILE, FILE_DATE = "_file", "_file_date"
REASON, COLUMN, DETAIL = "_reason", "_column", "_detail"
FAULTS = (REASON, COLUMN, DETAIL)

_DTYPES: dict[str, type[pl.DataType]] = {
    "text": pl.String,
    "numeric": pl.Float64,
    "date": pl.Date,
    "boolean": pl.Boolean,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How the text columns of a batch are written: decimal sign by column, declared date formats by column."""

    signs: Mapping[str, styles.DecimalSign] = field(default_factory=dict)
    formats: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def signature(self) -> tuple[object, ...]:
        """Equal for readings under which rows can be validated together."""
        return tuple(sorted(self.signs.items())), tuple((k, tuple(v)) for k, v in sorted(self.formats.items()))


class _Faults:
    """The first fault of each row: reason, column and what was found there."""

    def __init__(self, frame: pl.DataFrame) -> None:
        empty = pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
        # Cloned because scatter writes into the series that it is called on.
        self.reason, self.column, self.detail = (
            (frame[name] if name in frame.columns else empty).clone() for name in FAULTS
        )

    def add(self, where: pl.Series, reason: str, column: str, found: pl.Series | None = None) -> None:
        """Note a fault on those rows that have none yet; null in `where` counts as false."""
        if not where.any():
            return
        rows = (where.fill_null(False) & self.reason.is_null()).arg_true()
        self.reason = self.reason.scatter(rows, reason)
        self.column = self.column.scatter(rows, column)
        if found is not None:
            texts = found.gather(rows).cast(pl.String, strict=False).str.slice(0, DETAIL_LIMIT)
            self.detail = self.detail.scatter(rows, texts)


class Validator:
    """Validates batches of one feed. `today` is the business date, `zone` the time zone of business days."""

    def __init__(self, feed: Feed, today: date, zone: str) -> None:
        self.feed, self._today, self._zone = feed, today, zone
        self._file, self._seen = -1, SeenKeys()

    def check(self, frame: pl.DataFrame, reading: Reading) -> tuple[pl.DataFrame, pl.DataFrame]:
        """(accepted, refused). Both keep the columns that begin with _; accepted has every column of the feed, typed.

        `frame` holds the feed's columns as text or typed, `_file` and `_file_date`. Refused rows carry `_reason`,
        `_column`, `_detail`, which a mapping may have filled already.
        """
        faults = _Faults(frame)
        typed = {column.name: self._typed(frame, column, reading, faults) for column in self.feed.columns}
        if self.feed.ordered:
            first, second = self.feed.ordered
            faults.add(typed[second] < typed[first], "dates_out_of_order", second, typed[second])
        kept = [name for name in frame.columns if name.startswith("_") and name not in FAULTS]
        result = frame.select(kept).with_columns(**typed)
        if self.feed.known_by:
            result = result.with_columns(known_on=pl.coalesce(FILE_DATE, self.feed.known_by))
        if self.feed.key:
            self._refuse_duplicates(result, faults)
        noted = pl.DataFrame([faults.reason.alias(REASON), faults.column.alias(COLUMN), faults.detail.alias(DETAIL)])
        bad = faults.reason.is_not_null()
        return result.filter(~bad) if bad.any() else result, result.select(kept).hstack(noted).filter(bad)

    def _refuse_duplicates(self, result: pl.DataFrame, faults: _Faults) -> None:
        sound = faults.reason.is_null()
        keys = result.filter(sound).select(FILE, *self.feed.key)
        if keys.is_empty():
            return
        hashes, files = keys.hash_rows(seed=0), keys[FILE]
        faults.add(_spread(self._seen.add(hashes), sound), "duplicate_row", self.feed.key[0])
        # Only the last file of a batch goes on in the next one.
        if files[-1] != self._file:
            self._file, self._seen = files[-1], SeenKeys()
            self._seen.add(hashes.filter(files == files[-1]))

    def _typed(self, frame: pl.DataFrame, column: Column, reading: Reading, faults: _Faults) -> pl.Series:
        """The column in its type, its faults noted."""
        kind = column.type.split("(")[0]
        if column.name in frame.columns:
            found = _found(frame[column.name], kind)
            read = {"text": self._text, "numeric": self._number, "date": self._date, "boolean": self._boolean}[kind]
            typed = read(found, column, reading, faults, frame).alias(column.name)
        else:
            typed = pl.Series(column.name, [None], dtype=_DTYPES[kind]).new_from_index(0, frame.height)
        if not column.nullable:
            faults.add(typed.is_null(), "missing_required", column.name)
        return typed

    def _text(self, found: pl.Series, column: Column, _r: Reading, faults: _Faults, _f: pl.DataFrame) -> pl.Series:
        faults.add(found.str.contains("\0", literal=True), "unreadable_text", column.name)
        if column.name == "unit_measure":
            found = vocabulary.units(found)
        if column.values:
            meant = vocabulary.lookup(found, vocabulary.enumeration(column.name, column.values), pl.String)
            faults.add(meant.is_null() & found.is_not_null(), "unknown_value", column.name, found)
            return meant
        longest = LONGEST_CODE if column.name.endswith(("_code", "_no")) else LONGEST_TEXT
        faults.add(found.str.len_chars() > longest, "too_long", column.name, found)
        return found

    def _number(
        self, found: pl.Series, column: Column, reading: Reading, faults: _Faults, _f: pl.DataFrame
    ) -> pl.Series:
        text = found.dtype == pl.String
        read = styles.numbers(found, reading.signs.get(column.name, ".")) if text else found.cast(pl.Float64)
        faults.add(read.is_null() & found.is_not_null(), "unreadable_number", column.name, found)
        faults.add(~read.is_finite(), "non_finite", column.name, found)
        precision, scale = (int(part) for part in re.findall(r"\d+", column.type))
        read = read.round(scale)
        if column.name in self.feed.positive:
            faults.add(read <= 0, "non_positive_quantity", column.name, found)
        if column.minimum is not None:
            reason = "value_out_of_range" if column.minimum else "negative_value"
            faults.add(read < column.minimum, reason, column.name, found)
        largest = 10.0 ** (precision - scale) - 1 if column.maximum is None else column.maximum
        faults.add((read > largest) | (read < -largest), "value_out_of_range", column.name, found)
        return read

    def _date(
        self, found: pl.Series, column: Column, reading: Reading, faults: _Faults, frame: pl.DataFrame
    ) -> pl.Series:
        if found.dtype == pl.String:
            read = styles.dates(found, self._zone, reading.formats.get(column.name, ()))
        else:
            read = _native_dates(found, self._zone)
        faults.add(read.is_null() & found.is_not_null(), "unreadable_date", column.name, found)
        wrong = read < OLDEST_DATE
        if column.name in self.feed.happened:
            latest = frame[FILE_DATE].fill_null(self._today).clip(lower_bound=self._today)
            wrong |= read > latest + CLOCK_SLACK
        faults.add(wrong, "date_out_of_range", column.name, found)
        return read

    def _boolean(self, found: pl.Series, column: Column, _r: Reading, faults: _Faults, _f: pl.DataFrame) -> pl.Series:
        if found.dtype == pl.Boolean:
            return found
        read = vocabulary.lookup(_as_text(found), vocabulary.BOOLEANS, pl.Boolean)
        faults.add(read.is_null() & found.is_not_null(), "unreadable_boolean", column.name, found)
        return read


class SeenKeys:
    """Which 64-bit hashes came before, over any number of batches, in eight bytes each."""

    def __init__(self) -> None:
        self._runs: list[np.ndarray] = []

    def add(self, hashes: pl.Series) -> pl.Series:
        """Boolean for each: it came earlier in this batch or in a batch before."""
        values = hashes.to_numpy()
        seen = ~hashes.is_first_distinct().to_numpy()
        for run in self._runs:
            places = np.minimum(np.searchsorted(run, values), len(run) - 1)
            seen |= run[places] == values
        fresh = np.sort(values[~seen])
        if len(fresh):
            self._runs.append(fresh)
        # Runs at least double from last to first, so that their number stays logarithmic.
        while len(self._runs) > 1 and len(self._runs[-2]) < 2 * len(self._runs[-1]):
            self._runs[-2:] = [np.sort(np.concatenate(self._runs[-2:]), kind="stable")]
        return pl.Series(seen)


def _found(values: pl.Series, kind: str) -> pl.Series:
    """What the file gives: text stripped, nothing for empty text; other types as they are where they make sense."""
    if kind == "text" or values.dtype in (pl.Categorical, pl.Enum, pl.Binary):
        values = _as_text(values)
    if values.dtype == pl.String:
        stripped = values.str.strip_chars()
        return stripped.set(stripped == "", None)
    return values


def _as_text(values: pl.Series) -> pl.Series:
    """Codes that a file keeps as numbers: 17850.0 is "17850"."""
    if values.dtype.is_float():
        whole = values.cast(pl.Int64, strict=False)
        same = (whole.cast(pl.Float64) == values).fill_null(False)
        text = values.fill_nan(None).cast(pl.String)
        return text.zip_with(~same, whole.cast(pl.String))
    return values if values.dtype == pl.String else values.cast(pl.String, strict=False)


def _native_dates(values: pl.Series, zone: str) -> pl.Series:
    """Dates of typed columns; whole numbers may be yyyymmdd. Everything else is unreadable."""
    if values.dtype == pl.Date:
        return values
    if isinstance(values.dtype, pl.Datetime):
        return (values.dt.convert_time_zone(zone) if values.dtype.time_zone else values).dt.date()
    if values.dtype.is_integer():
        return styles.dates(values.cast(pl.String), zone, ("%Y%m%d",))
    return pl.Series(values.name, [None], dtype=pl.Date).new_from_index(0, len(values))


def _spread(values: pl.Series, where: pl.Series) -> pl.Series:
    """`values`, one for each true of `where`, on the length of `where`; false elsewhere."""
    return pl.Series([False], dtype=pl.Boolean).new_from_index(0, len(where)).scatter(where.arg_true(), values)
