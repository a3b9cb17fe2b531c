"""10,324 delivered order lines of SCMS, with phrases where a date was not known, through the shipped mapping."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from nova_assets.staging.report import LoadReport

UNKNOWN_DATES = {"Date Not Captured", "Pre-PQ Process", "N/A - From RDC"}
SCMS_DATES = {
    "requested_date": ("PQ First Sent to Client Date", ("%m/%d/%Y", "%m/%d/%y")),
    "order_date": ("PO Sent to Vendor Date", ("%m/%d/%Y", "%m/%d/%y")),
    "expected_date": ("Scheduled Delivery Date", ("%d-%b-%y",)),
    "received_date": ("Delivered to Client Date", ("%d-%b-%y",)),
}


@pytest.fixture(scope="module")
def platform(new_graph) -> Iterator:
    with new_graph(date(2023, 1, 1)) as platform:
        yield platform


@pytest.fixture(scope="module")
def report(platform, shared_data: Path) -> LoadReport:
    return platform.load(shared_data / "scms" / "delivery_history.csv", "scms")


@pytest.fixture(scope="module")
def lines(shared_data: Path) -> pd.DataFrame:
    file = pd.read_csv(shared_data / "scms" / "delivery_history.csv", encoding="latin-1", dtype=str)
    return file.rename(columns={file.columns[0]: "ID"}).set_index("ID")


@pytest.fixture(scope="module")
def read(lines: pd.DataFrame) -> pd.DataFrame:
    """The four dates as pandas reads them; nothing where it cannot."""
    return pd.DataFrame({name: _dates(lines[column], forms) for name, (column, forms) in SCMS_DATES.items()})


def test_counts_add_up(platform, report: LoadReport, lines: pd.DataFrame, read: pd.DataFrame) -> None:
    platform.assert_adds_up(report)
    orders = report.by_feed["purchase_orders"]
    shipped = (lines["Fulfill Via"] == "From RDC") & lines["PO Sent to Vendor Date"].isin(UNKNOWN_DATES)
    assert orders.rows_in == len(lines) == 10_324
    assert orders.reasons["shipped_from_stock"] == shipped.sum()
    assert orders.rows_accepted == read["order_date"].notna().sum()


def test_a_date_is_read_as_written_or_empty_by_rule_or_its_row_is_refused(
    platform, report: LoadReport, lines: pd.DataFrame, read: pd.DataFrame
) -> None:
    names = list(SCMS_DATES)
    found = platform.rows(f"SELECT line_no, {', '.join(names)} FROM staging.purchase_orders")  # noqa: S608
    taken = pd.DataFrame(found, columns=["ID", *names]).set_index("ID").astype(object)
    expected = read.loc[taken.index].astype(object)
    pd.testing.assert_frame_equal(taken.where(taken.notna(), None), expected.where(expected.notna(), None))
    # Empty among the accepted is only what one of the phrases stands for; everything else is in quarantine.
    raw = lines.loc[taken.index, [column for column, _ in SCMS_DATES.values()]]
    assert raw.where(taken.isna().to_numpy()).stack().isin(UNKNOWN_DATES).all()
    refused = platform.rows("SELECT count(*) FROM staging.rejects WHERE feed = 'purchase_orders'")
    assert len(taken) + refused[0][0] == len(lines)


def _dates(texts: pd.Series, forms: tuple[str, ...]) -> pd.Series:
    """Dates in one of some forms, one way or not at all."""
    clean = texts.str.replace("Sept", "Sep")
    read = [pd.to_datetime(clean, format=form, errors="coerce") for form in forms]
    first = read[0]
    for other in read[1:]:
        first = first.fillna(other)
    return first.dt.date
