"""`nova audit`: whether the chain of audit rows is whole."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from nova_resources.embedded.servers import running_postgres
from nova_resources.postgres import Database
from nova_resources.settings import load_settings
from nova_resources.sql_library import sql

app = typer.Typer(no_args_is_help=True, help="The audit log's hash chain.")


@app.callback()
def _group() -> None:
    """The audit log's hash chain."""


@app.command()
def verify(
    known_id: Annotated[int | None, typer.Option(help="Number of a row whose hash was written down elsewhere.")] = None,
    known_hash: Annotated[str | None, typer.Option(help="That hash, in hexadecimal.")] = None,
) -> None:
    """Recompute every hash of the audit log. Exit code 1 when a row was changed, removed or slipped in.

    Whoever may rewrite the whole database may rewrite the whole chain: write the head down outside, and give it here.
    """
    settings = load_settings()
    with running_postgres(settings):
        (found,) = Database(settings, "nova_owner").rows(
            sql("support/audit_verify"), known_id=known_id, known_hash=known_hash
        )
    console = Console()
    if found["problem"]:
        console.print(f"[bold red]broken[/] at row {found['problem_id']}: {found['problem']}", highlight=False)
        raise typer.Exit(1)
    console.print(f"whole: {found['rows_checked']} rows, head {found['head_id']} {found['head_hash']}", soft_wrap=True)
