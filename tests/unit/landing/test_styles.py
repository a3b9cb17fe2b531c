"""Numbers and dates are read by what the whole column shows; what can be read in two ways follows the written rule."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nova_assets.staging.styles import Evidence, dates, numbers
from nova_resources.landing import FileError

ZONE = "America/Bahia"


def signs(separator: str | None = ";", **columns: list[str | None]) -> dict[str, str]:
    evidence = Evidence(list(columns), [])
    evidence.add(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)))
    return evidence.decimal_signs(separator)


@pytest.mark.parametrize(
    ("values", "sign"),
    [
        (["1.234,5", "7"], ","),
        (["1,234.5", "7"], "."),
        (["1.234.567"], ","),
        (["1,234,567"], "."),
        (["12,5"], ","),
        (["12.5"], "."),
        (["0,125"], ","),
        (["1234,500"], ","),
        (["R$ 1.234,56"], ","),
    ],
)
def test_a_columns_own_values_decide_its_decimal_sign(values: list[str], sign: str) -> None:
    for separator in (";", ",", None):
        assert signs(separator, quantity=values) == {"quantity": sign}


def test_values_that_tell_nothing_follow_the_file_and_then_the_separator() -> None:
    assert signs(";", quantity=["1.234"], price=["2,50"]) == {"quantity": ",", "price": ","}
    assert signs(";", quantity=["1.234"], price=["2.5"]) == {"quantity": ".", "price": "."}
    assert signs(";", quantity=["1.234"]) == {"quantity": ","}
    assert signs(",", quantity=["1.234"]) == {"quantity": "."}


def test_undecided_only_while_values_can_be_read_in_two_ways() -> None:
    evidence = Evidence(["quantity"], ["date"])
    evidence.add(pl.DataFrame({"quantity": ["10"], "date": ["2026-01-02"]}))
    assert evidence.decided
    evidence.add(pl.DataFrame({"quantity": ["1.000"], "date": ["03/04/2026"]}))
    assert not evidence.decided
    evidence.add(pl.DataFrame({"quantity": ["1,5"], "date": ["13/04/2026"]}))
    assert evidence.decided


def test_numbers_of_the_other_style_are_unreadable() -> None:
    written = pl.Series(["1.234,5", "1.234", "12.5", "1,5", "1 234,5", "R$ 7,10", "-3", "5,", "1.23.456", "dois", None])
    assert numbers(written, ",").to_list() == [1234.5, 1234, None, 1.5, 1234.5, 7.1, -3, 5, None, None, None]
    assert numbers(written, ".").to_list() == [None, 1.234, 12.5, None, None, None, -3, None, None, None, None]


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1), st.booleans(), st.sampled_from([",", "."]))
def test_every_number_written_by_an_erp_is_read_back(units: list[int], grouped: bool, sign: str) -> None:
    texts = [f"{n / 100:,.2f}" if grouped else f"{n / 100:.2f}" for n in units]
    if sign == ",":
        texts = [text.translate(str.maketrans(",.", ".,")) for text in texts]
    assert signs(None, n=texts) == {"n": sign}
    assert numbers(pl.Series(texts), sign).to_list() == [n / 100 for n in units]  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31",
        "31/01/2026",
        "31-01-2026",
        "31.01.2026",
        "20260131",
        "2026-01-31 23:59:59",
        "2026-01-31T23:59:59.123",
        "31/01/2026 08:15",
        "2026-02-01T02:30:00Z",
        "2026-01-31T22:00:00-03:00",
    ],
)
def test_forms_of_a_date(text: str) -> None:
    assert dates(pl.Series([text]), ZONE).to_list() == [date(2026, 1, 31)]


@pytest.mark.parametrize(
    "text",
    ["31/02/2026", "2026-13-01", "05/03/26", "26-01-31", "01/31/2026", "00/00/0000", "3O/06/2026", "ontem", "46053"],
)
def test_what_is_no_date_stays_unread(text: str) -> None:
    assert dates(pl.Series([text, "2026-01-31"]), ZONE).to_list() == [None, date(2026, 1, 31)]


def test_ambiguous_dates_are_day_first_by_rule() -> None:
    assert dates(pl.Series(["05/03/2026"]), ZONE).to_list() == [date(2026, 3, 5)]


def test_declared_forms_replace_the_rule() -> None:
    written = pl.Series(["8/27/14", "12/01/2006", "27/08/2014"])
    assert dates(written, ZONE, ["%m/%d/%Y", "%m/%d/%y"]).to_list() == [date(2014, 8, 27), date(2006, 12, 1), None]


def test_a_month_first_column_is_refused_rather_than_half_misread() -> None:
    evidence = Evidence([], ["date"])
    evidence.add(pl.DataFrame({"date": ["01/02/2026", "01/15/2026", "01/20/2026", "02/28/2026"]}))
    with pytest.raises(FileError, match=r"demand\.csv, column date: 3 of 4 dates can only be month/day/year"):
        evidence.refuse_month_first("demand.csv")


def test_single_typing_errors_do_not_make_a_column_month_first() -> None:
    evidence = Evidence([], ["date"])
    evidence.add(pl.DataFrame({"date": ["01/02/2026", "12/31/2025", "05/02/2026"]}))
    evidence.refuse_month_first("demand.csv")
