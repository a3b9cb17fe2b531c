"""Master data of the demonstration company: materials, services, sites, suppliers and who sells what.

Everything here is drawn once from the seed and the scale. Demand patterns are given to materials in the shares seen in
the company's own requisitions (about half of the codes move in a single month of thirteen, a third is intermittent, the
rest lumpy, next to nothing smooth).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from nova_assets.demo.clock import stream
from nova_assets.demo.families import FAMILIES
from nova_assets.demo.geography import CITIES, REGIONS
from nova_assets.demo.products import PRODUCTS, SERVICES, expand

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Texts = NDArray[np.str_]

PATTERNS = ("SPORADIC", "INTERMITTENT", "LUMPY", "SMOOTH")
PATTERN_SHARES = (0.72, 0.10, 0.16, 0.02)
DEFAULT_SCALE = 1500
TOWERS = 18_000


@dataclass(frozen=True)
class Sites:
    """Sites, sorted by code. `region` indexes geography.REGIONS; `towers` is how many towers the site serves."""

    code: Texts
    name: Texts
    kind: Texts
    city: Ints
    region: Ints
    latitude: Floats
    longitude: Floats
    towers: Floats


@dataclass(frozen=True)
class Suppliers:
    """Suppliers. `late` is the probability that an order line arrives after its promised date."""

    code: Texts
    name: Texts
    kind: Texts
    late: Floats


@dataclass(frozen=True)
class Items:
    """Materials. `family` indexes FAMILIES; `rate` is events a month, `size` the mean quantity of an event in units."""

    code: Texts
    name: Texts
    family: Ints
    cost: Floats
    criticality: Ints
    pattern: Ints
    rate: Floats
    size: Floats
    successor: Ints
    replaced_on: Ints


@dataclass(frozen=True)
class Sources:
    """Who sells which material, preferred source first within an item. Lead times in calendar days (supplier leg)."""

    item: Ints
    supplier: Ints
    price: Floats
    min_order: Floats
    multiple: Floats
    quoted_days: Ints
    imported: NDArray[np.bool_]
    first: Ints
    count: Ints


@dataclass(frozen=True)
class World:
    """All master data of one (seed, scale). Day offsets are relative to the first landed day."""

    seed: int
    scale: int
    sites: Sites
    suppliers: Suppliers
    items: Items
    services: Texts
    service_names: Texts
    sources: Sources


def shrink(full: int, scale: int, least: int) -> int:
    """Size of a reference list at a scale below or above the default one (square-root law below, full above)."""
    return max(least, min(full, round(full * sqrt(scale / DEFAULT_SCALE))))


def build_world(seed: int, scale: int) -> World:
    """The company at a scale, where scale is about how many item-site pairs are stocked. ValueError below 20."""
    if scale < 20:
        raise ValueError(f"scale must be at least 20 item-site pairs, not {scale}")
    sites = _sites(seed, scale)
    suppliers = _suppliers(seed, scale)
    items = _items(seed, scale)
    names = expand(SERVICES)[: shrink(48, scale, 12)]
    services = np.array([f"900.{n + 1:03d}" for n in range(len(names))])
    return World(seed, scale, sites, suppliers, items, services, np.array(names), _sources(seed, items, suppliers))


def _sites(seed: int, scale: int) -> Sites:
    rng = stream(seed, "sites")
    count = shrink(190, scale, 14)
    weight = np.array([city.weight for city in CITIES])
    order = np.argsort(-weight, kind="stable")
    cities = order[: min(len(CITIES), count)]
    extra = rng.choice(cities, size=count - len(cities), p=weight[cities] / weight[cities].sum())
    city = np.sort(np.concatenate([cities, extra]))
    nth = np.array([int((city[:i] == c).sum()) + 1 for i, c in enumerate(city)])
    region_index = {region.code: i for i, region in enumerate(REGIONS)}
    kind = np.where(nth == 1, np.where(weight[city] >= 5, "DISTRIBUTION_CENTER", "WAREHOUSE"), "TOWER_BASE")
    label = {"DISTRIBUTION_CENTER": "CD", "WAREHOUSE": "Almoxarifado", "TOWER_BASE": "Base"}
    importance = np.where(nth == 1, 3.0, 1.0) * rng.gamma(4.0, 0.25, count) * np.sqrt(weight[city])
    far = np.where(nth == 1, 0.03, 0.22)
    sites = Sites(
        code=np.array([f"{CITIES[c].code}-{n:02d}" for c, n in zip(city, nth, strict=True)]),
        name=np.array([f"{label[str(k)]} {CITIES[c].name} {n:02d}" for c, n, k in zip(city, nth, kind, strict=True)]),
        kind=kind,
        city=city,
        region=np.array([region_index[CITIES[c].region] for c in city]),
        latitude=np.round(np.array([CITIES[c].latitude for c in city]) + rng.uniform(-1, 1, count) * far, 6),
        longitude=np.round(np.array([CITIES[c].longitude for c in city]) + rng.uniform(-1, 1, count) * far, 6),
        towers=np.maximum(np.round(TOWERS * importance / importance.sum()), 1),
    )
    return sites


_FIRST = (
    "Alvorada", "Bandeirante", "Cacique", "Delta", "Equinócio", "Farol", "Girassol", "Horizonte", "Itapuã", "Jacarandá",
    "Kaluanã", "Litorânea", "Mandacaru", "Norte-Sul", "Ouro Branco", "Paraguaçu", "Quilombo", "Recôncavo", "Sertaneja",
    "Tupinambá", "Umbuzeiro", "Veredas", "Xingu", "Zênite",
)  # fmt: skip
_TRADE = (
    "Telecom", "Energia", "Componentes", "Cabos e Conexões", "Metalúrgica", "Elétrica", "Climatização", "Importadora",
    "Fixadores", "Baterias", "Antenas e Rádios", "Estruturas", "Distribuidora", "Soluções de Campo", "Automação",
    "Ferragens", "Óptica", "Suprimentos", "Equipamentos", "Proteções",
)  # fmt: skip


def _suppliers(seed: int, scale: int) -> Suppliers:
    rng = stream(seed, "suppliers")
    count = shrink(470, scale, 40)
    picks = rng.permutation(len(_FIRST) * len(_TRADE))[:count]
    suffix = np.array(["Ltda", "S.A.", "ME", "EIRELI"])[rng.choice(4, count, p=(0.62, 0.14, 0.16, 0.08))]
    kind = np.array(["DOMESTIC", "HYBRID", "IMPORT"])[rng.choice(3, count, p=(0.74, 0.12, 0.14))]
    base = np.select([kind == "DOMESTIC", kind == "HYBRID"], [0.054, 0.083], 0.137)
    return Suppliers(
        code=np.array([f"F{n + 1:05d}" for n in range(count)]),
        name=np.array([f"{_FIRST[p % 24]} {_TRADE[p // 24]} {s}" for p, s in zip(picks, suffix, strict=True)]),
        kind=kind,
        late=np.round(np.clip(base * rng.gamma(2.0, 0.5, count), 0.005, 0.45), 4),
    )


def _item_count(scale: int) -> int:
    if scale <= DEFAULT_SCALE:
        return max(12, round(0.6 * scale))
    return round(900 * sqrt(scale / DEFAULT_SCALE))


def _items(seed: int, scale: int) -> Items:
    rng = stream(seed, "items")
    count = _item_count(scale)
    family = np.arange(count) % len(FAMILIES)
    nth = np.arange(count) // len(FAMILIES)
    code, name = [], []
    catalogue = [expand(PRODUCTS[f.code]) for f in FAMILIES]
    for f, n in zip(family, nth, strict=True):
        # Like an ERP that grew over years: codes of a family are spread, not consecutive.
        code.append(f"{FAMILIES[f].code:03d}.{101 + 3 * n:03d}")
        base = catalogue[f][n % len(catalogue[f])]
        name.append(base if n < len(catalogue[f]) else f"{base} rev. {n // len(catalogue[f]) + 1}")
    low, high = (np.array([f.cost[i] for f in FAMILIES])[family] for i in (0, 1))
    grade_low, grade_high = (np.array([f.criticality[i] for f in FAMILIES])[family] for i in (0, 1))
    pattern = _patterns(rng, family)
    rate = np.select(
        [pattern == 0, pattern == 1, pattern == 2],
        [rng.uniform(0.02, 0.06, count), rng.uniform(0.20, 0.52, count), rng.uniform(0.25, 0.65, count)],
        rng.uniform(4.0, 20.0, count),
    )
    pack = np.array([f.pack for f in FAMILIES])[family]
    packs = np.array([f.event_packs for f in FAMILIES])[family] * rng.lognormal(0.0, 0.35, count)
    successor, replaced_on = _supersessions(rng, family, pattern)
    return Items(
        code=np.array(code),
        name=np.array(name),
        family=family,
        cost=np.exp(rng.uniform(np.log(low), np.log(high))).round(2),
        criticality=rng.integers(grade_low, grade_high + 1),
        pattern=pattern,
        rate=rate,
        size=np.maximum(np.where(pattern == 2, 2.0, 1.0) * packs, 1.0) * pack,
        successor=successor,
        replaced_on=replaced_on,
    )


def _patterns(rng: np.random.Generator, family: Ints) -> Ints:
    """Pattern per material: exact quotas over all materials, smooth ones only among the cheap fast-moving families."""
    count = len(family)
    quick = np.array([f.cost[1] <= 200 and f.lead_days[1] <= 21 for f in FAMILIES])[family]
    smooth = rng.permutation(np.flatnonzero(quick))[: max(1, round(PATTERN_SHARES[3] * count))]
    pattern = np.full(count, -1)
    pattern[smooth] = 3
    rest = rng.permutation(np.flatnonzero(pattern < 0))
    intermittent, lumpy = ceil(PATTERN_SHARES[1] * count), ceil(PATTERN_SHARES[2] * count)
    pattern[rest[:intermittent]] = 1
    pattern[rest[intermittent : intermittent + lumpy]] = 2
    pattern[pattern < 0] = 0
    return pattern


def _supersessions(rng: np.random.Generator, family: Ints, pattern: Ints) -> tuple[Ints, Ints]:
    """(successor index or -1, day offset on which demand moves over): 3 % of the moving materials get replaced."""
    successor, replaced_on = np.full(len(family), -1), np.full(len(family), np.iinfo(np.int32).max)
    moving = rng.permutation(np.flatnonzero((pattern == 1) | (pattern == 2)))
    taken: set[int] = set()
    for item in moving[: max(1, round(0.03 * len(family)))]:
        heirs = [j for j in np.flatnonzero((family == family[item]) & (pattern == 0)) if int(j) not in taken]
        if heirs:
            heir = int(rng.choice(heirs))
            taken.add(heir)
            successor[item], replaced_on[item] = heir, int(rng.integers(60, 1600))
    return successor, replaced_on


def _sources(seed: int, items: Items, suppliers: Suppliers) -> Sources:
    rng = stream(seed, "sources")
    count = rng.choice((1, 2, 3), len(items.code), p=(0.5, 0.35, 0.15))
    first = np.cumsum(count) - count
    item = np.repeat(np.arange(len(items.code)), count)
    family = items.family[item]
    # A supplier serves a few families: each family knows a pool of suppliers.
    imports, locals_ = np.flatnonzero(suppliers.kind != "DOMESTIC"), np.flatnonzero(suppliers.kind != "IMPORT")
    pools = [(rng.permutation(imports), rng.permutation(locals_)) for _ in FAMILIES]
    share = np.array([f.import_share for f in FAMILIES])[family]
    foreign = rng.random(len(item)) < share
    width = max(6, len(suppliers.code) // 8)
    chosen = rng.integers(0, width, len(item)) + 7 * (np.arange(len(item)) - first[item])
    supplier = np.array(
        [
            pools[f][0 if out else 1][c % len(pools[f][0 if out else 1])]
            for f, out, c in zip(family, foreign, chosen, strict=True)
        ]
    )
    imported = foreign & (suppliers.kind[supplier] == "IMPORT")
    low, high = (np.array([f.lead_days[i] for f in FAMILIES])[family] for i in (0, 1))
    days = rng.uniform(low, high) * np.where(imported, rng.uniform(1.5, 2.4, len(item)), 1.0)
    pack = np.array([f.pack for f in FAMILIES])[family]
    multiple = pack * rng.choice((1, 1, 2, 5), len(item))
    keep = _unique_sources(item, supplier)
    kept = np.bincount(item[keep], minlength=len(items.code))
    return Sources(
        item=item[keep],
        supplier=supplier[keep],
        price=np.round(items.cost[item] * rng.lognormal(0.0, 0.08, len(item)), 2)[keep],
        min_order=(multiple * rng.choice((1, 1, 1, 2, 4), len(item)))[keep],
        multiple=multiple[keep],
        quoted_days=np.round(days).astype(np.int64)[keep],
        imported=imported[keep],
        first=np.cumsum(kept) - kept,
        count=kept,
    )


def _unique_sources(item: Ints, supplier: Ints) -> NDArray[np.bool_]:
    """Keeps the first of equal (item, supplier)."""
    _, index = np.unique(item * 1_000_000 + supplier, return_index=True)
    keep = np.zeros(len(item), dtype=bool)
    keep[index] = True
    return keep
