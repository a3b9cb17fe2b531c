"""`nova load`: land extracts and say what became of every row. Exit code 1 when a file could not be used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
    from nova_resources.postgres import Database
    from nova_resources.settings import load_settings

    settings = load_settings()
    chosen = read_mapping(_mapping_file(mapping)) if mapping else None
    run_id = f"load-{uuid.uuid4()}"
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn(), console=Console(stderr=True)) as bar:
        tasks = {}

        def show(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=total)
            bar.update(tasks[name], completed=done)

        report = load_landing(
            Database(settings, run_id=run_id), settings, feed, chosen, path, run_id=run_id, progress=show
        )
    if as_json:
        typer.echo(json.dumps(report.as_json(), default=str))
    else:
        _print(report)
    if report.problems:
        raise typer.Exit(1)


def _mapping_file(mapping: str) -> Path:
    from nova_resources.settings import CHECKOUT

    shipped = CHECKOUT / "docs" / "mappings" / f"{mapping}.yaml"
    return shipped if not Path(mapping).exists() and shipped.exists() else Path(mapping)


def _print(report: LoadReport) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    table = Table("feed", box=None, pad_edge=False, header_style="bold")
    for title in ("files", "unchanged", "rows in", "accepted", "rejected"):
        table.add_column(title, justify="right")
    table.add_column("reasons", no_wrap=True)
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
