"""How numbers and dates are written, decided for a whole column on its evidence and never row by row.

Numbers: `1.234,5` and `1,234.5` differ only in which sign is the decimal one. A column's own values decide; values such
as `1.234` tell nothing, then the file's other columns decide, then the separator (`;` goes with the decimal comma).
Dates: ISO forms and dd/mm/yyyy. Month-first dates are never accepted unless a mapping declares them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import polars as pl

from nova_resources.landing import FileError

DecimalSign = Literal[",", "."]

_PREFIX = r"^\s*(?:R\$\s*)?[+-]?"
_EVIDENCE = (
    _PREFIX + r"(?:\d{1,3}(?:\G\d{3})+\D\d+|\d{1,3}(?:\G\d{3}){2,}|\d+\D(?:\d{1,2}|\d{4,})|\d{4,}\D\d{3}|0\D\d+)\s*$"
)
_GROUPED = _PREFIX + r"\d{1,3}(?:[\G\s\u{a0}]\d{3})+(?:\D\d+)?$"


def _sum(before: tuple[int, int, int] | None, seen: Sequence[int]) -> tuple[int, int, int]:
    a, b, c = before or (0, 0, 0)
    return a + seen[0], b + seen[1], c + seen[2]


def _written(pattern: str, sign: DecimalSign) -> str:
    return pattern.replace(r"\G", r"\." if sign == "," else ",").replace(r"\D", r"\." if sign == "." else ",")


@dataclass(slots=True)
class Evidence:
    """What the text columns of one file have shown so far. Counts are values."""

    numbers: Sequence[str]
    dates: Sequence[str]
    signs: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    slashed: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def add(self, frame: pl.DataFrame) -> None:
        """Look at one more batch. Columns that are not text decide nothing."""
        numbers, dates = (self._texts(frame, names) for names in (self.numbers, self.dates))
        questions = [test for name in numbers for test in _sign_tests(pl.col(name))]
        questions += [test for name in dates for test in _order_tests(pl.col(name))]
        if not questions:
            return
        answers = frame.select(test.sum().alias(str(i)) for i, test in enumerate(questions)).row(0)
        for i, name in enumerate([*numbers, *dates]):
            seen = self.signs if name in numbers else self.slashed
            seen[name] = _sum(seen.get(name), answers[3 * i : 3 * i + 3])

    @property
    def decided(self) -> bool:
        """False while a column has values that can be read in two ways and none that settles it."""
        return all(not total or one + other for total, one, other in (*self.signs.values(), *self.slashed.values()))

    def decimal_signs(self, separator: str | None) -> dict[str, DecimalSign]:
        """The decimal sign of each number column."""
        comma, point = (sum(counts[side] for counts in self.signs.values()) for side in (1, 2))
        by_rule: DecimalSign = "," if separator == ";" else "."
        common: DecimalSign = by_rule if comma == point else "," if comma > point else "."
        own = {name: self.signs.get(name, (0, 0, 0)) for name in self.numbers}
        return {name: common if c == p else "," if c > p else "." for name, (_, c, p) in own.items()}

    def refuse_month_first(self, file: str) -> None:
        """Raise FileError for a date column that is plainly mm/dd/yyyy: half of its rows would be read wrongly."""
        for name, (total, day_first, month_first) in self.slashed.items():
            if not day_first and month_first >= 3 and month_first * 5 > total:
                raise FileError(
                    file,
                    f"{month_first} of {total} dates can only be month/day/year",
                    'Declare the form in a mapping: dates: {column: ["%m/%d/%Y"]}',
                    column=name,
                )

    @staticmethod
    def _texts(frame: pl.DataFrame, names: Sequence[str]) -> list[str]:
        return [name for name in names if frame.schema.get(name) == pl.String]


def _sign_tests(values: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Has a decimal or grouping sign; shows a decimal comma; shows a decimal point."""
    comma, point = (values.str.contains(_written(_EVIDENCE, sign)) for sign in (",", "."))
    return values.str.contains("[.,]"), comma, point


