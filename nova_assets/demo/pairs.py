"""Which material is stocked at which site, how it is used there, and the company's old min/max parameters.

Pairs open over time (new sites, successors of replaced materials) and their use may end (contract lost, material
replaced), which leaves dead stock on the shelf. Day offsets are relative to the first landed day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nova_assets.demo.clock import MONTH_DAYS, stream
from nova_assets.demo.families import FAMILIES
from nova_assets.demo.master import Floats, Ints, World

NEVER = 1 << 30
# Relative weight with which a pattern's materials spread over further sites.
_SPREAD = np.array([0.12, 1.0, 1.0, 2.5])
_VISIT_DAYS = np.array([30, 60, 90, 120, 180, 365])


@dataclass(frozen=True)
class Pairs:
    """Item-site pairs, sorted by item code then site code.

    `corrective`, `build` and `inspection` are events a day; `visit_days` is the preventive interval (0 = none) with its
    `visit_phase`; `size` is the mean quantity of an event and `spread` its log standard deviation. Stock opens on
    `opens`, demand runs in [starts, ends). `cover_min` and `cover_max` are the days of demand behind the min/max rule.
    """

    item: Ints
    site: Ints
    family: Ints
    region: Ints
    corrective: Floats
    build: Floats
    inspection: Floats
    visit_days: Ints
    visit_phase: Ints
    size: Floats
    spread: Floats
    pack: Floats
    opens: Ints
    starts: Ints
    ends: Ints
    cover_min: Floats
    cover_max: Floats
    review_weekday: Ints
    overstock: Floats

    def __len__(self) -> int:
        return len(self.item)

    @property
    def daily_mean(self) -> Floats:
        """Expected demand a day while demand runs, in units."""
        visits = np.divide(1.0, self.visit_days, out=np.zeros(len(self)), where=self.visit_days > 0)
        return (self.corrective + self.build + self.inspection + visits) * self.size


def build_pairs(world: World) -> Pairs:
    """The stocked pairs of a world; about `world.scale` of them."""
    rng = stream(world.seed, "pairs")
    item, site, starts, ends = _assign(rng, world)
    order = np.lexsort((site, item))
    item, site, starts, ends = item[order], site[order], starts[order], ends[order]
    items, count = world.items, len(item)
    family = items.family[item]
    share = rng.gamma(3.0, 1 / 3.0, count) * np.sqrt(world.sites.towers[site] / world.sites.towers.mean())
    per_item = np.bincount(item, minlength=len(items.code))
    pattern = items.pattern[item]
    heir = np.isin(item, items.successor[items.successor >= 0])
    rate = np.where(heir, 0.5, items.rate[item]) / per_item[item] ** 0.8 * share
    rate = np.where(pattern == 0, np.where(heir, rate, items.rate[item]), np.maximum(rate, 0.05)) / MONTH_DAYS
    mix = np.array([f.mix for f in FAMILIES])[family]
    visit = _visit_interval(rate * mix[:, 1], pattern)
    unplanned = np.where(visit == 0, mix[:, 0] + mix[:, 1], mix[:, 0])
    spread = np.choose(pattern, (0.45, 0.30, 1.45, 0.55)) * rng.uniform(0.85, 1.15, count)
    noise = np.exp(rng.normal(0.0, 0.40, count))
    return Pairs(
        item=item,
        site=site,
        family=family,
        region=world.sites.region[site],
        corrective=rate * unplanned,
        build=rate * mix[:, 2],
        inspection=rate * mix[:, 3],
        visit_days=visit,
        visit_phase=rng.integers(0, 365, count),
        size=items.size[item],
        spread=spread,
        pack=np.array([f.pack for f in FAMILIES])[family],
        opens=np.where(starts <= 0, -NEVER, starts - 30),
        starts=np.where(starts <= 0, -NEVER, starts),
        ends=ends,
        cover_min=37.0 * noise,
        cover_max=37.0 * noise + rng.uniform(40, 100, count),
        review_weekday=(site * 7 + 3) % 5,
        overstock=np.where(rng.random(count) < 0.10, rng.uniform(3, 8, count), 1.0),
    )


def _assign(rng: np.random.Generator, world: World) -> tuple[Ints, Ints, Ints, Ints]:
    """(item, site, demand starts, demand ends) per pair: each material somewhere, the rest spread by pattern."""
    items, sites, wanted = world.items, len(world.sites.code), world.scale
    appeal = world.sites.towers / world.sites.towers.sum()
    heirs = items.successor[items.successor >= 0]
    alone = np.setdiff1d(np.arange(len(items.code)), heirs)
    chosen = dict.fromkeys(zip(alone.tolist(), rng.choice(sites, len(alone), p=appeal).tolist(), strict=True))
    weight = _SPREAD[items.pattern].copy()
    weight[heirs] = 0.0
    weight /= weight.sum()
    room = min(wanted - 2 * len(heirs), sites * len(alone) // 2)
    while len(chosen) < room:
        batch = zip(
            rng.choice(len(weight), 256, p=weight).tolist(), rng.choice(sites, 256, p=appeal).tolist(), strict=True
        )
        for pair in batch:
            if len(chosen) < room:
                chosen.setdefault(pair)
    item, site = (np.array(column, dtype=np.int64) for column in zip(*chosen, strict=True))
    starts, ends = _lifetimes(rng, len(item))
    ends = np.minimum(ends, items.replaced_on[item])
    old = np.flatnonzero(items.successor[item] >= 0)
    heir_starts = items.replaced_on[item[old]]
    return (
        np.concatenate([item, items.successor[item[old]]]),
        np.concatenate([site, site[old]]),
        np.concatenate([starts, heir_starts]),
        np.concatenate([ends, np.full(len(old), NEVER)]),
    )


def _lifetimes(rng: np.random.Generator, count: int) -> tuple[Ints, Ints]:
    """Four pairs of five are there from the first day; the others open later. One in twenty loses its demand."""
    late = rng.random(count) < 0.2
    starts = np.where(late, rng.integers(31, 1250, count), 0)
    lost = rng.random(count) < 0.06
    ends = np.where(lost, starts + rng.integers(120, 1500, count), NEVER)
    return starts, ends


def _visit_interval(per_day: Floats, pattern: Ints) -> NDArray[np.int64]:
    """Preventive interval (days) nearest to a rate of events a day; 0 where a visit would come after 500 days only."""
    gap = np.divide(1.0, per_day, out=np.full(len(per_day), np.inf), where=per_day > 0)
    nearest = _VISIT_DAYS[np.abs(np.log(np.minimum(gap, 1e6))[:, None] - np.log(_VISIT_DAYS)).argmin(axis=1)]
    return np.where((gap > 500) | (pattern == 0), 0, nearest)
