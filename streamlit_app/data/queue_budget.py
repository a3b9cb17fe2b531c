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
    return float(rows.loc[rows["state"] == PROPOSED, "spend"].sum())


def within(rows: pd.DataFrame, budget: float) -> pd.DataFrame:
    """The rows without the undecided purchases that a budget leaves out; what costs nothing stays.

    Greedy by avoided cost per R$: the bound of the linear relaxation, at most one line short of the best list.
    """
    buying = where(rows, (rows["state"] == PROPOSED) & (rows["spend"] > 0))
    ranked = buying.assign(worth=buying["avoided_cost"] / buying["spend"]).sort_values(
        ["worth", "avoided_cost"], ascending=False, kind="stable"
    )
    left_out = where(ranked, ranked["spend"].cumsum() > budget).index
    return where(rows, ~rows.index.isin(left_out)).reset_index(drop=True)
