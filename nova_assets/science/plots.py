"""Pictures of a backtest as PNG files: losses, calibration, value added, and fans of single series.

matplotlib is imported by the first picture and writes to files only, whatever display there is.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from nova_assets.science.backtest import Backtest
from nova_assets.science.forecast import Forecast
from nova_assets.science.panel import Panel
from nova_assets.science.selection import SELECTED

STAIRS = ("zero", "naive", "historic_mean", "tsb")
FANS = 6
BANDS = ((0.05, 0.95), (0.25, 0.75))
FAN_LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
_INK, _SOFT, _MARK = "#1f3a5f", "#9db4cf", "#d1495b"


def write_plots(
    folder: Path, backtest: Backtest, scores: pl.DataFrame, chosen: dict[str, str], panel: Panel, steps: Forecast
) -> list[Path]:
    """Write the pictures and return their paths.

    `scores` are those of `with_selected`; `chosen` tells the model of each demand class ('all' for everything); `steps`
    forecasts the next steps of every series at FAN_LEVELS.
    """
    folder.mkdir(parents=True, exist_ok=True)
    horizon = backtest.horizons[0]
    totals = scores.filter((pl.col("family") == "all") & (pl.col("horizon") == horizon))
    figures = {
        "pinball_by_model": _losses(totals, horizon),
        "calibration": _calibration(totals, backtest.levels, chosen),
        "value_added": _staircase(totals),
        "fans": _fans(panel, steps),
    }
    paths = []
    for name, figure in figures.items():
        paths.append(folder / f"{name}.png")
        figure.savefig(paths[-1], dpi=120, metadata={"Software": None})
    return paths


def _figure(rows: int = 1, columns: int = 1, height: float = 4.5) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, height), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _losses(totals: pl.DataFrame, horizon: int) -> Any:
    figure, axes = _figure()
    rows = totals.filter(pl.col("demand_class") == "all").drop_nulls("pinball").sort("pinball", descending=True)
    axes[0, 0].barh(rows["model"].to_list(), rows["pinball"].to_list(), color=_INK)
    axes[0, 0].set_xlabel("2 x mean pinball / mean demand")
    axes[0, 0].set_title(f"Loss of the sum over {horizon} periods, lower is better")
    return figure


def _calibration(totals: pl.DataFrame, levels: Sequence[float] | np.ndarray, chosen: dict[str, str]) -> Any:
    """Share of actuals at or below each quantile that serves a class, with the band of chance."""
    figure, axes = _figure(height=5.5)
    axis = axes[0, 0]
    axis.plot([0, 1], [0, 1], color="black", linewidth=0.8)
    for demand_class, model in sorted(chosen.items()):
        row = totals.filter((pl.col("demand_class") == demand_class) & (pl.col("model") == SELECTED))
        if row.is_empty():
            continue
        covered = [row[f"coverage_{level:g}"][0] for level in levels]
        band = [1.96 * np.sqrt(level * (1 - level) / row["n_forecasts"][0]) for level in levels]
        axis.errorbar(levels, covered, yerr=band, marker="o", capsize=3, label=f"{demand_class}: {model}")
    axis.set(xlabel="level", ylabel="share of actuals at or below it", title="Calibration, bars of chance (95 %)")
    axis.legend(frameon=False, fontsize=8)
    return figure


def _staircase(totals: pl.DataFrame) -> Any:
    figure, axes = _figure()
    rows = totals.filter(pl.col("demand_class") == "all")
    loss = dict(rows.select("model", "pinball").iter_rows())
    steps = [(name, loss[name]) for name in (*STAIRS, SELECTED) if loss.get(name) is not None]
    names, heights = [name for name, _ in steps], [height for _, height in steps]
    axes[0, 0].bar(names, heights, color=[_SOFT] * (len(steps) - 1) + [_INK])
    for place, (before, after) in enumerate(itertools.pairwise(heights), start=1):
        axes[0, 0].annotate(f"{after / before - 1:+.0%}" if before else "", (place, after), ha="center", va="bottom")
    axes[0, 0].set(ylabel="2 x mean pinball / mean demand", title="Forecast value added, step by step")
    axes[0, 0].tick_params(axis="x", labelrotation=15)
    return figure


def _fans(panel: Panel, steps: Forecast) -> Any:
    """Series at even ranks among the busier half of those with recent demand: their past and the next steps."""
    events = (panel.demand[:, -8 * len(steps.targets) :] > 0).sum(axis=1)
    busy = np.argsort(-events, kind="stable")[: max(int((events > 0).sum()) // 2, 1)]
    rows = busy[np.unique(np.linspace(0, len(busy) - 1, FANS).round().astype(int))]
    figure, axes = _figure(-(-len(rows) // 2), 2, height=2.4 * -(-len(rows) // 2))
    past = min(panel.periods, 8 * len(steps.targets))
    ahead = np.arange(1, len(steps.targets) + 1)
    for axis, row in zip(axes.flat, rows, strict=False):
        axis.bar(np.arange(-past + 1, 1), panel.demand[row, -past:], color=_SOFT, width=1.0)
        values = dict(zip(FAN_LEVELS, steps.values[row].T, strict=True))
        for low, high in BANDS:
            axis.fill_between(ahead, values[low], values[high], color=_MARK, alpha=0.25, linewidth=0, step="mid")
        axis.step(ahead, values[0.5], color=_MARK, where="mid")
        axis.set_title(f"{panel.ids[row]} ({steps.model[row, 0]})".replace("\x1f", " / "), fontsize=8)
    for axis in axes.flat[len(rows) :]:
        axis.set_visible(False)
    return figure
