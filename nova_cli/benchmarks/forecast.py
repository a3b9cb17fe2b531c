"""How fast the forecasting engine is: its own share beside the libraries it calls, and the whole nightly race.

The panel is made here: sparse daily demand of many materials, most days zero, two years long.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nova_cli.benchmarks.measure import Measure, Say, medians

if TYPE_CHECKING:
    from nova_assets.science.panel import Panel

SERIES, DAYS, TIMES = 5_000, 730, 3
HORIZONS = (30, 60, 90)
OVERHEAD_SERIES = 1_000
METHODS = {"croston": "CrostonClassic", "sba": "CrostonSBA", "ses": "SimpleExponentialSmoothingOptimized",
           "adida": "ADIDA", "imapa": "IMAPA"}  # fmt: skip
MOST_SECONDS, MOST_MIB, MOST_OVERHEAD = 300.0, 2048.0, 0.15


@dataclass(frozen=True)
class Race:
    """What a whole race took: wall and CPU seconds of backtest and forecast, and the most memory of its process."""

    backtest: float
    forecast: float
    processor: float
    peak_mib: float


def run(rows: int | None, say: Say) -> list[Measure]:
    """Overhead over bare library calls, seconds and memory of the race. `rows` is the number of series."""
    count = rows or SERIES
    say("bare library calls against the engine")
    taken = _overhead(min(count, OVERHEAD_SERIES), say)
    say(f"four origins, {len(HORIZONS)} horizons, all nightly models, {count:,} series")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        race = pool.submit(nightly_race, count).result()
    return [
        Measure("bare library calls (statsforecast, scipy)", taken["bare"], "s"),
        Measure("the same by the engine", taken["engine"], "s"),
        Measure("engine's own share", taken["engine"] / taken["bare"] - 1, "share", most=MOST_OVERHEAD),
        Measure(f"backtest of the nightly models, {count:,} series", race.backtest, "s"),
        Measure("quantiles for three horizons", race.forecast, "s"),
        Measure("the whole race", race.backtest + race.forecast, "s", most=MOST_SECONDS),
        Measure("processor time of it", race.processor, "s"),
        Measure("peak memory of it", race.peak_mib, "MiB", most=MOST_MIB),
    ]


def sparse_panel(series: int, days: int = DAYS) -> Panel:
    """Compound Poisson demand from a few times a year to every other day, in ten families; the same for each call."""
    import numpy as np

    from nova_assets.science.panel import Panel

    draw = np.random.default_rng(20260101)
    rate = np.exp(draw.uniform(np.log(0.01), np.log(0.5), size=(series, 1)))
    demand = (draw.poisson(rate, (series, days)) * draw.integers(1, 6, (series, days))).astype(np.float64)
    ids = np.array([f"s{number:06d}" for number in range(series)], dtype=object)
    dates = np.datetime64("2024-01-01") + np.arange(days)
    family = np.array([f"family {number % 10}" for number in range(series)], dtype=object)
    start = np.zeros(series, dtype=np.int64)
    seen = np.ones(demand.shape, dtype=bool)
    return Panel(ids, demand, seen, start, dates, "D", dates[-1].astype(object), {"family": family})


def nightly_race(series: int) -> Race:
    """What `nova up` does in a night when a month begins, in the process that calls this."""
    from nova_assets.science.backtest import run_backtest
    from nova_assets.science.forecast import forecast_sums
    from nova_assets.science.selection import select_models

    panel = sparse_panel(series)
    began = time.perf_counter()
    selection = select_models(run_backtest(panel, HORIZONS))
    middle = time.perf_counter()
    forecast_sums(panel, HORIZONS, models=selection)
    ended = time.perf_counter()
    used = resource.getrusage(resource.RUSAGE_SELF)
    return Race(middle - began, ended - middle, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _overhead(series: int, say: Say) -> dict[str, float]:
    """Seconds of the same methods on the same histories: library calls in a loop, and through the engine.

    Bare calls end with scipy's negative binomial quantiles, which make a point forecast a distribution.
    """
    import numpy as np
    from scipy import special
    from statsforecast import models

    from nova_assets.science import registry
    from nova_assets.science.models.base import Request
    from nova_assets.science.quantiles import GRID

    panel = sparse_panel(series)
    histories, levels = list(panel.demand), np.asarray(GRID)
    ratio = np.maximum(panel.demand.var(axis=1) / np.maximum(panel.demand.mean(axis=1), 1e-9), 1.01)

    def bare() -> None:
        for name in METHODS.values():
            method: Any = getattr(models, name)()
            rate = np.array([method.forecast(y=history, h=1)["mean"][0] for history in histories])
            mean = np.maximum(rate[:, None] * np.asarray(HORIZONS, dtype=float), 1e-6)
            shape = mean / (ratio[:, None] - 1)
            special.nbdtrik(levels, shape[..., None], (1 / ratio)[:, None, None])

    def engine() -> None:
        registry.predict(panel, Request(HORIZONS, levels), list(METHODS))

    bare()  # imports and caches belong to neither
    return medians({"bare": bare, "engine": engine}, lambda: None, TIMES, say)
