"""Runs that people ask for on the screens: who may ask for what, what the sensor launches, and what it tells back."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from psycopg.types.json import Jsonb

from nova_assets import catalog
from nova_assets.asked_runs import PARTITION, REQUEST_TAG
from nova_assets.automation import is_reference
from nova_assets.build import Overrides, build_defs
from nova_assets.sensors import RANGE_END, RANGE_START
from nova_cli.graph_runs import Graph
from nova_resources.postgres import Database, trusted
from nova_resources.sql_library import sql
from tests.integration.test_roles_decisions import Planner, last_audit
from tests.integration.test_roles_decisions import planner as planner

LANDED = """
    INSERT INTO support.materializations (table_name, windows, run_id, code_version, rows, mode)
    VALUES ('core.fact_demand_daily', datemultirange(daterange('2024-05-01', '2024-05-31')), 'r', '', 1, 'SWAP')
"""
OVER = date(2024, 5, 10)
DAYS = {"p_kind": "DAYS", "p_first": OVER, "p_last": OVER + timedelta(days=2)}
BROKEN = "core.dim_calendar"


@pytest.fixture
def owner(settings) -> Database:
    return Database(settings, role="nova_owner")


@pytest.fixture
def admin(planner: Planner, owner: Database) -> Planner:
    owner.execute(LANDED)
    return Planner(planner.db.settings, "ADMIN")


def requests(owner: Database) -> list[dict]:
    return owner.rows("SELECT * FROM support.run_requests ORDER BY request_id")


def test_a_request_is_kept_with_its_window_and_audited(admin, owner, settings):
    number = admin.call("request_run", p_kind="MONTH", p_first=OVER)
    [row] = requests(owner)
    assert (row["request_id"], row["kind"], row["state"]) == (number, "MONTH", "QUEUED")
    assert (row["first_day"], row["last_day"]) == (date(2024, 5, 1), date(2024, 5, 31))
    event = last_audit(settings)
    assert (event["action"], event["entity"]) == ("run.requested", f"run request {number}")
    assert event["details"] == {"kind": "MONTH", "first_day": "2024-05-01", "last_day": "2024-05-31"}


def test_only_an_admin_asks(admin, planner):
    assert planner.refused("request_run", **DAYS).startswith("NV403")


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"p_kind": "EVERYTHING"}, "NV422 value_invalid"),
        ({"p_kind": None}, "NV422 value_invalid"),
        ({"p_kind": "DAYS", "p_first": OVER}, "NV422 value_invalid"),
        ({"p_kind": "DAYS", "p_first": OVER, "p_last": OVER - timedelta(days=1)}, "NV422 value_invalid"),
        ({"p_kind": "DAYS", "p_first": OVER, "p_last": OVER + timedelta(days=31)}, "NV422 value_invalid"),
        ({"p_kind": "LOAD", "p_first": OVER}, "NV422 value_invalid"),
        ({"p_kind": "RERUN"}, "NV422 value_invalid"),
        ({"p_kind": "MONTH", "p_first": OVER, "p_failed_run": "x"}, "NV422 value_invalid"),
        ({"p_kind": "DAYS", "p_first": date(2024, 4, 30), "p_last": OVER}, "NV404 run_unknown"),
        ({"p_kind": "DAYS", "p_first": date(2999, 1, 1), "p_last": date(2999, 1, 1)}, "NV404 run_unknown"),
        ({"p_kind": "RERUN", "p_failed_run": "never ran"}, "NV404 run_unknown"),
    ],
    ids=lambda given: json.dumps(given, default=str)[:60] if isinstance(given, dict) else "",
)
def test_what_no_run_could_answer_is_refused(admin, owner, given, answer):
    assert admin.refused("request_run", **given) == answer
    assert requests(owner) == []


def test_the_month_that_is_not_over_is_refused(admin):
    assert admin.refused("request_run", p_kind="MONTH", p_first=datetime.now(UTC).date()) == "NV404 run_unknown"


def test_what_is_under_way_is_not_asked_for_twice(admin, owner):
    admin.call("request_run", **DAYS)
    again = {"p_kind": "DAYS", "p_first": OVER + timedelta(days=2), "p_last": OVER + timedelta(days=5)}
    assert admin.refused("request_run", **again) == "NV409 run_asked_already"
    admin.call("request_run", p_kind="DAYS", p_first=OVER + timedelta(days=3), p_last=OVER + timedelta(days=5))
    admin.call("request_run", p_kind="LOAD")
    assert admin.refused("request_run", p_kind="LOAD") == "NV409 run_asked_already"
    owner.execute("UPDATE support.run_requests SET state = 'DONE'")
    admin.call("request_run", **DAYS)


def test_the_app_and_the_pipeline_write_only_what_is_theirs(admin, settings):
    admin.call("request_run", **DAYS)
    for role, statement in (
        ("nova_app", "UPDATE support.run_requests SET state = 'DONE'"),
        ("nova_etl", "DELETE FROM support.run_requests"),
        ("nova_etl", "INSERT INTO support.run_requests (kind, asked_by) VALUES ('LOAD', 1)"),
    ):
        with pytest.raises(Exception, match="permission denied"):
            Database(settings, role=role).execute(trusted(statement))


@pytest.fixture
def graph(settings, admin, monkeypatch):
    """The graph of a platform whose history begins with May and whose last complete day is its end; a table fails."""
    home = settings.model_copy(update={"history_start": date(2024, 5, 1)})
    Path(home.landing).mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(type(settings), "today", lambda _self: date(2024, 6, 1))

    def broken(_db, _window, _tools):
        raise ValueError("no holidays")

    with dg.DagsterInstance.ephemeral() as instance:
        found = Graph(home, instance, None)
        found.definitions = build_defs(Overrides(settings=home, compute={BROKEN: broken}))
        yield found


def look(graph) -> tuple[list[dg.RunRequest], str | None]:
    """One look of the sensor: its requests, or what it says instead."""
    repository = graph.definitions.get_repository_def()
    context = dg.build_sensor_context(graph.instance, repository_def=repository)
    found = repository.get_sensor_def("asked_runs").evaluate_tick(context)
    return found.run_requests or [], found.skip_message


def names(request: dg.RunRequest) -> set[str]:
    return {".".join(key.path) for key in request.asset_selection or ()}


def launch(graph, request: dg.RunRequest, *, raise_on_error: bool = True) -> dg.ExecuteInProcessResult:
    """Execute a request as the daemon would have it executed: the same selection and tags."""
    keys = set(request.asset_selection or ())
    job = graph.definitions.get_implicit_global_asset_job_def().get_subset(
        asset_selection=keys, asset_check_selection=set(request.asset_check_keys or ())
    )
    return job.execute_in_process(instance=graph.instance, tags=request.tags, raise_on_error=raise_on_error)


def test_days_become_one_run_over_every_daily_table(graph, admin):
    number = admin.call("request_run", **DAYS)
    [request], _ = look(graph)
    daily = {t.qualified for t in catalog.TABLES if t.asset and t.grid.name == "DAY" and t.schema != "staging"}
    shown = {t.qualified for t in catalog.TABLES if t.materialized_view}
    assert daily <= names(request) <= daily | shown
    assert (request.tags[RANGE_START], request.tags[RANGE_END]) == ("2024-05-10", "2024-05-12")
    assert (request.tags["nova/days"], request.tags[REQUEST_TAG]) == ("every", str(number))
    assert request.run_key == f"request {number}"


def test_a_month_becomes_a_run_of_the_monthly_tables(graph, admin):
    admin.call("request_run", p_kind="MONTH", p_first=OVER)
    [request], _ = look(graph)
    monthly = {t.qualified for t in catalog.TABLES if t.asset and t.grid.name == "MONTH"}
    shown = {t.qualified for t in catalog.TABLES if t.materialized_view}
    assert monthly <= names(request) <= monthly | shown
    assert (request.tags[RANGE_START], request.tags[RANGE_END]) == ("2024-05-01", "2024-05-01")


def test_requests_wait_for_open_runs_and_for_each_other(graph, admin, owner):
    admin.call("request_run", p_kind="LOAD")
    admin.call("request_run", **DAYS)
    job = graph.definitions.resolve_job_def("landing")
    other = graph.instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    assert look(graph) == ([], "a run is open")
    graph.instance.report_run_canceled(other)
    [first], _ = look(graph)
    assert names(first) == {t.qualified for t in catalog.TABLES if t.asset and is_reference(t)}
    run = graph.instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED, tags=first.tags)
    assert look(graph) == ([], "a run is open")
    assert [(row["state"], row["run_id"]) for row in requests(owner)] == [("RUNNING", run.run_id), ("QUEUED", None)]
    assert [request.run_key for request in look(graph)[0]] == []


def test_nobody_asks_and_nothing_is_launched(graph):
    assert look(graph) == ([], "nobody asks for a run")


def test_a_run_that_fails_tells_why_and_its_rest_can_be_asked_for(graph, admin, owner, settings):
    admin.call("request_run", p_kind="LOAD")
    [request], _ = look(graph)
    failed = launch(graph, request, raise_on_error=False)
    assert look(graph) == ([], "a run that was asked for is under way")
    [row] = requests(owner)
    assert (row["state"], row["run_id"]) == ("FAILED", failed.run_id)
    assert "core.dim_calendar: ValueError: no holidays" in row["failure"]
    assert 0 < row["tables_done"] < row["tables"]
    assert row["started_at"] <= row["ended_at"] <= row["told_at"]
    assert look(graph) == ([], "nobody asks for a run")

    fact = {"steps": ["core__dim_calendar"], "partition": None}
    owner.rows(
        sql("app/audit"),
        session=None,
        action="run.failed",
        entity=failed.run_id,
        outcome="FAILED",
        details=Jsonb(fact),
        source=None,
        user_agent=None,
    )
    admin.call("request_run", p_kind="RERUN", p_failed_run=failed.run_id)
    graph.definitions = build_defs(Overrides(settings=graph.settings))
    [again], _ = look(graph)
    assert BROKEN in names(again) and len(names(again)) == row["tables"] - row["tables_done"]
    mended = launch(graph, again)
    look(graph)
    last = requests(owner)[-1]
    assert (last["state"], last["run_id"], last["tables_done"]) == ("DONE", mended.run_id, last["tables"])


def test_the_rest_of_a_scheduled_day_keeps_its_window(graph, admin, owner):
    tags = {PARTITION: "2024-05-09"}
    table = catalog.table("core.fact_demand_daily")
    job = graph.definitions.resolve_job_def("daily").get_subset(asset_selection={dg.AssetKey(["core", table.name])})
    run = graph.instance.create_run_for_job(job, tags=tags, status=dg.DagsterRunStatus.STARTED)
    graph.instance.report_run_failed(run)
    owner.execute(
        "SELECT support.append_audit('pipeline', 'run.failed', %(run)s, 'FAILED', '{\"steps\": []}')", run=run.run_id
    )
    admin.call("request_run", p_kind="RERUN", p_failed_run=run.run_id)
    [request], _ = look(graph)
    assert names(request) == {table.qualified}
    assert (request.tags[RANGE_START], request.tags[RANGE_END]) == ("2024-05-09", "2024-05-09")


def test_what_turns_out_impossible_is_told(graph, admin, owner):
    admin.call("request_run", **DAYS)
    graph.settings.__dict__["history_start"] = date(2024, 5, 11)
    graph.definitions = build_defs(Overrides(settings=graph.settings))
    assert look(graph) == ([], "the history holds 2024-05-11 to 2024-05-31")
    [row] = requests(owner)
    assert (row["state"], row["failure"]) == ("FAILED", "the history holds 2024-05-11 to 2024-05-31")
