"""Stock in several places at once: serial systems, guaranteed service on trees, and METRIC for repairables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from nova_assets.science.inventory.losses import Floats, poisson_shortage


def shang_song(
    holding_costs: Sequence[float], lead_times: Sequence[float], shortage_cost: float, mean: float, sd: float
) -> Floats:
    """Echelon base stocks of a serial system by Shang and Song's (2003) two newsvendor bounds.

    Stages run from the customer upwards; `holding_costs` are echelon costs, demand per period is normal.
    """
    h = np.asarray(holding_costs, dtype=float)
    reach = np.cumsum(lead_times)
    upstream = np.concatenate([np.cumsum(h[::-1])[::-1][1:], [0.0]])
    low = (shortage_cost + upstream) / (shortage_cost + h.sum())
    high = (shortage_cost + upstream) / (shortage_cost + upstream + h)
    return reach * mean + np.sqrt(reach) * sd * (norm.ppf(low) + norm.ppf(high)) / 2


def serial_optimum(
    holding_costs: Sequence[float],
    lead_times: Sequence[float],
    shortage_cost: float,
    mean: float,
    sd: float,
    step: float = 0.02,
) -> tuple[Floats, float]:
    """(echelon base stocks, cost per period) of a serial system by Clark and Scarf's (1960) decomposition.

    Stages as in `shang_song`. Positions and demand are put on a grid of `step` units, which bounds the accuracy.
    """
    total = float(np.sum(lead_times))
    top = total * mean + 6 * np.sqrt(total) * sd
    grid = np.arange(-top - 6 * total * sd, 2 * top, step)
    below = (shortage_cost + float(np.sum(holding_costs))) * np.maximum(-grid, 0.0)
    levels = []
    for holding, lead in zip(holding_costs, lead_times, strict=True):
        spread = np.sqrt(lead) * sd
        steps = np.arange(int((lead * mean + 6 * spread) / step) + 1)
        chance = norm.pdf(steps * step, lead * mean, spread)
        chance /= chance.sum()
        induced = holding * grid + below
        # Positions below the grid's begin cost what the slope there says; they are far from any optimum.
        slope = (induced[1] - induced[0]) / step
        before = induced[0] - slope * step * np.arange(len(steps) - 1, 0, -1)
        expected = np.convolve(np.concatenate([before, induced]), chance, mode="valid")
        best = int(np.argmin(expected))
        levels.append(grid[best])
        below = np.where(np.arange(len(grid)) < best, expected, expected[best])
    return np.array(levels), float(below[-1])


@dataclass(frozen=True)
class Stage:
    """A stage of a guaranteed-service network. Times are whole periods, `safety` is z x sd of demand at the stage."""

    processing_time: int
    holding_cost: float
    safety: float
    inbound: int = 0  # service time quoted by an outside supplier
    outbound: int | None = None  # longest service time allowed towards customers; None = no customers of its own


def guaranteed_service(stages: Mapping[str, Stage], edges: Sequence[tuple[str, str]]) -> tuple[dict[str, int], float]:
    """(service time that each stage quotes, holding cost of the safety stocks) on a tree of stages.

    `edges` are (supplier, customer). The dynamic programme of Graves and Willems (2000), as messages along the tree: a
    stage holds h x safety x sqrt(inbound + processing - outbound), and waits for the slowest of its suppliers.
    """
    longest = sum(stage.processing_time + stage.inbound for stage in stages.values()) + 1
    near: dict[str, list[tuple[str, bool]]] = {name: [] for name in stages}
    for supplier, customer in edges:
        near[supplier].append((customer, True))
        near[customer].append((supplier, False))
    tables: dict[str, Floats] = {}

    def message(name: str, parent: str | None) -> Floats:
        """(inbound, outbound) costs of the part of the tree seen from `name` away from `parent`."""
        table = _stage_costs(stages[name], longest)
        for other, downstream in near[name]:
            if other == parent:
                continue
            below = message(other, name)
            if downstream:  # the customer's inbound time is at least our outbound time
                table = table + np.minimum.accumulate(below.min(axis=1)[::-1])[::-1][None, :]
            else:  # the supplier's outbound time is at most our inbound time
                table = table + np.minimum.accumulate(below.min(axis=0))[:, None]
        tables[name] = table
        return table

    chosen: dict[str, int] = {}

    def settle(name: str, parent: str | None, allowed: Floats) -> None:
        inbound, outbound = np.unravel_index(int(np.argmin(tables[name] + allowed)), (longest, longest))
        chosen[name] = int(outbound)
        for other, downstream in near[name]:
            if other == parent:
                continue
            limit = np.zeros((longest, longest))
            if downstream:
                limit[: int(outbound), :] = np.inf
            else:
                limit[:, int(inbound) + 1 :] = np.inf
            settle(other, name, limit)

    root = next(iter(stages))
    cost = float(message(root, None).min())
    settle(root, None, np.zeros((longest, longest)))
    return chosen, cost


def metric_backorders(
    base_rates: ArrayLike, base_stock: ArrayLike, depot_stock: int, depot_repair: float, transit: ArrayLike
) -> Floats:
    """Expected backorders at each base of a depot that repairs what the bases send (METRIC, Sherbrooke 1968).

    Failures are Poisson with `base_rates` per period; every repair is done at the depot in `depot_repair` periods.
    """
    rates = np.asarray(base_rates, dtype=float)
    waiting = poisson_shortage(depot_stock, rates.sum() * depot_repair)
    pipeline = rates * (np.asarray(transit, dtype=float) + waiting / rates.sum())
    return poisson_shortage(np.asarray(base_stock), pipeline)


def _stage_costs(stage: Stage, longest: int) -> Floats:
    """(inbound, outbound) holding cost; infinite where a service time cannot be kept or is not allowed."""
    inbound, outbound = np.meshgrid(np.arange(longest), np.arange(longest), indexing="ij")
    net = inbound + stage.processing_time - outbound
    cost = np.where(net >= 0, stage.holding_cost * stage.safety * np.sqrt(np.maximum(net, 0)), np.inf)
    cost[inbound < stage.inbound] = np.inf
    if stage.outbound is not None:
        cost[outbound > stage.outbound] = np.inf
    return cost
