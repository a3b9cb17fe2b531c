"""Choice of model per demand class x family x horizon, with the evidence for it.

Never per series: one or two holdouts of a lumpy series are noise, and an ex-post pick is look-ahead. Only models that
beat every baseline count; of these the lowest pinball loss wins, or a simpler one within one standard error of it. A
baseline serves where nothing beats it. Cells with too few series are decided by their class, then by everything; but a
baseline that beats everything's model in such a class by more than a standard error, as zero does on dead stock, serves
there.

Losses are counted in typical demands of each series (the mean of its non-zero demands before the origin). In plain
units a panel that mixes metres with pieces is decided by its metres, and a few large series make the standard error so
wide that the simplest model always passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nova_assets.science import quantiles, registry
from nova_assets.science.backtest import Backtest, Fold
from nova_assets.science.classes import classify
from nova_assets.science.models.base import Floats
from nova_assets.science.panel import Panel

MIN_SERIES = 30
"""Fewest series with a scored forecast for a cell to decide for itself."""

Key = tuple[str, str, int]  # demand class or 'all', family or 'all', horizon in periods


@dataclass(frozen=True)
class Selection:
    """Model per cell. `evidence` says for each cell what every model scored and why this one was taken."""

    choice: dict[Key, str]
    horizons: tuple[int, ...]
    family: str | None = None  # name of the panel's static column
    evidence: dict[Key, dict] = field(default_factory=dict)

    @classmethod
    def only(cls, name: str) -> Selection:
        """One model for everything, by request."""
        return cls({("all", "all", 0): name}, (0,), None, {("all", "all", 0): {"reason": "asked for by name"}})

    def nearest(self, horizon: int) -> int:
        """The scored horizon that is proportionally closest."""
        return min(self.horizons, key=lambda h: (abs(np.log(max(h, 1) / max(horizon, 1))), h))

    def lookup(self, demand_class: str, family: str, horizon: int) -> tuple[str, Key]:
        """Model for a cell and the cell that decided: own family, else the class, else everything."""
        scored = self.nearest(horizon)
        for key in ((demand_class, family, scored), (demand_class, "all", scored), ("all", "all", scored)):
            if key in self.choice:
                return self.choice[key], key
        raise KeyError(f"selection holds no model for horizon {horizon}")

    def assign(self, panel: Panel, horizons: tuple[int, ...]) -> NDArray[np.object_]:
        """(n, K) model name for each series of the panel and horizon, by the series' class as of the panel."""
        groups, families = classify(panel).name, panel.static(self.family)
        names = np.empty((len(panel), len(horizons)), dtype=object)
        known: dict[Key, str] = {}
        for k, horizon in enumerate(horizons):
            for i, key in enumerate(zip(groups, families, (horizon,) * len(panel), strict=True)):
                if key not in known:
                    known[key] = self.lookup(*key)[0]
                names[i, k] = known[key]
        return names

    @classmethod
    def from_rows(cls, rows: list[dict], family: str | None = "family") -> Selection:
        """The selection that `frame_rows` described, from stored rows."""
        keys = [(str(row["demand_class"]), str(row["family"]), int(row["horizon"])) for row in rows]
        choice = {key: str(row["model"]) for key, row in zip(keys, rows, strict=True)}
        return cls(choice, tuple(sorted({key[2] for key in keys})), family)

    def frame_rows(self) -> list[dict]:
        """One dict per cell: demand_class, family, horizon, model and the evidence."""
        return [
            {"demand_class": c, "family": f, "horizon": h, "model": model, **self.evidence.get((c, f, h), {})}
            for (c, f, h), model in sorted(self.choice.items())
        ]


def select_models(backtest: Backtest, family: str | None = "family", min_series: int = MIN_SERIES) -> Selection:
    """Decide every cell of the backtest that has enough series; a backtest without folds gives the fallback model."""
    if not backtest.folds:
        key = ("all", "all", 0)
        return Selection({key: registry.FALLBACK}, (0,), None, {key: {"reason": "history too short for a backtest"}})
    choice: dict[Key, str] = {}
    evidence: dict[Key, dict] = {}
    for horizon in sorted({fold.horizon for fold in backtest.folds}):
        folds = [fold for fold in backtest.folds if fold.horizon == horizon]
        loss, table = _losses(folds, backtest)
        origins = len({fold.origin for fold in folds})
        demand_class, families, ids, actual = (np.concatenate(column) for column in table)
        cells = {("all", "all"): np.ones(len(ids), dtype=bool)}
        for c in np.unique(demand_class.astype(str)):
            cells[(c, "all")] = demand_class == c
            for f in np.unique(families[demand_class == c].astype(str)):
                if f:
                    cells[(c, f)] = (demand_class == c) & (families == f)
        for (c, f), mask in cells.items():
            series = np.unique(ids[mask].astype(str), return_inverse=True)[1]
            names = backtest.models
            if (c, f) != ("all", "all") and series.max(initial=-1) + 1 < min_series:
                if f != "all" or not _baseline_wins(names, loss[mask], series, choice["all", "all", horizon]):
                    continue
                names = tuple(name for name in names if name in registry.BASELINES)
            cell = loss[mask][:, [backtest.models.index(name) for name in names]]
            choice[c, f, horizon], evidence[c, f, horizon] = _decide(names, cell, actual[mask], series, origins)
    return Selection(choice, tuple(sorted({key[2] for key in choice})), family, evidence)


