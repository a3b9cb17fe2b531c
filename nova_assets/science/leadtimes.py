"""Lead-time distributions from receipts and open orders, by stage, pooled where receipts are few.

Durations are whole days. An order still open on the as-of date is a censored observation: it says only that the stage
takes longer than its age. Each level of the hierarchy (global, supplier, family x supplier, item x supplier) is the
posterior mean of a beta-Stacy process whose prior is the level above (Walker and Muliere 1997): with no open orders
this is the Dirichlet mixture (n x own + k x parent) / (n + k), with open orders it shrinks a Kaplan-Meier estimate.
The prior weight k of a level is the one under which its own durations are most probable (empirical Bayes).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import betaln

from nova_assets.science import quantiles
from nova_assets.science.quantiles import GRID

Floats = NDArray[np.float64]

LEVELS: tuple[tuple[str, ...], ...] = (
    (),
    ("supplier_id",),
    ("supplier_id", "family"),
    ("supplier_id", "family", "item_id"),
)
"""Keys of each level, from the most pooled to the finest."""

LEVEL_NAMES = ("global", "supplier", "family", "item")
_PROFILE = ("level", "n", "n_open", "mean_days", "sd_days", "quantile_levels", "quantile_values", "borrowed_share")

PRIOR_WEIGHTS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)
_TENTHS = 10

MAX_DAYS = 1095
"""Longer durations are counted as this many days: three years is an error or an order that nobody closed."""


def lead_time_profiles(
    orders: pl.DataFrame, as_of: dt.date, levels: Sequence[float] = GRID, max_days: int = MAX_DAYS
) -> pl.DataFrame:
    """Profile of each item x supplier x stage seen in `orders`, plus the pooled levels above them.

    `orders`: one row per order line and stage with item_id, supplier_id, family (any type), start_date, end_date (null
    while open) and optional stage (default 'receive'). Rows that start after the as-of are ignored, ends after it are
    open. Negative durations are dropped (recording errors). Returns one row per stage and group: stage, supplier_id,
    family, item_id (null where pooled over), level ('global' ... 'item'), n, n_open, mean_days, sd_days,
    quantile_levels, quantile_values (days), borrowed_share (weight of everything outside the group itself).
    """
    grid = quantiles.check_levels(levels)
    clean = _durations(orders, as_of, max_days)
    tables = [_stage(part, str(stage[0]), grid) for stage, part in clean.group_by("stage", maintain_order=True)]
    return pl.concat(tables) if tables else _empty(clean, grid)


def profiles_for(wanted: pl.DataFrame, profiles: pl.DataFrame) -> pl.DataFrame:
    """The finest profile that exists for each row of `wanted` (supplier_id, family, item_id, optional stage).

    Returns `wanted` with level, n, n_open, mean_days, sd_days, quantile_levels, quantile_values and borrowed_share (1
    where the group itself was never seen). Rows of a stage without any profile get nulls.
    """
    if "stage" not in wanted.columns:
        wanted = wanted.with_columns(stage=pl.lit("receive"))
    numbered = wanted.with_row_index("_row")
    found: list[pl.DataFrame] = []
    left = numbered
    for level, keys in zip(reversed(LEVEL_NAMES), reversed(LEVELS), strict=True):
        own = pl.col("borrowed_share") if level == LEVEL_NAMES[-1] else pl.lit(1.0)
        table = profiles.filter(pl.col("level") == level).select("stage", *keys, *_PROFILE)
        table = table.with_columns(own.alias("borrowed_share"))
        found.append(left.join(table, on=["stage", *keys], how="inner"))
        left = left.join(table, on=["stage", *keys], how="anti")
    return pl.concat([*found, left], how="diagonal_relaxed").sort("_row").drop("_row")


def _durations(orders: pl.DataFrame, as_of: dt.date, max_days: int) -> pl.DataFrame:
    if "stage" not in orders.columns:
        orders = orders.with_columns(stage=pl.lit("receive"))
    ended = pl.col("end_date").is_not_null() & (pl.col("end_date") <= as_of)
    until = pl.when(ended).then(pl.col("end_date")).otherwise(pl.lit(as_of))
    return (
        orders.filter(pl.col("start_date") <= as_of)
        .with_columns(ended=ended.fill_null(False), days=(until - pl.col("start_date")).dt.total_days())
        .filter(pl.col("days") >= 0)
        .with_columns(pl.col("days").clip(0, max_days))
        .sort("stage", *LEVELS[-1], "days", "ended")
        .select("stage", *LEVELS[-1], "days", "ended")
    )


def _stage(rows: pl.DataFrame, stage: str, grid: Floats) -> pl.DataFrame:
    """All levels of one stage. Each level's probability over days 0..D is shrunk to that of its parent group."""
    # Efron's convention: what is still open at the longest completed duration is taken to end there.
    longest = rows.filter("ended")["days"].max() or rows["days"].max() or 0
    width = int(longest) + 1  # type: ignore[arg-type]
    rows = rows.with_columns(pl.col("days").clip(0, width - 1))
    parent_pmf, parent_of = _start(width), {(): 0}
    tables = []
    for depth, keys in enumerate(LEVELS):
        groups = rows.select(keys).unique(maintain_order=True) if keys else pl.DataFrame({"_": [0]})
        index = {tuple(key): i for i, key in enumerate(groups.select(keys).iter_rows())} if keys else {(): 0}
        member = np.array([index[key] for key in rows.select(keys).iter_rows()]) if keys else np.zeros(len(rows), int)
        events, risk = _counts(rows, member, len(index), width)
        up = LEVELS[depth - 1] if depth else ()
        parent = np.array([parent_of[key[: len(up)]] for key in index]) if depth else np.zeros(1, int)
        prior = parent_pmf[parent]
        weight = _prior_weight(events, risk, prior) if depth else 1.0
        pmf = _posterior(events, risk, prior, weight)
        n = events.sum(axis=1)
        own = weight / (n + weight)
        tables.append(_rows(stage, depth, list(index), pmf, n, risk[:, 0] - n, own, grid, rows))
        parent_pmf, parent_of = pmf, index
    return pl.concat(tables)


