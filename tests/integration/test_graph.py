"""The graph on a real database: a day again, what a range tells, and failures.

A range against its days, and the past after the present: tests/acceptance/test_replay.py.
"""

import shutil
from datetime import date

import dagster as dg
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nova_assets import artifacts, catalog, demo
from nova_assets.build import Overrides, build_defs
from nova_assets.ledger_state import assets
from nova_cli.backfill import backfill_in
from nova_cli.graph_runs import Graph, RunFailed
from nova_cli.materialize import materialize_in
from nova_resources import ledger
from nova_resources.checksums import checksum
from nova_resources.settings import SETTINGS_FILE
from nova_resources.sql_library import Query
from nova_resources.tables import Window

START, END = date(2026, 8, 20), date(2026, 10, 18)
MIDDLE = date(2026, 10, 10)


@pytest.fixture(scope="module")
def extracts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("extracts")
    demo.generate(folder / "landing", folder / "truth", seed=7, scale=60, start=START, end=END)
    return folder / "landing"


@pytest.fixture
def home(settings, extracts):
    """A home whose history begins with the extracts, all of which have arrived."""
    shutil.copytree(extracts, settings.landing)
    (settings.home / SETTINGS_FILE).write_text(f"history_start = {START}\n")
    return settings.model_copy(update={"history_start": START})


@pytest.fixture
def graph(home):
    with dg.DagsterInstance.ephemeral() as instance:
        yield Graph(home, instance, None)


def computed():
    """Tables whose rows a run computes; those of staging are numbered in the order of loading."""
    return [table for table in assets() if table.schema != "staging"]


def checksums(database, tables):
    return {table.qualified: checksum(database, table) for table in tables}


def _copies_hold_what_was_published(database, home):
    day = Window.day(END)
    for name in ("forecasts", "forecast_paths", "features_store"):
        table = catalog.table(f"analytics.{name}")
        copy = pq.ParquetFile(artifacts.path_of(home, table, day)).read()
        held = database.read(Query("held", f"SELECT * FROM {table.qualified} ORDER BY item_id, site_id"), exact=True)  # noqa: S608
        assert copy.num_rows == held.num_rows > 0
        assert set(zip(copy["item_id"].to_pylist(), copy["site_id"].to_pylist(), strict=True)) == set(
            zip(held["item_id"].to_pylist(), held["site_id"].to_pylist(), strict=True)
        )
        if name != "features_store":
            written = ledger.latest(database, [table.qualified])[table.qualified].details
            assert artifacts.details_of(copy) == written
            assert written["selection"] and written["packages"]["statsforecast"] and sum(written["models"].values())


@pytest.mark.slow
def test_the_same_day_twice_changes_nothing(graph, database):
    materialize_in(graph, END)
    first = checksums(database, computed())
    materialize_in(graph, END)
    assert checksums(database, computed()) == first
    _copies_hold_what_was_published(database, database.settings.home)
    assert {name for name, found in first.items() if found.rows == 0} <= {
        "analytics.calibration",
        "analytics.decision_replay",
        "analytics.forecast_overrides",
        "analytics.forecast_scores",
        "analytics.alert_scores",
        "analytics.mv_alert_calibration",
    }


def test_a_run_over_a_range_tells_rows_of_each_day(graph, database):
    materialize_in(graph, MIDDLE, monthly=False)
    first, last = date(2026, 9, 28), date(2026, 10, 2)
    (run,) = backfill_in(graph, first, last, "core.fact_inventory_daily,analytics.lead_time_profiles")[1:]
    told = run.rows["analytics.lead_time_profiles"]
    assert sorted(told) == ["2026-09-30", "2026-10-02"]
    between = dg.AssetRecordsFilter(dg.AssetKey(["analytics", "lead_time_profiles"]), asset_partitions=["2026-09-29"])
    instance_told = graph.instance.fetch_materializations(between, limit=1)
    assert instance_told.records[0].asset_materialization.metadata["computed"].value is False


def executed(home, compute, table="core.dim_calendar"):
    definitions = build_defs(Overrides(settings=home, compute={table: compute}))
    with dg.DagsterInstance.ephemeral() as instance:
        job = definitions.resolve_job_def("landing").get_subset(asset_selection={dg.AssetKey(table.split("."))})
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        return result, instance.get_run_by_id(result.run_id)


def test_refused_rows_fail_at_once_and_for_good(home, database):
    calls = []

    def compute(_db, _window, _tools):
        calls.append(1)
        return pa.table({"full_date": ["not a date"]})

    result, run = executed(home, compute)
    assert (result.success, len(calls)) == (False, 1)
    assert run.tags["dagster/retry_on_asset_or_op_failure"] == "false"
    assert checksum(database, catalog.table("core.dim_calendar")).rows == 0


def test_a_lost_connection_is_tried_again(home, database, monkeypatch):
    from nova_assets.core import COMPUTE

    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    calls = []

    def compute(db, window, tools):
        calls.append(1)
        if len(calls) == 1:
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return COMPUTE["core.dim_calendar"](db, window, tools)

    result, _run = executed(home, compute)
    assert (result.success, len(calls)) == (True, 2)


def test_a_failed_step_is_named_with_its_cause(home, database, monkeypatch):
    def compute(_db, _window, _tools):
        raise ValueError("no holidays known for 2050")

    monkeypatch.setattr("nova_assets.build.COMPUTE", {"core.dim_calendar": compute})
    with dg.DagsterInstance.ephemeral() as instance:
        broken = Graph.__new__(Graph)
        broken.settings, broken.instance, broken.progress = home, instance, None
        broken.definitions = build_defs(Overrides(settings=home, tables={"core.dim_calendar"}))
        with pytest.raises(RunFailed, match=r"core\.dim_calendar: .*no holidays known for 2050"):
            broken.execute("Calendar", [catalog.table("core.dim_calendar")])


def test_older_data_lengthens_the_history_within_one_command(settings, extracts, database):
    shutil.copytree(extracts, settings.landing)
    (settings.home / SETTINGS_FILE).write_text(f"history_start = {END}\n")
    late = settings.model_copy(update={"history_start": END})
    with dg.DagsterInstance.ephemeral() as instance:
        graph = Graph(late, instance, None)
        graph.execute("Load", [table for table in assets() if table.qualified == "staging.demand"])
        graph.follow_history()
        assert graph.settings.history_start == START.replace(day=1)
        assert graph.settings.database_name == settings.database_name
