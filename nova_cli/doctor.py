"""`nova doctor`: what is wrong on this machine, why, and how to mend it. It looks and touches nothing."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from nova_cli import health
from nova_cli.plan import REDIS
from nova_cli.state import RunState
from nova_cli.testing import find_chromium
from nova_resources.bootstrap_database import alembic_config
from nova_resources.embedded.account import server_account
from nova_resources.embedded.postgres import EmbeddedPostgres, wheel_programs
from nova_resources.errors import PlatformError
from nova_resources.landing import LandingZone
from nova_resources.server import role_parameters
from nova_resources.settings import Settings, load_settings
from nova_resources.sql_library import sql

GIB = 1024**3
LEAST_DISK = 2 * GIB
MOST_SECONDS_APART = 60.0
SHOWN, DAY_SECONDS = 3, 86_400
OK, NOTE, WRONG = "ok", "note", "wrong"


@dataclass(frozen=True)
class Finding:
    """One check: `state` is ok, note (works, but know this) or wrong; `cure` says what to do."""

    check: str
    state: str
    found: str
    cure: str = ""


def command(as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """What is wrong on this machine and how to mend it. Exit code 1 when something is wrong."""
    findings = examine(load_settings())
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        _show(findings)
    raise typer.Exit(int(any(finding.state == WRONG for finding in findings)))


def examine(settings: Settings) -> list[Finding]:
    """Every check in turn; those that need the running platform only when it runs."""
    state = RunState(settings.state_dir)
    settings = state.running_settings(settings)
    runs = state.supervisor() is not None
    checks: list[Callable[[], Finding]] = [
        _python,
        lambda: _disk(settings),
        lambda: _home(settings),
        lambda: _landing(settings),
        lambda: _account(settings),
        lambda: _ports(settings, runs=runs),
        lambda: _leftovers(settings, state),
        lambda: _processes(state, runs=runs),
        lambda: _database(settings, runs=runs),
        lambda: _migrations(settings),
        lambda: _inside(settings),
        lambda: _partitions(settings),
        lambda: _files(settings),
        lambda: _checks(settings),
        lambda: _runs(settings, runs=runs),
        lambda: _redis(settings, state),
        lambda: _dagster(settings, runs=runs),
        _chromium,
    ]
    return [check() for check in checks]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", OK, f"{version}, {sys.executable}")


def _disk(settings: Settings) -> Finding:
    place = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    found = f"{free / GIB:.1f} GiB free at {place}"
    if free < LEAST_DISK:
        return Finding("disk", WRONG, found, "free some space, or move the home with NOVA_HOME")
    return Finding("disk", OK, found)


def _home(settings: Settings) -> Finding:
    if not settings.home.exists():
        return Finding("home", OK, f"{settings.home} will be created")
    mode = settings.home.stat().st_mode & 0o777
    open_secrets = settings.secrets_file.exists() and settings.secrets_file.stat().st_mode & 0o077
    if open_secrets:
        return Finding(
            "home", WRONG, f"{settings.secrets_file} can be read by others", f"chmod 600 {settings.secrets_file}"
        )
    if mode & 0o022:
        return Finding("home", WRONG, f"{settings.home} can be written by others", f"chmod 700 {settings.home}")
    return Finding("home", OK, f"{settings.home}, mode {mode:o}")


def _landing(settings: Settings) -> Finding:
    zone = LandingZone(settings.landing)
    if "://" in zone.root:
        return Finding("landing", OK, f"{zone.root} (looked at by the next load)")
    folder = Path(zone.root)
    if not folder.exists():
        return Finding("landing", NOTE, f"{folder} does not exist yet", "land extracts there, or nova demo")
    if not os.access(folder, os.R_OK | os.X_OK):
        return Finding("landing", WRONG, f"{folder} cannot be read", f"chmod u+rx {folder}, or set NOVA_LANDING")
    if not os.access(folder, os.W_OK):
        cure = f"chmod u+w {folder}; files loaded from elsewhere are then kept"
        return Finding(
            "landing", NOTE, f"{folder} is read-only: loading works, files from elsewhere are not kept", cure
        )
    return Finding("landing", OK, str(folder))


def _account(settings: Settings) -> Finding:
    if settings.database_url is not None:
        return Finding("server account", OK, "external server (NOVA_DATABASE_URL)")
    try:
        place = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
        account = server_account(place, wheel_programs() / "postgres")
    except PlatformError as error:
        return Finding("server account", WRONG, str(error), "see the message")
    return Finding("server account", OK, f"user id {account.uid} {' '.join(account.prefix[:1])}".strip())


def _ports(settings: Settings, *, runs: bool) -> Finding:
    found = f"{settings.app_port} and {settings.dagster_port} on {settings.host}"
    if runs:
        return Finding("ports", OK, f"{found}, in use by this platform")
    for variable, port in (("NOVA_APP_PORT", settings.app_port), ("NOVA_DAGSTER_PORT", settings.dagster_port)):
        if not health.port_is_free(settings.host, port):
            return Finding(
                "ports", WRONG, f"port {port} is taken by {health.port_holder(port)}", f"set {variable} to a free port"
            )
    return Finding("ports", OK, f"{found}, free")


def _leftovers(settings: Settings, state: RunState) -> Finding:
    if state.is_supervised():
        return Finding("leftovers", OK, "none")
    living = [row.name for row in state.table() if row.process and row.process.alive()]
    if settings.database_url is None and EmbeddedPostgres(settings).postmaster() and "postgres" not in living:
        living.append("postgres")
    if living:
        return Finding("leftovers", NOTE, f"run without a supervisor: {', '.join(living)}", "nova up or nova down")
    return Finding("leftovers", OK, "none")


def _processes(state: RunState, *, runs: bool) -> Finding:
    if not runs:
        return Finding("processes", NOTE, "the platform does not run", "nova up")
    unsteady = [f"{row.name} ({row.restarts} restarts)" for row in state.table() if row.state != "running"]
    if unsteady:
        return Finding("processes", WRONG, ", ".join(unsteady), f"read its log in {state.folder.parent / 'logs'}")
    restarted = [f"{row.name} ({row.restarts})" for row in state.table() if row.restarts]
    if restarted:
        return Finding("processes", NOTE, f"restarted since the start: {', '.join(restarted)}", "read their logs")
    return Finding("processes", OK, f"{len(state.table())} run")


def _database(settings: Settings, *, runs: bool) -> Finding:
    if not settings.secrets_file.exists():
        return Finding("database", NOTE, "was never started from this home", "nova up")
    if health.database_answers(settings):
        return Finding("database", OK, "answers")
    if not runs and settings.database_url is None:
        return Finding("database", NOTE, "the embedded server does not run", "nova up")
    cure = (
        f"see {settings.logs / 'postgres.log'}"
        if settings.database_url is None
        else "check NOVA_DATABASE_URL; nova init"
    )
    return Finding("database", WRONG, "does not answer", cure)


def _migrations(settings: Settings) -> Finding:
    import psycopg
    from alembic.script import ScriptDirectory

    if not settings.secrets_file.exists():
        return Finding("tables", NOTE, "none yet", "nova up")
    head = ScriptDirectory.from_config(alembic_config(settings)).get_current_head()
    try:
        with psycopg.connect(**role_parameters(settings, "nova_owner"), connect_timeout=3) as connection:
            found = connection.execute("SELECT version_num FROM support.alembic_version").fetchone()
    except psycopg.OperationalError:
        return Finding("tables", NOTE, "not looked at: the database does not answer")
    except psycopg.errors.UndefinedTable:
        found = None
    if found is None or found[0] != head:
        return Finding("tables", WRONG, f"revision {found[0] if found else 'none'}, the code wants {head}", "nova init")
    return Finding("tables", OK, f"revision {head}")


def _inside(settings: Settings) -> Finding:
    """Clock and locks, as the database sees them."""
    from nova_resources.postgres import Database

    if not settings.secrets_file.exists() or not health.database_answers(settings):
        return Finding("inside", NOTE, "not looked at: the database does not answer")
    (row,) = Database(settings, "nova_owner").rows(sql("cli/database_health"), clock=datetime.now(UTC))
    if abs(row["seconds_apart"]) > MOST_SECONDS_APART:
        found = f"this machine's clock and the database's are {abs(row['seconds_apart']):.0f} s apart"
        return Finding("inside", WRONG, found, "set both clocks (NTP): rows after today are refused as too late")
    if row["waiting"]:
        cure = "see pg_stat_activity (nova psql): application_name tells the run that holds the lock"
        return Finding("inside", WRONG, f"{row['waiting']} statement(s) wait for a lock for over a minute", cure)
    return Finding("inside", OK, "clocks agree, nobody waits for a lock")


def _partitions(settings: Settings) -> Finding:
    """Whether the months to come have their partitions."""
    from nova_resources.postgres import Database
    from nova_resources.retention import LEAST_AHEAD

    if not settings.secrets_file.exists() or not health.database_answers(settings):
        return Finding("partitions", NOTE, "not looked at: the database does not answer")
    rows = Database(settings, "nova_owner").rows(sql("metrics/partitions"))
    short = [row["table_name"] for row in rows if row["months_ahead"] < LEAST_AHEAD]
    if short:
        found = f"fewer than {LEAST_AHEAD} months are made ahead for {len(short)} table(s), such as {short[0]}"
        cure = "the job housekeeping makes them every night: see its last run in the Dagster UI, or launch it there"
        return Finding("partitions", WRONG, found, cure)
    return Finding("partitions", OK, f"made {min((row['months_ahead'] for row in rows), default=0)} months ahead")


def _files(settings: Settings) -> Finding:
    """Landed files whose rows are not there: damaged, misnamed, or not loaded yet."""
    from nova_assets.catalog import FEEDS
    from nova_resources.postgres import Database

    if not settings.secrets_file.exists() or not health.database_answers(settings):
        return Finding("files", NOTE, "not looked at: the database does not answer")
    listing = LandingZone(settings.landing).listing()
    rows = Database(settings, "nova_owner").rows(sql("staging/known_files"), feeds=list(FEEDS))
    known = {row["path"] for row in rows}
    absent = [*(file.path for file in listing.files if file.path not in known), *(p.file for p in listing.problems)]
    if absent:
        found = f"{len(absent)} landed file(s) are not in force, such as {', '.join(absent[:SHOWN])}"
        return Finding("files", NOTE, found, f"nova load {settings.landing} loads them or says what is wrong with each")
    return Finding("files", OK, f"{len(known)} in force")


def _checks(settings: Settings) -> Finding:
    """Rules of the data that are broken: rows that contradict one another or the table that they come from."""
    from nova_resources.postgres import Database

    if not settings.secrets_file.exists() or not health.database_answers(settings):
        return Finding("data", NOTE, "not looked at: the database does not answer")
    failed = Database(settings, "nova_owner").rows(sql("digest/checks"))
    if failed:
        worst = WRONG if any(row["severity"] == "ERROR" for row in failed) else NOTE
        shown = ", ".join(f"{row['table_name']} {row['check_name']} ({row['broken']})" for row in failed[:SHOWN])
        cure = "Dados in the app tells files and rows; correct the extract and land it again under the same name"
        return Finding("data", worst, f"{len(failed)} check(s) fail: {shown}", cure)
    return Finding("data", OK, "no check fails")


def _runs(settings: Settings, *, runs: bool) -> Finding:
    """Runs that failed since yesterday, or that a crash left open."""
    import psycopg

    if not settings.secrets_file.exists():
        return Finding("runs", NOTE, "none yet", "nova up")
    since = time.time() - DAY_SECONDS
    parameters = role_parameters(settings, "nova_dagster", settings.dagster_database_name)
    try:
        with psycopg.connect(**parameters, connect_timeout=3) as connection:
            failed = connection.execute(sql("digest/failed_runs").text.encode(), {"since": since}).fetchall()
            left_open = connection.execute(sql("dagster/open_runs").text.encode()).fetchone()
    except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
        return Finding("runs", NOTE, "not looked at: Dagster's database does not answer")
    found, cures = [], []
    if left_open and left_open[0] and not runs:
        found.append("a run was open when the platform stopped")
        cures.append("nova up closes it; nothing half-written was published")
    if failed:
        shown = ", ".join(f"{job} ({count}, newest {run_id})" for job, count, run_id in failed)
        found.append(f"failed in the last 24 hours: {shown}")
        cures.append("the Dagster UI tells step and message; sensors repair three times, after that nova materialize")
    if found:
        return Finding("runs", NOTE, "; ".join(found), "; ".join(cures))
    return Finding("runs", OK, "none failed in the last 24 hours")


def _redis(settings: Settings, state: RunState) -> Finding:
    import redis

    try:
        redis.Redis.from_url(settings.cache_url, socket_timeout=2).ping()
        return Finding("redis", OK, "answers")
    except redis.RedisError:
        if settings.redis_url is None and REDIS not in [row.name for row in state.table()]:
            return Finding("redis", NOTE, "does not run: screens are slower, never wrong", "nova up")
        return Finding(
            "redis", NOTE, "does not answer: screens are slower, never wrong", "see redis.log or NOVA_REDIS_URL"
        )


def _dagster(settings: Settings, *, runs: bool) -> Finding:
    if not runs:
        return Finding("dagster", NOTE, "does not run", "nova up")
    if not health.dagster_answers(settings):
        logs = settings.logs
        return Finding(
            "dagster", WRONG, "UI or definitions do not load", f"see dagster-code.log, dagster-web.log in {logs}"
        )
    return Finding("dagster", OK, f"{settings.dagster_url}, definitions loaded")


def _chromium() -> Finding:
    path = find_chromium()
    if path is None:
        return Finding(
            "chromium", NOTE, "absent: nova test skips the browser tests", "Debian: apt-get install chromium"
        )
    return Finding("chromium", OK, path)


def _show(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    signs = {OK: "[green]✓[/]", NOTE: "[yellow]•[/]", WRONG: "[red]✗[/]"}
    for finding in findings:
        console.print(f"{signs[finding.state]} {finding.check:<16} {escape(finding.found)}", soft_wrap=True)
        if finding.cure:
            console.print(f"  {'':<16} [bold]→[/] {escape(finding.cure)}", soft_wrap=True)