def _start(width: int) -> Floats:
    """Prior of the global level: geometric-like, heavy enough not to rule anything out; weighs one observation."""
    hazard = np.full(width, 1 / 30)
    hazard[-1] = 1.0
    survival = np.concatenate([[1.0], np.cumprod(1 - hazard)[:-1]])
    return (survival * hazard)[None, :]


def _counts(rows: pl.DataFrame, member: NDArray[np.int64], groups: int, width: int) -> tuple[Floats, Floats]:
    """(groups, width) orders that ended on each day, and orders at risk on it (an order open at age d was seen to pass
    day d only: it is at risk up to and including d)."""
    days, ended = rows["days"].to_numpy(), rows["ended"].to_numpy()
    events, leaving = np.zeros((groups, width)), np.zeros((groups, width))
    np.add.at(events, (member[ended], days[ended]), 1.0)
    np.add.at(leaving, (member, days), 1.0)
    risk = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
    return events, risk


def _posterior(events: Floats, risk: Floats, prior: Floats, weight: float) -> Floats:
    """(groups, width) posterior mean probabilities of the beta-Stacy process with that prior mean and weight."""
    ahead = prior[:, ::-1].cumsum(axis=1)[:, ::-1]
    hazard = (weight * prior + events) / np.maximum(weight * ahead + risk, 1e-12)
    hazard = np.clip(hazard, 0.0, 1.0)
    hazard[:, -1] = 1.0
    survival = np.concatenate([np.ones((len(hazard), 1)), np.cumprod(1 - hazard, axis=1)[:, :-1]], axis=1)
    return survival * hazard


def _prior_weight(events: Floats, risk: Floats, prior: Floats) -> float:
    """Weight in PRIOR_WEIGHTS with the highest marginal likelihood of the groups' durations (open orders included).

    Judged on tenths of the pooled durations, not on days: two receipts of 19 and 20 days tell that a group is alike,
    although no day repeats.
    """
    share = np.cumsum(events.sum(axis=0)) / max(events.sum(), 1.0)
    edges = np.unique(np.searchsorted(share, np.arange(0.0, 1.0, 1 / _TENTHS)).clip(0, len(share) - 1))
    edges[0] = 0
    e, r = np.add.reduceat(events, edges, axis=1), risk[:, edges]
    p = np.add.reduceat(prior, edges, axis=1)
    ahead = p[:, ::-1].cumsum(axis=1)[:, ::-1]
    seen = (r > 0) & (p > 1e-12) & (ahead - p > 1e-12)
    a, b, e, r = p[seen], (ahead - p)[seen], e[seen], (r - e)[seen]

    def evidence(weight: float) -> float:
        return float((betaln(weight * a + e, weight * b + r) - betaln(weight * a, weight * b)).sum())

    return max(PRIOR_WEIGHTS, key=lambda weight: (evidence(weight), -weight))


def _rows(
    stage: str, depth: int, keys: list[tuple], pmf: Floats, n: Floats, n_open: Floats, own: Floats, grid: Floats,
    rows: pl.DataFrame,
) -> pl.DataFrame:  # fmt: skip
    days = np.arange(pmf.shape[1])
    mean = pmf @ days
    variance = np.maximum(pmf @ days.astype(float) ** 2 - mean**2, 0.0)
    cdf = np.cumsum(pmf, axis=1)
    values = np.stack([(cdf < level - 1e-12).sum(axis=1) for level in grid], axis=1).clip(0, pmf.shape[1] - 1)
    names = LEVELS[-1]
    columns = {
        name: pl.Series(name, [key[i] if i < len(key) else None for key in keys], dtype=rows.schema[name])
        for i, name in enumerate(names)
    }
    return pl.DataFrame(
        {
            "stage": pl.Series([stage] * len(keys), dtype=pl.String),
            **columns,
            "level": pl.Series([LEVEL_NAMES[depth]] * len(keys), dtype=pl.String),
            "n": n.astype(np.int64),
            "n_open": n_open.astype(np.int64),
            "mean_days": mean,
            "sd_days": np.sqrt(variance),
            "quantile_levels": pl.Series([list(grid)] * len(keys), dtype=pl.List(pl.Float64)),
            "quantile_values": pl.Series(values.astype(float).tolist(), dtype=pl.List(pl.Float64)),
            "borrowed_share": own,
        }
    )


def _empty(clean: pl.DataFrame, grid: Floats) -> pl.DataFrame:
    nothing = np.zeros((0, 1))
    return _rows("receive", 0, [], nothing, np.zeros(0), np.zeros(0), np.zeros(0), grid, clean)
