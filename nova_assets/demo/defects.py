"""Dirt of a real ERP, planted at known places: what a landing must refuse, and what it must take with a placeholder.

Refusable rows are added beside the true ones (a clerk mistyped, then typed again), so that the accepted rows are the true
ones. Each planted row is logged with its file and line. Draws belong to (feed, day): a longer run plants the same.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from nova_assets.demo.clock import stream, to_date

# Chance that a line of the feed has a bad twin beside it.
RATES = {"demand": 0.012, "purchase_orders": 0.008, "planned_work": 0.003}
KINDS = {
    "demand": ("negative_quantity", "zero_quantity", "unreadable_date", "unreadable_number", "unknown_item"),
    "purchase_orders": ("duplicate_row", "unreadable_date"),
    "planned_work": ("duplicate_row", "unreadable_date"),
}
OUTCOMES = {"unknown_item": "placeholder", "unit_spelling": "normalised"}
_BAD_DATES = ("31/02/2025", "00/00/0000", "3O/06/2025", "15/13/2024", "ontem")
_BAD_NUMBERS = ("12,,5", "1O", "dois", "3.5,0.1")
_SQUARE_METRE = ("M2", "m2", "m²", "M²", "MT2", "mts2")
_DATE_COLUMN = {"demand": "date", "purchase_orders": "order_date", "planned_work": "date"}


def plant(feed: str, rows: pl.DataFrame, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(rows as text with planted ones, log) of a dated feed whose columns are text already except `file_day`.

    The log has file_day, feed, line (header is line 1), kind, outcome, detail.
    """
    rng_rows, twins, log = [], [], []
    columns = [name for name in rows.columns if name != "file_day"]
    counts = rows.group_by("file_day", maintain_order=True).len()
    offset = 0
    for day, size in counts.iter_rows():
        rng = stream(seed, f"defects/{feed}", day)
        for nth in np.flatnonzero(rng.random(size) < RATES[feed]):
            kind = KINDS[feed][int(rng.integers(len(KINDS[feed])))]
            twin, detail = _spoil(feed, kind, rows.row(offset + int(nth), named=True), rng)
            rng_rows.append(offset + int(nth) + 0.5)
            twins.append(twin)
            log.append((day, kind, detail))
        offset += size
    if not twins:
        return rows, _log([], feed)
    bad = pl.DataFrame(twins, schema=rows.schema).with_columns(place=pl.Series(rng_rows), bad=pl.int_range(len(twins)))
    clean = rows.with_columns(place=pl.int_range(rows.height).cast(pl.Float64), bad=pl.lit(None, dtype=pl.Int64))
    mixed = pl.concat([clean, bad], how="vertical_relaxed").sort("place")
    mixed = mixed.with_columns(line=pl.int_range(2, pl.len() + 2).over("file_day"))
    lines = mixed.filter(pl.col("bad").is_not_null()).sort("bad")["line"].to_list()
    return mixed.select("file_day", *columns), _log(
        [(*entry, line) for entry, line in zip(log, lines, strict=True)], feed
    )


def _spoil(feed: str, kind: str, row: dict, rng: np.random.Generator) -> tuple[dict, str]:
    twin = dict(row)
    match kind:
        case "negative_quantity":
            twin["quantity"] = detail = "-" + row["quantity"]
            twin["fulfilled_quantity"] = ""
        case "zero_quantity":
            twin["quantity"] = detail = "0"
            twin["fulfilled_quantity"] = ""
        case "unreadable_date":
            twin[_DATE_COLUMN[feed]] = detail = str(rng.choice(_BAD_DATES))
        case "unreadable_number":
            twin["quantity"] = detail = str(rng.choice(_BAD_NUMBERS))
        case "unknown_item":
            twin["item_code"] = detail = f"999.{int(rng.integers(1, 40)):03d}"
        case _:
            detail = ""
    return twin, detail


def _log(entries: list[tuple], feed: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "feed": [feed] * len(entries),
            "file": [f"{feed}/{to_date(day).isoformat()}.csv" for day, *_ in entries],
            "line": pl.Series([line for *_, line in entries], dtype=pl.Int64),
            "kind": [kind for _, kind, _, _ in entries],
            "outcome": [OUTCOMES.get(kind, "rejected") for _, kind, _, _ in entries],
            "detail": [detail for _, _, detail, _ in entries],
        },
        schema_overrides={
            "feed": pl.String,
            "file": pl.String,
            "kind": pl.String,
            "outcome": pl.String,
            "detail": pl.String,
        },
    )


def misspell_units(items: pl.DataFrame, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Square metres as several generations of clerks wrote them; the log names each line that is not `M2`."""
    rng = stream(seed, "defects/items")
    spelling = rng.choice(_SQUARE_METRE, items.height)
    unit = np.where(items["unit_measure"].to_numpy() == "M2", spelling, items["unit_measure"].to_numpy())
    odd = np.flatnonzero((items["unit_measure"].to_numpy() == "M2") & (unit != "M2"))
    log = pl.DataFrame(
        {
            "feed": ["items"] * len(odd),
            "file": ["items.csv"] * len(odd),
            "line": odd + 2,
            "kind": ["unit_spelling"] * len(odd),
            "outcome": ["normalised"] * len(odd),
            "detail": [str(unit[i]) for i in odd],
        },
        schema_overrides={
            "feed": pl.String,
            "file": pl.String,
            "line": pl.Int64,
            "kind": pl.String,
            "outcome": pl.String,
            "detail": pl.String,
        },
    )
    return items.with_columns(unit_measure=pl.Series(unit.astype(str))), log
