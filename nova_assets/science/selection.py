"""Choice of model per demand class x family x horizon, with the evidence for it.

Never per series: one or two holdouts of a lumpy series are noise, and an ex-post pick is look-ahead. Only models that
beat every baseline count; of these the lowest pinball loss wins, or a simpler one within one standard error of it. A
baseline serves where nothing beats it. Between those that count, each origin says half as much as the next later one:
what served a season ago tells more of the next than what served a year ago. A family of too few series is decided by
its class. A class of too few borrows the forecasts of its kin, of everything where those are few as well: they decide
between the models that beat every baseline on the class's own.

Losses are counted in typical demands of each series (the mean of its non-zero demands before the origin). In plain
units a panel that mixes metres with pieces is decided by its metres, and a few large series make the standard error so
wide that the simplest model always passes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from nova_assets.science import quantiles, registry
from nova_assets.science.backtest import Backtest, Fold
from nova_assets.science.calibration import Calibration, Past, calibrate, corrected
from nova_assets.science.classes import classify
from nova_assets.science.models.base import Floats
from nova_assets.science.panel import Panel

MIN_SERIES = 30
"""Fewest series with a scored forecast for a cell to decide for itself; smaller classes borrow up to so many."""

KIN = (("smooth", "erratic"), ("intermittent", "lumpy"), ("new", "single_event", "dead", "none"))
"""Classes that lend to each other: demand in most periods, in some, and too little of it to tell."""

SELECTED = "selected"
"""Name under which what serves is scored beside the models."""

Key = tuple[str, str, int]  # demand class or 'all', family or 'all', horizon in periods


@dataclass(frozen=True)
class Selection:
    """Model per cell. `evidence` says for each cell what every model scored and why this one was taken."""

    choice: dict[Key, str]
    horizons: tuple[int, ...]
    family: str | None = None  # name of the panel's static column
    evidence: dict[Key, dict] = field(default_factory=dict)
    calibration: dict[Key, Calibration] = field(default_factory=dict)  # by class, family 'all'

    @classmethod
    def only(cls, name: str) -> Selection:
        """One model for everything, by request."""
        return cls({("all", "all", 0): name}, (0,), None, {("all", "all", 0): {"rule": "asked for by name"}})

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

    def factors(self, panel: Panel, horizons: Sequence[int], levels: Floats) -> Floats:
        """(n, K, Q) by which quantiles are multiplied: by class where calibration was kept, else 1."""
        groups = classify(panel).name
        found = np.ones((len(panel), len(horizons), len(levels)))
        for k, horizon in enumerate(horizons):
            for c in np.unique(groups.astype(str)).tolist():
                verdict = self.calibration.get((c, "all", self.nearest(horizon)))
                if verdict and verdict.kept:
                    found[groups == c, k] = verdict.at(levels)
        return found

    @classmethod
    def from_rows(cls, rows: list[dict], family: str | None = "family") -> Selection:
        """The selection that `frame_rows` described, from stored rows."""
        keys = [(str(row["demand_class"]), str(row["family"]), int(row["horizon"])) for row in rows]
        choice = {key: str(row["model"]) for key, row in zip(keys, rows, strict=True)}
        verdicts = {
            key: Calibration.of(row["calibration"])
            for key, row in zip(keys, rows, strict=True)
            if row.get("calibration")
        }
        return cls(choice, tuple(sorted({key[2] for key in keys})), family, calibration=verdicts)

    def frame_rows(self) -> list[dict]:
        """One dict per cell: demand_class, family, horizon, model, the evidence, and the calibration of a class."""
        return [
            {"demand_class": c, "family": f, "horizon": h, "model": model, **self.told((c, f, h))}
            for (c, f, h), model in sorted(self.choice.items())
        ]

    def told(self, key: Key) -> dict:
        """Evidence of a cell with its calibration, in what JSON can hold."""
        verdict = self.calibration.get(key)
        return self.evidence.get(key, {}) | ({"calibration": verdict.as_dict()} if verdict else {})


def select_models(backtest: Backtest, family: str | None = "family", min_series: int = MIN_SERIES) -> Selection:
    """Decide every cell of the backtest and calibrate what serves each class; without folds, the fallback model."""
    if not backtest.folds:
        key = ("all", "all", 0)
        return Selection({key: registry.FALLBACK}, (0,), None, {key: {"rule": "history too short for a backtest"}})
    choice: dict[Key, str] = {}
    evidence: dict[Key, dict] = {}
    tables = {h: _Table.of(backtest, h) for h in sorted({fold.horizon for fold in backtest.folds})}
    for horizon, table in tables.items():
        for (c, f), mask in table.cells(min_series).items():
            choice[c, f, horizon], evidence[c, f, horizon] = table.decide(mask, c, backtest.models, min_series)
    chosen = Selection(choice, tuple(tables), family, evidence)
    for horizon, table in tables.items():
        chosen.calibration.update(table.calibrated(backtest, chosen, horizon, min_series))
    return chosen


@dataclass(frozen=True)
class _Table:
    """All m forecasts of a horizon, of every origin and model."""

    loss: Floats  # (m, models) mean pinball over levels in typical demands
    demand_class: NDArray[np.str_]  # (m,) as of the origin
    family: NDArray[np.str_]  # (m,)
    series: NDArray[np.int64]  # (m,) number of the series
    actual: Floats  # (m,) in typical demands
    recency: Floats  # (m,) what the origin counts when models are compared: 1 for the latest, half for the one before
    origins: int

    @classmethod
    def of(cls, backtest: Backtest, horizon: int) -> _Table:
        folds = [fold for fold in backtest.folds if fold.horizon == horizon]
        loss = [
            [quantiles.pinball(f.actual, f.values[m], backtest.levels).mean(axis=1) / f.unit for m in backtest.models]
            for f in folds
        ]
        cut = np.concatenate([np.full(len(f.ids), f.cut) for f in folds])
        known, origin = np.unique(cut, return_inverse=True)
        return cls(
            np.concatenate([np.stack(models, axis=1) for models in loss]),
            np.concatenate([f.demand_class for f in folds]).astype(str),
            np.concatenate([f.family for f in folds]).astype(str),
            np.unique(np.concatenate([f.ids for f in folds]).astype(str), return_inverse=True)[1],
            np.concatenate([f.actual / f.unit for f in folds]),
            np.exp2(origin - (len(known) - 1.0)),
            len(known),
        )

    def cells(self, min_series: int) -> dict[tuple[str, str], NDArray[np.bool_]]:
        """Forecasts of everything, of each class, and of each family of a class that has enough series."""
        found = {("all", "all"): np.ones(len(self.actual), dtype=bool)}
        for c in np.unique(self.demand_class).tolist():
            own = self.demand_class == c
            found[c, "all"] = own
            for f in np.unique(self.family[own]).tolist():
                mask = own & (self.family == f)
                if f and self.count(mask) >= min_series:
                    found[c, f] = mask
        return found

    def count(self, mask: NDArray[np.bool_]) -> int:
        return len(np.unique(self.series[mask]))

    def decide(
        self, mask: NDArray[np.bool_], demand_class: str, models: tuple[str, ...], min_series: int
    ) -> tuple[str, dict]:
        """Winner of a cell and its evidence; a small class borrows forecasts of its kin, told as `borrowed`."""
        series, weight = self.count(mask), mask.astype(float)
        if demand_class != "all" and series < min_series:
            donors = np.isin(self.demand_class, next(kin for kin in KIN if demand_class in kin))
            donors = donors if self.count(donors) >= min_series else np.ones(len(mask), dtype=bool)
            weight += donors * (min_series - series) / self.count(donors)
        some = weight > 0
        scale = 2 / self.actual[mask].sum() if self.actual[mask].sum() > 0 else float("nan")
        own = self.loss[mask].sum(axis=0)
        borrowed = 1 - mask.sum() / weight.sum()
        counted = np.arange(len(models))
        if mask.sum() > 1:  # a single forecast settles nothing
            rivals = [m for m, name in enumerate(models) if name in registry.BASELINES]
            served = min(rivals, key=lambda m: (own[m], registry.get(models[m]).complexity))
            counted = np.array([served, *np.flatnonzero(own < own[served])])
        weight *= self.recency * mask.sum() / (weight * self.recency).sum()
        total, error = _compared(self.loss[some] * weight[some, None], self.series[some], counted)
        chosen, rule = choose({models[m]: total[m] for m in counted}, {models[m]: error[m] for m in counted})
        return chosen, {
            "rule": rule,
            "best": models[int(np.argmin(own))],
            "series": series,
            "forecasts": int(mask.sum()),
            "origins": self.origins,
            "borrowed": round(float(borrowed), 4),
            "pinball": {name: _number(own[m] * scale) for m, name in enumerate(models)},
            "standard_error": {n: _number(e * scale) for n, e in zip(models, error, strict=True) if not borrowed},
            "beats_baselines": chosen not in registry.BASELINES,
        }

    def calibrated(
        self, backtest: Backtest, chosen: Selection, horizon: int, min_series: int
    ) -> dict[Key, Calibration]:
        """Verdict on calibrating what serves each class of enough series."""
        past = _past([fold for fold in backtest.folds if fold.horizon == horizon], chosen)
        found = {}
        for c in np.unique(self.demand_class).tolist():
            own = self.demand_class == c
            if self.count(own) >= min_series and (verdict := calibrate(past.of(own), backtest.levels)):
                found[c, "all", horizon] = verdict
        return found


def with_selected(backtest: Backtest, chosen: Selection) -> Backtest:
    """The backtest with one more model, SELECTED: at each origin what serves a series, calibrated where that is kept.

    Cross-fitted as the verdict was: no origin is corrected by factors that saw its own outcomes.
    """
    folds = list(backtest.folds)
    for horizon in sorted({fold.horizon for fold in folds}):
        places = [place for place, fold in enumerate(folds) if fold.horizon == horizon]
        members = [folds[place] for place in places]
        past, classes = _past(members, chosen), np.concatenate([fold.demand_class for fold in members]).astype(str)
        values = past.values.copy()
        for c in np.unique(classes).tolist():
            verdict = chosen.calibration.get((c, "all", horizon))
            if verdict and verdict.kept:
                values[classes == c] = corrected(past.of(classes == c), backtest.levels)[0]
        ends = np.cumsum([len(fold.ids) for fold in members])[:-1]
        for place, fold, said in zip(places, members, np.split(values, ends), strict=True):
            mean = _served(fold, chosen, fold.mean)
            folds[place] = replace(fold, values=fold.values | {SELECTED: said}, mean=fold.mean | {SELECTED: mean})
    return replace(backtest, folds=tuple(folds), models=(*backtest.models, SELECTED))


def _past(folds: Sequence[Fold], chosen: Selection) -> Past:
    """What served the series of some folds of one horizon, and what came."""
    return Past(
        np.concatenate([_served(fold, chosen, fold.values) for fold in folds]),
        np.concatenate([fold.actual for fold in folds]),
        np.concatenate([fold.unit for fold in folds]),
        np.concatenate([np.full(len(fold.ids), fold.cut) for fold in folds]),
        max(fold.horizon + fold.lead for fold in folds),
    )


def _served(fold: Fold, chosen: Selection, said: Mapping[str, Floats]) -> Floats:
    """(m, ...) of what each model said, that of the models that serve a fold's series."""
    cells = {
        pair: chosen.lookup(*pair, fold.horizon)[0] for pair in {*zip(fold.demand_class, fold.family, strict=True)}
    }
    names = np.array([cells[pair] for pair in zip(fold.demand_class, fold.family, strict=True)])
    answer = np.empty_like(next(iter(said.values())))
    for name in np.unique(names):
        answer[names == name] = said[name][names == name]
    return answer


def choose(loss: Mapping[str, float], error: Mapping[str, float]) -> tuple[str, str]:
    """(model, rule) of one cell from each model's loss and the standard error of its difference to the best one.

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


def _compared(loss: Floats, series: NDArray[np.int64], counted: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """(models,) total losses, and standard errors, by series, of their paired differences to the best that counts."""
    known, number = np.unique(series, return_inverse=True)
    per_series = np.stack([np.bincount(number, column) for column in loss.T], axis=1)
    total = per_series.sum(axis=0)
    difference = per_series - per_series[:, [counted[int(np.argmin(total[counted]))]]]
    return total, np.sqrt(len(known)) * difference.std(axis=0, ddof=1) if len(known) > 1 else np.zeros(loss.shape[1])


def _number(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None
