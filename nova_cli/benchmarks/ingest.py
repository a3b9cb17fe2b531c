"""How fast a load is beside a bare COPY of the same rows into the same partitioned table with the same indexes."""

from __future__ import annotations

import io
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import psycopg

from nova_assets import catalog
from nova_assets.demo.files import DIALECTS, as_text
from nova_assets.staging import load_landing
from nova_cli.benchmarks.home import temporary_platform
from nova_cli.benchmarks.measure import Measure, Say, medians
from nova_resources.postgres import Database, trusted
from nova_resources.server import admin_parameters
from nova_resources.settings import Settings
from nova_resources.tables import Window
from nova_resources.window import ensure_partitions

ROWS, TIMES, DAYS = 1_000_000, 3, 1096
ITEMS, SITES = 900, 190
LEAST_SHARE = 0.25
BLOCK = 1 << 20
DEMAND = catalog.table("staging.demand")
KINDS = ("PREVENTIVE", "CORRECTIVE", "BUILD", "INSPECTION")


def run(rows: int | None, say: Say) -> list[Measure]:
    """Rows per second of COPY, of a Brazilian CSV and of Parquet, and the shares of COPY's rate that loads reach."""
    count = rows or ROWS
    with temporary_platform() as settings:
        say(f"{count:,} demand lines")
        frame = lines(count, settings)
        folder = settings.home / "extracts"
        sources = {"CSV": _csv(frame, folder), "Parquet": _parquet(frame, folder)}
        copied, owner = _copy_text(frame), Database(settings, role="nova_owner")
        whole = Window(settings.last_complete_day() - timedelta(days=DAYS - 1), settings.today())
        with owner.connect() as connection:
            ensure_partitions(connection, DEMAND, whole)
        contenders = {name: partial(_load, settings, path, count) for name, path in sources.items()}
        contenders["COPY"] = partial(_copy, settings, copied)
        seconds = medians(contenders, partial(_empty, settings), TIMES, say)
    rates = {name: count / taken for name, taken in seconds.items()}
    return [
        Measure("lines of demand", count, ""),
        Measure("bare COPY", rates["COPY"], "rows/s"),
        *(Measure(f"load of {name}", rates[name], "rows/s") for name in sources),
        *(Measure(f"load of {name} / COPY", rates[name] / rates["COPY"], "", least=LEAST_SHARE) for name in sources),
    ]


def lines(count: int, settings: Settings) -> pl.DataFrame:
    """Demand of three years in the order of its dates, as an ERP dumps it; the same at every call."""
    rng = np.random.default_rng(7)
    first = settings.last_complete_day() - timedelta(days=DAYS - 1)
    day = np.sort(rng.integers(0, DAYS, count))
    quantity = np.where(rng.random(count) < 0.2, np.round(rng.gamma(2, 8, count) + 0.5, 1), rng.integers(1, 60, count))
    item, site = rng.integers(0, ITEMS, count), rng.integers(0, SITES, count)
    return pl.DataFrame(
        {
            "date": day,
            "item_code": np.char.mod("%03d.", item // 50) + np.char.mod("%03d", item),
            "site_code": np.char.mod("BA-%04d", site),
            "quantity": quantity,
            "fulfilled_quantity": quantity,
            "demand_type": np.array(KINDS)[rng.integers(0, len(KINDS), count)],
            "document_no": np.char.mod("OS%08d", np.arange(count)),
        }
    ).with_columns(date=(pl.lit(first) + pl.duration(days="date")).cast(pl.Date))


def _csv(frame: pl.DataFrame, folder: Path) -> Path:
    path = _target(frame, folder / "csv", "csv")
    text = as_text(frame, DIALECTS["demand"])
    text.write_csv(path, separator=";", include_bom=True, line_terminator="\r\n")
    return path


def _parquet(frame: pl.DataFrame, folder: Path) -> Path:
    path = _target(frame, folder / "parquet", "parquet")
    frame.write_parquet(path)
    return path


def _target(frame: pl.DataFrame, folder: Path, kind: str) -> Path:
    """A file of the contract, named by its last date."""
    path = folder / "demand" / f"{frame['date'].max()}.{kind}"
    path.parent.mkdir(parents=True)
    return path


def _copy_text(frame: pl.DataFrame) -> bytes:
    """The rows in the form that COPY itself reads, provenance included."""
    table = frame.with_columns(file_id=pl.lit(1), source_line=pl.int_range(2, pl.len() + 2)).select(DEMAND.column_names)
    buffer = io.BytesIO()
    table.write_csv(buffer, include_header=False)
    return buffer.getvalue()


def _load(settings: Settings, path: Path, count: int) -> None:
    own = settings.model_copy(update={"landing": str(path.parents[1])})
    report = load_landing(Database(own), own, run_id="bench")
    assert report.rows_accepted == count, report.as_json()


def _copy(settings: Settings, text: bytes) -> None:
    with Database(settings).connect() as connection:
        statement = trusted(f"COPY staging.demand ({', '.join(DEMAND.column_names)}) FROM STDIN (FORMAT csv)")
        with connection.cursor().copy(statement) as copy:
            for start in range(0, len(text), BLOCK):
                copy.write(text[start : start + BLOCK])


def _empty(settings: Settings) -> None:
    """No rows, no landed files, and nothing of the run before still to be written to disk."""
    parameters: dict[str, Any] = admin_parameters(settings) | {"dbname": settings.database_name}
    with psycopg.connect(**parameters, autocommit=True) as admin:
        admin.execute("TRUNCATE staging.demand, staging.files, staging.rejects")
        admin.execute("CHECKPOINT")
