"""Reading panels from files and writing forecasts to files, by suffix, with a progress line: shared by the two commands
that run the engine outside the platform."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nova_resources.errors import PlatformError
from nova_resources.spreadsheets import quoted_table

if TYPE_CHECKING:
    import polars as pl

    from nova_assets.science.verdicts import Verdict

SUFFIXES = (".csv", ".parquet")


def read_table(path: Path) -> pl.DataFrame:
    """A CSV (comma or semicolon) or Parquet file; PlatformError when it is absent or something else."""
    import polars as pl

    _check_suffix(path)
    if not path.is_file():
        raise PlatformError(f"{path} does not exist")
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        with path.open(encoding="utf-8-sig") as file:
            header = file.readline()
        separator = ";" if header.count(";") > header.count(",") else ","
        return pl.read_csv(path, separator=separator, infer_schema_length=0)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise PlatformError(f"{path} cannot be read: {error}") from error


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """CSV or Parquet by suffix, creating the folder; no cell of a CSV runs in a spreadsheet."""
    import polars as pl

    _check_suffix(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    else:
        rows = quoted_table(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
        pl.DataFrame(rows).write_csv(path)


def numbers(text: str) -> list[float]:
    """The numbers of a comma-separated option."""
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise PlatformError(f"{text!r} is not a list of numbers separated by commas") from error


def tell_verdicts(tried: list[Verdict]) -> None:
    """One line on stderr for each column that is known ahead: whether it is used, and what it gains."""
    for verdict in tried:
        used = "used" if verdict.kept else "not used"
        if verdict.gain is None:
            typer.echo(f"{verdict.name}: {used}, no past demand to judge it by", err=True)
        else:
            error = verdict.standard_error or 0.0
            typer.echo(f"{verdict.name}: {used}, gains {verdict.gain:.1%} ± {error:.1%} at past origins", err=True)


@contextlib.contextmanager
def engine_errors() -> Iterator[None]:
    """Turn what the engine refuses (bad panel, unknown model, impossible levels) into one line for the person."""
    try:
        yield
    except ValueError as error:
        raise PlatformError(str(error)) from error


@contextlib.contextmanager
def progress_line() -> Iterator[Callable[[str, float], None]]:
    """A rich progress bar on stderr, silent when nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=1.0)
        yield lambda what, share: bar.update(task, description=what, completed=share)


def _check_suffix(path: Path) -> None:
    if path.suffix not in SUFFIXES:
        raise PlatformError(f"{path.name}: only {' and '.join(SUFFIXES)} files are known here")
