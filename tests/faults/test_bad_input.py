"""Spoilt extracts by the thousand: nothing crashes, every row is accepted or told why not, memory stays bounded."""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest
from conftest import WHOLE
from dirt import bomb, far_cell, spoilt
from matrix import MEASURED
from psycopg import sql

from nova_assets import demo
from nova_assets.demo.files import DIALECTS, as_text
from nova_assets.staging import workbook_guard
from nova_assets.staging.load import load_landing
from nova_assets.staging.report import LoadReport
from nova_cli.benchmarks.ingest import lines
from nova_resources.postgres import Database
from nova_resources.settings import CHECKOUT, Settings

EXTRACTS = 10_000 if WHOLE else 300
BATCH = 2_000
SHOWN = 5
FEEDS_SPOILT = (
    "demand",
    "external_daily",
    "purchase_orders",
    "planned_work",
    "items",
    "sites",
    "suppliers",
    "item_sources",
)
MOST_GROWTH_KB = 700_000
LINES_BLOCK = 200_000
LINES, MOST_PEAK_KB = (10_000_000, 1_536 << 10) if WHOLE else (2 * LINES_BLOCK, 900 << 10)
IN_FORCE = """
    SELECT f.feed, f.path, f.rows_accepted, f.rows_rejected, coalesce(r.rows, 0) AS refused
    FROM staging.files f
    LEFT JOIN (SELECT file_id, count(*) AS rows FROM staging.rejects GROUP BY 1) r USING (file_id)
    WHERE f.status = 'LOADED'
"""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[str], list[list[str]]]]:
    """Header and rows of one sound extract of each feed."""
    folder = tmp_path_factory.mktemp("sound")
    demo.generate(folder / "landing", folder / "truth", seed=7, scale=60, start=date(2024, 3, 1), end=date(2024, 3, 31))
    found = {}
    for feed in FEEDS_SPOILT:
        files = [path for path in (folder / "landing").rglob("*.csv") if feed in (path.stem, path.parent.name)]
        largest = max(files, key=lambda path: path.stat().st_size)
        content = largest.read_bytes()
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252")
        separator = ";" if ";" in text.splitlines()[0] else ","
        header, *body = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        found[feed] = (header, body[:200])
    return found


@pytest.mark.timeout(1800)
def test_every_row_of_every_spoilt_extract_is_accounted_for(
    settings: Settings,
    database: Database,
    sound: dict[str, tuple[list[str], list[list[str]]]],
    record_property: Callable[[str, object], None],
) -> None:
    random, landing = Random(20_240_301), Path(settings.landing)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes: Counter[str] = Counter()
    for start in range(0, EXTRACTS, BATCH):
        expected: dict[str, int | None] = {}
        for number in range(start, min(start + BATCH, EXTRACTS)):
            feed = random.choice(FEEDS_SPOILT)
            extension, content, rows = spoilt(random, *sound[feed])
            path = f"{feed}/2024-03-{random.randint(1, 28):02d}_{number}.{extension}"
            (landing / feed).mkdir(parents=True, exist_ok=True)
            (landing / path).write_bytes(content)
            expected[path] = rows
        report = load_landing(database, settings, run_id=f"dirt {start}")
        account(report, expected, outcomes, landing)
        for path in expected:
            (landing / path).unlink()
    settled(database)
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    record_property(
        MEASURED,
        f"{EXTRACTS:,} spoilt extracts: {outcomes['loaded']:,} loaded ({outcomes['accepted']:,} rows accepted, "
        f"{outcomes['rejected']:,} rejected with a reason), {outcomes['unusable']:,} refused whole, "
        f"none unaccounted for; memory grew by {growth / 1024:.0f} MiB",
    )
    assert outcomes["files"] == EXTRACTS
    assert min(outcomes["loaded"], outcomes["unusable"], outcomes["accepted"], outcomes["rejected"]) > EXTRACTS / 20
    assert growth < MOST_GROWTH_KB


def account(report: LoadReport, expected: dict[str, int | None], outcomes: Counter[str], landing: Path) -> None:
    """Each file once: loaded with as many rows as were written, or refused whole with a reason."""
    seen, differing = {}, []
    for file in report.files:
        if file.path not in expected:
            continue
        assert file.path not in seen
        seen[file.path] = file
        if file.outcome == "UNUSABLE":
            assert file.problem and file.path in file.problem
            outcomes["unusable"] += 1
            continue
        rows = expected[file.path]
        if rows is not None and file.rows_in != rows:
            content = (landing / file.path).read_bytes()
            differing.append(f"{file.path}: {rows} rows written, {file.rows_in} told\n{content[:1500]!r}")
        assert file.rows_rejected == file.reasons.total()
        outcomes.update(loaded=1, counted=rows is not None, accepted=file.rows_accepted, rejected=file.rows_rejected)
    assert not differing, f"{len(differing)} files:\n" + "\n".join(differing[:SHOWN])
    assert seen.keys() == expected.keys()
    outcomes["files"] += len(seen)


