"""The files meet the extract contract, and what they tell agrees with what happened."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from nova_assets.catalog.core import ORDER_STATUSES
from nova_assets.catalog.staging import DEMAND_TYPES, FEEDS
from tests.unit.demo.conftest import END, START, Home

NOT_IN_FILES = {"file_id", "source_line", "known_on"}
CONTRACT = {table.name: [name for name in table.column_names if name not in NOT_IN_FILES] for table in FEEDS}
DATED = ("demand", "inventory", "purchase_orders", "planned_work", "external_daily")
ENCODINGS = {"sites": "latin-1", "items": "latin-1"}
DAYS = [START + timedelta(days=n) for n in range((END - START).days + 1)]


def inventory(home: Home) -> pl.DataFrame:
    return pl.read_parquet(home.landing / "inventory" / "*.parquet")


def br_date(name: str) -> pl.Expr:
    return pl.col(name).replace("", None).str.to_date("%d/%m/%Y")


def br_number(name: str) -> pl.Expr:
    return pl.col(name).replace("", None).str.replace(",", ".").cast(pl.Float64)


@pytest.mark.parametrize("feed", CONTRACT)
def test_columns_are_exactly_the_contracts(home: Home, feed: str):
    if feed == "inventory":
        assert inventory(home).columns == CONTRACT[feed]
        return
    path = home.landing / (f"{feed}/{END}.csv" if feed in DATED else f"{feed}.csv")
    header = path.read_bytes().decode(ENCODINGS.get(feed, "utf-8-sig")).splitlines()[0]
    assert header.replace(",", ";").split(";") == CONTRACT[feed]


@pytest.mark.parametrize("feed", DATED)
def test_every_day_has_a_file(home: Home, feed: str):
    assert sorted(path.stem for path in (home.landing / feed).iterdir()) == [str(day) for day in DAYS]


def test_reported_rows_are_the_rows_in_the_files(home: Home):
    assert home.made.rows["inventory"] == inventory(home).height
    for feed in ("demand", "purchase_orders", "planned_work", "external_daily"):
        assert home.made.rows[feed] == home.lines(feed).height


def test_dialects_differ(home: Home):
    assert (home.landing / f"demand/{END}.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    items = (home.landing / "items.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        items.decode("utf-8")
    assert "Energia e baterias" in items.decode("latin-1")
    assert not (home.landing / f"planned_work/{END}.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_stock_is_conserved_for_every_pair_and_day(home: Home):
    """on_hand[t] = on_hand[t-1] + receipts[t] - issues[t]."""
    keys = ["item_code", "site_code"]
    moves = home.truth_of("moves").select("date", *keys, "receipts", "issues")
    joined = (
        inventory(home)
        .join(moves, on=["date", *keys], how="left")
        .sort(*keys, "date")
        .with_columns(pl.col("receipts", "issues").fill_null(0.0), before=pl.col("on_hand").shift(1).over(keys))
        .filter(pl.col("before").is_not_null())
    )
    assert joined.height > 5000
    assert joined.filter(pl.col("on_hand") != pl.col("before") + pl.col("receipts") - pl.col("issues")).height == 0


def test_snapshots_are_sound(home: Home):
    stock = inventory(home)
    assert stock.select("date", "item_code", "site_code").is_duplicated().sum() == 0
    assert stock.select(pl.col("on_hand", "reserved", "backorder").min() >= 0).row(0) == (True, True, True)
    assert (stock["reserved"] <= stock["on_hand"]).all()
    assert (stock.filter(pl.col("backorder") > 0)["on_hand"] == 0).all()


def test_stock_outs_of_the_truth_are_the_empty_shelves(home: Home):
    keys = ["date", "item_code", "site_code"]
    empty = inventory(home).filter(pl.col("on_hand") == 0).select(keys).sort(keys)
    assert home.truth_of("stockouts").select(keys).sort(keys).equals(empty)


def test_demand_told_is_the_recorded_part_of_the_truth(home: Home):
    told = home.clean("demand").filter(~pl.col("item_code").str.starts_with("900."))
    told = told.select(br_date("date"), br_number("quantity"), br_number("fulfilled_quantity"))
    true = home.truth_of("demand").filter("recorded")
    columns = ["quantity", "fulfilled_quantity"]
    assert (
        told.group_by("date")
        .agg(pl.col(columns).sum())
        .sort("date")
        .equals(true.group_by("date").agg(pl.col(columns).sum()).sort("date"))
    )
    assert set(home.clean("demand")["demand_type"]) <= set(DEMAND_TYPES)


def test_services_are_asked_for_and_never_stocked(home: Home):
    items = pl.read_csv(home.landing / "items.csv", separator=";", encoding="latin-1", infer_schema=False)
    services = set(items.filter(item_kind="SERVICE")["item_code"])
    assert services & set(home.clean("demand")["item_code"])
    assert not services & set(inventory(home)["item_code"])


def test_order_lines_evolve_without_contradiction(home: Home):
    names = ("requested_date", "approved_date", "order_date", "expected_date", "received_date")
    orders = home.clean("purchase_orders").with_columns(
        *map(br_date, names),
        *map(br_number, ("quantity", "received_quantity")),
        told=pl.col("file").str.extract(r"(\d{4}-\d\d-\d\d)").str.to_date(),
    )
    assert set(orders["status"]) <= set(ORDER_STATUSES)
    assert orders.select("order_no", "line_no", "told").is_duplicated().sum() == 0
    assert orders.filter(
        (pl.col("requested_date") > pl.col("approved_date"))
        | (pl.col("approved_date") > pl.col("order_date"))
        | (pl.col("order_date") > pl.col("told"))
        | (pl.col("expected_date") < pl.col("order_date"))
        | (pl.col("received_date") > pl.col("told"))
        | (pl.col("status") == "RECEIVED") & (pl.col("received_quantity") != pl.col("quantity"))
        | (pl.col("status") == "RECEIVED").ne(pl.col("received_date").is_not_null())
    ).is_empty()
    versions = orders.sort("told").group_by("order_no", "line_no", maintain_order=True)
    steps = versions.agg("told", "order_date", "received_quantity")
    assert all(told[0] == max(day[0], START) for told, day in steps.select("told", "order_date").iter_rows())
    assert all(np.all(np.diff(received) >= 0) for received in steps["received_quantity"])


def test_receipts_told_are_the_receipts_on_the_shelf(home: Home):
    """Deliveries of the order feed, summed over lines, equal what the shelves took in, day by day."""
    orders = home.clean("purchase_orders").with_columns(
        br_number("received_quantity"), told=pl.col("file").str.extract(r"(\d{4}-\d\d-\d\d)").str.to_date()
    )
    arrived = (
        orders.sort("told")
        .with_columns(
            pl.col("received_quantity") - pl.col("received_quantity").shift(1, fill_value=0).over("order_no", "line_no")
        )
        # A delivery before the first extract is part of the opening stock.
        .filter(pl.col("told") > START, pl.col("received_quantity") > 0)
        .group_by("told")
        .agg(pl.col("received_quantity").sum())
        .sort("told")
    )
    shelf = home.truth_of("moves").filter(pl.col("receipts") > 0, pl.col("date") > START)
    shelf = shelf.group_by("date").agg(pl.col("receipts").sum()).sort("date")
    assert arrived.rows() == shelf.rows()


def test_plans_are_told_ahead_and_mostly_come_true(home: Home):
    plans = home.clean("planned_work").with_columns(
        br_date("date"), told=pl.col("file").str.extract(r"(\d{4}-\d\d-\d\d)").str.to_date()
    )
    assert (plans["date"] > plans["told"]).all()
    assert (plans["contract_code"].str.len_chars() > 0).all()
    due = plans.filter(pl.col("date") <= END).select("date", "item_code", "site_code").unique()
    done = home.truth_of("demand").select("date", "item_code", "site_code").unique()
    kept = due.join(done, on=["date", "item_code", "site_code"], how="semi").height / due.height
    assert 0.5 < kept < 0.9


def test_weather_covers_every_region_and_money_every_weekday(home: Home):
    series = home.lines("external_daily", "utf-8")
    regions = pl.read_csv(home.landing / "regions.csv", separator=";", encoding="utf8")["region_code"]
    for code in ("RAIN_MM", "TEMP_C", "WIND_KMH"):
        rows = series.filter(series_code=code)
        assert rows.height == len(DAYS) * len(regions)
        assert set(rows["region_code"]) == set(regions)
    for code in ("USD_BRL", "SELIC"):
        rows = series.filter(series_code=code)
        assert rows.height == sum(day.weekday() < 5 for day in DAYS)
        assert set(rows["region_code"]) == {""}
    dollar = series.filter(series_code="USD_BRL")["value"].cast(pl.Float64)
    assert dollar.is_between(3.0, 9.0).all()


def test_codes_in_the_facts_are_in_the_reference_feeds(home: Home):
    items = pl.read_csv(home.landing / "items.csv", separator=";", encoding="latin-1", infer_schema=False)
    sites = pl.read_csv(home.landing / "sites.csv", separator=";", encoding="latin-1", infer_schema=False)
    suppliers = pl.read_csv(home.landing / "suppliers.csv", separator=";", infer_schema=False)
    assert not items["item_code"].is_duplicated().any()
    assert not items["name"].is_duplicated().any()
    for feed in ("demand", "purchase_orders", "planned_work"):
        lines = home.clean(feed)
        assert set(lines["item_code"]) <= set(items["item_code"])
        assert set(lines["site_code"]) <= set(sites["site_code"])
    assert set(home.clean("purchase_orders")["supplier_code"]) <= set(suppliers["supplier_code"])
