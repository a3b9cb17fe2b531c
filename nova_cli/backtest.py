"""`nova backtest`: rolling-origin scores of every model on any panel file, without a database."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nova_cli.forecast import Frequency
from nova_cli.panel_file import engine_errors, progress_line, read_table, tell_verdicts, write_table

if TYPE_CHECKING:
    import polars as pl
    from rich.table import Table

    from nova_assets.science.backtest import Backtest
    from nova_assets.science.panel import Panel
    from nova_assets.science.selection import Selection


def command(
    panel: Annotated[
        Path,
        typer.Argument(help="CSV or Parquet: series_id, date, quantity, optional available, statics, known ahead."),
    ],
    freq: Annotated[Frequency, typer.Option(help="Period: day, week or month start.")],
    horizon: Annotated[int, typer.Option(min=1, help="Periods in the sum that is scored.")],
    out: Annotated[Path | None, typer.Option(help="CSV or Parquet for the whole table.")] = None,
    as_of: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last known date.")] = None,
    origins: Annotated[int, typer.Option(min=1, help="Past dates to forecast from.")] = 4,
    models: Annotated[str, typer.Option(help="Names, comma-separated; zero and naive always race.")] = "",
    seed: Annotated[int, typer.Option(help="Same inputs and seed, same numbers.")] = 0,
    plots: Annotated[
        Path | None, typer.Option(help="Folder for pictures (PNG) of the scores and of forecasts.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Scores and choice as JSON on stdout.")] = False,
) -> None:
    """Rolling-origin scores of every model against zero, naive and each other, and which one would be used."""
    with progress_line() as progress, engine_errors():
        from nova_assets.science import registry, regressors
        from nova_assets.science.backtest import run_backtest
        from nova_assets.science.panel import build_panel
        from nova_assets.science.selection import select_models, with_selected

        names = [name.strip() for name in models.split(",") if name.strip()] or registry.CANDIDATES
        built = build_panel(read_table(panel), freq.value, as_of.date() if as_of else None)
        result = run_backtest(built, [horizon], names, origins=origins, seed=seed, progress=progress)
        selection = select_models(result)
        scores = with_selected(result, selection).scores()
        tried = regressors.verdicts(built, horizon, selection, seed, progress)
        if out:
            write_table(scores, out)
        if plots and result.folds:
            draw(plots, result, scores, selection, built, seed)
    tell_verdicts(tried)
    if as_json:
        known = [verdict.__dict__ for verdict in tried]
        told = {"scores": scores.to_dicts(), "selection": selection.frame_rows(), "known_ahead": known}
        typer.echo(json.dumps(told, default=str))
    elif scores.is_empty():
        typer.echo(f"The panel has {built.periods} periods: too short to test a horizon of {horizon}.")
    else:
        _print(scores, selection)


def draw(folder: Path, result: Backtest, scores: pl.DataFrame, selection: Selection, panel: Panel, seed: int) -> None:
    """Pictures of the scores, and of the next steps as the chosen models see them."""
    from nova_assets.science.forecast import forecast_steps
    from nova_assets.science.plots import FAN_LEVELS, write_plots

    chosen = {
        row["demand_class"]: row["model"] for row in selection.frame_rows() if row["family"] == "all" and row["horizon"]
    }
    steps = forecast_steps(panel, min(result.horizons[0], 13), levels=FAN_LEVELS, models=selection, seed=seed)
    for path in write_plots(folder, result, scores, chosen, panel, steps):
        typer.echo(f"wrote {path}", err=True)


def _print(scores: pl.DataFrame, selection: Selection) -> None:
    """Table of totals and of classes, best model first, the one that would be used in bold, and why."""
    import polars as pl
    from rich.console import Console
    from rich.table import Table

    console = Console()
    totals = scores.filter(pl.col("family") == "all").sort("demand_class", "decision_loss", nulls_last=True)
    columns = ("decision_loss", "pinball", "coverage_0.95", "bias", "wape", "rmsse")
    table = Table(
        title="Sums over the horizon, 2 x mean pinball loss / mean demand, lower is better; loss: each series counted "
        "in its own typical demands, on which models are chosen; pinball: in plain units",
        box=None,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for heading in ("class", "model", "series", "loss", "pinball", "cover 95", "bias", "WAPE", "RMSSE"):
        table.add_column(heading, no_wrap=True, justify="left" if heading in ("class", "model") else "right")
    for row in totals.iter_rows(named=True):
        used, _ = selection.lookup(row["demand_class"], "all", row["horizon"])
        numbers = ("" if row[name] is None else f"{row[name]:.3f}" for name in columns)
        table.add_row(
            row["demand_class"], row["model"], str(row["n_series"]), *numbers, style="bold" * (row["model"] == used)
        )
    console.print(table)
    console.print(_gains(selection))
    for row in selection.frame_rows():
        cell = f"{row['demand_class']} / {row['family']}: [bold]{row['model']}[/]"
        console.print(f"{cell} ({row['rule']}){_calibrated(row.get('calibration'))}")


def _gains(selection: Selection) -> Table:
    """What serves each class, what it gains over each baseline in the loss, and the share of forecasts it borrowed."""
    from rich.table import Table

    from nova_assets.science import registry

    title = "Gain in the loss of what would be used (0: it is that baseline; empty: no demand came)"
    table = Table(title=title, box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in ("served", "model", *(name.split("_")[-1] for name in registry.BASELINES), "borrowed"):
        table.add_column(heading, no_wrap=True, justify="left" if heading in ("served", "model") else "right")
    for row in selection.frame_rows():
        if row["family"] == "all":
            loss = row.get("pinball", {})
            own = loss.get(row["model"])
            gains = [
                f"{1 - own / rival:+.1%}" if own is not None and rival else ""
                for rival in map(loss.get, registry.BASELINES)
            ]
            borrowed = f"{row['borrowed']:.0%}" if row.get("borrowed") else ""
            table.add_row(row["demand_class"], row["model"], *gains, borrowed)
    return table


def _calibrated(verdict: dict | None) -> str:
    if verdict is None:
        return ""
    used = "used" if verdict["kept"] else "not used"
    return f", calibration {used}: gains {verdict['gain']:+.1%} ± {verdict['standard_error']:.1%}"
