"""The engine's models beside the same fits called directly: statsforecast, scikit-learn, scipy and numpy.

Each contender makes the distributions of three sums for the same series with the same settled parameters. What a bare
call is given (histories, weekly sums, examples) is made beforehand; the engine makes it itself, and that counts.
"""

from __future__ import annotations

import resource
import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nova_cli.benchmarks.measure import Say

if TYPE_CHECKING:
    from nova_assets.science.models.base import Request
    from nova_assets.science.panel import Panel

HORIZONS = (30, 60, 90)
METHODS = {"croston": "CrostonClassic", "sba": "CrostonSBA", "ses": "SimpleExponentialSmoothingOptimized",
           "adida": "ADIDA", "imapa": "IMAPA"}  # fmt: skip
WEEKS = 13


@dataclass(frozen=True)
class Contest:
    """The same forecasts twice, and the processor seconds of each."""

    name: str
    bare: Callable[[], object]
    engine: Callable[[], object]


def contests(panel: Panel) -> list[Contest]:
    """One for each library that the nightly models rest on."""
    from nova_assets.science import registry
    from nova_assets.science.models.base import Request
    from nova_assets.science.quantiles import GRID

    request = Request(HORIZONS, np.asarray(GRID))
    registry.predict(panel, request, [*METHODS, *registry.CANDIDATES])  # imports, and parameters settled

    def engine(*names: str) -> Callable[[], object]:
        return lambda: registry.predict(_settled(panel), request, names)

    return [
        Contest("statsforecast, Croston's family", _rates(panel, request), engine(*METHODS)),
        Contest("statsforecast, AutoETS", _smoothing(panel, request), engine("auto_ets")),
        Contest("scikit-learn, forest", _forest(panel, request), engine("quantile_forest")),
        Contest("scipy, neighbours", _neighbours(panel, request), engine("pooled_empirical")),
        Contest("numpy, block bootstrap", _bootstrap(panel, request), engine("block_bootstrap")),
    ]


def measured(panel: Panel, times: int, say: Say) -> dict[str, tuple[float, float]]:
    """Median processor seconds (bare, engine) of each contest; the two take turns."""
    taken: dict[str, tuple[float, float]] = {}
    for contest in contests(panel):
        turns = []
        for turn in range(times):
            say(f"{contest.name}, {turn + 1} of {times}")
            turns.append((processor_seconds(contest.bare), processor_seconds(contest.engine)))
        bare, engine = (statistics.median(column) for column in zip(*turns, strict=True))
        taken[contest.name] = (bare, engine)
    return taken


def processor_seconds(work: Callable[[], object]) -> float:
    """Processor seconds of one call, of all its threads: what others do on the machine does not count."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _settled(panel: Panel) -> Panel:
    """The panel with what tuning found on its past, and nothing else that is kept between calls."""
    again = replace(panel)
    again.memo.update({key: cut for key, cut in panel.memo.items() if key[0] == "until"})
    return again


def _quantiles(panel: Panel, rate: np.ndarray, request: Request) -> np.ndarray:
    """What makes a rate a distribution: scipy's negative binomial."""
    from scipy import special

    ratio = np.maximum(panel.demand.var(axis=1) / np.maximum(panel.demand.mean(axis=1), 1e-9), 1.01)
    mean = np.maximum(rate[:, None] * np.asarray(request.lengths, dtype=float), 1e-6)
    shape = mean / (ratio[:, None] - 1)
    return special.nbdtrik(request.levels, shape[..., None], (1 / ratio)[:, None, None])


def _rates(panel: Panel, request: Request) -> Callable[[], object]:
    from statsforecast import models

    histories = list(panel.demand)

    def bare() -> None:
        for name in METHODS.values():
            method: Any = getattr(models, name)()
            rate = np.array([method.forecast(y=history, h=1)["mean"][0] for history in histories])
            _quantiles(panel, rate, request)

    return bare


def _smoothing(panel: Panel, request: Request) -> Callable[[], object]:
    """AutoETS on the dense series; the others' negative binomial, which the engine falls back to, likewise."""
    from statsforecast.models import AutoETS

    from nova_assets.science.models.dense import buckets, dense
    from nova_assets.science.models.negative_binomial import NegativeBinomial

    rows = dense(panel)
    weeks = list(buckets(panel.take(rows))[0])
    half_life = NegativeBinomial().half_life(panel, request)
    weight = 0.5 ** (np.arange(panel.periods - 1, -1, -1) / half_life)

    def bare() -> None:
        for history in weeks:
            AutoETS(season_length=1, model="AZN").fit(history).predict(h=WEEKS)
        _quantiles(panel, panel.demand @ weight / weight.sum(), request)

    return bare


def _forest(panel: Panel, request: Request) -> Callable[[], object]:
    """Growing the trees, and in which leaves examples and series lie."""
    from sklearn.ensemble import ExtraTreesRegressor

    from nova_assets.science.examples import Examples
    from nova_assets.science.models import forest

    every = [Examples.of(panel, length, request) for length in request.lengths]

    def bare() -> None:
        for examples in every:
            then, now = (state.features.astype(np.float32) for state in (examples.then, examples.now))
            grown = ExtraTreesRegressor(
                forest.TREES, min_samples_leaf=30, max_features=0.5, bootstrap=True, n_jobs=-1, random_state=0,
                max_samples=min(1.0, forest.MOST_LEARNED / len(then)),
            ).fit(then, np.log1p(examples.outcomes[:, 0]))  # fmt: skip
            for states in (then, now):
                grown.apply(states)

    return bare


def _neighbours(panel: Panel, request: Request) -> Callable[[], object]:
    """A tree of the examples, each series' nearest ones and the quantiles of what followed them."""
    from scipy.spatial import KDTree

    from nova_assets.science.examples import Examples
    from nova_assets.science.models.pooled import NEIGHBOURS

    every = [Examples.of(panel, length, request) for length in request.lengths]

    def bare() -> None:
        for examples in every:
            tree = KDTree(examples.then.features, leafsize=64)
            near = tree.query(examples.now.features, k=NEIGHBOURS, workers=-1)[1]
            np.quantile(examples.outcomes[near, 0], request.levels, axis=1)

    return bare


def _bootstrap(panel: Panel, request: Request) -> Callable[[], object]:
    """Blocks drawn by their age, their sums, and the quantiles of those."""
    from nova_assets.science.models.bootstrap import BlockBootstrap

    draws, block = BlockBootstrap.draws, round(request.horizon**0.5)
    total = np.concatenate([np.zeros((len(panel), 1)), panel.demand.cumsum(axis=1)], axis=1)
    rows = np.arange(len(panel))[:, None, None]

    def bare() -> None:
        random = np.random.default_rng(0)
        for length in request.lengths:
            age = random.geometric(1 - 0.5 ** (1 / (4 * request.horizon)), (len(panel), draws, -(-length // block)))
            end = panel.periods - np.minimum(age, panel.periods - block)
            np.quantile((total[rows, end] - total[rows, end - block]).sum(axis=2), request.levels, axis=1)

    return bare
