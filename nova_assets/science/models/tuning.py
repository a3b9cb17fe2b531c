"""Choosing a model's few parameters from the panel's own past, never by hand for a data set.

The panel is cut once or twice before its end; the option whose quantiles would have had the lowest pinball loss of the
sum is taken, for the panel as a whole (a per-series choice would follow noise).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from nova_assets.science import quantiles, randomness
from nova_assets.science.models.base import Floats, Request
from nova_assets.science.panel import Panel
from nova_assets.science.quantiles import SCORE_LEVELS

Option = TypeVar("Option")

HOLDOUTS = 2
MOST_SERIES = 1500
"""Series on which options are compared; a stable pseudo-random sample of larger panels."""


def tune(
    panel: Panel,
    request: Request,
    options: Sequence[Option],
    values: Callable[[Panel, Request, Option], Floats],
) -> Option:
    """The best of `options`; the first one (the default) when the panel is too short to tell.

    `values(past, request, option)` gives quantiles (rows, 1, Q) of the request's rows on a cut panel.
    """
    horizon = tuning_horizon(request)
    cuts = [panel.periods - k * horizon for k in range(1, HOLDOUTS + 1)]
    cuts = [cut for cut in cuts if cut >= max(2 * horizon, 4)]
    levels = np.asarray(SCORE_LEVELS)
    losses = np.zeros(len(options))
    for cut in cuts:
        past, born = panel.until(cut), panel.start < cut
        actual = panel.sums(cut, cut + horizon)[born]
        rows = sample(past, np.isfinite(actual))
        if not len(rows):
            continue
        asked = replace(request, lengths=(horizon,), begins=(0,), levels=levels, rows=rows)
        for o, option in enumerate(options):
            said = quantiles.tidy(values(past, asked, option))[:, 0]
            losses[o] += quantiles.pinball(actual[rows], said, levels).sum()
    return options[int(np.argmin(losses))]


def tuning_horizon(request: Request) -> int:
    """The one length at which options are compared: the middle one asked for."""
    return sorted(request.lengths)[len(request.lengths) // 2]


def sample(panel: Panel, usable: np.ndarray) -> np.ndarray:
    """Positions of at most MOST_SERIES usable series, ascending; membership depends on a series' id only."""
    rows = np.flatnonzero(usable)
    if len(rows) <= MOST_SERIES:
        return rows
    order = np.argsort(randomness.series_keys(panel.ids[rows], "tuning sample"))
    return np.sort(rows[order[:MOST_SERIES]])
