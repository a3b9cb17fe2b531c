"""`nova load`: land extracts and say what became of every row. Exit code 1 when a file could not be used."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nova_resources.errors import PlatformError

if TYPE_CHECKING:
    from nova_assets.staging.report import LoadReport

REASONS_SHOWN = 3
PROBLEMS_SHOWN = 20


def command(
    path: Annotated[str, typer.Argument(help="A file, a folder in the layout of the extract contract, or a URL.")],
    mapping: Annotated[
        str | None, typer.Option(help="YAML file for a foreign layout, or the name of one in docs/mappings.")
    ] = None,
    feed: Annotated[list[str] | None, typer.Option(help="Only this feed; may be given several times.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Land extracts: new and changed files are checked row by row and loaded, known ones are left alone.

    Files in the contract's layout are copied to the landing folder; a foreign file stays where it is.
    """
    import json
    import uuid

    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress

    from nova_assets.staging import load_landing
    from nova_assets.staging.mapping import read_mapping
    from nova_resources.embedded.servers import running_postgres
    from nova_resources.postgres import Database
    from nova_resources.settings import load_settings

    settings = load_settings()
    chosen = read_mapping(mapping_file(mapping)) if mapping else None
    run_id = f"load-{uuid.uuid4()}"
    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    with running_postgres(settings), Progress(*columns, console=Console(stderr=True)) as bar:
        tasks = {}

        def show(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=total)
            bar.update(tasks[name], completed=done)

        database = Database(settings, run_id=run_id)
        with _readable_errors():
            report = load_landing(database, settings, feed, chosen, path, run_id=run_id, progress=show)
    if as_json:
        typer.echo(json.dumps(report.as_json(), default=str))
    else:
        _print(report)
    if report.problems:
        raise typer.Exit(1)


@contextlib.contextmanager
def _readable_errors() -> Iterator[None]:
    """A database that nobody has set up yet is told in a sentence."""
    import psycopg

    try:
        yield
    except (psycopg.OperationalError, psycopg.errors.UndefinedTable) as error:
        problem = str(error).strip().splitlines()[0]
        raise PlatformError(f"the database is not ready: {problem}. Run `nova init` first") from error


def mapping_file(mapping: str) -> Path:
    from nova_resources.settings import CHECKOUT

    shipped = CHECKOUT / "docs" / "mappings" / f"{mapping}.yaml"
    return shipped if not Path(mapping).exists() and shipped.exists() else Path(mapping)


def _print(report: LoadReport) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("feed", no_wrap=True)
    for title in ("files", "known", "rows in", "accepted", "rejected"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("reasons", overflow="fold")
    for name, feed in ((name, feed) for name, feed in report.by_feed.items() if name):
        counts = (feed.files, feed.unchanged, feed.rows_in, feed.rows_accepted, feed.rows_rejected)
        reasons = [f"{reason} {count:,}" for reason, count in feed.reasons.most_common(REASONS_SHOWN)]
        table.add_row(name, *(f"{count:,}" for count in counts), "\n".join(reasons))
    if table.row_count:
        console.print(table)
    for problem in report.problems[:PROBLEMS_SHOWN]:
        console.print(f"[red]✗[/] {escape(problem)}", soft_wrap=True)
    if len(report.problems) > PROBLEMS_SHOWN:
        console.print(f"… and {len(report.problems) - PROBLEMS_SHOWN} more files that cannot be used")
    console.print(
        f"{report.rows_in:,} rows in = {report.rows_accepted:,} accepted + {report.rows_rejected:,} rejected, "
        f"{report.seconds:.1f} s"
    )
