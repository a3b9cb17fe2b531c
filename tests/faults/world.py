"""One small home that faults are done to, and the checks that follow every one of them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
from cures import CURES

from nova_assets import demo
from nova_assets.build import Overrides, build_defs
from nova_assets.catalog import table
from nova_cli import doctor
from nova_cli.state import RunState
from nova_resources.bootstrap_database import bootstrap
from nova_resources.checksums import Checksum, checksum
from nova_resources.crash_points import POINTS
from nova_resources.dagster_instance import CODE_LOCATION, prepare_instance, workspace_file, write_dagster_home
from nova_resources.dagster_recovery import is_settled
from nova_resources.embedded.postgres import EmbeddedPostgres
from nova_resources.embedded.processes import ProcessId, wait_until
from nova_resources.postgres import Database
from nova_resources.settings import CHECKOUT, SETTINGS_FILE, Settings, load_settings
from nova_resources.sql_library import sql
from nova_resources.tables import Table, Window
from nova_resources.window import ensure_partitions

PIPELINE = [point for point in POINTS if not point.startswith("app.")]
# What the app writes: an approval with its audit row, and an audit row alone.
DECISIONS = [f"{write}: {point}" for write in ("decide", "note") for point in POINTS if point.startswith("app.")]
TABLES = ("staging.demand", "core.fact_demand_daily", "analytics.demand_classes")
# A process that was killed loses nothing that it gave to the kernel: only a loss of power does.
QUICK = {"fsync": "off", "shared_buffers": "64MB"}
KILLED = -signal.SIGKILL
SEED = """
    INSERT INTO support.users (username, display_name, password_hash, role)
    VALUES ('analyst', 'Analyst', 'x', 'ANALYST');
    INSERT INTO support.sessions (session_hash, user_id, expires_at)
    SELECT sha256(username::bytea), user_id, now() + interval '8 hours' FROM support.users
"""
RECOMMENDED = table("analytics.recommendations")
# Files in force whose rows are not those that their register says.
TORN_FILES = """
    SELECT f.path, f.rows_accepted, f.rows_rejected, d.rows AS found, r.rows AS refused
    FROM staging.files f
    LEFT JOIN (SELECT file_id, count(*) AS rows FROM staging.demand GROUP BY 1) d USING (file_id)
    LEFT JOIN (SELECT file_id, count(*) AS rows FROM staging.rejects GROUP BY 1) r USING (file_id)
    WHERE f.feed = 'demand' AND f.status = 'LOADED'
        AND (f.rows_accepted <> coalesce(d.rows, 0) OR f.rows_rejected <> coalesce(r.rows, 0))
"""
ORPHANS = """
    SELECT count(*) AS rows FROM staging.demand d
    WHERE NOT EXISTS (SELECT FROM staging.files f WHERE f.file_id = d.file_id AND f.status = 'LOADED')
"""
# Newest entry of each window that was published whole, and the rows that lie there.
DOUBLE_ENTRIES = """
    SELECT table_name, windows::text, run_id, count(*) AS entries FROM support.materializations
    WHERE mode <> 'APPEND' GROUP BY 1, 2, 3 HAVING count(*) > 1
"""
ASIDE = "SELECT oid::regclass::text AS name FROM pg_class WHERE relname LIKE '%%\\_aside' AND relkind = 'r'"
MONTH_ROWS = """
    SELECT m.rows, (
        SELECT count(*) FROM core.fact_demand_daily f
        WHERE f.full_date >= lower(m.windows) AND f.full_date < upper(m.windows)
    ) AS found
    FROM support.materializations m
    WHERE m.table_name = 'core.fact_demand_daily' AND lower(m.windows) = %(first)s
    ORDER BY m.materialization_id DESC LIMIT 1
