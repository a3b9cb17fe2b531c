"""Lost sales in a replay: the platform's projection of the shelf, on what was forecast by steps at each refit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nova_assets.science.candidates import NEAR, History, Setting, born
from nova_assets.science.forecast import forecast_steps
from nova_assets.science.panel import Panel
from nova_assets.science.projection import draw_order, lost_sales_shortfall, step_days
from nova_assets.science.selection import Selection
from nova_assets.science.simulate import Revise

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Steps:
    """Series `rows` (m,) of a history whose sales are lost, looked at in steps of `periods` periods."""

    rows: NDArray[np.int64]
    periods: int
    levels: Floats  # (Q,)
    values: list[Floats]  # of each refit, (m, K, Q): demand of the steps from the refit on
    lead: Floats  # (m, A) steps, equally likely
    whole: NDArray[np.bool_]  # (m,) demand comes in whole units
    order: NDArray[np.uint16]  # (m, count, draws) of projection.draw_order

    @property
    def count(self) -> int:
        """Steps that an order placed now is answered for."""
        return self.order.shape[1]


def lost_steps(history: History, pasts: Sequence[Panel], refit: int, chosen: Selection, seed: int) -> list[Steps]:
    """Forecasts by steps of every series whose sales are lost, at each refit; one refit comes `refit` periods after the
    other. Series that do not exist yet are expected to need nothing."""
    lost = np.flatnonzero(history.lost_sales)
    atoms = np.ceil(history.lead_times.atoms() / history.period)
    step = step_days(history.review, atoms)
    found = []
    for periods in np.unique(step[lost]):
        rows = lost[step[lost] == periods]
        lead = np.floor(atoms[rows] / periods + 0.5)
        ahead = int(lead.max()) + 1 + -(-refit // int(periods))
        values = []
        for past in pasts:
            said = forecast_steps(past, ahead, int(periods), models=chosen, seed=seed)
            alive = born(history, past)
            place = (np.cumsum(alive) - 1)[rows]  # a past keeps the order of its series
            own = np.zeros((len(rows), ahead, len(said.levels)))
            own[alive[rows]] = said.values[place[alive[rows]]]
            values.append(own)
        whole = (history.panel.demand[rows, : history.first] % 1 == 0).all(axis=1)
        order = draw_order(history.panel.keys(seed, "projection")[rows], int(lead.max()) + 1)
        found.append(Steps(rows, int(periods), said.levels, values, lead, whole, order))
    return found


def projection(history: History, parts: list[Steps], settings: list[Setting], cuts: NDArray[np.int64]) -> Revise | None:
    """What the settings of each refit, in force from the days `cuts` on, order by where sales are lost; None where
    nothing is projected."""
    if not parts or settings[0].projected is None:
        return None

    def revise(day: int, stock: Floats, ahead: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        month = int(np.searchsorted(cuts, day, side="right")) - 1
        setting, low, high = settings[month], low.copy(), high.copy()
        assert setting.projected is not None
        for part in parts:
            due = (day + 1) % history.review[part.rows] == 0
            if not due.any():
                continue
            rows, passed = part.rows[due], (day + 1 - int(cuts[month])) // part.periods
            coming = ahead[rows]
            arrivals = np.zeros((len(rows), part.count))
            step = ((np.arange(coming.shape[1]) / part.periods) + 0.5).astype(np.int64)
            for at in np.unique(step[step < part.count]):
                arrivals[:, at] = coming[:, step == at].sum(axis=1)
            short = lost_sales_shortfall(
                part.levels, part.values[month][due, passed : passed + part.count], part.whole[due], stock[rows],
                arrivals, part.lead[due], setting.projected[rows], part.order[due],
            )  # fmt: skip
            point = np.maximum(np.ceil(short - NEAR) + stock[rows] + coming.sum(axis=1), 0.0)
            low[rows] = point - NEAR
            high[rows] = np.where(point > 0, point + np.maximum(setting.quantity[rows] - 1, 0.0), 0.0)
        return low, high

    return revise
