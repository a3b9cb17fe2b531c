"""How fast policies are simulated: all item-sites at once beside a plain loop over them, and a whole replay."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from nova_assets.science.candidates import History
from nova_assets.science.forecast import LeadTimes
from nova_assets.science.panel import Panel
from nova_assets.science.replay import replay
from nova_assets.science.simulate import simulate_policy
from nova_cli.benchmarks.measure import Measure, Say, medians, seconds_of

Floats = NDArray[np.float64]

PAIRS, DAYS, YEARS = 5_000, 365, 3
LEAST_RATIO, MOST_SECONDS = 5.0, 120.0
LEAD, REVIEW = 14, 7


def run(rows: int | None, say: Say) -> list[Measure]:
    """Seconds of a year's simulation of `rows` item-sites (default: full size), its ratio to the loop, and seconds of
    a replay of a year with its monthly forecasts."""
    pairs = rows or PAIRS
    rng = np.random.default_rng(1)
    rate = np.exp(rng.uniform(np.log(0.005), np.log(0.5), size=(pairs, 1)))
    demand = (rng.poisson(rate, (pairs, YEARS * DAYS)) * rng.integers(1, 5, (pairs, YEARS * DAYS))).astype(float)
    year, point = demand[:, -DAYS:], np.ceil(3 * rate[:, 0] * (LEAD + REVIEW))
    upto = point + 5
    contenders = {
        "loop": lambda: [one_by_one(year[i], point[i], upto[i]) for i in range(pairs)],
        "vectorised": lambda: simulate_policy(year, LEAD, point, upto, upto, REVIEW),
    }
    taken = medians(contenders, lambda: None, 3, say)
    say("replay of a year with monthly forecasts")
    whole = seconds_of(lambda: replay(_history(demand), ["quantile", "minmax"]))
    return [
        Measure(f"a year of {pairs:,} item-sites under one policy", taken["vectorised"], "s"),
        Measure("a plain loop over the item-sites", taken["loop"], "s"),
        Measure("times as fast as the loop", taken["loop"] / taken["vectorised"], "", least=LEAST_RATIO),
        Measure(f"replay of a year, {pairs:,} item-sites, two policies at eight levels", whole, "s", most=MOST_SECONDS),
    ]


def one_by_one(demand: Floats, point: float, upto: float) -> tuple[list[float], list[float]]:
    """Stock and orders of one item-site by day: the rules of `simulate_policy` written as a loop."""
    stock, waiting, coming = upto, 0.0, [0.0] * (len(demand) + LEAD + 2)
    on_way, held, ordered = 0.0, [], []
    for day, asked in enumerate(demand):
        stock += coming[day]
        on_way -= coming[day]
        filled = min(stock, waiting)
        stock, waiting = stock - filled, waiting - filled
        met = min(stock, asked)
        stock, waiting = stock - met, waiting + asked - met
        position = stock + on_way - waiting
        order = upto - position if (day + 1) % REVIEW == 0 and position <= point else 0.0
        coming[day + 1 + LEAD] += order
        on_way += order
        held.append(stock)
        ordered.append(order)
    return held, ordered


def _history(demand: Floats) -> History:
    pairs, days = demand.shape
    flat = np.ones(pairs)
    dates = np.datetime64("2023-01-01") + np.arange(days)
    panel = Panel(
        np.array([f"s{i:06d}" for i in range(pairs)], dtype=object), demand, np.ones(demand.shape, dtype=bool),
        np.zeros(pairs, dtype=np.int64), dates, "D", dates[-1].astype(dt.date),
    )  # fmt: skip
    return History(
        panel, demand[:, -DAYS:], days - DAYS, LeadTimes.fixed(LEAD * flat), REVIEW * flat,
        np.zeros(pairs, dtype=bool), 10 * flat, 0.007 * flat, 20 * flat, np.nan * flat, 0 * flat, 0 * flat,
    )  # fmt: skip
