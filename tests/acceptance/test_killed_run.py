"""A run killed in the middle of a publish: no partial window, nothing left open after a start, and again to the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date

import dagster as dg
import pytest

from nova_assets import catalog
from nova_assets.ledger_state import assets
from nova_resources import ledger
from nova_resources.dagster_instance import dagster_instance, prepare_instance, write_dagster_home
from nova_resources.postgres import Database
from nova_resources.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]

START, END = date(2026, 9, 1), date(2026, 10, 10)
STATUS = dg.DagsterRunStatus
FACT = catalog.table("core.fact_inventory_daily")
OPEN_RUNS = dg.RunsFilter(
    statuses=[status for status in STATUS if status not in (STATUS.SUCCESS, STATUS.FAILURE, STATUS.CANCELED)]
)
Nova = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def platform(new_graph, new_company) -> Iterator:
    """Extracts landed and their facts computed, September as a whole month."""
    with new_graph(START) as platform, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", "")
        new_company(60, START, END).land(platform.settings.landing)
        platform.load()
        platform.backfill(START, END, FACT.qualified)
        write_dagster_home(platform.settings)
        prepare_instance(platform.settings)
        yield platform


@pytest.fixture
def run(platform) -> Nova:
    """Run a module of ours in a process of its own, as somebody at a prompt would; `crash_at` kills it there."""

    def start(*arguments: str, crash_at: str = "") -> subprocess.CompletedProcess[str]:
        named = environment(platform.settings) | {"NOVA_CRASH_AT": crash_at}
        others = {name: value for name, value in os.environ.items() if not name.startswith(("NOVA_", "DAGSTER_"))}
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(command, env=others | named, capture_output=True, text=True, check=False)

    return start


def environment(settings: Settings) -> dict[str, str]:
    """Variables that lead another process to this platform."""
    assert settings.database_url is not None
    return {
        "NOVA_HOME": str(settings.home),
        "NOVA_DATABASE_URL": settings.database_url.get_secret_value(),
        "NOVA_DATABASE_NAME": settings.database_name,
        "NOVA_DAGSTER_DATABASE_NAME": settings.dagster_database_name,
    }


@pytest.mark.parametrize(
    ("point", "first", "last"),
    [("publish.before_swap", "2026-09-01", "2026-09-30"), ("publish.after_delete", "2026-10-05", "2026-10-05")],
    ids=["month", "day"],
)
def test_a_killed_run_leaves_nothing_half_done(platform, run: Nova, point: str, first: str, last: str) -> None:
    command = ("nova_cli", "backfill", "--from", first, "--to", last, "--select", FACT.qualified)
    tables = [table for table in assets() if not table.materialized_view]
    days = {"first": first, "last": last}
    right = platform.checksums(tables)
    # The window that stands differs from the one that comes, so that a mixture of both would show.
    Database(platform.settings, role="nova_owner").execute(
        "UPDATE core.fact_inventory_daily SET on_hand = on_hand + 1 WHERE full_date BETWEEN %(first)s AND %(last)s",
        **days,
    )
    before, head = platform.checksums(tables), ledger.head(platform.db)
    assert before != right
    killed = run(*command, crash_at=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (platform.checksums(tables), ledger.head(platform.db)) == (before, head)
    with dagster_instance(platform.settings) as instance:
        (open_run,) = instance.get_runs(OPEN_RUNS)
        recovery = run("nova_resources.dagster_recovery")
        assert recovery.stdout.startswith("1 open run"), recovery.stderr
        assert instance.get_runs(OPEN_RUNS) == []
        closed = instance.get_run_by_id(open_run.run_id)
        assert closed is not None
        assert closed.status == STATUS.FAILURE
    again = run(*command)
    assert again.returncode == 0, again.stderr
    assert platform.checksums(tables) == right
