"""3,451 spare parts of MAN with 150 weeks of demand side by side, through the shipped mapping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from nova_assets.staging.report import LoadReport


@pytest.fixture(scope="module")
def platform(new_graph) -> Iterator:
    with new_graph(date(2023, 1, 1)) as platform:
        yield platform


@pytest.fixture(scope="module")
def report(platform, shared_data: Path) -> LoadReport:
    return platform.load(shared_data / "man" / "MAN.xlsx", "man")


@pytest.fixture(scope="module")
def sheet(shared_data: Path) -> pd.DataFrame:
    """Parts by rows, columns by position; what stands below the last part is no part."""
    whole = pd.read_excel(shared_data / "man" / "MAN.xlsx", sheet_name="Data", header=None, engine="calamine")
    return whole.iloc[6:][whole.iloc[6:][0].notna()]


def test_counts_add_up(platform, report: LoadReport) -> None:
    platform.assert_adds_up(report)
    accepted = {name: feed.rows_accepted for name, feed in report.by_feed.items()}
    assert accepted.pop("demand") == report.by_feed["demand"].rows_in
    assert accepted == {"items": 3451, "item_sources": 3451, "planning_rules": 3451, "suppliers": 2, "sites": 1}


def test_every_week_of_every_part_arrives(platform, report: LoadReport, sheet: pd.DataFrame) -> None:
    weeks = sheet.iloc[:, 9:159].astype(float)
    weeks.columns = pd.date_range("2012-01-08", periods=150, freq="7D").date
    weeks.index = sheet[0].astype(int).astype(str)
    sold = weeks.stack()
    # Quantities are kept to four places.
    expected = sold[sold != 0].round(4)
    found = platform.rows("SELECT item_code, date, quantity FROM staging.demand WHERE site_code = 'MAN'")
    assert {(item, day): float(quantity) for item, day, quantity in found} == expected.to_dict()


def test_the_terms_of_every_part_arrive(platform, report: LoadReport, sheet: pd.DataFrame) -> None:
    found = platform.rows("SELECT lead_time_days::int, count(*)::int FROM staging.item_sources GROUP BY 1")
    assert dict(found) == {7 * weeks: count for weeks, count in Counter(sheet[5].astype(int)).items()}
    rates = "SELECT DISTINCT holding_rate_year::float, fixed_order_cost::float FROM staging.planning_rules"
    assert platform.rows(rates) == [(0.2, 5.0)]
