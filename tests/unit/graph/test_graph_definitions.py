"""The graph as the code server loads it: everything is there, described, and as the committed snapshot says."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from nova_assets import catalog
from nova_assets.build import MissingBody, Overrides, build_defs
from nova_assets.specs import key_of, table_of
from nova_resources.settings import CHECKOUT, load_settings

SNAPSHOT = Path(__file__).with_name("graph_snapshot.json")
# What a web server that shows the graph must not have to load.
HEAVY = (
    "pandas",
    "polars",
    "scipy",
    "sklearn",
    "statsmodels",
    "statsforecast",
    "numba",
    "dagster_pandas",
)


@pytest.fixture(scope="module")
def definitions(tmp_path_factory):
    settings = load_settings(home=tmp_path_factory.mktemp("home"), history_start=date(2024, 1, 1))
    return build_defs(Overrides(settings=settings))


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


def test_loads_as_the_code_server_does_without_a_database_or_heavy_libraries(tmp_path):
    script = (
        "import sys, json\n"
        "from dagster._core.workspace.autodiscovery import loadable_targets_from_python_module\n"
        "(found,) = loadable_targets_from_python_module('nova_assets.definitions', None)\n"
        "repository = found.target_definition.get_repository_def()\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "print(json.dumps([found.attribute, len(repository.sensor_defs), loaded]))\n"
    )
    environment = {"NOVA_HOME": str(tmp_path), "PATH": "", "NOVA_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], cwd=CHECKOUT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == ["defs", 5, []]


def test_every_table_of_the_catalog_is_an_asset_or_says_that_it_is_none(graph):
    keys = {".".join(key.path) for key in graph.materializable_asset_keys}
    assert keys == {table.qualified for table in catalog.TABLES if table.asset}
    assert graph.get_all_asset_keys() == graph.materializable_asset_keys


def test_every_asset_is_described(graph):
    for key in graph.materializable_asset_keys:
        node, table = graph.get(key), table_of(key)
        schema = node.metadata["dagster/column_schema"]
        assert [column.name for column in schema.columns] == list(table.column_names)
        assert all(column.description for column in schema.columns)
        assert node.description and node.owners and node.kinds and node.code_version
        assert node.group_name == table.stage.value


def test_rows_that_a_table_refers_to_are_computed_before_it(graph):
    for table in catalog.TABLES:
        if not table.asset or table.schema == "staging":
            continue
        above = {".".join(key.path) for key in graph.get_ancestor_asset_keys(key_of(table))}
        referred = {column.references.rpartition(".")[0] for column in table.columns if column.references}
        assert referred <= above, table.qualified


def test_graph_is_as_committed(definitions, graph):
    """Change on purpose: run this file as a module, read the diff, commit it."""
    assert describe(definitions, graph) == json.loads(SNAPSHOT.read_text("utf-8"))


@pytest.mark.parametrize("name", ["daily", "monthly"])
def test_a_run_holds_one_grid(definitions, graph, name):
    chosen = definitions.resolve_job_def(name).asset_layer.selected_asset_keys
    assert len({graph.get(key).partitions_def for key in chosen} - {None}) == 1


def test_a_table_without_a_body_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("nova_assets.build.COMPUTE", {})
    settings = load_settings(home=tmp_path)
    with pytest.raises(MissingBody, match=r"analytics\.forecasts: neither sql/analytics/forecasts\.sql nor a function"):
        build_defs(Overrides(settings=settings, tables={"analytics.forecasts"}))


def describe(definitions, graph):
    """Assets with their group, grid, lineage and checks, one line each; what the schedules and sensors run on."""
    repository = definitions.get_repository_def()
    return {
        "assets": {".".join(key.path): describe_asset(graph, key) for key in sorted(graph.materializable_asset_keys)},
        "jobs": sorted(job.name for job in repository.get_all_jobs() if not job.name.startswith("__")),
        "schedules": {
            schedule.name: f"{schedule.cron_schedule} {schedule.execution_timezone} {schedule.default_status.value}"
            for schedule in repository.schedule_defs
        },
        "sensors": {
            sensor.name: f"every {sensor.minimum_interval_seconds or 30} s {sensor.default_status.value}"
            for sensor in repository.sensor_defs
        },
    }


def describe_asset(graph, key):
    node = graph.get(key)
    policy = node.backfill_policy
    runs = f", {policy.max_partitions_per_run or 'all'} in a run" if policy else ""
    grid = type(node.partitions_def).__name__.removesuffix("PartitionsDefinition") if node.is_partitioned else "whole"
    return (
        f"{node.group_name} | {grid}{runs} | from {', '.join(sorted('.'.join(k.path) for k in node.parent_keys))}"
        f" | checks {', '.join(sorted(check.name for check in node.check_keys))}"
    )


if __name__ == "__main__":
    made = build_defs(Overrides(settings=load_settings(history_start=date(2024, 1, 1))))
    text = json.dumps(describe(made, made.resolve_asset_graph()), indent=1, ensure_ascii=False)
    SNAPSHOT.write_text(text + "\n", "utf-8")
    sys.stdout.write(f"{SNAPSHOT} written with dagster {dg.__version__}\n")
