"""What happens in the field: failures, maintenance visits, builds and inspections, and the plans told ahead of them.

Nothing here depends on stock. All draws belong to a calendar month, so a longer run repeats a shorter one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nova_assets.demo.clock import WARM_UP_DAYS, BusinessDays, months, stream
from nova_assets.demo.environment import Environment, failure_multiplier
from nova_assets.demo.geography import REGIONS
from nova_assets.demo.master import Floats, Ints, World
from nova_assets.demo.pairs import Pairs

KINDS = ("PREVENTIVE", "CORRECTIVE", "BUILD", "INSPECTION")
PREVENTIVE, CORRECTIVE, BUILD, INSPECTION = range(4)
GROWTH_YEAR = 1.05
PLAN_AHEAD = (30, 61)
_WEEKDAY = np.array([1.18, 1.12, 1.1, 1.1, 1.08, 0.78, 0.64])
_WAVE_CHANCE, _WAVE, _CALM = 0.28, 2.5, 0.42


@dataclass(frozen=True)
class Events:
    """Demand of stocked materials, in the order in which crews are served: by day, pair, corrective first."""

    day: Ints
    pair: Ints
    kind: Ints
    quantity: Floats


@dataclass(frozen=True)
class Plans:
    """Planned work: told on `known`, to be done on `day` (both working days)."""

    known: Ints
    day: Ints
    pair: Ints
    kind: Ints
    quantity: Floats


@dataclass(frozen=True)
class ServiceCalls:
    """Demand for services, which no shelf holds."""

    day: Ints
    service: Ints
    site: Ints
    kind: Ints
    quantity: Floats


def build_events(world: World, pairs: Pairs, env: Environment, start: int, last: int) -> tuple[Events, Plans]:
    """Everything asked for until `last` and every plan told until `last`."""
    first, working = start - WARM_UP_DAYS, BusinessDays(start - 2 * WARM_UP_DAYS, last)
    parts, plans = [], []
    for begin, stop in months(first, last + PLAN_AHEAD[1] + 7):
        if begin <= last:
            parts.append(_unplanned(world, pairs, env, start, begin, stop))
        plan, done = _planned(world, pairs, working, start, begin, stop)
        plans.append(plan)
        parts.append(done)
    day, pair, kind, quantity = (np.concatenate(column) for column in zip(*parts, strict=True))
    keep = (day >= first) & (day <= last)
    order = np.lexsort((quantity[keep], kind[keep] != CORRECTIVE, pair[keep], day[keep]))
    events = Events(*(column[keep][order] for column in (day, pair, kind, quantity)))
    known, when, who, what, much = (np.concatenate(column) for column in zip(*plans, strict=True))
    told = known <= last
    order = np.lexsort((what[told], who[told], when[told], known[told]))
    return events, Plans(*(column[told][order] for column in (known, when, who, what, much)))


def _sizes(rng: np.random.Generator, pairs: Pairs, who: Ints) -> Floats:
    """Quantity of each event: log-normal around the pair's mean, whole packs, at least one."""
    spread = pairs.spread[who]
    drawn = pairs.size[who] * np.exp(np.minimum(rng.standard_normal(len(who)), 2.5) * spread - spread**2 / 2)
    return np.maximum(np.round(drawn / pairs.pack[who]), 1.0) * pairs.pack[who]


def _running(pairs: Pairs, day: Ints, start: int) -> np.ndarray:
    offset = day - start
    return (offset >= pairs.starts) & (offset < pairs.ends)


def _unplanned(world: World, pairs: Pairs, env: Environment, start: int, begin: int, stop: int) -> tuple:
    """Failures and inspections of one month."""
    rng, days = stream(world.seed, "failures", begin), np.arange(begin, stop)
    level = _WEEKDAY[(days + 3) % 7] * GROWTH_YEAR ** ((days - start) / 365.25)
    weather = failure_multiplier(env, begin, stop)[:, pairs.region, pairs.family]
    load = (pairs.corrective * weather + pairs.inspection) * level[:, None]
    count = rng.poisson(load * _running(pairs, days[:, None], start))
    at, who = np.nonzero(count)
    times = count[at, who]
    at, who = np.repeat(at, times), np.repeat(who, times)
    inspect = rng.random(len(who)) * (pairs.corrective[who] + pairs.inspection[who]) < pairs.inspection[who]
    quantity = _sizes(rng, pairs, who)
    return days[at], who, np.where(inspect, INSPECTION, CORRECTIVE), quantity


