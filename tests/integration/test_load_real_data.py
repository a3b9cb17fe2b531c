"""Real files of three foreign ERPs through the shipped mappings, against sums made by other means."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from nova_assets.catalog import table
from nova_assets.core.reconcile import reconcile
from nova_assets.staging import load_landing
from nova_assets.staging.mapping import read_mapping
from nova_assets.staging.report import LoadReport
from nova_resources.postgres import Database
from nova_resources.settings import Settings
from nova_resources.sql_library import sql
from nova_resources.tables import Window
from nova_resources.window import publish

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("NOVA_TEST_DATA", ROOT.parent / "shared" / "data"))
UCI = DATA / "uci_online_retail" / "online_retail.parquet"
MAN = DATA / "man" / "MAN.xlsx"
SCMS = DATA / "scms" / "delivery_history.csv"
DIMENSIONS = ("core.dim_region", "core.dim_site", "core.dim_supplier", "core.dim_item")


def load(database: Database, settings: Settings, mapping: str, path: Path) -> LoadReport:
    if not path.exists():
        pytest.skip(f"{path.name} is not there; NOVA_TEST_DATA names the folder of the public data sets")
    chosen = read_mapping(ROOT / "docs" / "mappings" / f"{mapping}.yaml")
    return load_landing(database, settings, mapping=chosen, path=str(path), run_id="test")


def put(database: Database, name: str, window: Window | None = None) -> None:
    publish(database, table(name), window, sql(name.replace(".", "/")), run_id="test", code_version="test")


def test_uci_adds_up_and_its_months_equal_an_independent_sum(database: Database, settings: Settings) -> None:
    report = load(database, settings, "uci_online_retail", UCI)
    demand = report.by_feed["demand"]
    assert report.rows_in == 541_909  # items and sites are distilled from the same lines
    lines = pd.read_parquet(UCI)
    taken = lines[lines.Quantity > 0]
    assert (demand.rows_in, demand.rows_accepted) == (541_909, len(taken))
    assert demand.reasons == {"non_positive_quantity": 541_909 - len(taken)}
    year = Window(pd.Timestamp("2010-12-01").date(), pd.Timestamp("2012-01-01").date())
    for name in DIMENSIONS:
        put(database, name)
    put(database, "core.fact_demand_daily", year)
    assert reconcile(database, "fact_demand_daily", year) == []
    query = "SELECT to_char(full_date, 'YYYY-MM') AS month, sum(quantity) FROM core.fact_demand_daily GROUP BY 1"
    with database.connect() as connection:
        months = dict(connection.execute(query).fetchall())
    expected = taken.groupby(pd.to_datetime(taken.InvoiceDate).dt.strftime("%Y-%m")).Quantity.sum()
    assert months == expected.to_dict()
    assert load(database, settings, "uci_online_retail", UCI).rows_in == 0


def test_man_long_demand_and_terms_equal_the_sheet(database: Database, settings: Settings) -> None:
    report = load(database, settings, "man", MAN)
    body = pd.read_excel(MAN, sheet_name="Data", header=None, engine="calamine").iloc[6:]
    body = body[pd.to_numeric(body[0], errors="coerce").notna()]
    weeks = body.iloc[:, 9:159].apply(pd.to_numeric)
    filled = weeks.sum().to_numpy().nonzero()[0]
    first, last = (pd.Timestamp("2012-01-08") + pd.Timedelta(weeks=int(week)) for week in (filled.min(), filled.max()))
    with database.connect() as connection:
        demand = "SELECT count(*), sum(quantity)::float, min(date), max(date) FROM staging.demand"
        count, quantity, *days = connection.execute(demand).fetchone() or ()
        assert (count, days) == ((weeks != 0).sum().sum(), [first.date(), last.date()])
        assert quantity == pytest.approx(weeks.round(4).sum().sum(), abs=0.01)
        terms = "SELECT lead_time_days::int, count(*)::int FROM staging.item_sources GROUP BY 1"
        assert dict(connection.execute(terms).fetchall()) == {
            7 * weeks: count for weeks, count in Counter(body[5].astype(int)).items()
        }
        rates = "SELECT DISTINCT holding_rate_year::float, fixed_order_cost::float FROM staging.planning_rules"
        assert connection.execute(rates).fetchall() == [(0.2, 5.0)]
    assert (report.rows_rejected, report.by_feed["items"].rows_accepted) == (0, 3451)


def test_scms_dates_are_read_or_refused_and_never_guessed(database: Database, settings: Settings) -> None:
    report = load(database, settings, "scms", SCMS)
    rows = pd.read_csv(SCMS, dtype=str)
    sent = rows["PO Sent to Vendor Date"]
    stock, unknown = sent == "N/A - From RDC", sent == "Date Not Captured"
    orders = report.by_feed["purchase_orders"]
    assert orders.rows_in == len(rows) == 10_324
    assert orders.reasons == {"shipped_from_stock": stock.sum(), "missing_required": unknown.sum()}
    with database.connect() as connection:
        told = connection.execute(
            """SELECT line_no, order_date::text, requested_date::text, expected_date::text, received_date::text
            FROM staging.purchase_orders"""
        ).fetchall()
    wanted = rows[~stock & ~unknown].set_index("ID")
    dates = {
        "PO Sent to Vendor Date": _month_first,
        "PQ First Sent to Client Date": _month_first,
        "Scheduled Delivery Date": _named_month,
        "Delivered to Client Date": _named_month,
    }
    columns = [[None if pd.isna(day) else day for day in read(wanted[name])] for name, read in dates.items()]
    expected = {line: tuple(days) for line, *days in zip(wanted.index, *columns, strict=True)}
    assert {line: tuple(days) for line, *days in told} == expected


def _month_first(text: pd.Series) -> pd.Series:
    parts = text.str.extract(r"^(\d+)/(\d+)/(\d+)$")
    year = parts[2].where(parts[2].str.len() == 4, "20" + parts[2].astype(str))
    return (year + "-" + parts[0].str.zfill(2) + "-" + parts[1].str.zfill(2)).where(parts[0].notna())


def _named_month(text: pd.Series) -> pd.Series:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"]
    parts = text.str.split("-", expand=True)
    number = parts[1].map({name: f"{n:02}" for n, name in enumerate(months, start=1)})
    return "20" + parts[2] + "-" + number + "-" + parts[0]
