"""How fast the forecasting engine is: its own share beside the libraries it calls, and the whole nightly race.

The panel is made here: sparse daily demand of many materials, most days zero, two years long.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nova_cli.benchmarks.forecast_bare import HORIZONS, measured
from nova_cli.benchmarks.measure import Measure, Say

if TYPE_CHECKING:
    from nova_assets.science.panel import Panel

SERIES, DAYS, TIMES = 5_000, 730, 3
OVERHEAD_SERIES = 1_000
MOST_SECONDS, MOST_MIB, MOST_OVERHEAD = 300.0, 2048.0, 0.15


@dataclass(frozen=True)
class Race:
    """What a whole race took: wall seconds of backtest and forecast; processor seconds of both and of each model in the
    backtest; the most memory of its process."""

    backtest: float
    forecast: float
    processor: float
    models: dict[str, float]
    peak_mib: float


def run(rows: int | None, say: Say) -> list[Measure]:
    """Overhead over bare library calls, seconds and memory of the race. `rows` is the number of series."""
    count = rows or SERIES
    say("bare library calls against the engine")
    taken = measured(sparse_panel(min(count, OVERHEAD_SERIES)), TIMES, say)
    bare, engine = (sum(column) for column in zip(*taken.values(), strict=True))
    say(f"four origins, {len(HORIZONS)} horizons, all nightly models, {count:,} series")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        race = pool.submit(nightly_race, count).result()
    return [
        *(Measure(f"engine's own share, {name}", two / one - 1, "share") for name, (one, two) in taken.items()),
        Measure("bare library calls, all of them, processor", bare, "s"),
        Measure("the same by the engine, processor", engine, "s"),
        Measure("engine's own share", engine / bare - 1, "share", most=MOST_OVERHEAD),
        Measure(f"backtest of the nightly models, {count:,} series", race.backtest, "s"),
        Measure("quantiles for three horizons", race.forecast, "s"),
        Measure("the whole race", race.backtest + race.forecast, "s", most=MOST_SECONDS),
        Measure("processor time of it", race.processor, "s"),
        *(Measure(f"in the backtest, {name}, processor", seconds, "s") for name, seconds in race.models.items()),
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
    backtest = run_backtest(panel, HORIZONS)
    selection = select_models(backtest)
    middle = time.perf_counter()
    forecast_sums(panel, HORIZONS, models=selection)
    ended = time.perf_counter()
    used = resource.getrusage(resource.RUSAGE_SELF)
    processor = used.ru_utime + used.ru_stime
    return Race(middle - began, ended - middle, processor, backtest.seconds, used.ru_maxrss / 1024)
