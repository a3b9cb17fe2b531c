"""Reorder points where unmet demand is lost: the stock is projected along simulated paths to the order's arrival.

A base stock waits for every unit of demand until the order comes; with lost sales what the shelf cannot serve on the
way is gone and must not be replaced. Each path therefore runs the shelf down step by step (a step is one review
period), receives what is on the way, and loses what is short. The order answers for the step that it arrives in: its
marginal unit is short of demand there, or held to the step's end, which is the critical ratio of that step. This is the
myopic policy of Morton (1971), of the family of projected-inventory policies (van Jaarsveld and Arts 2024).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nova_assets.science import quantiles, randomness

Floats = NDArray[np.float64]

DRAWS = 512
MOST_STEPS = 26
"""A protection period of more reviews than this is projected in longer steps."""

_CELLS = 8_000_000
"""Numbers of a path held at once."""

_ROWS = 32
"""Shelves run down at once: their paths stay in a core's cache, and BLAS starts no threads for so few."""


def step_days(review: Floats, lead: Floats) -> Floats:
    """(n,) whole days of a step: the review period, longer where the longest lead time (n, A) has too many of them."""
    shortest = np.maximum(np.round(review), 1.0)
    return np.maximum(shortest, np.ceil(lead.max(axis=1) / (MOST_STEPS - 1)))


def draw_order(keys: NDArray[np.uint64], count: int) -> NDArray[np.uint16]:
    """(n, count, DRAWS) which of its evenly spread quantiles each draw of a step takes, from one random key a row."""
    order = np.empty((len(keys), count, DRAWS), dtype=np.uint16)
    chunk = max(_CELLS // (count * DRAWS), 1)
    for first in range(0, len(keys), chunk):
        part = slice(first, first + chunk)
        order[part] = np.argsort(randomness.uniforms(keys[part], count, DRAWS), axis=2)
    return order


def lost_sales_shortfall(
    levels: Floats,
    steps: Floats,
    whole: NDArray[np.bool_],
    on_hand: Floats,
    arrivals: Floats,
    lead_steps: Floats,
    service_level: Floats,
    order: NDArray[np.uint16],
) -> Floats:
    """(n,) units to have beyond all that is there and on the way; at or below 0 where that suffices.

    `steps` (n, M, Q) are each step's own demand quantiles at `levels`, drawn independently of each other; rows that are
    `whole` have demand in whole units. `on_hand` (n,) is free stock now, `arrivals` (n, M) what can serve from each
    step's begin. An order placed now arrives at the begin of step `lead_steps` (n, A), its equally likely values, each
    below M. `service_level` (n,) is the wanted P(no shortage in the step of arrival), 0 where nothing is stocked: -inf;
    `order` (n, M, DRAWS) comes from `draw_order`: every step's draws cover its distribution evenly.
    """
    # Quantiles between those of the grid are linear in them.
    between = quantiles.interpolate(levels, np.eye(len(levels)), (np.arange(DRAWS) + 0.5) / DRAWS)
    arrives = lead_steps.astype(np.int64)[:, np.arange(DRAWS) * lead_steps.shape[1] // DRAWS]
    rank = np.clip(np.ceil(service_level * DRAWS - 1e-9).astype(np.int64) - 1, 0, DRAWS - 1)
    found = np.full(len(on_hand), -np.inf)
    for first in range(0, len(on_hand), _ROWS):
        part = slice(first, first + _ROWS)
        stock = np.repeat(on_hand[part, None], DRAWS, axis=1)
        short = np.zeros(stock.shape)
        for step in range(steps.shape[1]):
            spread = steps[part, step] @ between
            spread = np.where(whole[part, None], np.round(spread), spread)
            stock += arrivals[part, step, None]
            stock -= np.take_along_axis(spread, order[part, step].astype(np.intp), axis=1)
            np.copyto(short, -stock, where=arrives[part] == step)
            np.maximum(stock, 0.0, out=stock)
        short.sort(axis=1)
        found[part] = short[np.arange(len(short)), rank[part]]
    return np.where(service_level > 0, found, -np.inf)