def settled(database: Database) -> None:
    """The database holds what was told: accepted rows in their table, rejected ones in the quarantine."""
    owner = Database(database.settings, "nova_owner")
    told: Counter[str] = Counter()
    for row in owner.rows(IN_FORCE):
        assert row["rows_rejected"] == row["refused"], row
        told[row["feed"]] += row["rows_accepted"]
    for feed in FEEDS_SPOILT:
        table = sql.Identifier("staging", feed)
        (found,) = owner.rows(sql.SQL("SELECT count(*) AS rows FROM {}").format(table))
        assert found["rows"] == told[feed], feed


# A child counts what its parent held when it forked, and the process of the tests holds much.
PEAK = """
import os, subprocess, sys
_, status, used = os.wait4(subprocess.Popen(sys.argv[1:]).pid, 0)
print("peak", used.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_of_millions_of_rows_is_loaded_in_bounded_memory(
    settings: Settings, kind: str, record_property: Callable[[str, object], None]
) -> None:
    """`nova load` as a process of its own, whose peak the kernel tells: no more for a longer file."""
    path = Path(settings.landing) / "demand" / f"{settings.last_complete_day()}.{kind}"
    path.parent.mkdir(parents=True)
    write_lines(path, settings)
    assert settings.database_url is not None
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("NOVA_", "DAGSTER_"))},
        "NOVA_HOME": str(settings.home),
        "NOVA_DATABASE_URL": settings.database_url.get_secret_value(),
        "NOVA_DATABASE_NAME": settings.database_name,
    }
    command = [sys.executable, "-m", "nova_cli", "load", settings.landing, "--json"]
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *command],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report, peak = json.loads(done.stdout), int(done.stderr.rpartition("peak ")[2])
    told = f"{LINES:,} rows of {kind}: at most {peak / 1024:.0f} MiB resident, {report['seconds']:.0f} s"
    record_property(MEASURED, told)
    assert (report["rows_in"], report["rows_accepted"], report["rows_rejected"]) == (LINES, LINES, 0)
    assert peak < MOST_PEAK_KB


def write_lines(path: Path, settings: Settings) -> None:
    """LINES lines of demand, a block at a time."""
    frame = lines(LINES_BLOCK, settings)
    if path.suffix == ".csv":
        text = as_text(frame, DIALECTS["demand"]).write_csv(separator=";", line_terminator="\r\n").encode()
        header, _, body = text.partition(b"\r\n")
        with path.open("wb") as file:
            file.write(header + b"\r\n")
            for _ in range(LINES // LINES_BLOCK):
                file.write(body)
        return
    table = frame.to_arrow()
    with pq.ParquetWriter(path, table.schema) as writer:
        for _ in range(LINES // LINES_BLOCK):
            writer.write_table(table)


@pytest.mark.parametrize(
    ("make", "problem"),
    [(lambda: bomb(80 << 20), "unpacks to more than 64 MB"), (far_cell, "spans 1,048,576 rows and 16,384 columns")],
    ids=["bomb", "far cell"],
)
def test_a_workbook_that_would_fill_the_memory_is_refused(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch, make: Callable[[], bytes], problem: str
) -> None:
    monkeypatch.setattr(workbook_guard, "MOST_BYTES", 64 << 20)
    path = Path(settings.landing) / "demand" / "2024-03-01.xlsx"
    path.parent.mkdir(parents=True)
    path.write_bytes(make())
    assert path.stat().st_size < 1 << 20
    (told,) = load_landing(database, settings, run_id="bomb").problems
    assert problem in told
    assert path.name in told


def test_a_line_without_an_end_is_refused(settings: Settings, database: Database) -> None:
    path = Path(settings.landing) / "demand" / "2024-03-01.csv"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.write(b"date;item_code;site_code;quantity\n")
        for _ in range(100):
            file.write(b"x" * (1 << 20))
    (told,) = load_landing(database, settings, run_id="endless").problems
    assert "a line of more than" in told
