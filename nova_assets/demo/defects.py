"""Dirt of a real ERP, planted at known places: what a landing must refuse, and what it must take with a placeholder.

Refusable rows are added beside the true ones (a clerk mistyped, then typed again), so that the accepted rows are the
true ones. Each planted row is logged with its file and line. Draws belong to (feed, day): a longer run plants the same.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from nova_assets.demo.clock import stream, to_date

# Chance that a line of the feed has a bad twin beside it.
RATES = {"demand": 0.012, "purchase_orders": 0.008, "planned_work": 0.010}
KINDS = {
    "demand": ("negative_quantity", "zero_quantity", "unreadable_date", "unreadable_number", "unknown_item"),
    "purchase_orders": ("duplicate_row", "unreadable_date"),
    "planned_work": ("duplicate_row", "unreadable_date"),
}
OUTCOMES = {"unknown_item": "placeholder", "unit_spelling": "normalised"}
# Reason code of the landing where it is not the kind's own name.
_REASONS = {"negative_quantity": "non_positive_quantity", "zero_quantity": "non_positive_quantity"}
LOG = {
    "feed": pl.String,
    "file": pl.String,
    "line": pl.Int64,
    "kind": pl.String,
    "outcome": pl.String,
    "reason": pl.String,
    "detail": pl.String,
}
_BAD_DATES = ("31/02/2025", "00/00/0000", "3O/06/2025", "15/13/2024", "ontem")
_BAD_NUMBERS = ("12,,5", "1O", "dois", "3.5,0.1")
_SQUARE_METRE = ("M2", "m2", "m²", "M²", "MT2", "mts2")
_DATE_COLUMN = {"demand": "date", "purchase_orders": "order_date", "planned_work": "date"}


def plant(feed: str, rows: pl.DataFrame, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(rows with the planted ones among them, log) of a dated feed, text already except `file_day`.

    The log's columns are `LOG`; `file` is relative to the landing folder and the header is line 1.
    """
    names = [name for name in rows.columns if name != "file_day"]
    beside, twins, log, offset = [], [], [], 0
    for day, size in rows.group_by("file_day", maintain_order=True).len().iter_rows():
        rng = stream(seed, f"defects/{feed}", day)
        for nth in np.flatnonzero(rng.random(size) < RATES[feed]):
            kind = KINDS[feed][int(rng.integers(len(KINDS[feed])))]
            twin, detail = _spoil(feed, kind, rows.row(offset + int(nth), named=True), rng)
            beside.append(offset + int(nth) + 0.5)
            twins.append(twin)
            log.append((day, kind, detail))
        offset += size
    bad = pl.DataFrame(twins, schema=rows.schema).with_columns(place=pl.Series(beside, dtype=pl.Float64), bad=True)
    clean = rows.with_columns(place=pl.int_range(rows.height).cast(pl.Float64), bad=False)
    mixed = pl.concat([clean, bad]).sort("place").with_columns(line=pl.int_range(2, pl.len() + 2).over("file_day"))
    lines = mixed.filter("bad")["line"].to_list()
    entries = [(day, kind, detail, line) for (day, kind, detail), line in zip(log, lines, strict=True)]
    return mixed.select("file_day", *names), _log(entries, feed)


def _spoil(feed: str, kind: str, row: dict[str, str], rng: np.random.Generator) -> tuple[dict[str, str], str]:
    """(bad twin of a row, what is bad about it)."""
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


def _log(entries: list[tuple[int, str, str, int]], feed: str) -> pl.DataFrame:
    """The log of (file day, kind, detail, line) entries."""
    rows = [
        (feed, f"{feed}/{to_date(day)}.csv", line, kind, *_expected(kind), detail)
        for day, kind, detail, line in entries
    ]
    return pl.DataFrame(rows, schema=LOG, orient="row")


def _expected(kind: str) -> tuple[str, str]:
    """What the landing must do with a row of this kind: outcome, and the reason code where it refuses."""
    if kind in OUTCOMES:
        return OUTCOMES[kind], ""
    return "rejected", _REASONS.get(kind, kind)


def misspell_units(items: pl.DataFrame, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Square metres as several generations of clerks wrote them; the log names each line that is not `M2`."""
    spelling = stream(seed, "defects/items").choice(_SQUARE_METRE, items.height)
    clean = items["unit_measure"].to_numpy()
    unit = np.where(clean == "M2", spelling, clean).astype(str)
    rows = [
        ("items", "items.csv", int(line) + 2, "unit_spelling", *_expected("unit_spelling"), str(unit[line]))
        for line in np.flatnonzero(unit != clean)
    ]
    return items.with_columns(unit_measure=pl.Series(unit)), pl.DataFrame(rows, schema=LOG, orient="row")
