"""Purchase order lines: internal cycle, supplier leg, late and partial deliveries, cancellations.

Internal cycle (request to order): log-normal with median about 6 and mean about 12.5 days, the company's own figures.
Supplier leg: an order that keeps its promise takes 75-100 % of the quoted days; a late one exceeds the promise by a
log-normal tail (median 7 days). Some suppliers go through bad half-years in which most of their orders come late.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nova_assets.demo.clock import BusinessDays, stream
from nova_assets.demo.master import Floats, Ints, World
from nova_assets.demo.pairs import Pairs

CYCLE_MEDIAN, CYCLE_SIGMA, CYCLE_LIMIT = 5.3, 1.3, 120
PROMISE_KEPT = (0.75, 1.0)
LATE_MEDIAN, LATE_SIGMA, LATE_LIMIT = 7.0, 0.9, 90
CRISIS_CHANCE, CRISIS_LATE = 0.025, 6.0
PARTIAL, RENEGOTIATED, CANCELLED = 0.05, 0.03, 0.015
NOT_YET = np.int64(1 << 40)
_RING = 1024


@dataclass(frozen=True)
class OrderLines:
    """One entry per line requested; dates are days since 1970, NOT_YET where something never happens."""

    pair: Ints
    source: Ints
    quantity: Floats
    requested: Ints
    approved: Ints
    ordered: Ints
    promised: Ints
    renegotiated: Ints
    promised_then: Ints
    first_receipt: Ints
    first_quantity: Floats
    received: Ints
    cancelled: Ints


_FIELDS = tuple(OrderLines.__dataclass_fields__)


class Purchasing:
    """Requests lines and hands over what arrives. `on_order` is what was requested and neither arrived nor fell out."""

    def __init__(self, world: World, pairs: Pairs, working: BusinessDays, start: int) -> None:
        self.world, self.pairs, self.working, self.start = world, pairs, working, start
        self.on_order = np.zeros(len(pairs))
        self._arrivals = np.zeros((_RING, len(pairs)))
        self._cancels = np.zeros((_RING, len(pairs)))
        nothing: dict[str, Any] = {
            name: np.zeros(0, dtype=np.float64 if "quantity" in name else np.int64) for name in _FIELDS
        }
        self._batches: list[OrderLines] = [OrderLines(**nothing)]

    def receive(self, day: int) -> Floats:
        """Quantity that arrives today, per pair."""
        slot = day % _RING
        arrived = self._arrivals[slot].copy()
        self.on_order -= arrived + self._cancels[slot]
        self._arrivals[slot] = 0.0
        self._cancels[slot] = 0.0
        return arrived

    def request(self, day: int, who: Ints, wanted: Floats) -> None:
        """Requests `wanted` units for the pairs `who`; each line's whole future is drawn now."""
        if not len(who):
            return
        rng, sources = stream(self.world.seed, "orders", day), self.world.sources
        item = self.pairs.item[who]
        alternative = rng.random(len(who)) < 0.2
        source = sources.first[item] + np.where(
            alternative, rng.integers(0, 1 << 30, len(who)) % sources.count[item], 0
        )
        multiple = sources.multiple[source]
        quantity = np.ceil(np.maximum(wanted, sources.min_order[source]) / multiple - 1e-9) * multiple
        lines = self._draw(rng, day, who, source, quantity)
        self._batches.append(lines)
        np.add.at(self.on_order, who, quantity)
        alive = lines.cancelled == NOT_YET
        early = alive & (lines.first_receipt < NOT_YET)
        np.add.at(self._arrivals, (lines.first_receipt[early] % _RING, who[early]), lines.first_quantity[early])
        rest = quantity - np.where(early, lines.first_quantity, 0.0)
        np.add.at(self._arrivals, (lines.received[alive] % _RING, who[alive]), rest[alive])
        np.add.at(self._cancels, (lines.cancelled[~alive] % _RING, who[~alive]), quantity[~alive])

    def _late_chance(self, ordered: Ints, source: Ints) -> Floats:
        sources, suppliers = self.world.sources, self.world.suppliers
        supplier = sources.supplier[source]
        chance = suppliers.late[supplier] + 0.03 * sources.imported[source]
        half_year = ordered // 183
        for half in np.unique(half_year):
            bad = stream(self.world.seed, "crisis", int(half)).random(len(suppliers.code)) < CRISIS_CHANCE
            chance = np.where((half_year == half) & bad[supplier], chance * CRISIS_LATE, chance)
        return np.minimum(chance, 0.8)

    def _draw(self, rng: np.random.Generator, day: int, who: Ints, source: Ints, quantity: Floats) -> OrderLines:
        n, forward = len(who), self.working.on_or_after
        cycle = np.minimum(np.exp(np.log(CYCLE_MEDIAN) + CYCLE_SIGMA * rng.standard_normal(n)), CYCLE_LIMIT)
        ordered = forward(day + np.round(cycle).astype(np.int64))
        approved = np.minimum(forward(day + np.round(cycle * rng.uniform(0.3, 0.8, n)).astype(np.int64)), ordered)
        quoted = self.world.sources.quoted_days[source]
        promised = forward(ordered + quoted)
        in_time = forward(ordered + np.ceil(quoted * rng.uniform(*PROMISE_KEPT, n)).astype(np.int64))
        excess = np.minimum(np.exp(np.log(LATE_MEDIAN) + LATE_SIGMA * rng.standard_normal(n)), LATE_LIMIT)
        late = rng.random(n) < self._late_chance(ordered, source)
        received = np.where(late, forward(promised + np.ceil(excess).astype(np.int64)), in_time)
        # A new promise, agreed on the way, moves the delivery too.
        agreed = rng.random(n) < RENEGOTIATED
        shift = np.where(agreed, rng.integers(3, 16, n), 0)
        talk = forward(ordered + 1 + (quoted * rng.uniform(0.2, 0.6, n)).astype(np.int64))
        agreed &= talk < np.minimum(promised, received)
        promised_then = np.where(agreed, forward(promised + shift), promised)
        received = np.where(agreed, forward(received + shift), received)
        pack = self.pairs.pack[who]
        first_quantity = np.round(quantity * rng.uniform(0.4, 0.8, n) / pack) * pack
        leg = received - ordered
        first = forward(ordered + np.maximum((leg * rng.uniform(0.5, 0.9, n)).astype(np.int64), 1))
        split = (rng.random(n) < PARTIAL) & (first_quantity > 0) & (first_quantity < quantity) & (first < received)
        dropped = rng.random(n) < CANCELLED
        cancel = forward(ordered + 1 + (leg * rng.uniform(0.2, 0.8, n)).astype(np.int64))
        split &= ~dropped
        return OrderLines(
            pair=who,
            source=source,
            quantity=quantity,
            requested=np.full(n, day, dtype=np.int64),
            approved=approved,
            ordered=ordered,
            promised=promised,
            renegotiated=np.where(agreed, talk, NOT_YET),
            promised_then=promised_then,
            first_receipt=np.where(split, first, NOT_YET),
            first_quantity=np.where(split, first_quantity, 0.0),
            received=np.where(dropped, NOT_YET, received),
            cancelled=np.where(dropped, cancel, NOT_YET),
        )

    def lines(self) -> OrderLines:
        """Every line requested so far, in the order of requests."""
        columns = (np.concatenate([getattr(batch, name) for batch in self._batches]) for name in _FIELDS)
        return OrderLines(*columns)
