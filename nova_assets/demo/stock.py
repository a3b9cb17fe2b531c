"""The shelves: crews draw, stock runs out, the old min/max rule requests, suppliers deliver early, late or never.

One `StockRoom` holds the state of every pair and is advanced day by day. What happens in a day: deliveries arrive and
fill backorders, crews are served in the order of `Events`, and on its review day a site requests what the rule asks.

Conservation, for every pair and day: on_hand[t] = on_hand[t-1] + receipts[t] - issues[t], where issues are fulfilled
demand plus filled backorders.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nova_assets.demo.clock import WARM_UP_DAYS, BusinessDays, stream, to_date
from nova_assets.demo.events import CORRECTIVE, Events, Plans
from nova_assets.demo.families import FAMILIES
from nova_assets.demo.master import Floats, World
from nova_assets.demo.pairs import Pairs
from nova_assets.demo.purchasing import Purchasing

RESERVE_DAYS = 7
CRITICAL, FLOOR_EVENTS = 8, 0.6
# Share of demand met by an empty shelf that never reaches the ERP: the crew knows and does not ask.
UNRECORDED = 0.5


@dataclass(frozen=True)
class Close:
    """State of all pairs at the close of a day; `open` masks the pairs that are stocked by then."""

    day: int
    on_hand: Floats
    reserved: Floats
    backorder: Floats
    receipts: Floats
    issues: Floats
    open: np.ndarray


class StockRoom:
    """Stock of every pair, advanced by `run_day`."""

    def __init__(self, world: World, pairs: Pairs, events: Events, plans: Plans, start: int, last: int) -> None:
        self.world, self.pairs, self.events, self.start = world, pairs, events, start
        self.first = start - WARM_UP_DAYS
        self.working = BusinessDays(self.first, last)
        self._is_open = self.working.is_open(np.arange(self.first, last + 1))
        days = np.arange(self.first, last + 2)
        self._bounds = np.searchsorted(events.day, days)
        self._plans = plans
        self._plan_order = np.argsort(plans.day, kind="stable")
        self._plan_bounds = np.searchsorted(plans.day[self._plan_order], np.arange(self.first, last + RESERVE_DAYS + 2))
        self._pays_back = np.array([f.unmet == "BACKORDER" for f in FAMILIES])[pairs.family]
        self._critical = world.items.criticality[pairs.item] >= CRITICAL
        self.minimum, self.maximum = self._parameters(pairs.daily_mean)
        level = stream(world.seed, "shelf").random(len(pairs))
        shelf = (self.minimum + level * (self.maximum - self.minimum)) * pairs.overstock
        self.on_hand = np.ceil(shelf / pairs.pack) * pairs.pack
        self.backorder = np.zeros(len(pairs))
        self.planned = np.zeros(len(pairs))
        self.used_year = np.zeros(len(pairs))
        self.purchasing = Purchasing(world, pairs, self.working, start)
        self.fulfilled = np.zeros(len(events.day))
        self.recorded = np.ones(len(events.day), dtype=bool)
        self._revised = self.first
        # (day from which it holds, minimum, maximum) of every setting of the old rule.
        self.rule_history = [(self.first, self.minimum, self.maximum)]

    def _parameters(self, daily: Floats) -> tuple[Floats, Floats]:
        """Old rule: fixed days of cover of mean demand, without a look at its variation or at the lead time.

        Only materials of high criticality keep an event's worth on the shelf, however seldom they are used.
        """
        pairs, pack = self.pairs, self.pairs.pack
        floor = np.where(self._critical, FLOOR_EVENTS * pairs.size, 0.0)
        minimum = np.round(np.maximum(pairs.cover_min * daily, floor) / pack) * pack
        maximum = np.ceil(np.maximum(pairs.cover_max * daily, minimum + pairs.size) / pack) * pack
        return minimum, maximum

    def run_day(self, day: int) -> Close:
        """Advances to the close of `day`; days come in order, one by one, from the warm-up's first."""
        open_ = day - self.start >= self.pairs.opens
        receipts = self.purchasing.receive(day)
        self.on_hand += receipts
        filled = np.minimum(self.backorder, self.on_hand)
        self.on_hand -= filled
        self.backorder -= filled
        issued = self._serve(day)
        self.used_year += issued
        date_ = to_date(day)
        if date_.month == 1 and date_.day == 2 and day - self._revised > 180:
            self._revise_parameters(day)
        if self._is_open[day - self.first]:
            self._review(day, open_)
        return Close(
            day, self.on_hand.copy(), self._reserve(day), self.backorder.copy(), receipts, issued + filled, open_
        )

    def _serve(self, day: int) -> Floats:
        """Crews take what is there, first come first served within a pair; returns the quantity issued per pair."""
        rows = slice(*self._bounds[day - self.first : day - self.first + 2])
        who, quantity, kind = self.events.pair[rows], self.events.quantity[rows], self.events.kind[rows]
        issued = np.zeros(len(self.pairs))
        luck = stream(self.world.seed, "silence", day).random(len(who))
        if not len(who):
            return issued
        total = np.cumsum(quantity)
        head = np.r_[True, who[1:] != who[:-1]]
        before = total - quantity
        before -= np.maximum.accumulate(np.where(head, before, 0.0))
        given = np.clip(self.on_hand[who] - before, 0.0, quantity)
        owed = np.where((kind == CORRECTIVE) & self._pays_back[who], quantity - given, 0.0)
        np.add.at(issued, who, given)
        np.add.at(self.backorder, who, owed)
        self.on_hand -= issued
        self.fulfilled[rows] = given
        self.recorded[rows] = (given > 0) | (owed > 0) | (luck >= UNRECORDED)
        return issued

    def _revise_parameters(self, day: int) -> None:
        """Once a year the rule is reset from what was issued: shortages make it too low, which causes further ones."""
        seasoned = self.start + self.pairs.starts <= self._revised
        daily = np.where(seasoned & (self.used_year > 0), self.used_year / (day - self._revised), 0.0)
        minimum, maximum = self._parameters(daily)
        self.minimum = np.where(daily > 0, minimum, self.minimum)
        self.maximum = np.where(daily > 0, maximum, self.maximum)
        self.used_year[:] = 0.0
        self._revised = day
        self.rule_history.append((day, self.minimum, self.maximum))

    def _review(self, day: int, open_: np.ndarray) -> None:
        position = self.on_hand + self.purchasing.on_order - self.backorder
        turn = self.pairs.review_weekday == (day + 3) % 7
        alive = day - self.start < self.pairs.ends
        who = np.flatnonzero(turn & open_ & alive & (position <= self.minimum))
        self.purchasing.request(day, who, (self.maximum - position)[who])

    def _reserve(self, day: int) -> Floats:
        """Quantity on the shelf that planned work of the next seven days will take."""
        due = slice(*self._plan_bounds[[day + 1 - self.first, day + 1 + RESERVE_DAYS - self.first]])
        rows = self._plan_order[due]
        rows = rows[self._plans.known[rows] <= day]
        self.planned[:] = 0.0
        np.add.at(self.planned, self._plans.pair[rows], self._plans.quantity[rows])
        return np.minimum(self.planned, self.on_hand)
