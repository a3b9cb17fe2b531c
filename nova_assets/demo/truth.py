"""The hidden truth: what really happened, kept apart from the extracts. Only tests and simulations read it.

| file | grain |
|---|---|
| demand.parquet | every material demand event, also those that never reached the ERP (`recorded` false) |
| moves.parquet | day and pair with receipts or issues; closing stock |
| stockouts.parquet | day and pair whose shelf was empty at close |
| pairs.parquet | stocked pair: pattern, true rates, lifetime |
| old_rule.parquet | setting of the old min/max rule for a pair, with the day from which it holds |
| lead_times.parquet | item and supplier: parameters, mean and quantiles of the true supplier leg |
| orders.parquet | order line with everything that will happen to it |
| defects.csv | planted row: file, line, kind, outcome and reason code expected of the landing |
| parameters.json | seed, scale, range, constants of the simulation |
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from scipy.special import ndtri

from nova_assets.demo import events as field
from nova_assets.demo import purchasing, stock
from nova_assets.demo.clock import to_date
from nova_assets.demo.families import FAMILIES
from nova_assets.demo.master import PATTERNS, World
from nova_assets.demo.pairs import NEVER, Pairs
from nova_assets.demo.tables import days_column

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)


class Moves:
    """Collects receipts, issues and stock-outs day by day."""

    def __init__(self) -> None:
        self._moves: list[tuple[np.ndarray, ...]] = []
        self._empty: list[tuple[np.ndarray, np.ndarray]] = []

    def add(self, close: stock.Close) -> None:
        moved = np.flatnonzero((close.receipts != 0) | (close.issues != 0))
        self._moves.append(
            (np.full(len(moved), close.day), moved, close.receipts[moved], close.issues[moved], close.on_hand[moved])
        )
        empty = np.flatnonzero(close.open & (close.on_hand <= 0))
        self._empty.append((np.full(len(empty), close.day), empty))

    def moves(self) -> tuple[np.ndarray, ...]:
        """(day, pair, receipts, issues, on_hand at close)."""
        return tuple(np.concatenate(column) for column in zip(*self._moves, strict=True))

    def stockouts(self) -> tuple[np.ndarray, ...]:
        """(day, pair)."""
        return tuple(np.concatenate(column) for column in zip(*self._empty, strict=True))


def constants() -> dict[str, object]:
    """The simulation's parameters that tests and policies compare against."""
    return {
        "internal_cycle": {"law": "lognormal", "median": purchasing.CYCLE_MEDIAN, "sigma": purchasing.CYCLE_SIGMA},
        "supplier_leg": {
            "kept_promise_share_of_quoted": purchasing.PROMISE_KEPT,
            "late_excess": {"law": "lognormal", "median": purchasing.LATE_MEDIAN, "sigma": purchasing.LATE_SIGMA},
        },
        "partial": purchasing.PARTIAL,
        "renegotiated": purchasing.RENEGOTIATED,
        "cancelled": purchasing.CANCELLED,
        "unrecorded_share_of_unmet": stock.UNRECORDED,
        "growth_year": field.GROWTH_YEAR,
    }


def write(
    folder: Path,
    world: World,
    pairs: Pairs,
    events: field.Events,
    room: stock.StockRoom,
    moves: Moves,
    planted: pl.DataFrame,
    first: int,
) -> None:
    """Writes every table of the truth from day `first` on; the folder exists."""
    item, site = world.items.code[pairs.item], world.sites.code[pairs.site]
    keep = events.day >= first
    who = events.pair[keep]
    demand = pl.DataFrame(
        {
            "date": days_column("", events.day[keep]),
            "item_code": item[who],
            "site_code": site[who],
            "quantity": events.quantity[keep],
            "fulfilled_quantity": room.fulfilled[keep],
            "demand_type": np.array(field.KINDS)[events.kind[keep]],
            "recorded": room.recorded[keep],
        }
    )
    day, pair, receipts, issues, on_hand = moves.moves()
    moved = pl.DataFrame(
        {
            "date": days_column("", day),
            "item_code": item[pair],
            "site_code": site[pair],
            "receipts": receipts,
            "issues": issues,
            "on_hand": on_hand,
        }
    )
    day, pair = moves.stockouts()
    empty = pl.DataFrame({"date": days_column("", day), "item_code": item[pair], "site_code": site[pair]})
    tables = {
        "demand": demand,
        "moves": moved,
        "stockouts": empty,
        "pairs": _pairs(world, pairs, first),
        "old_rule": _old_rule(world, pairs, room),
        "lead_times": _lead_times(world),
        "orders": _orders(world, pairs, room.purchasing.lines(), first),
    }
    for name, frame in tables.items():
        frame.write_parquet(folder / f"{name}.parquet", compression="zstd")
    planted.sort("feed", "file", "line").write_csv(folder / "defects.csv")


