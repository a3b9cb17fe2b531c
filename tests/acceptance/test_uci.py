"""A year of a real shop, dirt included: nothing lost, sums to the unit, a forecast for every active series."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nova_assets.ledger_state import assets
from nova_resources import ledger
from nova_resources.tables import Grid, Window

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]

AS_OF, LAST_DAY = date(2011, 11, 30), date(2011, 12, 9)
TARGETS = {"PROTECTION", "D30", "D60", "D90"}


@pytest.fixture(scope="module")
def source(shared_data: Path) -> pd.DataFrame:
    frame = pd.read_parquet(shared_data / "uci_online_retail" / "online_retail.parquet")
    return frame.assign(day=pd.to_datetime(frame["InvoiceDate"]).dt.date)


@pytest.fixture(scope="module")
def report(platform, shared_data: Path):
    return platform.load(shared_data / "uci_online_retail" / "online_retail.parquet", "uci_online_retail")


@pytest.fixture(scope="module")
def platform(new_graph) -> Iterator:
    with new_graph(date(2023, 1, 1)) as platform:
        yield platform


@pytest.fixture(scope="module")
def computed(platform, report):
    """The platform with every table computed for the as-of, and the facts of the days after it."""
    platform.materialize(AS_OF)
    platform.backfill(AS_OF, LAST_DAY, "core.fact_demand_daily")
    return platform


def test_every_row_is_accepted_or_refused_with_its_reason(platform, report, source: pd.DataFrame) -> None:
    demand = report.by_feed["demand"]
    refused = int((source["Quantity"] <= 0).sum())
    assert len(source) == 541_909
    assert (demand.rows_in, demand.rows_accepted) == (len(source), len(source) - refused)
    assert demand.reasons == {"non_positive_quantity": refused}
    assert platform.rows("SELECT count(*), sum(quantity) FROM staging.demand") == [
        (len(source) - refused, int(source.loc[source["Quantity"] > 0, "Quantity"].sum()))
    ]
    assert platform.rows("SELECT reason_code, count(*) FROM staging.rejects GROUP BY 1") == [
        ("non_positive_quantity", refused)
    ]


def test_monthly_quantities_equal_an_independent_sum(computed, source: pd.DataFrame) -> None:
    sold = source[source["Quantity"] > 0]
    expected = sold.groupby([pd.to_datetime(sold["day"]).dt.strftime("%Y-%m"), "Country"])["Quantity"].sum()
    found = computed.rows(
        """SELECT to_char(full_date, 'YYYY-MM'), site_code, sum(quantity)
        FROM core.fact_demand_daily JOIN core.dim_site USING (site_id) GROUP BY 1, 2"""
    )
    assert {(month, country): int(quantity) for month, country, quantity in found} == expected.to_dict()


def test_every_table_is_computed_for_the_date(computed) -> None:
    daily = [table for table in assets() if table.grid is Grid.DAY and table.schema != "staging"]
    assert ledger.missing_windows(computed.db, daily, Window.day(AS_OF)) == []
    others = [table.qualified for table in assets() if table.grid is Grid.NONE and table.schema != "staging"]
    assert set(others) <= set(ledger.latest(computed.db))


def test_every_active_series_has_sound_forecasts(computed, source: pd.DataFrame) -> None:
    found = computed.rows(
        """SELECT item_code, site_code, target, model, mean, quantile_levels, quantile_values
        FROM analytics.forecasts JOIN core.dim_item USING (item_id) JOIN core.dim_site USING (site_id)
        WHERE as_of = '2011-11-30'"""
    )
    forecasts = pd.DataFrame(found, columns=["item", "site", "target", "model", "mean", "levels", "values"])
    targets = forecasts.groupby(["item", "site"])["target"].agg(list)
    assert set(targets.index) == _active(source)
    assert all(set(given) == TARGETS and len(given) == len(TARGETS) for given in targets)
    values, levels = np.array(forecasts["values"].tolist()), np.array(forecasts["levels"].tolist())
    assert np.isfinite(values).all()
    assert (values >= 0).all()
    assert (np.diff(values, axis=1) >= 0).all()
    assert (np.diff(levels, axis=1) > 0).all()
    assert np.isfinite(forecasts["mean"]).all()
    assert forecasts["mean"].ge(0).all()


def _active(source: pd.DataFrame) -> set[tuple[str, str]]:
    """Article and country sold up to the as-of; odd stock codes are services, which are never stocked."""
    sold = source[(source["Quantity"] > 0) & (source["day"] <= AS_OF)]
    code = sold["StockCode"].str.upper()
    stocked = code.str.match(r"\d{5}|DCGS|PADS$")
    return set(zip(code[stocked], sold.loc[stocked, "Country"], strict=True))
