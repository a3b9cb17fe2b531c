"""Which corrections of the forecasts earn their place, and what they are made from on a date."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
import pyarrow as pa

from nova_assets.analytics import Tools, defaults, frames
from nova_assets.analytics.panels import (
    HORIZONS,
    PROTECTION,
    SEPARATOR,
    load_panel,
    models_in_force,
    protection_length,
)
from nova_assets.science import corrections, hierarchy
from nova_assets.science.corrections import HIERARCHY, Groups, InForce
from nova_assets.science.drivers import Driver, Holidays, Measured, PlannedWork, Season
from nova_assets.science.panel import Panel
from nova_resources.postgres import Database
from nova_resources.tables import Window

MOST_SERIES = 400
"""Item-sites on which corrections are tried, in whole families of a region: a sample of this size settles a gain."""

WEATHER = ("RAIN_MM", "TEMP_C", "WIND_KMH")
CURRENCY = ("USD_BRL",)


@dataclass(frozen=True)
class World:
    """What corrections of a panel are made from."""

    groups: Groups
    drivers: list[Driver]


DRIVERS = ("calendar", "holidays", "weather", "currency", "planned_work")


def load_world(db: Database, as_of: date, panel: Panel, wanted: Collection[str] = DRIVERS) -> World:
    """Groups and the wanted drivers of the panel's series as known on the date."""
    items = frames.read(db, "analytics/inputs/item_attributes")
    sites = frames.read(db, "analytics/inputs/site_regions")
    codes = [series.split(SEPARATOR) for series in panel.ids]
    family = dict(items.select("item_code", "family").iter_rows())
    region_of = dict(sites.iter_rows())
    region = np.array([region_of.get(site, "") for _, site in codes], dtype=object)
    groups = {
        "item": np.array([item for item, _ in codes], dtype=object),
        "family_region": np.array(
            [f"{family.get(item, '')} {place}" for (item, _), place in zip(codes, region, strict=True)], dtype=object
        ),
    }
    drivers: list[Driver] = [Season(), Holidays()]
    if {"weather", "currency"} & set(wanted):
        external = frames.read(db, "analytics/inputs/external", as_of=as_of)
        drivers += [
            _measured(name, external, series, panel, region)
            for name, series in (("weather", WEATHER), ("currency", CURRENCY))
        ]
    if "planned_work" in wanted:
        drivers.append(_planned(frames.read(db, "analytics/inputs/planned_work", as_of=as_of), panel))
    return World(groups, [driver for driver in drivers if driver.name in wanted])


def compute_forecast_corrections(db: Database, window: Window, tools: Tools | None = None) -> pa.Table:
    """analytics.forecast_corrections of the month: corrections tried on past forecasts of the models just chosen."""
    as_of = frames.as_of_date(window)
    panel = load_panel(db, as_of)
    if panel is None:
        return _rows(as_of, [])
    horizons = HORIZONS | {PROTECTION: protection_length(frames.read(db, "analytics/inputs/orders", as_of=as_of))}
    world = load_world(db, as_of, panel)
    sampled = np.flatnonzero(hierarchy.sample_groups(world.groups["family_region"], MOST_SERIES))
    part = panel.take(sampled)
    tried = corrections.try_all(
        part,
        {level: group[sampled] for level, group in world.groups.items()},
        [driver.take(sampled) for driver in world.drivers],
        sorted(set(horizons.values())),
        models_in_force(db, as_of + timedelta(days=1))["sums"],
        defaults.SEED,
        tools.progress if tools else None,
    )
    found = [
        {"target": target, "evidence": json.dumps(attempt.details | {"series": len(part)}), "kind": attempt.kind}
        | attempt.verdict.__dict__
        for target, horizon in horizons.items()
        for attempt in tried
        if attempt.verdict.horizon == horizon
    ]
    return _rows(as_of, found)


def in_force(db: Database, as_of: date) -> dict[str, InForce]:
    """Corrections of each target on a date; nothing before the first verdicts."""
    kept = frames.read(db, "analytics/inputs/forecast_corrections", as_of=as_of)
    found = {target: InForce() for target in (*HORIZONS, PROTECTION)}
    for (target,), rows in kept.group_by(["target"], maintain_order=True):
        levels = rows.filter(pl.col("kind") == HIERARCHY).to_dicts()
        drivers = tuple(rows.filter(pl.col("kind") != HIERARCHY)["correction"])
        level = levels[0]["correction"] if levels else None
        model = json.loads(levels[0]["evidence"])["model"] if levels else None
        found[str(target)] = InForce(level, model, drivers)
    return found


def _rows(as_of: date, found: list[dict]) -> pa.Table:
    sources = {
        "target": "target", "correction": "name", "kind": "kind", "kept": "kept", "pinball_without": "without",
        "pinball_with": "with_it", "gain": "gain", "gain_se": "standard_error", "origins": "origins",
        "forecasts": "forecasts", "evidence": "evidence",
    }  # fmt: skip
    columns = {name: [row[source] for row in found] for name, source in sources.items()}
    return frames.rows_of("analytics.forecast_corrections", as_of, columns)


def _measured(name: str, external: pl.DataFrame, series: tuple[str, ...], panel: Panel, region: np.ndarray) -> Measured:
    """Series of a region, or of the country ('') where the region has none, on the panel's dates."""
    rows = external.filter(pl.col("series_code").is_in(series))
    keys = rows.select("series_code", "region_code").unique().sort("series_code", "region_code").rows()
    place = {key: n for n, key in enumerate(keys)}
    values = np.full((len(keys), panel.periods), np.nan)
    day = (rows["date"].to_numpy().astype("datetime64[D]") - panel.dates[0]).astype(np.int64)
    inside = (day >= 0) & (day < panel.periods)
    where = np.array([place[key] for key in rows.select("series_code", "region_code").rows()], dtype=np.int64)
    values[where[inside], day[inside]] = rows["value"].to_numpy()[inside]
    found = [[place.get((code, at), place.get((code, ""), -1)) for code in series] for at in region]
    return Measured(name, values, np.array(found, dtype=np.int64).reshape(len(panel), len(series)))


def _planned(plans: pl.DataFrame, panel: Panel) -> PlannedWork:
    position = pl.DataFrame({"series_id": list(panel.ids), "position": np.arange(len(panel))})
    known = plans.join(position, on="series_id")
    days = [known[name].to_numpy().astype("datetime64[D]") for name in ("day", "known_on", "replaced_on")]
    return PlannedWork(known["position"].to_numpy(), days[0], days[1], days[2], known["quantity"].to_numpy())
