"""Item-site, item, family by region: totals of a panel, which models race on them, and means made to agree with them.

A total is smoother than its members, so a model can see a trend or a season in it that no member shows. Reconciling
top-down by forecast proportions (Athanasopoulos, Ahmed and Hyndman 2009) moves each member by the same factor as its
total; the member's whole distribution is scaled with its mean.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nova_assets.science import randomness, registry
from nova_assets.science.backtest import Progress, run_backtest
from nova_assets.science.models.base import Floats, Request
from nova_assets.science.models.dense import dense
from nova_assets.science.panel import Panel
from nova_assets.science.selection import select_models

CANDIDATES = (
    *("seasonal_naive", "historic_mean", "negative_binomial", "tsb", "ses", "seasonal_profile"),
    *("theta", "auto_ets", "auto_arima", "sarimax", "prophet"),
)
"""What races on totals besides zero and naive."""

DAILY = frozenset(CANDIDATES) - {"auto_arima", "sarimax", "prophet"}
"""Candidates that are quick enough to forecast every total every day: one of them moves the members."""

MOST_DENSE = 2
"""Dense totals in the race; each of the dear models takes 0.1 to 0.3 s for one of them at one origin."""

MOST_SPARSE = 100

MOST_MOVE = 2.0
"""A total moves its members by at most this factor."""


def totals(panel: Panel, groups: NDArray[np.object_]) -> Panel:
    """Panel of the groups' totals (g, T), ids ascending. A period counts as observed when half of the members that
    have started were seen, and is scaled up for the others."""
    names, first, member = np.unique(groups.astype(str), return_index=True, return_inverse=True)
    order = np.argsort(member, kind="stable")
    begins = np.searchsorted(member[order], np.arange(len(names)))
    alive_from = np.arange(panel.periods)[None, :] >= panel.start[:, None]
    demand, seen, alive = (
        np.add.reduceat(values[order].astype(float), begins, axis=0)
        for values in (panel.demand, panel.observed, alive_from)
    )
    observed = (seen > 0) & (seen >= 0.5 * alive)
    return replace(
        panel,
        ids=names.astype(object),
        demand=np.where(observed, demand * alive / np.maximum(seen, 1), 0.0),
        observed=observed,
        start=np.minimum.reduceat(panel.start[order], begins),
        statics={name: column[first] for name, column in panel.statics.items()},
        known={},
    )


def sample_groups(groups: NDArray[np.object_], most: int) -> NDArray[np.bool_]:
    """(n,) members of whole groups, about `most` of them; which groups depends on their names only."""
    names, member, size = np.unique(groups.astype(str), return_inverse=True, return_counts=True)
    order = np.argsort(randomness.series_keys(names.astype(object), "sample of groups"))
    before = np.cumsum(size[order]) - size[order]
    taken = np.zeros(len(names), dtype=bool)
    taken[order[before < most]] = True
    return taken[member]


def race(
    panel: Panel, horizon: int, seed: int = 0, progress: Progress | None = None
) -> tuple[str, dict[str, dict[str, float]]]:
    """(model for the totals, scores by kind of total). Dense totals are raced by all candidates, sparse ones by the
    quick ones; the model is the best quick one over all of them.

    `scores` has pinball by model under 'dense' and 'sparse', as far as there are such totals.
    """
    smooth = dense(panel)
    density = (panel.demand > 0).mean(axis=1)
    order = np.argsort(-density, kind="stable")
    parts = {"dense": order[smooth[order]][:MOST_DENSE], "sparse": order[~smooth[order]][:MOST_SPARSE]}
    found: dict[str, dict[str, float]] = {}
    votes: dict[str, float] = {}
    for kind, rows in parts.items():
        names = CANDIDATES if kind == "dense" else [name for name in CANDIDATES if name in DAILY]
        if not len(rows):
            continue
        result = run_backtest(panel.take(np.sort(rows)), [horizon], names, seed=seed, family=None, progress=progress)
        evidence = select_models(result, None).evidence.get(("all", "all", horizon))
        if evidence:
            found[kind] = evidence["pinball"]
            for name in DAILY:
                votes[name] = votes.get(name, 0.0) + len(rows) * (evidence["pinball"][name] or 0.0)
    best = min(votes, key=lambda name: (votes[name], registry.get(name).complexity)) if votes else registry.FALLBACK
    return best, found


def factors(panel: Panel, groups: NDArray[np.object_], mean: Floats, model: str, request: Request) -> Floats:
    """(n, K) factors that make the members' means (n, K) add up to what `model` says of their groups' totals."""
    whole = totals(panel, groups)
    said = registry.predict(whole, request, [model])[model].mean
    member = np.unique(groups.astype(str), return_inverse=True)[1]
    summed = np.zeros_like(said)
    np.add.at(summed, member, mean)
    ratio = np.where(summed > 0, said / np.where(summed > 0, summed, 1.0), 1.0)
    return np.clip(ratio, 1 / MOST_MOVE, MOST_MOVE)[member]