"""


class Faulty(AssertionError):
    """Something was lost, doubled or torn."""


@dataclass
class Outcome:
    """What became of an order: the exit codes of its forks, and how often one stood still at a point."""

    codes: list[int] = field(default_factory=list)
    stops: int = 0


class World:
    """A home with its own PostgreSQL, two months of a tiny company, and a driver that carries orders out."""

    def __init__(self, home: Path, tuning: dict[str, str] | None = None) -> None:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.settings: Settings = load_settings(home=home)
        self.last = self.settings.last_complete_day()
        self.month_end = self.last if _ends_month(self.last) else self.last.replace(day=1) - timedelta(days=1)
        self.first = self.month_end.replace(day=1)
        (home / SETTINGS_FILE).write_text(f"history_start = {self.first}\n", "utf-8")
        self.settings = load_settings(home=home)
        self.server = EmbeddedPostgres(self.settings, QUICK | (tuning or {}))
        self.decisions = 0
        self.notes = 0

    def build(self) -> None:
        """Everything once, and the reference: what each version of the corrected file leads to without a fault."""
        self.server.start()
        bootstrap(self.settings)
        write_dagster_home(self.settings)
        prepare_instance(self.settings)
        landing = Path(self.settings.landing)
        demo.generate(landing, self.settings.truth, seed=7, scale=60, start=self.first, end=self.last)
        self.log = self.settings.logs / "driver.log"
        self.log.parent.mkdir(exist_ok=True)
        self.driver = self._start_driver()
        self.green("set_up")
        self.seeded = self._seed()
        self.corrected = self._busiest_file()
        original = self.corrected.read_bytes()
        lines = original.splitlines(keepends=True)
        self.versions = [original, b"".join([*lines, lines[1]])]
        self.version, self.reference = 0, {}
        self._note_reference()

    def _note_reference(self) -> None:
        for _ in self.versions:
            self.correct()
            self.green("run")
            self.reference[self.version] = self.checksums()

    def _seed(self) -> dict[str, int]:
        """A planner who is signed in, and a recommendation for him to decide on."""
        owner = Database(self.settings, "nova_owner")
        owner.execute(SEED)
        (key,) = owner.rows(
            "SELECT i.item_id, s.site_id FROM core.dim_item i CROSS JOIN core.dim_site s ORDER BY 1, 2 LIMIT 1"
        )
        row = plain_row(RECOMMENDED) | key | {"as_of": self.last, "action": "REORDER", "order_ref": ""}
        with owner.connect() as connection:
            ensure_partitions(connection, RECOMMENDED, Window.day(self.last))
            owner.copy_in(connection, RECOMMENDED, list(row), pa.Table.from_pylist([row]))
        return key

    def _start_driver(self) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("NOVA_", "DAGSTER_"))}
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
        days = [str(self.first), str(self.month_end), str(self.last)]
        driver = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(Path(__file__).with_name("driver.py")), *days],
            cwd=CHECKOUT,
            env=environment | threads | {"NOVA_HOME": str(self.settings.home), "PYTHONPATH": str(CHECKOUT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log.open("ab"),
            text=True,
        )
        assert driver.stdout is not None
        if not driver.stdout.readline():
            raise Faulty(f"the driver does not start:\n{self.log.read_text('utf-8', 'replace')[-3000:]}")
        return driver

    def close(self) -> None:
        if driver := getattr(self, "driver", None):
            driver.stdin.close()
            driver.wait(30)
        self.server.stop()

    def order(self, do: str, *, at_stop: Callable[[], None] | None = None, **rest: Any) -> Outcome:
        """Have an order carried out; `at_stop` is called while a fork stands still, which then goes on.

        The order `beside` is carried out meanwhile; its exit code comes first.
        """
        assert self.driver.stdin is not None and self.driver.stdout is not None
        self.driver.stdin.write(json.dumps({"do": do, **rest}, default=str) + "\n")
        self.driver.stdin.flush()
        outcome = Outcome()
        while len(outcome.codes) < rest.get("copies", 1) + ("beside" in rest):
            answer = json.loads(self.driver.stdout.readline())
            if "stopped" in answer:
                outcome.stops += 1
                try:
                    if at_stop:
                        at_stop()
                finally:
                    os.kill(answer["stopped"], signal.SIGCONT)
            else:
                outcome.codes.append(answer["code"])
        return outcome

    def green(self, do: str, **rest: Any) -> None:
        """An order that must succeed."""
        if self.order(do, **rest).codes != [0] * rest.get("copies", 1):
            raise Faulty(f"{do} failed:\n{self.log.read_text('utf-8', 'replace')[-4000:]}")

    def correct(self) -> None:
        """Land the other version of one day's demand in the closed month."""
        self.version = 1 - self.version
        draft = self.corrected.with_name(f".{self.corrected.name}.tmp")
        draft.write_bytes(self.versions[self.version])
        draft.replace(self.corrected)

    def decision(self) -> dict[str, Any]:
        """The next order `decide`: each is legal after the one before. The session never idles long enough to end."""
        Database(self.settings, "nova_owner").execute("UPDATE support.sessions SET last_seen_at = now()")
        states = ("APPROVED", "REJECTED")
        return {"state": states[self.decisions % 2], "version": self.decisions, **self.seeded}

    def writes(self, point: str) -> dict[str, Any]:
        """The order of one of DECISIONS."""
        write = point.partition(": ")[0]
        return {"do": write, **(self.decision() if write == "decide" else {"entity": "recommendations"})}

    def verify_decision(self, point: str, before: tuple[int, int], *, stands: bool) -> None:
        """One of DECISIONS stands whole or is not there at all, after `before`; the next ones are accepted."""
        self.verify_database()
        more = (self.decisions - before[0], self.notes - before[1])
        if more != ((stands, 0) if point.startswith("decide") else (0, stands)):
            raise Faulty(f"{point}: {more} decisions and notes more")
        self.green(**self.writes("decide"))
        self.green(**self.writes("note"))
        self.verify_database()

    def checksums(self) -> dict[str, Checksum]:
        database = Database(self.settings, "nova_owner")
        # Of the classes the day of the orders: on a whole machine the daemon has computed others.
        days = {"analytics.demand_classes": Window.day(self.last)}
        return {name: checksum(database, table(name), days.get(name)) for name in TABLES}

    def kill_postgres(self) -> None:
        """The postmaster and every process of it, without mercy and at once."""
        postmaster = self.server.postmaster()
        assert postmaster is not None
        process = psutil.Process(postmaster.pid)
        for victim in [process, *process.children(recursive=True)]:
            victim.kill()

    @contextlib.contextmanager
    def machine(self) -> Iterator[RunState]:
        """`nova up` on this home, with every sensor stopped: the only runs are those of the orders."""
        with socket.socket() as one, socket.socket() as other:
            for probe in (one, other):
                probe.bind(("127.0.0.1", 0))
            ports = {"NOVA_APP_PORT": one.getsockname()[1], "NOVA_DAGSTER_PORT": other.getsockname()[1]}
        try:
            self._command("nova_cli", "up", "--detach", "--no-demo", **ports)
            place = ["--workspace", str(workspace_file(self.settings)), "--location", CODE_LOCATION]
            for sensor in build_defs(Overrides(settings=self.settings)).sensors or ():
                self._command("dagster", "sensor", "stop", sensor.name, *place)
            # Until then the daemon has computed what our orders leave out, and the classes read it.
            if not wait_until(lambda: is_settled(self.settings), 300, pause=1):
                raise Faulty("the daemon's own runs do not end")
            self._note_reference()
            yield RunState(self.settings.state_dir)
        finally:
            self._command("nova_cli", "down")
            self.server.start()

    def _command(self, *module: str, **env: object) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("NOVA_", "DAGSTER_"))}
        environment |= {"NOVA_HOME": str(self.settings.home), "DAGSTER_HOME": str(self.settings.dagster_home)}
        environment |= {name: str(value) for name, value in env.items()}
        command = [sys.executable, "-W", "ignore", "-m", *module]
        done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Faulty(f"{' '.join(module)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def told(self, fault: str) -> None:
        """The doctor names the fault's cause and cure now, by the check that the runbook tells."""
        cure = CURES[fault]
        (finding,) = [one for one in doctor.examine(self.settings) if one.check == cure.check]
        if finding.state == doctor.OK or cure.found not in finding.found or not finding.cure:
            raise Faulty(f"the doctor does not tell {fault}: {finding}")

    def recover(self) -> None:
        """What the next start does."""
        self.server.start()
        self.green("recover")

    def verify(self) -> None:
        """The same checks after every fault. Raises Faulty naming what is wrong."""
        self.verify_database()
        self.green("run")
        self.verify_database()
        if (found := self.checksums()) != self.reference[self.version]:
            raise Faulty(f"the next run did not mend it: {found} instead of {self.reference[self.version]}")

    def verify_database(self) -> None:
        database = Database(self.settings, "nova_owner")
        rows_in = self._lines_in_force(database)
        (month,) = database.rows(MONTH_ROWS, first=self.first)
        (audit,) = database.rows(sql("support/audit_verify"), known_id=None, known_hash=None)
        (states,) = database.rows(
            "SELECT count(*) AS rows, coalesce(max(version), 0) AS version FROM support.recommendation_states"
        )
        (told,) = database.rows(
            "SELECT count(*) FILTER (WHERE action LIKE 'recommendation.%%') AS decisions,"
            " count(*) FILTER (WHERE action = 'export') AS notes FROM support.audit_logs"
        )
        self.decisions, self.notes = states["version"], told["notes"]
        wrong = {
            "files whose rows are not accepted + rejected": database.rows(TORN_FILES),
            "files whose lines were not counted": rows_in,
            "rows without a file in force": database.rows(ORPHANS)[0]["rows"],
            "a month that is not what its ledger entry says": month["rows"] != month["found"] and month,
            "publishes with several ledger entries": database.rows(DOUBLE_ENTRIES),
            "tables left aside": database.rows(ASIDE),
            "audit chain": audit["problem"],
            "runs that are open": not wait_until(lambda: is_settled(self.settings), 60),
            "decisions without their audit row": states["version"] != told["decisions"] and (states, told),
        }
        if found := {name: value for name, value in wrong.items() if value}:
            raise Faulty(str(found))

    def _lines_in_force(self, database: Database) -> list[tuple[str, int, int]]:
        """(path, lines of the file, rows in) where a file as loaded has other lines than were counted."""
        wrong = []
        query = "SELECT path, checksum, rows_accepted + rows_rejected AS rows FROM staging.files WHERE feed = 'demand'"
        for row in database.rows(f"{query} AND status = 'LOADED'"):
            content = (Path(self.settings.landing) / row["path"]).read_bytes()
            versions = [
                content,
                *(self.versions if (Path(self.settings.landing) / row["path"]) == self.corrected else []),
            ]
            loaded = [v for v in versions if hashlib.blake2b(v, digest_size=16).hexdigest() == row["checksum"]]
            if not loaded or _lines(loaded[0]) != row["rows"]:
                wrong.append((row["path"], _lines(content), row["rows"]))
        return wrong

    def _busiest_file(self) -> Path:
        files = sorted((Path(self.settings.landing) / "demand").glob(f"{self.first:%Y-%m}-*.csv"))
        return max(files, key=lambda path: len(path.read_bytes().splitlines()))


def plain_row(of: Table) -> dict[str, Any]:
    """A row that a table takes: the least value of each column that must have one."""
    zeros = {"text": "-", "date": date(2024, 1, 1), "jsonb": "{}", "boolean": False, "timestamptz": datetime.now(UTC)}
    row = {}
    for column in of.columns:
        if not column.nullable and column.default is None and not column.identity:
            number = column.minimum if column.minimum is not None else 0
            plain = [] if column.type.endswith("[]") else zeros.get(column.type, number)
            row[column.name] = column.values[0] if column.values else plain
    return row


def _lines(content: bytes) -> int:
    return sum(bool(line.strip()) for line in content.splitlines()[1:])


def _ends_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


def kill(process: ProcessId | None) -> None:
    """SIGKILL."""
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
