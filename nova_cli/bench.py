"""`nova bench`: measured ratios of this machine, each on a temporary platform that is removed afterwards.

Exit code 1 when a promised ratio is not reached.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nova_resources.settings import CHECKOUT, load_settings

if TYPE_CHECKING:
    from nova_cli.benchmarks.measure import Measure

DOCS = CHECKOUT / "docs"
PAGE, NUMBERS = DOCS / "benchmarks.md", DOCS / "benchmarks.json"
TITLES = {
    "ingest": "Ingest: load beside a bare COPY",
    "publish": "Publish: the window write beside bare statements",
    "backfill": "Backfill: a year of facts beside bare statements",
    "forecast": "Forecast: the engine beside its libraries, and the nightly race",
    "simulate": "Simulate: policies over a year beside a plain loop",
    "daily": "Daily: one new day of the demonstration company",
    "app": "App: the API, the statements behind the screens and what a reader waits for",
}


class Part(StrEnum):
    """What can be measured."""

    INGEST = "ingest"
    PUBLISH = "publish"
    BACKFILL = "backfill"
    FORECAST = "forecast"
    SIMULATE = "simulate"
    DAILY = "daily"
    APP = "app"
    ALL = "all"


def command(
    part: Annotated[Part, typer.Argument(help="What to measure.")] = Part.ALL,
    rows: Annotated[
        int | None,
        typer.Option(min=1, help="Rows (ingest, publish), series (forecast) or item-site pairs; default: full size."),
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option(
            help="Home of the company that 'app' is measured on: made there once, kept. Default: a passing one."
        ),
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all numbers to this file.")] = None,
    write_docs: Annotated[bool, typer.Option(help="Put the numbers of these parts into docs/benchmarks.md.")] = False,
) -> None:
    """Measure this machine: rates of loading and publishing, and what a new day takes."""
    from rich.console import Console

    from nova_cli.benchmarks.measure import machine

    console = Console(stderr=True)
    found: dict[str, Any] = {}
    for name in list(TITLES) if part is Part.ALL else [part.value]:
        about, began = machine(), time.perf_counter()
        with console.status(name) as status:
            run = partial(_part(name), home=home) if home and name == Part.APP else _part(name)
            measures = run(rows, lambda text, name=name, status=status: status.update(f"{name}: {text}"))
        _print(TITLES[name], measures)
        numbers = [measure.as_json() for measure in measures]
        found[name] = {
            "date": load_settings().today().isoformat(),
            "machine": about,
            "rows": rows,
            "seconds": round(time.perf_counter() - began),
            "measures": numbers,
        }
        # After each part: what has been measured stays when a later one breaks.
        if json_file:
            json_file.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
        if write_docs:
            _write_docs(found)
    if not all(measure["kept"] for numbers in found.values() for measure in numbers["measures"]):
        raise typer.Exit(1)


def _part(name: str) -> Callable[..., list[Measure]]:
    return import_module(f"nova_cli.benchmarks.{name}").run


def _print(title: str, measures: list[Measure]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None)
    table.add_column("measured")
    table.add_column("value", justify="right")
    table.add_column("promised")
    for measure in measures:
        mark = "" if not measure.promise else "[green]✓[/] " if measure.kept else "[red]✗[/] "
        table.add_row(measure.name, measure.text, mark + measure.promise)
    Console(highlight=False).print(table)


def _write_docs(found: dict[str, Any]) -> None:
    """Numbers of the parts that were measured now, beside those of the others from before."""
    known = json.loads(NUMBERS.read_text("utf-8")) if NUMBERS.exists() else {}
    every = {name: (known | found)[name] for name in TITLES if name in known | found}
    NUMBERS.write_text(json.dumps(every, indent=2) + "\n", "utf-8")
    PAGE.write_text(_page(every), "utf-8")


def _page(found: dict[str, Any]) -> str:
    """The page of docs/ with a section for each part."""
    from nova_cli.benchmarks.measure import Measure

    lines = ["# Benchmarks", "", "Written by `nova bench --write-docs`; the numbers are in `benchmarks.json`.", ""]
    for name, part in found.items():
        about = part["machine"]
        size = f" --rows {part['rows']}" if part["rows"] else ""
        took = f"; took {part['seconds']:,} s" if "seconds" in part else ""
        hardware = f"{about['processor']}, {about['cores']} cores, {about['memory_gib']} GiB"
        lines += [
            f"## {TITLES[name]}",
            "",
            f"`nova bench {name}{size}`, {part['date']}, {hardware}, Python {about['python']};"
            f" load of the machine at the start {about['load']}{took}.",
            "",
            "| measured | value | promised |",
            "| --- | ---: | --- |",
        ]
        for values in part["measures"]:
            values = {key: value for key, value in values.items() if key != "kept"}
            measure = Measure(**values)
            kept = "" if measure.kept else " (not kept)"
            lines.append(f"| {measure.name} | {measure.text} | {measure.promise}{kept} |")
        lines.append("")
    return "\n".join(lines)
