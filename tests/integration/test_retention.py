"""What is kept and what goes: old days of as-of tables, their Parquet copies, and the runs of Dagster."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import date, timedelta

import dagster as dg
import psycopg
import pyarrow as pa
import pytest

from nova_assets import artifacts, catalog
from nova_assets.housekeeping import keep_house
from nova_assets.ledger_state import LedgerState
from nova_cli import doctor
from nova_resources import ledger, retention
from nova_resources.dagster_instance import dagster_instance, prepare_instance, write_dagster_home
from nova_resources.dagster_retention import BATCH, remove_old_runs
from nova_resources.postgres import Database
from nova_resources.server import role_parameters
from nova_resources.settings import Settings
from nova_resources.tables import Window
from nova_resources.window import publish
from tests.faults.world import plain_row

CLASSES = catalog.table("analytics.demand_classes")
FORECASTS = catalog.table("analytics.forecasts")
TODAY = date(2026, 3, 20)
HORIZON = date(2025, 2, 1)
# January 2025 is the youngest month before the horizon; the platform was off on its last two days.
OLD, BORDER = Window(date(2025, 1, 1), date(2025, 1, 30)), Window(date(2025, 2, 1), date(2025, 3, 1))

SEED = """
    INSERT INTO core.dim_item (item_id, item_code, name, unit_measure, item_kind, active, inferred)
    SELECT i, 'I' || i, 'x', 'UN', 'MATERIAL', true, false FROM generate_series(0, 1) i;
    INSERT INTO core.dim_site (site_id, site_code, name, active, inferred) VALUES (0, 'S0', 'x', true, false);
"""


@pytest.fixture
def house(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A platform in which it is TODAY, with Dagster's storage, all of whose runs are gone afterwards."""
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.setattr(Settings, "today", lambda _self: TODAY)
    write_dagster_home(settings)
    prepare_instance(settings)
    with Database(settings).connect() as connection:
        connection.execute(SEED)
    yield settings
    with dagster_instance(settings) as instance:
        instance.wipe()


def fill(db: Database, table_name: str, window: Window, rows_a_day: int = 2) -> None:
    table = catalog.table(table_name)
    plain = dict.fromkeys(table.column_names) | plain_row(table)
    rows = [plain | {"as_of": day, "item_id": n} for day in window.days for n in range(rows_a_day)]
    publish(db, table, window, pa.Table.from_pylist(rows), run_id="test", code_version="1")


def days(db: Database) -> dict[date, int]:
    query = "SELECT as_of, count(*) AS rows FROM analytics.demand_classes GROUP BY 1 ORDER BY 1"
    return {row["as_of"]: row["rows"] for row in db.rows(query)}


def test_the_horizon_is_the_first_of_a_month(house: Settings) -> None:
    assert retention.horizon(house) == HORIZON
    assert retention.horizon(house.model_copy(update={"daily_as_of_days": 62})) == date(2026, 1, 1)


def test_only_daily_tables_of_analytics_are_thinned() -> None:
    thinned = {table.qualified for table in catalog.TABLES if retention.is_thinned(table)}
    assert {"analytics.forecasts", "analytics.recommendations", "analytics.kpis_daily"} <= thinned
    assert not {"analytics.backtests", "analytics.model_selection", "analytics.mv_alert_lives"} & thinned
    assert all(name.startswith("analytics.") for name in thinned)


def test_old_months_keep_their_last_day_and_nothing_younger_is_touched(house: Settings) -> None:
    db, said = Database(house), []
    fill(db, CLASSES.qualified, OLD)
    fill(db, CLASSES.qualified, BORDER)
    entries = ledger.head(db)
    keep_house(house, "night", said.append)
    assert days(db) == {date(2025, 1, 29): 2} | dict.fromkeys(BORDER.days, 2)
    assert said == ["analytics.demand_classes 2025-01: 2025-01-29 kept, 56 rows of other days removed"]
    (told,) = Database(house, "nova_owner").rows(
        "SELECT entity, details FROM support.audit_logs WHERE action = 'retention.thinned'"
    )
    assert told["entity"] == CLASSES.qualified
    assert told["details"] == {"month": "2025-01-01", "kept": "2025-01-29", "rows_removed": 56}
    # A publish would make everything stale that reads the table.
    assert ledger.head(db) == entries
    keep_house(house, "next night", said.append)
    assert len(said) == 1
    # The month is a sound partition: it can be written again, and thinned again.
    fill(db, CLASSES.qualified, Window.day(date(2025, 1, 5)))
    assert [done.removed_rows for done in retention.thin(db, CLASSES, "again")] == [2]


def test_a_table_that_keeps_everything_is_refused(house: Settings) -> None:
    with pytest.raises(ValueError, match="keeps everything"):
        next(retention.thin(Database(house), catalog.table("core.fact_demand_daily"), "test"))


