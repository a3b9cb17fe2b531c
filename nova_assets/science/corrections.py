"""Corrections of item-site forecasts: totals of a hierarchy, then drivers; each only where its verdict kept it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nova_assets.science import drivers as driving
from nova_assets.science import hierarchy
from nova_assets.science.backtest import Progress
from nova_assets.science.drivers import Driver
from nova_assets.science.forecast import Choice
from nova_assets.science.models.base import Floats, Request
from nova_assets.science.panel import Panel
from nova_assets.science.verdicts import Trial, Verdict, corrected, judge, trials

Groups = Mapping[str, NDArray[np.object_]]
"""Level of the hierarchy to the group (n,) that each series of the panel belongs to."""

HIERARCHY, DRIVER = "HIERARCHY", "DRIVER"


@dataclass(frozen=True)
class Tried:
    """A verdict with the kind of correction it is about and what it was made of."""

    kind: str
    verdict: Verdict
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class InForce:
    """What was kept for one target."""

    level: str | None = None
    model: str | None = None  # of the level's totals
    drivers: tuple[str, ...] = ()


def try_all(
    panel: Panel,
    groups: Groups,
    drivers: Sequence[Driver],
    horizons: Sequence[int],
    models: Choice,
    seed: int = 0,
    progress: Progress | None = None,
) -> list[Tried]:
    """Verdicts on every level and driver for each horizon (periods), from the same past forecasts.

    Drivers are tried on forecasts that the kept level, if any, has corrected.
    """
    made = trials(panel, horizons, models, seed, progress)
    raced = {
        level: hierarchy.race(hierarchy.totals(panel, group), min(horizons), seed, progress)
        for level, group in groups.items()
    }
    found: list[Tried] = []
    for horizon in sorted(set(horizons)):
        past = [trial for trial in made if trial.horizon == horizon]
        levels = []
        for level, (model, scores) in raced.items():
            factor = _by_totals(panel, groups[level], model, seed)
            levels.append(Tried(HIERARCHY, judge(level, past, factor), {"model": model, "pinball": scores}))
        kept = [tried for tried in levels if tried.verdict.kept]
        best = max(kept, key=lambda tried: tried.verdict.gain or 0.0, default=None)
        if best:
            factor = _by_totals(panel, groups[best.verdict.name], best.details["model"], seed)
            past = [corrected(trial, factor(trial)) for trial in past]
        found += [_only(tried, best) for tried in levels]
        found += [Tried(DRIVER, judge(driver.name, past, by_driver(panel, driver))) for driver in drivers]
    return found


def factors(
    mean: Floats,
    horizon: int,
    panel: Panel,
    groups: Groups,
    drivers: Sequence[Driver],
    kept: InForce,
    seed: int = 0,
) -> Floats:
    """(n,) by how much the corrections in force move each series' distribution of the sum over `horizon` periods.

    `mean` (n,) are the models' means of that sum.
    """
    factor = np.ones(len(panel))
    if kept.level and kept.model:
        request = Request((horizon,), np.array([0.5]), seed=seed)
        factor *= hierarchy.factors(panel, groups[kept.level], mean[:, None], kept.model, request)[:, 0]
    chosen = [driver for driver in drivers if driver.name in kept.drivers]
    return factor * driving.factors(panel, chosen, panel.periods, horizon)


def _only(tried: Tried, best: Tried | None) -> Tried:
    """At most one level is in force."""
    return tried if tried is best else replace(tried, verdict=replace(tried.verdict, kept=False))


def _by_totals(panel: Panel, groups: NDArray[np.object_], model: str, seed: int):  # noqa: ANN202 - a Factor
    def factor(trial: Trial) -> Floats:
        born = np.flatnonzero(panel.start < trial.cut)
        members = panel.until(trial.cut).take(np.searchsorted(born, trial.rows))
        request = Request((trial.horizon,), np.array([0.5]), seed=seed)
        return hierarchy.factors(members, groups[trial.rows], trial.mean[:, None], model, request)[:, 0]

    return factor


def by_driver(panel: Panel, driver: Driver):  # noqa: ANN201 - a Factor
    """What a driver alone says of a trial."""
    return lambda trial: driving.factors(panel, [driver], trial.cut, trial.horizon)[trial.rows]