def _losses(folds: list[Fold], backtest: Backtest) -> tuple[Floats, tuple[list, list, list, list]]:
    """(rows, models) mean pinball over levels in typical demands, and their class, family, id and actual columns."""
    blocks = [
        np.stack(
            [quantiles.pinball(f.actual, f.values[m], backtest.levels).mean(axis=1) / f.unit for m in backtest.models],
            axis=1,
        )
        for f in folds
    ]
    columns = (
        [f.demand_class for f in folds],
        [f.family for f in folds],
        [f.ids for f in folds],
        [f.actual / f.unit for f in folds],
    )
    return np.concatenate(blocks), columns


def choose(loss: Mapping[str, float], error: Mapping[str, float]) -> tuple[str, str]:
    """(model, reason) of one cell from each model's loss and the standard error of its difference to the best one.

    Any unit of loss, lower is better; zero and naive must be among the models. The textbook's mean and normal are there
    to be beaten as these two are, not to be served wherever the race is too close to call.
    """
    best = min(loss, key=lambda name: (loss[name], registry.get(name).complexity))
    floor = min(loss[name] for name in registry.BASELINES if name in loss)
    near = [name for name in loss if loss[name] < floor and loss[name] <= loss[best] + error[name]] or [best]
    chosen = min(near, key=lambda name: (registry.get(name).complexity, loss[name]))
    if chosen in registry.BASELINES:
        return chosen, "no model beats it"
    return chosen, "lowest pinball loss" if chosen == best else f"simpler than {best}, within one standard error"


def _decide(
    models: tuple[str, ...], loss: Floats, actual: Floats, series: NDArray[np.int64], origins: int
) -> tuple[str, dict]:
    """Winner of one cell and its evidence. Standard errors are of the paired difference to the best, by series."""
    count = int(series.max()) + 1
    total, error = _compared(loss, series)
    chosen, reason = choose(dict(zip(models, total, strict=True)), dict(zip(models, error, strict=True)))
    demand = actual.sum()
    scale = 2 / demand if demand > 0 else float("nan")
    return chosen, {
        "reason": reason,
        "best": models[int(np.argmin(total))],
        "series": count,
        "forecasts": len(loss),
        "origins": origins,
        "pinball": {name: _number(total[m] * scale) for m, name in enumerate(models)},
        "standard_error": {name: _number(error[m] * scale) for m, name in enumerate(models)},
        "beats_baselines": chosen not in registry.BASELINES,
    }


def _compared(loss: Floats, series: NDArray[np.int64], to: int | None = None) -> tuple[Floats, Floats]:
    """(models,) total losses, and standard errors of their paired differences to model `to` (default: the best)."""
    count = int(series.max()) + 1
    per_series = np.stack([np.bincount(series, column, minlength=count) for column in loss.T], axis=1)
    total = per_series.sum(axis=0)
    difference = per_series - per_series[:, [int(np.argmin(total)) if to is None else to]]
    return total, np.sqrt(count) * difference.std(axis=0, ddof=1) if count > 1 else np.zeros(loss.shape[1])


def _baseline_wins(models: tuple[str, ...], loss: Floats, series: NDArray[np.int64], chosen: str) -> bool:
    """Whether some baseline beats everything's model in a small cell by more than a standard error.

    The error is over series; of a single series, over its forecasts. A single forecast settles nothing.
    """
    apart = series if series.max() > 0 else np.arange(len(loss))
    if len(loss) < 2:
        return False
    rival = models.index(chosen)
    total, error = _compared(loss, apart, rival)
    return any(total[m] + error[m] < total[rival] for m, name in enumerate(models) if name in registry.BASELINES)


def _number(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None
