"""Curves of service against stock compared: what one policy's service costs the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl


def compare(curves: pl.DataFrame, ours: str, other: str, service: str = "short_share") -> pl.DataFrame:
    """For each point of `ours` and ABC class: the stock value and holding cost of `other` at the same `service` (a
    share to keep small), read between its own points, and the saving; null where `other` never reaches it.

    `curves` as `replay` gives them. Columns: abc_class, level, the service, holding_cost, other_holding_cost, saving.
    """
    parts = []
    for name, group in curves.group_by("abc_class", maintain_order=True):
        mine = group.filter(pl.col("policy") == ours).sort("level")
        theirs = group.filter(pl.col("policy") == other).sort(service)
        at = mine[service].to_numpy()
        x, y = theirs[service].to_numpy(), theirs["holding_cost"].to_numpy()
        reached = (at >= x.min()) & (at <= x.max()) if len(x) else np.zeros(len(at), dtype=bool)
        cost = np.where(reached, np.interp(at, x, y), np.nan) if len(x) else np.full(len(at), np.nan)
        saving = 1 - mine["holding_cost"].to_numpy() / np.where(cost > 0, cost, np.nan)
        parts.append(
            mine.select("level", service, "holding_cost").with_columns(
                abc_class=pl.lit(str(name[0])),
                other_holding_cost=pl.Series(cost).fill_nan(None),
                saving=pl.Series(saving).fill_nan(None),
            )
        )
    return pl.concat(parts) if parts else pl.DataFrame()


def dominates(comparison: pl.DataFrame, classes: Sequence[str] = ("*",)) -> bool:
    """Whether every comparable point of the classes holds less stock at the same service; False without any."""
    savings = comparison.filter(pl.col("abc_class").is_in(list(classes)))["saving"].drop_nulls()
    return len(savings) > 0 and bool((savings > 0).all())