def test_a_crash_in_the_swap_leaves_the_whole_month(house: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    db = Database(house)
    fill(db, CLASSES.qualified, OLD)
    before = days(db)

    def refuse(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(retention, "_tell_audit", refuse)
        with pytest.raises(RuntimeError, match="killed"):
            list(retention.thin(db, CLASSES, "test"))
    assert days(db) == before
    assert len(list(retention.thin(db, CLASSES, "test"))) == 1


def test_history_is_not_computed_again(house: Settings) -> None:
    """A correction of an old day of a fact makes nothing stale before the horizon, and younger days as ever."""
    db = Database(house)
    fact = catalog.table("core.fact_demand_daily")
    for window in (OLD, Window.day(date(2025, 2, 10))):
        fill(db, CLASSES.qualified, window)
    corrected = Window.day(date(2025, 1, 20))
    nothing = pa.Table.from_pylist([dict.fromkeys(fact.column_names)]).slice(0, 0)
    publish(db, fact, corrected, nothing, run_id="late", code_version="1")
    state = LedgerState.read(db, [fact, CLASSES], OLD.start, TODAY)
    assert state.stale == {CLASSES.qualified: {date(2025, 2, 10)}}
    assert state.existing[CLASSES.qualified] == {date(2025, 2, 10)}
    assert state.existing[fact.qualified] == {corrected.start}


def test_copies_of_removed_days_go_too(house: Settings) -> None:
    kept = [date(2025, 1, 31), date(2025, 2, 1), date(2025, 2, 2), date(2024, 12, 30)]
    for day in [*kept, date(2025, 1, 30), date(2024, 12, 1)]:
        path = artifacts.path_of(house.home, FORECASTS, Window.day(day))
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
    assert artifacts.thin(house.home, HORIZON) == 2
    left = {path.parent.name for path in (house.home / "artifacts").rglob(artifacts.FILE)}
    assert left == {f"as_of={day}" for day in kept}


DAYS = dg.DailyPartitionsDefinition("2024-01-01")


@dg.asset(partitions_def=DAYS, check_specs=[dg.AssetCheckSpec("sound", asset="thing")])
def thing() -> dg.MaterializeResult:
    return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=True)])


def test_old_runs_leave_with_their_events_and_logs_but_not_what_they_made(house: Settings) -> None:
    made = ["2024-01-01", "2024-01-02", "2024-01-02", "2024-01-03"]
    with dagster_instance(house) as instance:
        runs = [dg.materialize([thing], instance=instance, partition_key=key).run_id for key in made]
        for run in runs:
            (house.dagster_home / "compute_logs" / run).mkdir(parents=True, exist_ok=True)
        before = instance.get_materialized_partitions(thing.key)
        age(house, runs[:3], house.run_days + 1)
        age(house, runs[3:], house.run_days - 1)
        assert remove_old_runs(house) == 3
        assert remove_old_runs(house) == 0
        assert {run.run_id for run in instance.get_runs()} == {runs[3]}
        assert instance.get_materialized_partitions(thing.key) == before == {"2024-01-01", "2024-01-02", "2024-01-03"}
        # The newest of each partition: the first run of the second day has left nothing.
        counts = [len(instance.all_logs(run)) for run in runs]
        assert counts[:3] == [1, 0, 1]
        assert counts[3] > 10
        (check,) = instance.event_log_storage.get_latest_asset_check_execution_by_key(list(thing.check_keys)).values()
        assert check.run_id == runs[3]
    # Logs of a run that is no more go once they are old themselves: a run's folder may be there before its row.
    left = {path.name for path in (house.dagster_home / "compute_logs").iterdir()}
    assert left == {runs[3]}


def test_more_runs_than_one_transaction_takes(house: Settings) -> None:
    with connected(house) as connection:
        connection.cursor().executemany(
            "INSERT INTO runs (run_id, pipeline_name, status, run_body, end_time) VALUES (%s, 'x', %s, '', 1)",
            [(f"r{n}", "FAILURE" if n % 2 else "CANCELED") for n in range(BATCH + 1)] + [("open", "STARTED")],
        )
    assert remove_old_runs(house) == BATCH + 1
    with connected(house) as connection:
        assert connection.execute("SELECT run_id FROM runs").fetchall() == [("open",)]


def test_partitions_are_there_before_they_are_needed(house: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real months: the doctor asks the server, whose clock nobody changes here."""
    monkeypatch.undo()
    assert doctor._partitions(house).state == doctor.OK
    later = house.today() + timedelta(days=200)
    monkeypatch.setattr(Settings, "today", lambda _self: later)
    retention.make_ahead(Database(house), catalog.TABLES, "test")
    last = Window.month_of(Window.month_of(Window.month_of(later).end).end).end
    owner = Database(house, "nova_owner")
    for table in catalog.TABLES:
        if table.partition:
            name = f"{table.qualified}_{last:%Y%m}"
            assert owner.rows("SELECT to_regclass(%(name)s) AS found", name=name)[0]["found"] is not None, name


def connected(settings: Settings) -> psycopg.Connection:
    return psycopg.connect(**role_parameters(settings, "nova_dagster", settings.dagster_database_name))


def age(settings: Settings, runs: list[str], run_days: int) -> None:
    """As if these runs had ended so many days ago, and their folders had been written then."""
    ended = time.time() - run_days * 86_400
    with connected(settings) as connection:
        connection.execute("UPDATE runs SET end_time = %s WHERE run_id = ANY(%s)", (ended, runs))
    for run in runs:
        os.utime(settings.dagster_home / "compute_logs" / run, (ended, ended))
