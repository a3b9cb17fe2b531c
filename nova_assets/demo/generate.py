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

from nova_assets.demo import defects, files, tables, truth
from nova_assets.demo.clock import WARM_UP_DAYS, ordinal
from nova_assets.demo.environment import build_environment
from nova_assets.demo.events import build_events, build_service_calls
from nova_assets.demo.master import DEFAULT_SCALE, build_world
from nova_assets.demo.pairs import build_pairs
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


def default_start(end: date) -> date:
    """First day of the three years that end on `end`."""
    return end - timedelta(days=THREE_YEARS - 1)


def recorded_parameters(truth_folder: Path) -> Recorded | None:
    """What the demonstration below `truth_folder` was made with, or None when there is none."""
    path = truth_folder / PARAMETERS
    if not path.exists():
        return None
    known = json.loads(path.read_text())
    days = {name: date.fromisoformat(known[name]) for name in ("start", "end")}
    return Recorded(seed=known["seed"], scale=known["scale"], version=known["version"], **days)


def generate(
    landing: Path,
    truth_folder: Path,
    *,
    seed: int = DEFAULT_SEED,
    scale: int = DEFAULT_SCALE,
    start: date,
    end: date,
    progress: Progress | None = None,
) -> Generated:
    """Writes the extracts of [start, end] that are missing below `landing`, and the truth of that range.

    `scale` is about the number of stocked item-site pairs. `progress(step, done, total)` is called as work goes on.
    ValueError when the range is empty or the folder holds a demonstration with other parameters.
    """
    if end < start:
        raise ValueError(f"the demonstration would end ({end}) before it starts ({start})")
    landing, truth_folder = Path(landing), Path(truth_folder)
    _same_demonstration(truth_folder, seed, scale, start)
    tell = progress or (lambda step, done, total: None)
    first, last = ordinal(start), ordinal(end)
    world = build_world(seed, scale)
    pairs = build_pairs(world)
    env = build_environment(seed, first, last)
    tell("events", 0, 1)
    events, plans = build_events(world, pairs, env, first, last)
    calls = build_service_calls(world, pairs, first, last)
    room = StockRoom(world, pairs, events, plans, first, last)
    writer = files.InventoryWriter(landing, world.items.code[pairs.item], world.sites.code[pairs.site])
    written, moves, inventory_rows = {"inventory": 0}, truth.Moves(), 0
    for day in range(first - WARM_UP_DAYS, last + 1):
        close = room.run_day(day)
        if day >= first:
            written["inventory"] += writer.write(day, close.open, close.on_hand, close.reserved, close.backorder)
            inventory_rows += int(close.open.sum())
            moves.add(close)
            if (day - first) % 30 == 0:
                tell("stock", day - first, last - first + 1)
    frames = {
        "demand": tables.demand(world, pairs, events, room.recorded, room.fulfilled, calls, first),
        "purchase_orders": tables.purchase_orders(world, pairs, room.purchasing.lines(), env, first, last),
        "planned_work": tables.planned_work(world, pairs, plans, first),
        "external_daily": tables.external_daily(env, first, last),
    }
    rows, logs = {"inventory": inventory_rows}, []
    for nth, (feed, frame) in enumerate(frames.items()):
        tell("files", nth, len(frames))
        text = files.as_text(frame, files.DIALECTS[feed])
        if feed in defects.RATES:
            text, log = defects.plant(feed, text, seed)
            logs.append(log)
        written[feed] = files.write_dated(landing, feed, text, first, last)
        rows[feed] = text.height
    for feed, frame in tables.references(world, first, last).items():
        if feed == "items":
            frame, log = defects.misspell_units(frame, seed)
            logs.append(log)
        written[feed] = int(files.write_reference(landing, feed, frame))
        rows[feed] = frame.height
    tell("truth", 0, 1)
    planted = pl.concat(logs)
    parameters = {"version": VERSION, "seed": seed, "scale": scale, "start": str(start), "end": str(end)}
    truth.write(truth_folder, world, pairs, events, room, moves, planted, first, last)
    truth_folder.joinpath(PARAMETERS).write_text(json.dumps(parameters | truth.constants(), indent=2) + "\n")
    tell("done", 1, 1)
    return Generated(start, end, written, rows, planted.height)


def _same_demonstration(truth_folder: Path, seed: int, scale: int, start: date) -> None:
    known = recorded_parameters(truth_folder)
    if known is None:
        return
    wanted = Recorded(seed, scale, start, known.end, VERSION)
    if known != wanted:
        raise ValueError(
            f"{truth_folder} belongs to another demonstration ({known}), asked for {wanted}: "
            "use the same parameters to extend it, or an empty home"
        )
