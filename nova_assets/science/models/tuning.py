"""Choosing a model's few parameters from the panel's own past, never by hand for a data set.

The panel is cut once or twice before its end; the option whose quantiles would have had the lowest pinball loss of the
sum, counted in typical demands of each series, is taken for the panel as a whole (a per-series choice would follow
noise).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from nova_assets.science import quantiles, randomness
from nova_assets.science.models.base import Floats, Request
from nova_assets.science.panel import Panel
from nova_assets.science.states import typical_demand

Option = TypeVar("Option")

HOLDOUTS = 2
MOST_SERIES = 1500
"""Series on which options are compared; a stable pseudo-random sample of larger panels."""


def tune(
    name: str,
    panel: Panel,
    request: Request,
    options: Sequence[Option],
    values: Callable[[Panel, Request, Option], Floats],
) -> Option:
    """The best of `options` of the model `name`; the first one (the default) when the panel is too short to tell.

    `values(past, request, option)` gives quantiles (rows, 1, Q) of the request's rows on a cut panel.
    """
    horizon = request.horizon
    reach = horizon + max(request.leads)
    cuts = [panel.periods - reach - k * horizon for k in range(HOLDOUTS)]
    losses = np.zeros(len(options))
    for cut in cuts:
        if cut >= max(2 * horizon, 4):
            losses += _losses(name, panel, cut, request, options, values)
    return options[int(np.argmin(losses))]


def _losses(
    name: str,
    panel: Panel,
    cut: int,
    request: Request,
    options: Sequence[Option],
    values: Callable[[Panel, Request, Option], Floats],
) -> Floats:
    """(options,) mean loss of one holdout. Kept with the cut panel: later origins of a backtest need it again."""
    past, horizon = panel.until(cut), request.horizon
    levels = request.score_levels
    key = ("tuning", name, horizon, request.leads, request.seed, tuple(levels))
    if key in past.memo:
        return past.memo[key]
    born = panel.start < cut
    actual = [panel.sums(cut + lead, cut + lead + horizon)[born] for lead in request.leads]
    rows = sample(past, np.isfinite(np.sum(actual, axis=0)))
    losses = np.zeros(len(options))
    if len(rows):
        unit = typical_demand(past)[rows]
        asked = Request((horizon,), levels, seed=request.seed, rows=rows, leads=request.leads)
        for o, option in enumerate(options):
            said = quantiles.tidy(values(past, asked, option))[:, 0]
            loss = sum(quantiles.pinball(came[rows], said, levels).mean(axis=1) for came in actual)
            losses[o] = (loss / unit).mean()
    past.memo[key] = losses
    return losses


def sample(panel: Panel, usable: np.ndarray) -> np.ndarray:
    """Positions of at most MOST_SERIES usable series, ascending; membership depends on a series' id only."""
    rows = np.flatnonzero(usable)
    if len(rows) <= MOST_SERIES:
        return rows
    order = np.argsort(randomness.series_keys(panel.ids[rows], "tuning sample"))
    return np.sort(rows[order[:MOST_SERIES]])