def _pairs(world: World, pairs: Pairs, first: int) -> pl.DataFrame:
    def moment(offset: np.ndarray) -> list:
        return [to_date(first + int(o)) if abs(int(o)) < NEVER else None for o in offset]

    return pl.DataFrame(
        {
            "item_code": world.items.code[pairs.item],
            "site_code": world.sites.code[pairs.site],
            "pattern": np.array(PATTERNS)[world.items.pattern[pairs.item]],
            "corrective_per_day": pairs.corrective,
            "build_per_day": pairs.build,
            "inspection_per_day": pairs.inspection,
            "visit_days": pairs.visit_days,
            "event_size": pairs.size,
            "event_log_sd": pairs.spread,
            "daily_mean": pairs.daily_mean,
            "opens": moment(pairs.opens),
            "demand_starts": moment(pairs.starts),
            "demand_ends": moment(pairs.ends),
            "unmet_demand": np.array([f.unmet for f in FAMILIES])[pairs.family],
        },
        schema_overrides={"opens": pl.Date, "demand_starts": pl.Date, "demand_ends": pl.Date},
    )


def _old_rule(world: World, pairs: Pairs, room: stock.StockRoom) -> pl.DataFrame:
    """On its review day a pair whose position is at or below `minimum` is ordered up to `maximum`."""
    settings = [
        pl.DataFrame(
            {
                "valid_from": days_column("", np.full(len(pairs), day)),
                "item_code": world.items.code[pairs.item],
                "site_code": world.sites.code[pairs.site],
                "minimum": minimum,
                "maximum": maximum,
                "review_weekday": pairs.review_weekday,
            }
        )
        for day, minimum, maximum in room.rule_history
    ]
    return pl.concat(settings)


def _lead_times(world: World) -> pl.DataFrame:
    """Supplier leg before rounding up to working days, outside bad half-years; quantiles from a fixed fine sample."""
    sources, suppliers = world.sources, world.suppliers
    late = np.minimum(suppliers.late[sources.supplier] + 0.03 * sources.imported, 0.8)
    quoted = sources.quoted_days.astype(float)
    frame = {
        "item_code": world.items.code[sources.item],
        "supplier_code": suppliers.code[sources.supplier],
        "preferred": np.isin(np.arange(len(sources.item)), sources.first),
        "imported": sources.imported,
        "quoted_days": sources.quoted_days,
        "late_chance": np.round(late, 4),
    }
    grid = (np.arange(400) + 0.5) / 400
    low, high = purchasing.PROMISE_KEPT
    on_time = np.ceil(quoted[:, None] * (low + (high - low) * grid))
    tail = np.exp(np.log(purchasing.LATE_MEDIAN) + purchasing.LATE_SIGMA * ndtri(grid))
    overdue = quoted[:, None] + np.ceil(np.minimum(tail, purchasing.LATE_LIMIT))
    frame["mean_days"] = np.round((1 - late) * on_time.mean(axis=1) + late * overdue.mean(axis=1), 3)
    values = np.concatenate([on_time, overdue], axis=1)
    weights = (
        np.concatenate([np.repeat(1 - late, 400).reshape(-1, 400), np.repeat(late, 400).reshape(-1, 400)], axis=1) / 400
    )
    share = np.cumsum(weights, axis=1)  # on-time days never exceed overdue ones, so the columns are sorted already
    for level in QUANTILES:
        frame[f"q{level:g}"] = values[np.arange(len(values)), np.minimum((share < level - 1e-12).sum(axis=1), 799)]
    return pl.DataFrame(frame)


def _orders(world: World, pairs: Pairs, lines: purchasing.OrderLines, first: int) -> pl.DataFrame:
    keep = np.minimum(lines.received, lines.cancelled) >= first
    dates = {
        name: days_column("", getattr(lines, name)[keep])
        for name in (
            "requested",
            "approved",
            "ordered",
            "promised",
            "renegotiated",
            "promised_then",
            "first_receipt",
            "received",
            "cancelled",
        )
    }
    source, who = lines.source[keep], lines.pair[keep]
    return pl.DataFrame(
        {
            "item_code": world.items.code[pairs.item[who]],
            "site_code": world.sites.code[pairs.site[who]],
            "supplier_code": world.suppliers.code[world.sources.supplier[source]],
            "quantity": lines.quantity[keep],
            **dates,
        }
    )
