"""`nova status`: what runs, where, on which data, with how much memory."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated

import typer

from nova_cli import health
from nova_cli.memory import memory_mb
from nova_cli.state import Running, RunState
from nova_resources.settings import Settings, load_settings


@dataclass(frozen=True)
class ProcessStatus:
    """One process; `memory_mb` is its proportional set size in MiB, descendants included."""

    name: str
    pid: int | None
    state: str
    memory_mb: float


@dataclass(frozen=True)
class Status:
    """What `nova status --json` prints. `as_of` is the newest date of which analytics exist, None before the first."""

    ready: bool
    app_url: str
    dagster_url: str
    as_of: date | None
    processes: list[ProcessStatus]
    memory_mb_total: float
    home: str


def command(as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """What runs, where, on which data, with how much memory. Exit code 1 when the platform is not ready."""
    status = collect(load_settings())
    if as_json:
        print(json.dumps(asdict(status), indent=2, default=str))
    else:
        _show(status)
    raise typer.Exit(0 if status.ready else 1)


def collect(settings: Settings) -> Status:
    """Look at processes and services; nothing is started or changed."""
    state = RunState(settings.state_dir)
    settings = state.running_settings(settings)
    supervisor = state.supervisor()
    processes = [
        ProcessStatus(row.name, row.pid, _state(row), memory_mb(row.process))
        for row in (state.table() if supervisor else [])
    ]
    if supervisor:
        own = memory_mb(supervisor, descendants=False)
        processes.append(ProcessStatus("supervisor", supervisor.pid, "running", own))
    answers = bool(supervisor) and health.database_answers(settings)
    ready = (
        answers
        and all(process.state == "running" for process in processes)
        and health.app_answers(settings)
        and health.dagster_answers(settings)
    )
    return Status(
        ready=ready,
        app_url=settings.app_url,
        dagster_url=settings.dagster_url,
        as_of=latest_as_of(settings) if answers else None,
        processes=processes,
        memory_mb_total=round(sum(process.memory_mb for process in processes), 1),
        home=str(settings.home),
    )


def latest_as_of(settings: Settings) -> date | None:
    """Newest business date of which analytics were published; needs the database."""
    from nova_resources.postgres import Database
    from nova_resources.sql_library import sql

    return Database(settings, role="nova_etl").rows(sql("support/analytics_as_of"))[0]["as_of"]


def _state(row: Running) -> str:
    if row.state == "running" and row.process and not row.process.alive():
        return "restarting"
    return row.state


def _show(status: Status) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    console.print("[bold green]ready[/]" if status.ready else "[bold red]not ready[/]", f" home {status.home}")
    console.print(f"  planners   {status.app_url}\n  engineers  {status.dagster_url}", soft_wrap=True)
    console.print(f"  as of      {status.as_of or 'nothing computed yet'}")
    if not status.processes:
        console.print("  nothing runs; start with nova up")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for title, side in (("process", "left"), ("pid", "right"), ("state", "left"), ("MiB", "right")):
        table.add_column(title, justify=side)  # pyright: ignore[reportArgumentType]
    for process in status.processes:
        table.add_row(process.name, str(process.pid or ""), process.state, f"{process.memory_mb:.0f}")
    table.add_row("total", "", "", f"{status.memory_mb_total:.0f}")
    console.print(table)
