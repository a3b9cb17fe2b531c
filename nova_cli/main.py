"""The command table of `nova` and how a command is found, run and allowed to fail.

A command is a module that exposes either `command` (a function with typer annotations) or `app` (a typer.Typer with
subcommands). One with PASSES_OPTIONS_ON takes options that it does not know as arguments, for the program that it runs.
Only the module of the command that was typed is imported: `nova status` must not wait for Dagster.
Exit codes: 0 done, 1 failed or something is wrong, 2 wrong usage.
"""

from __future__ import annotations

import importlib
import os
import sys

import typer
from rich.console import Console

from nova_resources.errors import PlatformError

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("nova_cli.up", "Start everything on this machine; makes and loads the demo when nothing has been landed."),
    "down": ("nova_cli.down", "Stop everything that `nova up` started."),
    "status": ("nova_cli.status", "What runs, where, on which data, with how much memory."),
    "doctor": ("nova_cli.doctor", "What is wrong on this machine and how to mend it."),
    "run": ("nova_cli.run", "Become one process of the platform, as a container or a unit of systemd does."),
    "init": ("nova_cli.init", "Create databases, roles and tables; print the link that creates the first ADMIN."),
    "secrets": ("nova_cli.secrets", "Random passwords and keys for a deployment, one file for each process."),
    "metrics": ("nova_cli.metrics", "Prometheus metrics of data and pipeline, printed once or served."),
    "demo": ("nova_cli.demo", "Write the extracts of the seeded synthetic ERP up to yesterday."),
    "load": ("nova_cli.load", "Land extracts: rows in, accepted and rejected of each feed."),
    "materialize": ("nova_cli.materialize", "Bring the graph up to date for one day, through Dagster."),
    "backfill": ("nova_cli.backfill", "Materialize a range of partitions in few runs."),
    "forecast": ("nova_cli.forecast", "Forecast any panel file with the platform's engine."),
    "backtest": ("nova_cli.backtest", "Rolling-origin scores of every model on a panel file."),
    "simulate": ("nova_cli.simulate", "Replay history through candidate stock policies."),
    "export": ("nova_cli.export", "Write a catalogued table or view to a file."),
    "backup": ("nova_cli.backup", "One file from which the whole home can be made again."),
    "restore": ("nova_cli.restore", "A new home out of a backup, compared with it table by table."),
    "user": ("nova_cli.user", "Who may sign in: list, add, disable, new link."),
    "audit": ("nova_cli.audit", "Verify that the audit log is whole."),
    "psql": ("nova_cli.psql", "An SQL shell on the platform's database."),
    "bench": ("nova_cli.bench", "Measured ratios of this machine."),
    "test": ("nova_cli.testing", "Lint, types and every test, browser tests included."),
    "version": ("nova_cli.version", "Versions of the platform and of what it stands on."),
}


def build(arguments: list[str]) -> typer.Typer:
    """The command line interface in which the typed command is real and all others are known by their help line."""
    interface = typer.Typer(
        name="nova",
        help="Nova Corrente: from ERP extracts to what to buy, move or expedite, and why.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    typed = next((argument for argument in arguments if not argument.startswith("-")), None)
    for name, (module_name, line) in COMMANDS.items():
        if name != typed:
            interface.command(name, help=line)(_not_typed)
            continue
        module = importlib.import_module(module_name)
        if hasattr(module, "app"):
            interface.add_typer(module.app, name=name, help=line)
        else:
            context = {"ignore_unknown_options": getattr(module, "PASSES_OPTIONS_ON", False)}
            interface.command(name, help=module.command.__doc__ or line, context_settings=context)(module.command)
    # With a single command typer would drop its name; this also keeps options of `nova` itself possible.
    interface.callback()(_nothing)
    return interface


def app() -> None:
    """Entry point of the `nova` script; expected failures end in one line and exit code 1."""
    errors = Console(stderr=True)
    try:
        build(sys.argv[1:])(prog_name="nova")
    except PlatformError as error:
        if os.environ.get("NOVA_DEBUG"):
            raise
        errors.print(f"[bold red]error:[/] {error}", highlight=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _not_typed() -> None:
    raise AssertionError("a command that was not typed cannot run")


def _nothing() -> None:
    return None
