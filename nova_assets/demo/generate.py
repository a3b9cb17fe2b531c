"""`generate`: the whole company from a seed to landed extracts and the hidden truth.

The simulation is always run from its first day and only files that are missing are written: tomorrow's call adds
tomorrow's files and leaves the others alone, because every draw is keyed by its own day or month.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from nova_assets.demo import defects, files, tables
from nova_assets.demo import truth as hidden
from nova_assets.demo.clock import WARM_UP_DAYS, ordinal
from nova_assets.demo.environment import Environment, build_environment
from nova_assets.demo.events import Events, Plans, build_events, build_service_calls
from nova_assets.demo.master import DEFAULT_SCALE, World, build_world
from nova_assets.demo.pairs import Pairs, build_pairs
from nova_assets.demo.stock import StockRoom

DEFAULT_SEED = 7
# Raised when the same parameters begin to give other bytes.
VERSION = 1
THREE_YEARS = 1096
PARAMETERS = "parameters.json"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Generated:
    """What a call did: files written and rows in the whole range, by feed, and the planted defects in the range."""

    start: date
    end: date
    files_written: dict[str, int]
    rows: dict[str, int]
    defects: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """The demonstration that a home holds already."""

    seed: int
    scale: int
    start: date
    end: date
    version: int

    def __str__(self) -> str:
        return f"seed {self.seed}, scale {self.scale}, from {self.start}, generator {self.version}"


@dataclass(frozen=True)
class _Company:
    """Everything that is drawn before the first day of the stock simulation; days since 1970, both inclusive."""

    first: int
    last: int
    world: World
    pairs: Pairs
    env: Environment
    events: Events
    plans: Plans


def default_start(end: date) -> date:
    """First day of the three years that end on `end`."""
    return end - timedelta(days=THREE_YEARS - 1)


def recorded_parameters(truth: Path) -> Recorded | None:
    """What the demonstration below `truth` was made with, or None when there is none."""
    path = truth / PARAMETERS
    if not path.exists():
        return None
    known = json.loads(path.read_text())
    days = {name: date.fromisoformat(known[name]) for name in ("start", "end")}
    return Recorded(seed=known["seed"], scale=known["scale"], version=known["version"], **days)


def generate(
    landing: Path,
    truth: Path,
    *,
    seed: int = DEFAULT_SEED,
    scale: int = DEFAULT_SCALE,
    start: date,
    end: date,
    progress: Progress | None = None,
) -> Generated:
    """Writes the extracts of [start, end] that are missing below `landing`, and the truth of that range.

    `scale` is about the number of stocked item-site pairs. `progress(step, done, total)` is called as work goes on.
    ValueError when the range is empty or the home holds a demonstration with other parameters or later days.
    """
    landing, truth = Path(landing), Path(truth)
    _check(recorded_parameters(truth), Recorded(seed, scale, start, end, VERSION), truth)
    tell = progress or (lambda step, done, total: None)
    tell("events", 0, 1)
    first, last = ordinal(start), ordinal(end)
    world = build_world(seed, scale)
    pairs = build_pairs(world)
    env = build_environment(seed, first, last)
    company = _Company(first, last, world, pairs, env, *build_events(world, pairs, env, first, last))
    # Written first: a run that is cut short is taken up again, never mixed with another demonstration.
    _record(truth, Recorded(seed, scale, start, end, VERSION))
    written, rows = {}, {}
    room, moves, written["inventory"], rows["inventory"] = _simulate(company, landing, tell)
    logs = _write_dated(company, room, landing, tell, written, rows)
    logs.append(_write_references(company, landing, written, rows))
    tell("truth", 0, 1)
    planted = pl.concat(logs)
    hidden.write(truth, world, pairs, company.events, room, moves, planted, first)
    tell("done", 1, 1)
    return Generated(start, end, written, rows, planted.height)


def _check(known: Recorded | None, wanted: Recorded, truth: Path) -> None:
    if wanted.end < wanted.start:
        raise ValueError(f"the demonstration would end ({wanted.end}) before it starts ({wanted.start})")
    if known is None:
        return
    if (known.seed, known.scale, known.start, known.version) != (
        wanted.seed,
        wanted.scale,
        wanted.start,
        wanted.version,
    ):
        raise ValueError(
            f"{truth} belongs to another demonstration ({known}), not to {wanted}: "
            "use the same parameters to extend it, or an empty home"
        )
    if wanted.end < known.end:
        raise ValueError(
            f"the demonstration is landed until {known.end} already; it cannot be cut back to {wanted.end}"
        )


def _record(truth: Path, made: Recorded) -> None:
    truth.mkdir(parents=True, exist_ok=True)
    known = {name: getattr(made, name) for name in Recorded.__slots__}
    files.put(truth / PARAMETERS, (json.dumps(known | hidden.constants(), indent=2, default=str) + "\n").encode())


def _simulate(company: _Company, landing: Path, tell: Progress) -> tuple[StockRoom, hidden.Moves, int, int]:
    """Runs the shelves day by day and writes the snapshots: (final state, moves, files written, rows)."""
    world, pairs, first, last = company.world, company.pairs, company.first, company.last
    room = StockRoom(world, pairs, company.events, company.plans, first, last)
    writer = files.InventoryWriter(landing, world.items.code[pairs.item], world.sites.code[pairs.site])
    moves, written, rows = hidden.Moves(), 0, 0
    for day in range(first - WARM_UP_DAYS, last + 1):
        close = room.run_day(day)
        if day < first:
            continue
        written += writer.write(close)
        rows += int(close.open.sum())
        moves.add(close)
        if (day - first) % 30 == 0:
            tell("stock", day - first, last - first + 1)
    return room, moves, written, rows


def _write_dated(
    company: _Company, room: StockRoom, landing: Path, tell: Progress, written: dict[str, int], rows: dict[str, int]
) -> list[pl.DataFrame]:
    """Writes the dated CSV feeds with their planted defects; returns the logs of these."""
    world, pairs, env, first, last = company.world, company.pairs, company.env, company.first, company.last
    calls = build_service_calls(world, pairs, first, last)
    frames = {
        "demand": lambda: tables.demand(world, pairs, company.events, room, calls, first),
        "purchase_orders": lambda: tables.purchase_orders(world, pairs, room.purchasing.lines(), env, first, last),
        "planned_work": lambda: tables.planned_work(world, pairs, company.plans, first),
        "external_daily": lambda: tables.external_daily(env, first, last),
    }
    logs = []
    for nth, (feed, build) in enumerate(frames.items()):
        tell("files", nth, len(frames))
        text = files.as_text(build(), files.DIALECTS[feed])
        if feed in defects.RATES:
            text, log = defects.plant(feed, text, world.seed)
            logs.append(log)
        written[feed] = files.write_dated(landing, feed, text, first, last)
        rows[feed] = text.height
    return logs


def _write_references(company: _Company, landing: Path, written: dict[str, int], rows: dict[str, int]) -> pl.DataFrame:
    """Writes the undated feeds whose content changed; returns the log of misspelt units."""
    frames = tables.references(company.world, company.first, company.last)
    frames["items"], log = defects.misspell_units(frames["items"], company.world.seed)
    for feed, frame in frames.items():
        written[feed] = int(files.write_reference(landing, feed, frame))
        rows[feed] = frame.height
    return log