def _planned(
    world: World, pairs: Pairs, working: BusinessDays, start: int, begin: int, stop: int
) -> tuple[tuple, tuple]:
    """(plans, work done) of visits and builds whose planned day falls in one month."""
    rng, days = stream(world.seed, "plans", begin), np.arange(begin, stop)
    running = _running(pairs, days[:, None], start)
    due = (days[:, None] + pairs.visit_phase) % np.maximum(pairs.visit_days, 1) == 0
    at, who = np.nonzero(due & (pairs.visit_days > 0) & running)
    built_at, builder = np.nonzero(
        rng.random((len(days), len(pairs))) < _build_rate(world, pairs, days, start) * running
    )
    kind = np.concatenate([np.full(len(at), PREVENTIVE), np.full(len(built_at), BUILD)])
    at, who = np.concatenate([at, built_at]), np.concatenate([who, builder])
    day = working.on_or_after(days[at])
    known = working.on_or_after(day - rng.integers(*PLAN_AHEAD, len(who)))
    quantity = _sizes(rng, pairs, who)
    slip = np.where(rng.random(len(who)) < 0.28, rng.geometric(0.18, len(who)), 0) * np.where(kind == BUILD, 2, 1)
    changed = rng.random(len(who)) < 0.3
    pack = pairs.pack[who]
    used = np.where(changed, np.round(quantity * rng.uniform(0.5, 1.5, len(who)) / pack) * pack, quantity)
    done = (rng.random(len(who)) >= 0.06) & (used > 0)
    actual = working.on_or_after(day + slip)
    return (known, day, who, kind, quantity), (actual[done], who[done], kind[done], used[done])


def _build_rate(world: World, pairs: Pairs, days: Ints, start: int) -> Floats:
    """Builds a day and pair: rollout waves by region and quarter, nothing to speak of over the year's end."""
    stamp = days.astype("datetime64[D]")
    month = stamp.astype("datetime64[M]").astype(np.int64)
    rate = np.empty((len(days), len(REGIONS)))
    for quarter in np.unique(month // 3):
        wave = stream(world.seed, "rollout", int(quarter)).random(len(REGIONS)) < _WAVE_CHANCE
        rate[month // 3 == quarter] = np.where(wave, _WAVE, _CALM)
    day_of_year = (stamp - stamp.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    rate[(day_of_year > 350) | (day_of_year < 6)] *= 0.15
    growth = GROWTH_YEAR ** ((days - start) / 365.25)
    return pairs.build * rate[:, pairs.region] * growth[:, None]


def build_service_calls(world: World, pairs: Pairs, start: int, last: int) -> ServiceCalls:
    """Services asked for: 19 % of all demand lines, as in the company's requisitions."""
    visits = np.divide(1.0, pairs.visit_days, out=np.zeros(len(pairs)), where=pairs.visit_days > 0)
    lines_day = float((pairs.corrective + pairs.build + pairs.inspection + visits).sum()) * 0.85
    appeal = world.sites.towers / world.sites.towers.sum()
    working, columns = BusinessDays(start, last), []
    for begin, stop in months(start, last):
        rng = stream(world.seed, "services", begin)
        count = rng.poisson(lines_day * 0.19 / 0.81 * (stop - begin))
        columns.append(
            (
                working.on_or_after(rng.integers(begin, stop, count)),
                rng.integers(0, len(world.services), count),
                rng.choice(len(appeal), count, p=appeal),
                rng.choice(4, count, p=(0.45, 0.3, 0.15, 0.1)),
                rng.geometric(0.55, count).astype(float),
            )
        )
    day, service, site, kind, quantity = (np.concatenate(column) for column in zip(*columns, strict=True))
    keep = (day >= start) & (day <= last)
    order = np.lexsort((site[keep], service[keep], day[keep]))
    return ServiceCalls(*(column[keep][order] for column in (day, service, site, kind, quantity)))
