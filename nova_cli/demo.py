"""`nova demo`: extracts of the seeded synthetic ERP, up to yesterday, with the hidden truth apart."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nova_assets.demo import Generated

_DAY = ["%Y-%m-%d"]


def command(
    seed: Annotated[
        int | None, typer.Option(help="Seed; the same seed and dates give the same bytes. Default 7.")
    ] = None,
    scale: Annotated[int | None, typer.Option(help="About how many item-site pairs are stocked. Default 1500.")] = None,
    start: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, help="First day. Default: three years before the last.")
    ] = None,
    end: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="Last day. Default: yesterday.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Write the extracts of the demonstration company that are missing, up to a day.

    What a home was started with (seed, scale, first day) is remembered: running it again only adds the new days.
    """
    import dataclasses
    import json

    from rich.console import Console
    from rich.progress import Progress

    from nova_assets import demo
    from nova_resources.settings import load_settings

    settings = load_settings()
    landing = settings.landing.removeprefix("file://")
    if "://" in landing:
        raise typer.BadParameter(f"the demonstration writes to a folder, not to {settings.landing}")
    last = end.date() if end else settings.last_complete_day()
    known = demo.recorded_parameters(settings.truth)
    first = start.date() if start else known.start if known else demo.default_start(last)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("demo")
        try:
            result = demo.generate(
                Path(landing),
                settings.truth,
                seed=seed if seed is not None else known.seed if known else demo.DEFAULT_SEED,
                scale=scale if scale is not None else known.scale if known else demo.DEFAULT_SCALE,
                start=first,
                end=last,
                progress=lambda step, done, total: bar.update(task, description=step, completed=done, total=total),
            )
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(result), default=str))
    else:
        _print(result, landing, settings.truth)


def _print(result: Generated, landing: str, truth: Path) -> None:
    typer.echo(f"{landing}: {result.start} to {result.end}, {sum(result.files_written.values())} files written")
    for feed, rows in result.rows.items():
        typer.echo(f"  {feed:<16} {rows:>10,} rows")
    typer.echo(f"  planted defects  {result.defects:>10,}  (logged in {truth})")
