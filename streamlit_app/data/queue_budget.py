"""What fits into a budget: the purchases that avoid the most cost per R$ first."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from streamlit_app.data.decisions import PROPOSED
from streamlit_app.data.frames import where

STEPS = 40


@dataclass(frozen=True, slots=True)
class Steps:
    """A slider's round step and its end, both R$."""

    size: float
    most: float


def steps(need: float) -> Steps:
    """About STEPS round steps that reach `need`: each 1, 2 or 5 times a power of ten."""
    size = 1.0
    for factor in (2, 2.5, 2) * 12:
        if size * STEPS >= need:
            break
        size *= factor
    count = max(1, -(-need // size))
    return Steps(size, size * count)


def need(rows: pd.DataFrame) -> float:
    """Cost of all purchases that wait for a decision, R$."""
    return float(_undecided(rows)["spend"].sum())


def within(rows: pd.DataFrame, budget: float) -> pd.DataFrame:
    """The rows without the undecided purchases that a budget leaves out; everything else stays.

    Purchases come in the pipeline's order (`buy_rank`: avoided cost per R$). What they cost is added up over the rows
    given, which filters and decisions have thinned out; over all of them the sum is the stored `spend_to_here`.
    """
    ranked = _undecided(rows).sort_values("buy_rank")
    left_out = where(ranked, ranked["spend"].cumsum() > budget).index
    return where(rows, ~rows.index.isin(left_out)).reset_index(drop=True)


def _undecided(rows: pd.DataFrame) -> pd.DataFrame:
    return where(rows, (rows["state"] == PROPOSED) & rows["buy_rank"].notna())
