"""Landing again: the same folder changes nothing, a corrected file replaces exactly its own window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from nova_assets import catalog
from nova_assets.ledger_state import LedgerState, assets
from nova_assets.staging import load_landing
from nova_resources import ledger
from nova_resources.tables import Window

START, END = date(2026, 9, 1), date(2026, 11, 14)
CORRECTED = Window.day(date(2026, 10, 14))
BEFORE, AFTER = Window(START, CORRECTED.start), Window(CORRECTED.end, END + timedelta(days=1))
FACTS = [table for table in assets() if table.qualified.startswith("core.fact_")]
REASONS = {"non_positive_quantity", "unreadable_date", "unreadable_number", "duplicate_row"}
TABLES = [table for table in assets() if not table.materialized_view]


@pytest.fixture(scope="module")
def company(new_company):
    return new_company(1500, START, END)


@pytest.fixture(scope="module")
def platform(new_graph, company) -> Iterator:
    """Everything landed, and the facts computed from it."""
    with new_graph(START) as platform:
        company.land(platform.settings.landing)
        platform.load()
        platform.backfill(START, END, ",".join(table.qualified for table in FACTS))
        yield platform


def test_planted_defects_are_the_quarantine(platform, company) -> None:
    planted = pl.read_csv(company.truth / "defects.csv", infer_schema=False).filter(outcome="rejected")
    expected = {
        (feed, file, int(line), reason)
        for feed, file, line, reason in planted.select("feed", "file", "line", "reason").rows()
    }
    found = platform.rows(
        "SELECT r.feed, path, line_no, reason_code FROM staging.rejects AS r JOIN staging.files USING (file_id)"
    )
    assert len(found) == len(expected)
    assert set(found) == expected
    assert {reason for *_, reason in expected} >= REASONS


def test_unknown_codes_become_placeholders_and_their_demand_counts(platform, company) -> None:
    planted = pl.read_csv(company.truth / "defects.csv", infer_schema=False).filter(kind="unknown_item")
    assert planted.height
    inferred = {code for (code,) in platform.rows("SELECT item_code FROM core.dim_item WHERE inferred")}
    assert inferred == set(planted["detail"])
    assert platform.rows("SELECT sum(quantity) FROM staging.demand") == platform.rows(
        "SELECT sum(quantity) FROM core.fact_demand_daily"
    )


def test_the_same_folder_again_changes_nothing(platform) -> None:
    tables, head = platform.checksums(TABLES), ledger.head(platform.db)
    for path in Path(platform.settings.landing).rglob("*.csv"):
        path.touch()
    again = load_landing(platform.db, platform.settings, run_id="again")
    assert again.rows_in == 0
    assert {file.outcome for file in again.files} == {"UNCHANGED"}
    assert platform.checksums(TABLES) == tables
    assert ledger.head(platform.db) == head


def test_a_corrected_file_replaces_exactly_its_own_window(platform) -> None:
    demand, fact = catalog.table("staging.demand"), catalog.table("core.fact_demand_daily")
    others = [table for table in TABLES if table.window and table not in (demand, fact)]
    around = [platform.checksums([demand, fact], window) for window in (BEFORE, AFTER)]
    untouched = platform.checksums(others)
    path = Path(platform.settings.landing) / "demand" / f"{CORRECTED.start}.csv"
    header, first, *_ = path.read_text("utf-8-sig").splitlines()
    fields = dict(zip(header.split(";"), first.split(";"), strict=True)) | {"quantity": "77", "fulfilled_quantity": "5"}
    path.write_text(f"{header}\n{';'.join(fields.values())}\n", "utf-8-sig")
    assert platform.load().windows == {"demand": [CORRECTED]}
    assert LedgerState.read(platform.db, [demand, *FACTS], START, END).stale == {fact.qualified: {CORRECTED.start}}
    platform.backfill(CORRECTED.start, CORRECTED.start, fact.qualified)
    assert LedgerState.read(platform.db, [demand, *FACTS], START, END).stale == {}
    assert [platform.checksums([demand, fact], window) for window in (BEFORE, AFTER)] == around
    assert platform.checksums(others) == untouched
    assert platform.rows("SELECT quantity FROM core.fact_demand_daily WHERE full_date = '2026-10-14'") == [(77,)]
