"""The simulated world as the extract contract's feeds: one frame per feed, one row per line, typed.

Column names and order are the contract's. Dated feeds carry a leading `file_day` (days since 1970): the file that the
row goes to. How a frame becomes bytes is files.py's business; what goes wrong in the ERP is defects.py's.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from nova_assets.demo.clock import to_date
from nova_assets.demo.environment import Environment
from nova_assets.demo.events import KINDS, Events, Plans, ServiceCalls
from nova_assets.demo.families import FAMILIES
from nova_assets.demo.geography import REGIONS
from nova_assets.demo.master import Floats, Ints, World
from nova_assets.demo.pairs import Pairs
from nova_assets.demo.purchasing import NOT_YET, OrderLines
from nova_assets.demo.stock import StockRoom

_KIND_NAMES = np.array(KINDS)
_CLIENTS = 9
_CHANGES = ("ordered", "renegotiated", "first_receipt", "received", "cancelled")


def days_column(name: str, days: Ints) -> pl.Series:
    """Date column from days since 1970; NOT_YET becomes null."""
    column = pl.Series(name, np.where(days < NOT_YET, days, 0).astype(np.int32)).cast(pl.Date)
    return (
        column
        if not (days >= NOT_YET).any()
        else pl.select(pl.when(pl.Series(days < NOT_YET)).then(column).otherwise(None).alias(name)).to_series()
    )


def demand(
    world: World, pairs: Pairs, events: Events, room: StockRoom, calls: ServiceCalls, start: int
) -> pl.DataFrame:
    """Material lines that reached the ERP, with what was handed out, and service lines."""
    keep = room.recorded & (events.day >= start)
    who = events.pair[keep]
    stock = pl.DataFrame(
        {
            "file_day": events.day[keep],
            "item_code": world.items.code[pairs.item[who]],
            "site_code": world.sites.code[pairs.site[who]],
            "quantity": events.quantity[keep],
            "fulfilled_quantity": room.fulfilled[keep],
            "demand_type": _KIND_NAMES[events.kind[keep]],
        }
    )
    service = pl.DataFrame(
        {
            "file_day": calls.day,
            "item_code": world.services[calls.service],
            "site_code": world.sites.code[calls.site],
            "quantity": calls.quantity,
            "fulfilled_quantity": pl.Series([None] * len(calls.day), dtype=pl.Float64),
            "demand_type": _KIND_NAMES[calls.kind],
        }
    )
    columns = ("file_day", "date", *stock.columns[1:], "document_no")
    day = pl.col("file_day").cast(pl.Int32).cast(pl.Date)
    number = pl.int_range(1, pl.len() + 1).over("file_day").cast(pl.String).str.zfill(4)
    return (
        pl.concat([stock, service])
        .sort("file_day", "site_code", "item_code", maintain_order=True)
        .with_columns(date=day, document_no=pl.concat_str(pl.lit("OS"), day.dt.strftime("%y%m%d"), number))
        .select(*columns)
    )


def purchase_orders(
    world: World, pairs: Pairs, lines: OrderLines, env: Environment, start: int, last: int
) -> pl.DataFrame:
    """Every version of every order line: one row per line and day on which something about it became known.

    Lines that were open on the first day appear there once, in the state of that day.
    """
    placed = np.flatnonzero(lines.ordered <= last)
    supplier, site = world.sources.supplier[lines.source], pairs.site[lines.pair]
    placed = placed[np.lexsort((lines.pair[placed], site[placed], supplier[placed], lines.ordered[placed]))]
    order_no, line_no = _order_numbers(lines.ordered[placed], supplier[placed], site[placed])
    day, row = _versions(lines, placed, start, last)
    line = placed[row]
    received = lines.received[line] <= day
    part = (lines.first_receipt[line] <= day) & ~received
    status = np.select([received, lines.cancelled[line] <= day, part], ["RECEIVED", "CANCELLED", "PARTIAL"], "PLACED")
    arrived = np.where(received, lines.quantity[line], np.where(part, lines.first_quantity[line], 0.0))
    promised = np.where(lines.renegotiated[line] <= day, lines.promised_then[line], lines.promised[line])
    return pl.DataFrame(
        {
            "file_day": day,
            "order_no": order_no[row],
            "line_no": line_no[row],
            "item_code": world.items.code[pairs.item[lines.pair[line]]],
            "site_code": world.sites.code[site[line]],
            "supplier_code": world.suppliers.code[supplier[line]],
            "requested_date": days_column("", lines.requested[line]),
            "approved_date": days_column("", lines.approved[line]),
            "order_date": days_column("", lines.ordered[line]),
            "expected_date": days_column("", promised),
            "received_date": days_column("", np.where(received, lines.received[line], NOT_YET)),
            "quantity": lines.quantity[line],
            "received_quantity": arrived,
            "unit_price": _price_paid(world, lines, line, env),
            "status": status,
        }
    ).sort("file_day", "order_no", "line_no")


def _versions(lines: OrderLines, placed: Ints, start: int, last: int) -> tuple[Ints, Ints]:
    """(day, position in `placed`) of every day in [start, last] on which a line was created or changed."""
    moments = np.stack([getattr(lines, name)[placed] for name in _CHANGES])
    closed = np.minimum(lines.received, lines.cancelled)[placed]
    # The first extract tells every line that is still open then.
    opening = np.where((closed >= start) & (np.arange(len(_CHANGES)) == 0)[:, None], start, NOT_YET)
    moments = np.where(moments < start, opening, moments)
    step, row = np.nonzero((moments <= last) & (moments <= closed))
    version = np.unique(np.stack([moments[step, row], row]), axis=1)
    return version[0], version[1]


def _price_paid(world: World, lines: OrderLines, line: Ints, env: Environment) -> Floats:
    """Price at the order's date: the source's price, imports moving with four fifths of the exchange rate."""
    source = lines.source[line]
    usd = env.usd[lines.ordered[line] - env.first] / env.usd[0]
    return np.round(world.sources.price[source] * np.where(world.sources.imported[source], usd**0.8, 1.0), 2)


def _order_numbers(ordered: Ints, supplier: Ints, site: Ints) -> tuple[np.ndarray, np.ndarray]:
    """(order_no, line_no) for lines sorted by day, supplier and site: one order per day, supplier and site."""
    if not len(ordered):
        return np.zeros(0, dtype=str), np.zeros(0, dtype=np.int64)
    head = np.r_[True, (np.diff(ordered) != 0) | (np.diff(supplier) != 0) | (np.diff(site) != 0)]
    order = np.cumsum(head)
    first = np.flatnonzero(head)[order - 1]
    return np.char.add("PO", np.char.zfill(order.astype(str), 6)), np.arange(len(ordered)) - first + 1


def planned_work(world: World, pairs: Pairs, plans: Plans, start: int) -> pl.DataFrame:
    """Plans by the day on which they were told; the first extract tells all that were still ahead then."""
    keep = plans.day > np.maximum(plans.known, start)
    who, kind = plans.pair[keep], plans.kind[keep]
    region = np.array([region.code for region in REGIONS])[pairs.region[who]]
    client = np.char.add("CT-C", ((pairs.site[who] * 5 + pairs.family[who]) % _CLIENTS + 1).astype(str))
    suffix = np.where(kind == 0, "-PREV", "-OBRA")
    return (
        pl.DataFrame(
            {
                "file_day": np.maximum(plans.known[keep], start),
                "date": days_column("", plans.day[keep]),
                "item_code": world.items.code[pairs.item[who]],
                "site_code": world.sites.code[pairs.site[who]],
                "quantity": plans.quantity[keep],
                "work_type": _KIND_NAMES[kind],
                "contract_code": np.char.add(np.char.add(np.char.add(client, "-"), region), suffix),
            }
        )
        .group_by("file_day", "date", "item_code", "site_code", "work_type", "contract_code")
        .agg(pl.col("quantity").sum())
        .select("file_day", "date", "item_code", "site_code", "quantity", "work_type", "contract_code")
        .sort("file_day", "date", "item_code", "site_code", "work_type")
    )


def external_daily(env: Environment, start: int, last: int) -> pl.DataFrame:
    """Weather by region every day, currency and interest for the whole country on weekdays."""
    day = np.arange(start, last + 1)
    rows = slice(start - env.first, last + 1 - env.first)
    codes, frames = [region.code for region in REGIONS], []
    for name, values in (("RAIN_MM", env.rain), ("TEMP_C", env.temp), ("WIND_KMH", env.wind)):
        frames.append(_series(np.repeat(day, len(codes)), name, values[rows].ravel(), codes * len(day)))
    week = (day + 3) % 7 < 5
    for name, values in (("USD_BRL", env.usd), ("SELIC", env.selic)):
        frames.append(_series(day[week], name, values[rows][week], [""] * int(week.sum())))
    return pl.concat(frames).sort("file_day", "series_code", "region_code", maintain_order=True)


def _series(day: Ints, name: str, values: np.ndarray, region: list[str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "file_day": day,
            "date": days_column("", day),
            "series_code": [name] * len(day),
            "value": values,
            "region_code": region,
        }
    )


def references(world: World, start: int, last: int) -> dict[str, pl.DataFrame]:
    """The reference feeds as the ERP would export them on the last day."""
    return {
        "regions": pl.DataFrame(
            {
                "region_code": [r.code for r in REGIONS],
                "name": [r.name for r in REGIONS],
                "state_code": [r.state for r in REGIONS],
            }
        ),
        "sites": _sites(world),
        "suppliers": pl.DataFrame(
            {
                "supplier_code": world.suppliers.code,
                "name": world.suppliers.name,
                "supplier_type": world.suppliers.kind,
                "active": np.full(len(world.suppliers.code), "S"),
                "min_order_value": np.full(len(world.suppliers.code), None),
            },
            schema_overrides={"min_order_value": pl.Float64},
        ),
        "items": _items(world, last - start),
        "item_sources": _item_sources(world, start, last),
        "planning_rules": _planning_rules(),
    }


def _sites(world: World) -> pl.DataFrame:
    sites = world.sites
    return pl.DataFrame(
        {
            "site_code": sites.code,
            "name": sites.name,
            "region_code": np.array([r.code for r in REGIONS])[sites.region],
            "site_type": sites.kind,
            "latitude": sites.latitude,
            "longitude": sites.longitude,
            "active": np.full(len(sites.code), "S"),
        }
    )


def _items(world: World, elapsed: int) -> pl.DataFrame:
    """Materials and services; a successor is told once it has taken over (`elapsed`: days since the first extract)."""
    items, n = world.items, len(world.services)
    replaced = (items.successor >= 0) & (items.replaced_on <= elapsed)
    family = [FAMILIES[f] for f in items.family]
    kinds = ["MATERIAL"] * len(family) + ["SERVICE"] * n
    return pl.DataFrame(
        {
            "item_code": [*items.code.tolist(), *world.services.tolist()],
            "name": [*items.name.tolist(), *world.service_names.tolist()],
            "family": [f.name for f in family] + ["Serviços"] * n,
            "category": [f.category for f in family] + ["Serviços"] * n,
            "unit_measure": [f.unit for f in family] + ["SV"] * n,
            "unit_cost": [*items.cost.tolist(), *[None] * n],
            "criticality": [*items.criticality.tolist(), *[None] * n],
            "item_kind": kinds,
            "successor_code": [*np.where(replaced, items.code[items.successor], "").tolist(), *[""] * n],
            "active": ["N" if gone else "S" for gone in replaced] + ["S"] * n,
        }
    )


_REVISION_DAYS, _REVISION = 365, 1.045


def _item_sources(world: World, start: int, last: int) -> pl.DataFrame:
    """Terms by supplier; prices are revised once a year, which closes the old terms and opens new ones."""
    sources, frames = world.sources, []
    terms = np.arange((last - start) // _REVISION_DAYS + 1)
    for term in terms:
        begin = start + int(term) * _REVISION_DAYS
        frames.append(
            pl.DataFrame(
                {
                    "item_code": world.items.code[sources.item],
                    "supplier_code": world.suppliers.code[sources.supplier],
                    "site_code": [""] * len(sources.item),
                    "unit_price": np.round(sources.price * _REVISION ** int(term), 2),
                    "min_order_qty": sources.min_order,
                    "order_multiple": sources.multiple,
                    "lead_time_days": sources.quoted_days,
                    "valid_from": [to_date(begin)] * len(sources.item),
                    "valid_to": [to_date(begin + _REVISION_DAYS - 1) if term < terms[-1] else None] * len(sources.item),
                },
                schema_overrides={"valid_to": pl.Date},
            )
        )
    return pl.concat(frames).sort("item_code", "supplier_code", "valid_from", maintain_order=True)


_SCOPES = ("item_code", "family", "abc_class", "site_code", "criticality_min")
_VALUES = (
    "service_level", "review_days", "lead_time_days", "holding_rate_year", "holding_cost_unit_day",
    "shortage_cost_unit", "fixed_order_cost", "max_stock", "unmet_demand",
)  # fmt: skip


def _planning_rules() -> pl.DataFrame:
    """House defaults, then classes and criticality, then families whose unmet demand is lost to the shelf."""
    house = {"service_level": 0.95, "review_days": 7, "holding_rate_year": 0.24, "fixed_order_cost": 85.0}
    rows: list[Mapping[str, object]] = [
        {**house, "unmet_demand": "BACKORDER"},
        {"abc_class": "A", "service_level": 0.97},
        {"abc_class": "C", "service_level": 0.92, "review_days": 14},
        {"criticality_min": 9, "service_level": 0.985},
    ]
    rows += [{"family": f.name, "unmet_demand": "LOST"} for f in FAMILIES if f.unmet == "LOST"]
    words = {"item_code", "family", "abc_class", "site_code", "unmet_demand"}
    schema = {name: pl.String if name in words else pl.Float64 for name in (*_SCOPES, *_VALUES)}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
