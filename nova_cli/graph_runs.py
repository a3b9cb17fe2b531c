"""Runs of the asset graph in this very process, recorded in the platform's Dagster instance.

Belongs here: what `materialize` and `backfill` share, which is opening the graph, executing a run with its progress,
and saying what failed. Dagster is imported when a graph is opened.
"""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from nova_resources.errors import PlatformError
from nova_resources.settings import Settings, load_settings

if TYPE_CHECKING:
    import dagster as dg

    from nova_resources.tables import Table

# Whoever waits sees a table's progress, not Dagster's messages.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class RunFailed(PlatformError):
    """A run of the graph failed: in which steps and why."""


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of one table: `state` is started, done or failed; rows are those of the whole run."""

    name: str
    state: str
    seconds: float = 0.0
    rows: int | None = None


Progress = Callable[[Step], None]


@dataclass(slots=True)
class RunReport:
    """One executed run. `rows` holds the rows of each partition by table; a table without partitions has the key ''."""

    run_id: str
    title: str
    seconds: float = 0.0
    steps: dict[str, float] = field(default_factory=dict)
    bodies: dict[str, float] = field(default_factory=dict)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def overhead(self) -> float:
        """Dagster's own seconds: the run's without the bodies of its steps, which time themselves."""
        return self.seconds - sum(self.bodies.values())

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "run_id": self.run_id,
            "run": self.title,
            "seconds": round(self.seconds, 2),
            "dagster_seconds": round(self.overhead, 2),
            "steps": {name: round(seconds, 2) for name, seconds in self.steps.items()},
            "bodies": {name: round(seconds, 2) for name, seconds in self.bodies.items()},
            "rows": self.rows,
        }


class Graph:
    """The graph of one platform with its instance, ready to execute runs. Made by `open_graph`."""

    def __init__(self, settings: Settings, instance: dg.DagsterInstance, progress: Progress | None) -> None:
        self.instance = instance
        self.progress = progress
        self._build(settings)

    def _build(self, settings: Settings) -> None:
        from nova_assets.build import Overrides, build_defs

        self.settings = settings
        self.definitions = build_defs(Overrides(settings=settings))

    def follow_history(self) -> None:
        """Build the graph anew when a load found older data than the history held so far."""
        first = load_settings(home=self.settings.home).history_start
        if first < self.settings.history_start:
            self._build(self.settings.model_copy(update={"history_start": first}))

    def execute(
        self,
        title: str,
        tables: Collection[Table],
        *,
        first: date | None = None,
        last: date | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> RunReport:
        """Materialize `tables`, for the partitions from `first` to `last` where they have any.

        Raises RunFailed naming the steps that failed. What was published before the failure stays.
        """
        from nova_assets.automation import own_checks
        from nova_assets.specs import key_of
        from nova_resources.dagster_recovery import process_tags

        report = RunReport(str(uuid.uuid4()), title)
        listener = _Listener(report, self.progress)
        self.instance.add_event_listener(report.run_id, listener)
        began = time.monotonic()
        job = self.definitions.resolve_job_def(_job(tables, first)).get_subset(
            asset_selection={key_of(table) for table in tables}, asset_check_selection=own_checks(tables)
        )
        result = job.execute_in_process(
            run_config=QUIET,
            instance=self.instance,
            run_id=report.run_id,
            tags={**(tags or {}), **_partition_tags(first, last), **process_tags()},
            raise_on_error=False,
        )
        report.seconds = time.monotonic() - began
        if not result.success:
            raise RunFailed(f"{title} failed (run {report.run_id}):\n" + "\n".join(listener.causes))
        return report

    def tables(self, select: str | None) -> list[Table]:
        """Assets of the graph that a selection names: tables as schema.name, or Dagster's selection syntax.

        Raises PlatformError for a selection that names nothing.
        """
        import dagster as dg

        from nova_assets.ledger_state import assets
        from nova_assets.specs import key_of

        known = {table.qualified: table for table in assets()}
        if select is None:
            return list(known.values())
        names = [name.strip() for name in select.split(",")]
        if all(name in known for name in names):
            return [known[name] for name in names]
        try:
            graph = self.definitions.resolve_asset_graph()
            keys = dg.AssetSelection.from_string(select).resolve(graph)
        except Exception as error:
            raise PlatformError(f"cannot read the selection {select!r}: {error}") from error
        chosen = [table for table in known.values() if key_of(table) in keys]
        if not chosen:
            raise PlatformError(f"no table is meant by {select!r}; name tables as schema.name or as group:planning")
        return chosen


@contextlib.contextmanager
def open_graph(settings: Settings, progress: Progress | None = None) -> Iterator[Graph]:
    """The graph of a platform that was set up; its database server runs inside this block.

    Raises PlatformError when the home holds no platform yet.
    """
    if not (settings.dagster_home / "dagster.yaml").is_file():
        raise PlatformError(f"no platform in {settings.home} yet; start it with nova up, or set it up with nova init")
    import warnings

    import dagster as dg

    from nova_resources.dagster_instance import dagster_instance
    from nova_resources.embedded.servers import running_postgres
    from nova_resources.logs import RunLog

    RunLog.shown_otherwise = True
    # The locked version is the tested one; what its maker may change some day is nothing for an operator.
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    os.environ["NOVA_HOME"] = str(settings.home)
    with running_postgres(settings), dagster_instance(settings) as instance:
        yield Graph(settings, instance, progress)


def _job(tables: Collection[Table], first: date | None) -> str:
    """The job that these tables belong to: what a person starts is listed with what the schedule starts."""
    from nova_assets.automation import DAILY, LANDING, MONTHLY, is_monthly

    if first is None:
        return LANDING
    return MONTHLY if all(is_monthly(table) for table in tables) else DAILY


def _partition_tags(first: date | None, last: date | None) -> dict[str, str]:
    if first is None or last is None:
        return {}
    if first == last:
        return {"dagster/partition": first.isoformat()}
    return {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": last.isoformat(),
    }


class _Listener:
    """Turns Dagster's events of one run into progress, timings, row counts and causes of failure."""

    def __init__(self, report: RunReport, progress: Progress | None) -> None:
        self.report = report
        self.progress = progress
        self.causes: list[str] = []
        self._began: dict[str, float] = {}

    def __call__(self, entry: Any) -> None:
        import dagster as dg

        from nova_assets.failures import causes

        event = entry.dagster_event
        if event is None:
            return
        name = (event.step_key or "").replace("__", ".", 1)
        if event.event_type is dg.DagsterEventType.STEP_START:
            self._began[name] = time.monotonic()
            self._tell(Step(name, "started"))
        elif event.event_type is dg.DagsterEventType.ASSET_MATERIALIZATION:
            self._count(name, event.step_materialization_data.materialization)
        elif event.event_type is dg.DagsterEventType.STEP_SUCCESS:
            self._finish(name, event.step_success_data.duration_ms / 1000, "done")
        elif event.event_type is dg.DagsterEventType.STEP_FAILURE:
            self.causes += [f"  {line}" for line in causes(name, event.step_failure_data)]
            self._finish(name, time.monotonic() - self._began.get(name, time.monotonic()), "failed")
        elif event.event_type is dg.DagsterEventType.RUN_FAILURE and not self.causes:
            self.causes.append(f"  {event.message}")

    def _finish(self, name: str, seconds: float, state: str) -> None:
        self.report.steps[name] = seconds
        rows = self.report.rows.get(name)
        self._tell(Step(name, state, seconds, sum(rows.values()) if rows else None))

    def _count(self, step: str, materialization: dg.AssetMaterialization) -> None:
        if body := materialization.metadata.get("seconds"):
            self.report.bodies[step] = float(body.value)  # pyright: ignore[reportArgumentType]
        rows = materialization.metadata.get("dagster/row_count")
        if rows is not None:
            table = self.report.rows.setdefault(".".join(materialization.asset_key.path), {})
            table[materialization.partition or ""] = int(rows.value)  # pyright: ignore[reportArgumentType]

    def _tell(self, step: Step) -> None:
        if self.progress:
            self.progress(step)
