"""Whole platforms for the acceptance tests: home, database and graph; and the public data beside the checkout.

Tests of this folder hold what the platform promises as a whole, on real data or on a small demonstration company.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from nova_assets import demo
from nova_assets.automation import is_reference
from nova_assets.ledger_state import assets
from nova_assets.staging import load_landing
from nova_assets.staging.mapping import read_mapping
from nova_assets.staging.report import LoadReport
from nova_cli.backfill import backfill_in
from nova_cli.graph_runs import Graph
from nova_cli.materialize import materialize_in
from nova_resources.checksums import Checksum, checksum
from nova_resources.postgres import Database
from nova_resources.settings import CHECKOUT, SETTINGS_FILE, Settings
from nova_resources.tables import Table, Window

# Read before the session hides a developer's NOVA_* variables from the tests.
SHARED_DATA = Path(os.environ.get("NOVA_SHARED_DATA") or CHECKOUT.parent / "shared" / "data")


@dataclass
class Platform:
    """One platform and what a person would do with it."""

    settings: Settings
    graph: Graph

    @property
    def db(self) -> Database:
        return Database(self.settings)

    def load(self, path: Path | None = None, mapping: str | None = None) -> LoadReport:
        """Load what is new in the landing folder, or a file through a shipped mapping; then the reference tables."""
        chosen = read_mapping(CHECKOUT / "docs" / "mappings" / f"{mapping}.yaml") if mapping else None
        report = load_landing(self.db, self.settings, mapping=chosen, path=path and str(path), run_id="acceptance")
        self.graph.follow_history()
        self.graph.execute("Reference tables", [table for table in assets() if is_reference(table)])
        return report

    def materialize(self, day: date, *, monthly: bool = False) -> None:
        """Everything for one day."""
        materialize_in(self.graph, day, monthly=monthly)

    def backfill(self, first: date, last: date, select: str | None = None, *, every_day: bool = False) -> None:
        """A range of days."""
        backfill_in(self.graph, first, last, select, every_day)

    def checksums(self, tables: Collection[Table] | None = None, window: Window | None = None) -> dict[str, Checksum]:
        """Checksum of each table (all assets without `tables`); with `window`, of these dates where there are dates."""
        chosen = [table for table in tables or assets() if table.window or not window]
        return {table.qualified: checksum(self.db, table, window) for table in chosen}

    def assert_adds_up(self, report: LoadReport) -> None:
        """Rows in = accepted + rejected for each feed, in the report as in the tables, if this was the first load."""
        for name, feed in report.by_feed.items():
            assert feed.rows_in == feed.rows_accepted + feed.rows_rejected, name
            counts = self.rows(
                f"SELECT (SELECT count(*) FROM staging.{name}),"  # noqa: S608 - a name of the catalog
                f" (SELECT count(*) FROM staging.rejects WHERE feed = '{name}')"
            )
            assert counts == [(feed.rows_accepted, feed.rows_rejected)], name

    def rows(self, query: str) -> list[tuple]:
        with self.db.connect() as connection:
            return connection.execute(query).fetchall()  # pyright: ignore[reportArgumentType]


NewGraph = Callable[..., AbstractContextManager[Platform]]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the public data sets; without it the test is skipped and says so."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no public data in {SHARED_DATA}: name their folder in NOVA_SHARED_DATA")
    return SHARED_DATA


@pytest.fixture(scope="session")
def new_graph(new_platform, tmp_path_factory: pytest.TempPathFactory) -> NewGraph:
    """A function that gives an empty platform whose history begins on a day, and whose runs leave nothing behind."""

    @contextlib.contextmanager
    def make(history_start: date) -> Iterator[Platform]:
        with new_platform(tmp_path_factory.mktemp("platform") / "home") as settings:
            (settings.home / SETTINGS_FILE).write_text(f"history_start = {history_start}\n")
            started = settings.model_copy(update={"history_start": history_start})
            with dg.DagsterInstance.ephemeral() as instance:
                yield Platform(started, Graph(started, instance, None))

    return make


@dataclass(frozen=True)
class Company:
    """Extracts of a demonstration company, with its hidden truth, for days from `start` to `end`."""

    landing: Path
    truth: Path
    start: date
    end: date

    def land(self, landing: str, after: date | None = None, until: date | None = None) -> None:
        """Copy extracts into a landing folder: undated ones first of all, dated ones after and up to a day."""
        for path in sorted(self.landing.rglob("*.*")):
            target = Path(landing) / path.relative_to(self.landing)
            day = date.fromisoformat(path.stem[:10]) if path.stem[:1].isdigit() else None
            wanted = (after is None or (day and day > after)) and (until is None or not day or day <= until)
            if wanted:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())


@pytest.fixture(scope="session")
def new_company(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Company]:
    """A function that generates a company of a scale over some days, the same at every call with the same seed."""

    def make(scale: int, start: date, end: date, seed: int = 5) -> Company:
        folder = tmp_path_factory.mktemp("company")
        demo.generate(folder / "landing", folder / "truth", seed=seed, scale=scale, start=start, end=end)
        return Company(folder / "landing", folder / "truth", start, end)

    return make
