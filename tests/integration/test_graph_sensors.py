"""What the sensors ask for, on a real database: exactly what is late, missed or stale, and never twice in vain."""

import shutil
from datetime import date, timedelta

import dagster as dg
import pytest

from nova_assets import catalog, checks, demo
from nova_assets.automation import is_reference
from nova_assets.build import Overrides, build_defs
from nova_assets.freshness import due_day
from nova_assets.sensors import RANGE_END, RANGE_START, TRIES
from nova_cli.graph_runs import Graph
from nova_resources.dagster_recovery import PROCESS_TAG
from nova_resources.postgres import Database
from nova_resources.settings import SETTINGS_FILE
from nova_resources.tables import Window

START, END = date(2026, 9, 1), date(2026, 9, 28)
LAST_WEEK = END - timedelta(days=7)
FACTS = [
    f"core.fact_{name}" for name in ("demand_daily", "inventory_daily", "orders", "planned_work", "external_daily")
]
# A small world: the facts and what reads their history, without models.
DERIVED = ["analytics.demand_classes", "analytics.lead_time_profiles"]


@pytest.fixture(scope="module")
def extracts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("extracts")
    demo.generate(folder / "landing", folder / "truth", seed=7, scale=60, start=START, end=END)
    return folder / "landing"


@pytest.fixture
def home(settings, extracts, monkeypatch):
    """A home in which the extracts' last day was yesterday."""
    shutil.copytree(extracts, settings.landing)
    (settings.home / SETTINGS_FILE).write_text(f"history_start = {START}\n")
    monkeypatch.setattr(type(settings), "today", lambda _self: END + timedelta(days=1))
    return settings.model_copy(update={"history_start": START})


@pytest.fixture
def graph(home):
    with dg.DagsterInstance.ephemeral() as instance:
        yield Graph(home, instance, None)


@pytest.fixture
def up_to_date(graph):
    """The small world computed for every day."""
    load(graph)
    for names in (FACTS, DERIVED):
        tables = [catalog.table(name) for name in names]
        graph.execute("Days", tables, first=START, last=END, tags={"nova/days": "every"})
    return graph


def load(graph):
    """What the landing job does."""
    graph.execute("Load", [table for table in graph.tables(None) if is_reference(table)])


def ask(graph, name, cursor=None):
    """One look of a sensor: its requests, what it says instead, and its cursor."""
    repository = graph.definitions.get_repository_def()
    context = dg.build_sensor_context(graph.instance, cursor=cursor, repository_def=repository)
    found = repository.get_sensor_def(name).evaluate_tick(context)
    return found.run_requests or [], found.skip_message, found.cursor


def windows(requests):
    """Tables and the days asked for, views left out."""
    return {
        ".".join(key.path): (request.tags[RANGE_START], request.tags[RANGE_END])
        for request in requests
        for key in request.asset_selection
        if not catalog.table(".".join(key.path)).materialized_view
    }


def carry_out(graph, requests):
    for request in requests:
        tables = [catalog.table(".".join(key.path)) for key in request.asset_selection]
        first, last = (date.fromisoformat(request.tags[tag]) for tag in (RANGE_START, RANGE_END))
        graph.execute("Repair", tables, first=first, last=last, tags={"nova/days": request.tags["nova/days"]})


def correct(home, day):
    """One more line of demand in the extract of `day`, as a correction of the ERP would land it."""
    path = next((home.home / "landing" / "demand").glob(f"{day}.*"))
    lines = path.read_text("utf-8-sig").splitlines()
    path.write_text("\n".join([*lines, lines[1] if len(lines) > 1 else lines[0]]) + "\n", "utf-8")


def day_with_demand(home):
    """The day with most demand before the last week."""
    found = {
        path: len(path.read_text("utf-8-sig").splitlines()) for path in (home.home / "landing/demand").glob("*.csv")
    }
    early = {path: lines for path, lines in found.items() if path.stem[:10] < str(END - timedelta(days=7))}
    return date.fromisoformat(max(early, key=early.__getitem__).stem[:10])


@pytest.mark.slow
def test_a_corrected_file_makes_exactly_its_windows_run_again(up_to_date, home):
    graph, cursor = up_to_date, None
    requests, said, cursor = ask(graph, "stale_windows")
    assert (requests, said) == ([], "nothing is stale")
    day = day_with_demand(home)
    correct(home, day)
    load(graph)
    requests, _, cursor = ask(graph, "stale_windows", cursor)
    assert windows(requests) == {"core.fact_demand_daily": (str(day), str(day))}
    carry_out(graph, requests)
    requests, _, cursor = ask(graph, "stale_windows", cursor)
    assert windows(requests) == {"analytics.demand_classes": (str(day), str(END))}
    carry_out(graph, requests)
    requests, said, cursor = ask(graph, "stale_windows", cursor)
    assert (requests, said) == ([], "nothing is stale")
    assert ask(graph, "stale_windows", cursor)[1] == "nothing was published since the last look"


def test_landed_days_without_a_fact_are_asked_for(graph, home):
    load(graph)
    requests, _, _ = ask(graph, "stale_windows")
    assert windows(requests)["core.fact_inventory_daily"] == (str(START), str(END))
    assert all(name.startswith("core.fact_") for name in windows(requests))


