"""Stock that is in the wrong place or of no use: transfers between sites, stand-ins for replaced materials, surplus.

A site gives only what lies above its own order-up-to level, so that giving never makes it buy; it keeps its protection
through the time of the transfer. A transfer is compared with buying the same: it is advised where the material costs
more than the way does, or arrives before what is bought would and a stock-out is likely. Without a price or without
knowing where the sites are there is nothing to compare, and nothing is moved.

A replaced material is not bought again: its successor stands in, from the shelf where there is enough of it, else
bought. What is left of the old one is used up before more of the new one is bought.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from math import ceil, floor, isnan

from nova_assets.analytics.decisions import POSSIBLE, Act, Case, decide, reorder
from nova_assets.analytics.supplier_minimums import raise_orders

TRANSFER_DAYS_NEAR, TRANSFER_DAYS_FAR = 2.0, 5.0
"""Within a region and between regions; no feed tells how long a van takes."""
TRANSFER_COST = 60.0
"""R$ for picking, carrying and receiving one line."""

SURPLUS_DAYS = 365.0
"""What is not used within a year of its order-up-to level is too much."""
SLOW_AFTER_DAYS = 180
LEAST_CARRYING_COST = 2.0
"""R$ a month; below that a look costs more than it saves."""

Plan = dict[tuple[int, int], list[Act]]
Given = dict[tuple[int, int], float]


def plan(cases: list[Case], settled: Set[tuple] = frozenset()) -> list[Act]:
    """All decisions of a day, in the order of the cases."""
    acts: Plan = {case.key: decide(case, settled) for case in cases}
    given = replace(acts, cases)
    transfer(acts, cases, settled, given)
    raise_orders(acts, cases, given)
    for case in cases:
        if [act.action for act in acts[case.key]] == ["HOLD"]:
            acts[case.key] = [surplus(case, given.get(case.key, 0.0), settled) or acts[case.key][0]]
    return [act for case in cases for act in acts[case.key]]


def replace(acts: Plan, cases: Iterable[Case]) -> Given:
    """Successors in the place of replaced materials, old stock before new purchases; changes `acts`.

    Returns units given per item-site.
    """
    given: Given = {}
    by_code = {(case.row["item_code"], case.row["site_id"]): case for case in cases}
    for old in [case for case in by_code.values() if case.row["successor_code"]]:
        new = by_code.get((old.row["successor_code"], old.row["site_id"]))
        if _order(acts[old.key]):
            stand = _stand_in(old, new)
            acts[old.key] = _with(acts[old.key], stand, None)
            if new and not stand.told["to_buy"]:
                given[new.key] = stand.quantity
        elif new and (order := _order(acts[new.key])):
            left = floor(old.free - old.row["mean"])
            if left >= 1:
                used = float(min(left, ceil(order.quantity)))
                stand = Act(new, "SUBSTITUTE", used, order.before, other=old, days=0.0, told={"old_stock": left})
                rest = reorder(new, used)
                acts[new.key] = _with(acts[new.key], stand, rest)
                given[old.key] = used
    return given


def _stand_in(old: Case, new: Case | None) -> Act:
    """What the replaced material lacks, from the successor's shelf where that keeps its own protection, else bought.

    A successor that the site has never stocked is told by its code alone, at the old one's price and lead time.
    """
    wanted = float(ceil(old.row["order_up_to"] - old.row["supply"]))
    if new is None:
        told = {"substitute_on_hand": 0.0, "substitute_spare": 0, "to_buy": True}
        days, spend = old.row["lead_time_days"], wanted * old.price
        return Act(old, "SUBSTITUTE", wanted, old.row["supply"], days=days, spend=spend, told=told)
    spare = floor(new.free - new.row["reorder_point"])
    on_shelf = spare >= wanted
    return Act(
        old,
        "SUBSTITUTE",
        wanted,
        old.row["supply"],
        other=new,
        days=0.0 if on_shelf else new.row["lead_time_days"],
        spend=0.0 if on_shelf else wanted * new.price,
        told={"substitute_on_hand": new.row["on_hand"], "substitute_spare": max(spare, 0), "to_buy": not on_shelf},
    )


def transfer(acts: Plan, cases: Iterable[Case], settled: Set[tuple], given: Given) -> None:
    """Transfers in the place of orders, the costliest shortage served first; changes `acts` and `given`."""
    by_item: dict[int, list[Case]] = {}
    for case in cases:
        if case.row["region_code"] and case.price > 0:
            by_item.setdefault(case.key[0], []).append(case)
    for sites in by_item.values():
        in_need = [case for case in sites if _order(acts[case.key]) and (*case.key, "REALLOCATE", "") not in settled]
        donors = [case for case in sites if not _order(acts[case.key])]
        for case in sorted(in_need, key=lambda case: (-_stake(case), case.key)):
            act = _move(case, donors, given)
            if act and act.other:
                given[act.other.key] = given.get(act.other.key, 0.0) + act.quantity
                acts[case.key] = _with(acts[case.key], act, reorder(case, act.quantity))


def _move(case: Case, donors: list[Case], given: Given) -> Act | None:
    """The best transfer to an item-site: from its own region first, then from where most is left over."""

    def left(donor: Case) -> int:
        kept = max(donor.row["order_up_to"], donor.row["reorder_point"])
        return floor(min(donor.free, donor.row["position"]) - kept - given.get(donor.key, 0.0))

    def near(donor: Case) -> bool:
        return donor.row["region_code"] == case.row["region_code"]

    able = [donor for donor in donors if left(donor) >= 1]
    if not able:
        return None
    donor = min(able, key=lambda donor: (not near(donor), -left(donor), donor.key))
    quantity = float(min(left(donor), ceil(case.row["order_up_to"] - case.row["supply"])))
    days = TRANSFER_DAYS_NEAR if near(donor) else TRANSFER_DAYS_FAR
    sooner = days < case.row["lead_time_days"] and case.risk(case.row["position"]) >= POSSIBLE
    if quantity < 1 or (quantity * case.price <= TRANSFER_COST and not sooner):
        return None
    told = {
        "transfer": {"days": days, "cost": TRANSFER_COST, "from": donor.row["site_code"]},
        "buy": {"days": case.row["lead_time_days"], "cost": quantity * case.price},
        "donor_free": donor.free,
        "donor_keeps": donor.free - given.get(donor.key, 0.0) - quantity,
        "donor_order_up_to": donor.row["order_up_to"],
    }
    return Act(case, "REALLOCATE", quantity, case.row["supply"], other=donor, days=days, spend=TRANSFER_COST, told=told)


def surplus(case: Case, given: float, settled: Set[tuple]) -> Act | None:
    """REDUCE what more than a year of demand above the order-up-to level does not need, DISPOSE of what is dead.

    Dead: out of use, or without demand for as long as the demand class says. What is new is left alone.
    """
    row = case.row
    dead = not row["active"] or row["demand_class"] == "dead"
    kept = (0.0 if dead else row["order_up_to"]) + SURPLUS_DAYS * row["demand_day_90"]
    quantity = float(floor(case.free - given - kept))
    carrying = quantity * (row["holding_cost_unit_day"] or 0.0) * 30
    if row["demand_class"] == "new" or quantity < 1 or isnan(carrying) or carrying < LEAST_CARRYING_COST:
        return None
    idle = (case.as_of - (row["last_demand_date"] or row["first_date"])).days
    kind = "DEAD" if dead else "SLOW" if idle >= SLOW_AFTER_DAYS else "EXCESS"
    action = "DISPOSE" if dead else "REDUCE"
    if (*case.key, action, "") in settled:
        return None
    told = {"kind": kind, "kept": kept, "days_without_demand": idle, "carrying_cost_month": carrying}
    return Act(case, action, quantity, row["position"], told=told)


def _order(acts: list[Act]) -> Act | None:
    return next((act for act in acts if act.action == "REORDER"), None)


def _with(acts: list[Act], instead: Act, rest: Act | None) -> list[Act]:
    """`acts` with `instead`, and the order that it leaves open, in the place of the order."""
    others = [act for act in acts if act.action not in {"HOLD", "REORDER"}]
    return [*others, instead, *([rest] if rest else [])]


def _stake(case: Case) -> float:
    """R$ at stake without an order: risk of a stock-out times what a unit short costs."""
    return case.risk(case.row["position"]) * float(case.row["shortage_cost_unit"] or 0.0)