def _order_tests(values: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Has the form n/n/yyyy; can only be day first; can only be month first."""
    parts = values.str.extract_groups(r"^\s*(\d{1,2})/(\d{1,2})/\d{4}").struct
    first, second = parts.field("1").cast(pl.Int16), parts.field("2").cast(pl.Int16)
    return first.is_not_null(), first > 12, (first <= 12) & (second > 12)


def numbers(values: pl.Series, sign: DecimalSign) -> pl.Series:
    """Float64 of stripped text; null where the text is no number in this style. NaN and infinities come through."""
    if sign == ",":
        usual = values.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
        parsed = usual.set(values.str.contains(".", literal=True), None)
    else:
        parsed = values.cast(pl.Float64, strict=False)
    missed = parsed.is_null() & values.is_not_null()
    if not missed.any():
        return parsed
    rest = values.filter(missed)
    plain = rest.str.replace(r"^R\$\s*", "")
    grouped = plain.str.contains(_written(_GROUPED, sign))
    ungrouped = plain.str.replace_all(r"[.\s\u{a0}]" if sign == "," else r"[,\s\u{a0}]", "")
    foreign = plain.str.contains("." if sign == "," else ",", literal=True)
    bare = pl.select(pl.when(grouped).then(ungrouped).when(~foreign).then(plain)).to_series()
    read = bare.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    return _patched(parsed, missed, read)


def dates(values: pl.Series, zone: str, formats: Sequence[str] = ()) -> pl.Series:
    """Date of stripped text; null where the text has none of the forms.

    Forms: `formats` if given, else ISO (with or without time, also yyyymmdd) and dd/mm/yyyy (also with - or .).
    A time with an offset counts in the business time zone `zone`.
    """
    parsed = pl.Series(values.name, [None], dtype=pl.Date).new_from_index(0, len(values))
    for form in formats or ("%Y-%m-%d", "%d/%m/%Y"):
        parsed = _or(parsed, values, lambda rest, form=form: _with_full_year(rest.str.to_date(form, strict=False)))
    return parsed if formats else _or(parsed, values, lambda rest: _with_full_year(_rarer_dates(rest, zone)))


def _with_full_year(dates: pl.Series) -> pl.Series:
    """Without the dates that came of reading two digits as a whole year."""
    return dates.set(dates < date(1000, 1, 1), None)


def _rarer_dates(values: pl.Series, zone: str) -> pl.Series:
    stem = values.str.extract(r"^(\S+)[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
    parsed = _or(stem.str.to_date("%Y-%m-%d", strict=False), stem, lambda s: s.str.to_date("%d/%m/%Y", strict=False))
    short = pl.select(pl.when(values.str.contains(r"^(?:\d{1,2}[.-]\d{1,2}[.-]\d{4})$")).then(values)).to_series()
    parsed = _or(parsed, short, lambda s: s.str.replace_all("[.-]", "/").str.to_date("%d/%m/%Y", strict=False))
    compact = pl.select(pl.when(values.str.contains(r"^\d{8}$")).then(values)).to_series()
    parsed = _or(parsed, compact, lambda s: s.str.to_date("%Y%m%d", strict=False))
    zoned = pl.select(pl.when(values.str.contains(r"\d{2}:\d{2}.*(?:Z|[+-]\d{2}:?\d{2})$")).then(values)).to_series()
    return _or(
        parsed,
        zoned,
        lambda s: s.str.to_datetime(time_zone="UTC", strict=False).dt.convert_time_zone(zone).dt.date(),
    )


def _or(parsed: pl.Series, values: pl.Series, read) -> pl.Series:  # noqa: ANN001 - a function of a Series
    """`parsed`, and what `read` makes of the values that are not parsed yet."""
    missed = parsed.is_null() & values.is_not_null()
    return _patched(parsed, missed, read(values.filter(missed))) if missed.any() else parsed


def _patched(values: pl.Series, mask: pl.Series, replacements: pl.Series) -> pl.Series:
    if mask.all():
        return replacements.rename(values.name)
    return values.clone().scatter(mask.arg_true(), replacements)  # scatter writes into its own series
