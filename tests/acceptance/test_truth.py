"""What the demonstration company hides is what the platform says: alerts come true as often as told, defects are found.

The hidden truth holds all demand, also what never reached the extracts, and every planted defect. Other companies are
judged by their seed and first day, an old one and one in its first year:

    NOVA_TEST_COMPANIES=6:2023-11-01,7:2025-09-01 python -m pytest tests/acceptance/test_truth.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from nova_assets import catalog
from nova_assets.analytics import COMPUTE
from nova_assets.types import validated
from nova_resources.sql_library import sql
from nova_resources.tables import Window
from nova_resources.window import publish

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

COMPANIES = os.environ.get("NOVA_TEST_COMPANIES", "5:2023-11-01").split(",")
END = date(2026, 9, 30)
RACED = date(2026, 1, 1)
JUDGED = [date(2026, month, 1) for month in range(2, 8)]
CHAIN = ["demand_classes", "lead_time_profiles", "forecasts", "stock_policies", "recommendations", "alerts"]
SCORES = ("forecast_scores", "alert_scores")
FEWEST, BAND = 8, 2.576
"""Tenths with fewer alerts say nothing; about six tenths are judged, each within its 99 % band."""

ALERTS = """
    SELECT DISTINCT ON (a.as_of, a.item_id, a.site_id) a.as_of, i.item_code, s.site_code, a.horizon_days, a.probability,
           r.risk_position::double precision AS position, x.came_true
    FROM analytics.alerts AS a
    JOIN analytics.recommendations AS r USING (as_of, item_id, site_id)
    JOIN core.dim_item AS i USING (item_id)
    JOIN core.dim_site AS s USING (site_id)
    LEFT JOIN analytics.alert_scores AS x ON (x.alerted_on, x.item_id, x.site_id) = (a.as_of, a.item_id, a.site_id)
    WHERE a.cause = 'STOCKOUT_RISK'
"""
STRANGERS = """
    SELECT DISTINCT a.as_of, i.item_code, s.site_code
    FROM analytics.alerts AS a
    JOIN core.dim_item AS i USING (item_id)
    JOIN core.dim_site AS s USING (site_id)
    WHERE a.cause = 'DATA_QUALITY' AND a.details @? '$.reasons[*] ? (@.reason == "UNKNOWN_MATERIAL")'
"""


@pytest.fixture(scope="module", params=COMPANIES)
def company(new_company, request):
    seed, start = request.param.split(":")
    return new_company(600, date.fromisoformat(start), END, int(seed))


@pytest.fixture(scope="module")
def judged(new_graph, company) -> Iterator:
    """Six first days of months judged with what was known on them, and scored once all is known."""
    with new_graph(company.start) as platform:
        company.land(platform.settings.landing)
        platform.load()
        facts = ",".join(f"core.fact_{name}" for name in ("demand_daily", "inventory_daily", "orders"))
        platform.backfill(company.start, END, facts)
        for name in ("backtests", "model_selection"):
            write(platform, name, Window.month_of(RACED))
        for day in JUDGED:
            for name in CHAIN:
                write(platform, name, Window.day(day))
        for month in Window(JUDGED[0], END + timedelta(days=1)).months():
            for name in SCORES:
                write(platform, name, month)
        yield platform


def write(platform, name: str, window: Window) -> None:
    table = catalog.table(f"analytics.{name}")
    compute = COMPUTE.get(table.qualified)
    rows = sql(f"analytics/{name}") if compute is None else validated(table, compute(platform.db, window, None))
    publish(platform.db, table, window, rows, run_id="truth", code_version="truth")


@pytest.fixture(scope="module")
def told(judged, company) -> pl.DataFrame:
    """Stock-out alerts with what came: `truth` by all demand, `came_true` as the ledger says (null: cannot tell)."""
    names = ["as_of", "item_code", "site_code", "horizon_days", "probability", "position", "came_true"]
    alerts = pl.DataFrame(judged.rows(ALERTS), schema=names, orient="row").with_row_index("alert")
    asked = pl.read_parquet(Path(company.truth) / "demand.parquet").select("item_code", "site_code", "date", "quantity")
    last = pl.col("as_of") + pl.duration(days=pl.col("horizon_days"))
    came = (
        alerts.join(asked, on=["item_code", "site_code"])
        .filter((pl.col("date") > pl.col("as_of")) & (pl.col("date") <= last))
        .group_by("alert")
        .agg(demand=pl.col("quantity").sum())
    )
    return alerts.join(came, on="alert", how="left").with_columns(
        truth=pl.col("demand").fill_null(0.0) > pl.col("position") + 1e-9
    )


def test_alerts_come_true_as_often_as_they_say(told) -> None:
    tenths = (
        told.with_columns(tenth=(pl.col("probability") * 10).floor().clip(0, 9))
        .group_by("tenth")
        .agg(
            alerts=pl.len(),
            expected=pl.col("probability").sum(),
            came=pl.col("truth").sum(),
            spread=(pl.col("probability") * (1 - pl.col("probability"))).sum().sqrt(),
        )
        .filter(pl.col("alerts") >= FEWEST)
        .sort("tenth")
    )
    print(tenths)  # noqa: T201 - shown with -s
    assert len(tenths) >= 4
    beyond = tenths.filter((pl.col("came") - pl.col("expected")).abs() > BAND * pl.col("spread") + 0.5)
    assert beyond.is_empty(), tenths


def test_the_ledger_scores_as_the_truth_would(told) -> None:
    scored = told.drop_nulls("came_true")
    assert len(scored) >= 0.95 * len(told)
    assert (scored["came_true"] == scored["truth"]).mean() >= 0.9


def test_every_unknown_code_is_told_and_none_is_invented(judged, company) -> None:
    planted = pl.read_csv(Path(company.truth) / "defects.csv", infer_schema=False).filter(kind="unknown_item")
    demand = {(line["file"], int(line["line"])): line["detail"] for line in planted.iter_rows(named=True)}
    expected = set()
    for (file, number), code in demand.items():
        path = Path(judged.settings.landing) / file
        header, *lines = path.read_text(encoding="latin-1").splitlines()
        site = lines[number - 2].split(";")[header.split(";").index("site_code")]
        day = date.fromisoformat(path.stem[:10])
        expected |= {
            (judged_on, code, site) for judged_on in JUDGED if judged_on - timedelta(days=30) < day <= judged_on
        }
    assert expected
    assert set(judged.rows(STRANGERS)) == expected
