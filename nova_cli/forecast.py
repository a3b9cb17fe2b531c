"""`nova forecast`: the platform's engine on any panel file, without a database."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nova_cli.panel_file import engine_errors, numbers, progress_line, read_table, tell_verdicts, write_table


class Frequency(StrEnum):
    """Period of a panel."""

    DAY = "D"
    WEEK = "W"
    MONTH = "MS"


class Target(StrEnum):
    """What is forecast: every step, or the total over the horizon."""

    STEPS = "steps"
    SUM = "sum"


def command(
    panel: Annotated[
        Path,
        typer.Argument(help="CSV or Parquet: series_id, date, quantity, optional available, statics, known ahead."),
    ],
    freq: Annotated[Frequency, typer.Option(help="Period: day, week or month start.")],
    horizon: Annotated[int, typer.Option(min=1, help="Periods ahead.")],
    out: Annotated[Path, typer.Option(help="CSV or Parquet to write.")],
    target: Annotated[Target, typer.Option(help="Each step 1..H, or the sum over H.")] = Target.SUM,
    quantiles: Annotated[str, typer.Option(help="Levels, comma-separated.")] = ".1,.5,.9",
    as_of: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last known date.")] = None,
    model: Annotated[str, typer.Option(help="A model's name, or auto: a race on the panel's own past.")] = "auto",
    seed: Annotated[int, typer.Option(help="Same inputs and seed, same numbers.")] = 0,
) -> None:
    """Forecast any panel file with the platform's engine.

    Writes series_id, step (1..H, or H for a sum), quantile, value, mean, model. Rows after the as-of without a quantity
    tell what is known ahead: numeric columns that they fill are used where the panel's own past gains by it.
    """
    levels = sorted(numbers(quantiles))
    with progress_line() as progress, engine_errors():
        from nova_assets.science import regressors
        from nova_assets.science.panel import build_panel

        built = build_panel(read_table(panel), freq.value, as_of.date() if as_of else None)
        answer, tried = regressors.forecast(
            built, horizon, levels, model, steps=target is Target.STEPS, seed=seed, progress=progress
        )
        write_table(answer.long_frame(), out)
    tell_verdicts(tried)
    typer.echo(f"{len(built)} series, as of {built.as_of}: {out}", err=True)