def test_work_that_fails_is_given_up_after_some_tries(graph, home, monkeypatch):
    load(graph)
    monkeypatch.setattr("nova_assets.sensors.PAUSES", (0,) * TRIES)
    asked, cursor, keys = 0, None, set()
    for _ in range(10):
        requests, said, cursor = ask(graph, "stale_windows", cursor)
        asked += len(requests)
        keys |= {request.run_key for request in requests}
    pieces = asked / TRIES
    assert pieces == int(pieces)
    assert len(keys) == asked
    assert said.startswith(f"gave up after {TRIES} tries")


def test_nothing_is_asked_for_while_a_run_is_open(graph, home):
    graph.instance.create_run_for_job(graph.definitions.resolve_job_def("landing"), status=dg.DagsterRunStatus.STARTED)
    assert ask(graph, "stale_windows")[1] == "a run is open"
    assert ask(graph, "missed_days")[1] == "a run is open"


def test_the_run_of_a_killed_command_holds_nobody_up(graph, home):
    tags = {PROCESS_TAG: "999999999:1.0"}
    job = graph.definitions.resolve_job_def("landing")
    run = graph.instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED, tags=tags)
    assert ask(graph, "stale_windows")[1] == "nothing is stale"
    assert graph.instance.get_run_by_id(run.run_id).status is dg.DagsterRunStatus.FAILURE


def test_missed_days_are_caught_up_in_one_run(graph, home, monkeypatch):
    names = [*FACTS, "analytics.demand_classes"]
    load(graph)
    stopped = END - timedelta(days=8)
    graph.execute("Days", [catalog.table(name) for name in names], first=START, last=stopped)
    requests, _, _ = ask(graph, "missed_days")
    assert windows(requests) == {name: (str(stopped + timedelta(days=1)), str(due_day(home))) for name in names}
    assert requests[0].tags["nova/days"] == "every"


def test_files_are_loaded_once_the_listing_stands_still(graph, home):
    _, said, cursor = ask(graph, "landed_files")
    assert said.startswith("files are arriving")
    requests, _, cursor = ask(graph, "landed_files", cursor)
    assert len(requests) == 1
    assert ask(graph, "landed_files", cursor)[1].endswith("none new")
    correct(home, day_with_demand(home))
    _, said, cursor = ask(graph, "landed_files", cursor)
    requests_after, _, _ = ask(graph, "landed_files", cursor)
    assert requests_after[0].run_key != requests[0].run_key


def test_a_failed_run_is_in_the_audit_trail(graph, home, settings):
    def broken(_db, _window, _tools):
        raise ValueError("no holidays")

    overrides = Overrides(settings=home, compute={"core.dim_calendar": broken})
    definitions = build_defs(overrides)
    job = definitions.resolve_job_def("landing").get_subset(asset_selection={dg.AssetKey(["core", "dim_calendar"])})
    result = job.execute_in_process(instance=graph.instance, raise_on_error=False)
    context = dg.build_run_status_sensor_context(
        sensor_name="failed_runs",
        dagster_event=result.get_run_failure_event(),
        dagster_instance=graph.instance,
        dagster_run=graph.instance.get_run_by_id(result.run_id),
    ).for_run_failure()
    definitions.get_repository_def().get_sensor_def("failed_runs")(context)
    rows = Database(settings, role="nova_owner").rows("SELECT actor, action, entity, details FROM support.audit_logs")
    assert [(row["actor"], row["action"], row["entity"]) for row in rows] == [("pipeline", "run.failed", result.run_id)]
    assert rows[0]["details"]["steps"] == ["core__dim_calendar"]


def test_freshness_says_which_table_lacks_its_last_day(graph, home):
    load(graph)
    graph.execute("Day", [catalog.table("core.fact_inventory_daily")], first=due_day(home), last=due_day(home))
    result = graph.definitions.resolve_job_def("freshness").execute_in_process(instance=graph.instance)
    passed = {".".join(found.asset_key.path): found.passed for found in result.get_asset_check_evaluations()}
    assert passed["core.fact_inventory_daily"] is True
    assert passed["core.fact_demand_daily"] is False


def test_facts_are_reconciled_with_what_landed(graph, home, database):
    load(graph)
    fact = catalog.table("core.fact_demand_daily")
    graph.execute("Facts", [fact], first=START, last=END)
    assert reconciliation(graph) == [True]
    Database(home, role="nova_owner").execute("UPDATE staging.demand SET quantity = quantity + 1")
    windows_of_fact = checks.inspect(database, fact, [Window(START, END)], [1])
    broken = [result for result in checks.results(fact, windows_of_fact) if not result.passed]
    assert [result.check_name for result in broken] == ["reconciliation"]


def reconciliation(graph):
    key = dg.AssetCheckKey(dg.AssetKey(["core", "fact_demand_daily"]), "reconciliation")
    latest = graph.instance.event_log_storage.get_latest_asset_check_execution_by_key([key])
    return [latest[key].event.dagster_event.asset_check_evaluation_data.passed]
