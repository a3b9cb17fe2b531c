"""How long one new day of the demonstration company takes: its extracts landed, every table and view computed.

Each step is the command that a person or `nova up` would run, in a process of its own, so that its start counts too.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from functools import partial
from typing import Any

from nova_assets import demo
from nova_cli import machine
from nova_cli.benchmarks.home import temporary_platform
from nova_cli.benchmarks.measure import Measure, Say, seconds_of
from nova_resources.postgres import Database
from nova_resources.settings import Settings

MOST_SECONDS, MOST_SHARE = 60.0, 0.20
SLOWEST = 12


def run(rows: int | None, say: Say) -> list[Measure]:
    """Wall seconds of a new day, Dagster's own share of its runs, and the slowest steps. `rows` is the demo's scale."""
    with temporary_platform(dagster=True) as settings:
        last = settings.last_complete_day()
        eve = last - timedelta(days=1)
        _generate(settings, rows, eve, say)
        first = _materialize(settings, eve, say, monthly=True)
        wall = _generate(settings, rows, last, say)
        [size] = Database(settings, role="nova_app").rows(
            "SELECT count(*) AS pairs FROM analytics.mv_item_sites_latest"
        )
        reports: list[dict[str, Any]] = []
        wall += seconds_of(lambda: reports.append(_materialize(settings, last, say, monthly=False)))
    runs = reports[0]["runs"]
    inside, dagster = sum(run["seconds"] for run in runs), sum(run["dagster_seconds"] for run in runs)
    bodies = Counter[str]()
    for run in runs:
        bodies.update(run["bodies"])
    return [
        Measure("item-sites", size["pairs"], ""),
        Measure("a new day, from extracts to views", wall, "s", most=MOST_SECONDS),
        Measure("runs of the new day", inside, "s"),
        Measure("Dagster's own share of the runs", dagster / inside, "share", most=MOST_SHARE),
        *(Measure(f"inside {name}", taken, "s") for name, taken in bodies.most_common(SLOWEST)),
        Measure("first day: three years loaded, models chosen", first["seconds"], "s"),
    ]


def _generate(settings: Settings, scale: int | None, last: date, say: Say) -> float:
    """Write the extracts that are missing up to a day; returns wall seconds."""
    say(f"extracts until {last}")
    options = ["--scale", str(scale or demo.DEFAULT_SCALE), "--to", last.isoformat()]
    return seconds_of(partial(machine.output_of, settings, ["nova_cli", "demo", *options]))


def _materialize(settings: Settings, day: date, say: Say, *, monthly: bool) -> dict[str, Any]:
    """`nova materialize` of a day, as it reports itself."""
    say(f"tables of {day}")
    options = ["--as-of", day.isoformat(), "--json", "--monthly" if monthly else "--no-monthly"]
    return json.loads(machine.output_of(settings, ["nova_cli", "materialize", *options]))
