"""How fast the landing is against the fastest thing there is: a bare COPY of the same rows into the same table.

Works in a scratch database on the platform's server, dropped at the end, so that nothing of a home is touched.
"""

from __future__ import annotations

import io
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import psycopg
from psycopg import sql

from nova_assets import catalog
from nova_assets.staging.load import load_landing
from nova_resources.bootstrap_database import create_database, migrate
from nova_resources.postgres import Database
from nova_resources.server import admin_parameters
from nova_resources.settings import Settings
from nova_resources.tables import Window
from nova_resources.window import ensure_partitions

SCRATCH = "nova_bench_ingest"
DEMAND = catalog.table("staging.demand")
# The shape of the rows: a year of a company with this many materials and sites.
ITEMS, SITES, DAYS = 1_000, 200, 365
SEND_BYTES = 1 << 20
TARGET = 0.25


def measure(db: Database, rows: int = 1_000_000, repeats: int = 3) -> dict[str, float]:
    """Landing a demand file of `rows` lines against a bare COPY of them: seconds, rows/s, `ratio` of the rates.

    The file is CSV as Brazilian ERPs write it: `;`, decimal comma, dd/mm/yyyy. Landing is everything from listing the
    folder to the commit. Both are medians of `repeats`.
    """
    with _scratch_database(db.settings) as scratch, tempfile.TemporaryDirectory() as folder:
        frame = _demand(scratch.settings.last_complete_day(), rows)
        file = Path(folder, "landing", "demand", "history.csv")
        file.parent.mkdir(parents=True)
        _as_erp_writes(frame).write_csv(file, separator=";")
        settings = scratch.settings.model_copy(update={"landing": str(file.parents[1]), "home": Path(folder)})
        bare = frame.with_columns(file_id=pl.lit(0), source_line=pl.int_range(2, rows + 2)).write_csv(
            include_header=False
        )
        days = [day for (day,) in frame.select(pl.col("date").unique()).iter_rows()]
        with scratch.connect() as connection:
            ensure_partitions(connection, DEMAND, Window(min(days), max(days) + timedelta(days=1)))
        columns = [*frame.columns, "file_id", "source_line"]
        copies, landings = [], []
        for _ in range(repeats):
            copies.append(_timed(scratch, lambda: _bare_copy(scratch, columns, bare)))
            landings.append(_timed(scratch, lambda: _land(scratch, settings, rows)))
    ours, theirs = statistics.median(landings), statistics.median(copies)
    return {
        "rows": rows,
        "landing_seconds": round(ours, 2),
        "copy_seconds": round(theirs, 2),
        "landing_rows_per_second": round(rows / ours),
        "copy_rows_per_second": round(rows / theirs),
        "ratio": round(theirs / ours, 3),
        "target": TARGET,
    }


def _demand(last: date, rows: int) -> pl.DataFrame:
    """Demand lines of the year up to `last`, in order of date as an extract has them."""
    rng = np.random.default_rng(0)
    days = np.sort(rng.integers(0, DAYS, rows))
    items = np.array([f"{n // 100:03d}.{n % 100:03d}" for n in range(ITEMS)])
    sites = np.array([f"SSA-{n:03d}" for n in range(SITES)])
    quantity = rng.integers(1, 4_000, rows) / 10
    return pl.DataFrame(
        {
            "date": days,
            "item_code": rng.choice(items, rows),
            "site_code": rng.choice(sites, rows),
            "quantity": quantity,
            "fulfilled_quantity": quantity,
            "demand_type": rng.choice(["PREVENTIVE", "CORRECTIVE", "BUILD"], rows),
            "document_no": np.char.add("OS", np.arange(rows).astype(str)),
        }
    ).with_columns(date=pl.lit(last - timedelta(days=DAYS - 1)) + pl.duration(days=pl.col("date")))


def _as_erp_writes(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        pl.col("date").dt.strftime("%d/%m/%Y"),
        pl.col("quantity", "fulfilled_quantity").cast(pl.String).str.replace(".", ",", literal=True),
    )


def _bare_copy(db: Database, columns: list[str], text: str) -> None:
    target = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(DEMAND.schema, DEMAND.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    source = io.BytesIO(text.encode())
    with db.connect() as connection, connection.cursor().copy(target) as copy:
        while block := source.read(SEND_BYTES):
            copy.write(block)


def _land(db: Database, settings: Settings, rows: int) -> None:
    report = load_landing(db, settings, ("demand",), run_id="bench")
    assert report.rows_accepted == rows, report.by_feed


def _timed(db: Database, work: Callable[[], None]) -> float:
    """Seconds of `work` on empty tables."""
    with psycopg.connect(**{**admin_parameters(db.settings), "dbname": SCRATCH}, autocommit=True) as admin:
        admin.execute("TRUNCATE staging.demand, staging.files, staging.rejects")
        admin.execute("CHECKPOINT")
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _scratch_database(settings: Settings) -> Iterator[Database]:
    """An empty, migrated database of its own, dropped at the end."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(SCRATCH))
    private = settings.model_copy(update={"database_name": SCRATCH})
    with psycopg.connect(**admin_parameters(settings), autocommit=True) as admin:
        admin.execute(drop)
        create_database(admin, private, SCRATCH, owner="nova_owner")
        try:
            migrate(private)
            yield Database(private)
        finally:
            admin.execute(drop)
