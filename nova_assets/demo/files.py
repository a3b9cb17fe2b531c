"""Frames to files, the way Brazilian ERPs write them, and only those files that are not there yet.

Dialects differ by feed on purpose (separator, decimal sign, encoding, byte order mark, line end). A file is written
aside and renamed, so whoever watches the folder never sees half of one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from nova_assets.demo.clock import to_date
from nova_assets.demo.stock import Close


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one feed's CSV is written. `brazilian` means decimal comma and dd/mm/yyyy, else point and ISO dates."""

    separator: str = ";"
    brazilian: bool = True
    encoding: str = "utf-8"
    newline: str = "\n"


DIALECTS = {
    "demand": Dialect(encoding="utf-8-sig", newline="\r\n"),
    "purchase_orders": Dialect(encoding="utf-8-sig"),
    "planned_work": Dialect(),
    "external_daily": Dialect(separator=",", brazilian=False),
    "regions": Dialect(encoding="utf-8-sig"),
    "sites": Dialect(encoding="latin-1", newline="\r\n"),
    "suppliers": Dialect(encoding="utf-8-sig"),
    "items": Dialect(encoding="latin-1", newline="\r\n"),
    "item_sources": Dialect(),
    "planning_rules": Dialect(),
}


def as_text(frame: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    """Every column but `file_day` as the dialect writes it; nulls are empty."""
    columns = []
    for name, kind in frame.schema.items():
        column = pl.col(name)
        if name == "file_day":
            columns.append(column)
            continue
        if kind == pl.Date:
            column = column.dt.strftime("%d/%m/%Y" if dialect.brazilian else "%Y-%m-%d")
        elif kind.is_float():
            column = column.cast(pl.String).str.strip_suffix(".0")
            column = column.str.replace(".", ",", literal=True) if dialect.brazilian else column
        columns.append(column.cast(pl.String).fill_null("").alias(name))
    return frame.select(columns)


def _lines(text: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    """file_day and the day's body (lines joined, each with its line end)."""
    names = [name for name in text.columns if name != "file_day"]
    line = pl.concat_str([_quoted(name, dialect) for name in names], separator=dialect.separator)
    return (
        text.select("file_day", (line + dialect.newline).alias("line"))
        .group_by("file_day", maintain_order=True)
        .agg(pl.col("line").str.join(""))
    )


def _quoted(name: str, dialect: Dialect) -> pl.Expr:
    column = pl.col(name)
    special = column.str.contains(f'[{dialect.separator}"\\n]')
    return pl.when(special).then('"' + column.str.replace_all('"', '""', literal=True) + '"').otherwise(column)


def put(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all."""
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(content)
    os.replace(aside, path)


def write_dated(folder: Path, feed: str, text: pl.DataFrame, first: int, last: int) -> int:
    """Writes the CSV files of the days [first, last] that are missing; a day without rows gets a header only."""
    dialect, target = DIALECTS[feed], folder / feed
    target.mkdir(parents=True, exist_ok=True)
    header = dialect.separator.join(name for name in text.columns if name != "file_day") + dialect.newline
    present = {entry.name for entry in os.scandir(target)}
    missing = [day for day in range(first, last + 1) if f"{to_date(day)}.csv" not in present]
    wanted = text.filter(pl.col("file_day").is_in(pl.Series(missing, dtype=text.schema["file_day"]).implode()))
    bodies = dict(_lines(wanted, dialect).iter_rows())
    for day in missing:
        put(target / f"{to_date(day)}.csv", (header + bodies.get(day, "")).encode(dialect.encoding))
    return len(missing)


def write_reference(folder: Path, feed: str, frame: pl.DataFrame) -> bool:
    """Writes an undated reference file when its content changed; True when it was written."""
    dialect, path = DIALECTS[feed], folder / f"{feed}.csv"
    text = as_text(frame, dialect).with_columns(file_day=pl.lit(0))
    header = dialect.separator.join(frame.columns) + dialect.newline
    content = (header + dict(_lines(text, dialect).iter_rows()).get(0, "")).encode(dialect.encoding)
    if path.exists() and path.read_bytes() == content:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    put(path, content)
    return True


class InventoryWriter:
    """Daily Parquet snapshots of the stocked pairs."""

    def __init__(self, folder: Path, item_codes: np.ndarray, site_codes: np.ndarray) -> None:
        self.target = folder / "inventory"
        self.target.mkdir(parents=True, exist_ok=True)
        self._present = {entry.name for entry in os.scandir(self.target)}
        self._codes = (item_codes, site_codes)
        self._mask: np.ndarray | None = None
        self._columns: list[pa.Array] = []

    def write(self, close: Close) -> bool:
        """Writes the snapshot of a day unless it is there; True when it was written."""
        name = f"{to_date(close.day)}.parquet"
        if name in self._present:
            return False
        if self._mask is None or not np.array_equal(close.open, self._mask):
            self._mask = close.open.copy()
            self._columns = [pa.array(codes[close.open]) for codes in self._codes]
        date = pa.array(np.full(int(close.open.sum()), close.day, dtype=np.int32)).cast(pa.date32())
        numbers = [pa.array(values[close.open]) for values in (close.on_hand, close.reserved, close.backorder)]
        names = ["date", "item_code", "site_code", "on_hand", "reserved", "backorder"]
        table = pa.table([date, *self._columns, *numbers], names=names)
        aside = self.target / f".{name}.part"
        pq.write_table(table, aside, compression="zstd", write_statistics=False)
        os.replace(aside, self.target / name)
        return True
