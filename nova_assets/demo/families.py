"""The twenty material families of the demonstration company: prices, lead times, causes of demand.

Belongs here: literal facts about families. Lead-time ranges are those that the company's planners quote per family
(supplier leg, calendar days, domestic); everything drawn from them is in master.py, the product names in products.py.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """One family. Quantities come in packs of `pack` units of `unit`; an event takes about `event_packs` of them.

    `cost` is BRL per unit and `lead_days` the quoted supplier leg (low, high). `mix` is the share of events that are
    corrective, preventive, build and inspection. `rain`, `wind` and `heat` say how strongly weather drives the
    corrective part (0 = not at all). `unmet` is what becomes of corrective demand that finds no stock.
    """

    code: int
    name: str
    category: str
    unit: str
    pack: float
    event_packs: float
    cost: tuple[float, float]
    lead_days: tuple[int, int]
    import_share: float
    criticality: tuple[int, int]
    mix: tuple[float, float, float, float]
    rain: float
    wind: float
    heat: float
    unmet: str


# fmt: off
FAMILIES: tuple[Family, ...] = (
    Family(
        10, "Conectores ópticos", "Telecom", "UN", 2, 3,
        (8, 60), (10, 14), 0.15, (5, 8), (0.55, 0.15, 0.25, 0.05), 0.7, 0.3, 0.0, "BACKORDER",
    ),
    Family(
        11, "Cabos de fibra óptica", "Telecom", "M", 50, 4,
        (2.5, 14), (14, 21), 0.1, (6, 9), (0.5, 0.05, 0.42, 0.03), 0.6, 0.8, 0.0, "BACKORDER",
    ),
    Family(
        12, "Conectores RF", "Telecom", "UN", 2, 3,
        (18, 140), (20, 35), 0.4, (6, 9), (0.6, 0.12, 0.23, 0.05), 0.9, 0.4, 0.0, "BACKORDER",
    ),
    Family(
        13, "Cabos e jumpers RF", "Telecom", "M", 10, 3,
        (12, 85), (25, 40), 0.35, (6, 9), (0.5, 0.08, 0.38, 0.04), 0.7, 0.7, 0.0, "BACKORDER",
    ),
    Family(
        14, "Antenas", "Telecom", "UN", 1, 1.6,
        (1800, 9500), (45, 60), 0.7, (7, 10), (0.35, 0.03, 0.6, 0.02), 0.3, 1.6, 0.0, "BACKORDER",
    ),
    Family(
        15, "Equipamentos de RF e enlace", "Telecom", "UN", 1, 1.2,
        (2500, 26000), (45, 60), 0.8, (8, 10), (0.6, 0.04, 0.34, 0.02), 0.8, 0.3, 0.5, "BACKORDER",
    ),
    Family(
        20, "Retificadores e fontes", "Energia", "UN", 1, 1.3,
        (650, 4200), (25, 40), 0.45, (8, 10), (0.75, 0.1, 0.12, 0.03), 1.3, 0.2, 0.7, "BACKORDER",
    ),
    Family(
        21, "Energia e baterias", "Energia", "UN", 1, 3.4,
        (380, 3200), (15, 30), 0.3, (8, 10), (0.55, 0.32, 0.1, 0.03), 0.3, 0.0, 1.8, "BACKORDER",
    ),
    Family(
        22, "Grupos geradores", "Energia", "UN", 1, 2,
        (45, 2600), (15, 28), 0.2, (6, 9), (0.4, 0.52, 0.03, 0.05), 0.6, 0.3, 0.2, "BACKORDER",
    ),
    Family(
        23, "Material elétrico", "Energia", "UN", 5, 2,
        (6, 180), (7, 14), 0.02, (3, 7), (0.55, 0.2, 0.2, 0.05), 1.0, 0.3, 0.2, "BACKORDER",
    ),
    Family(
        24, "Aterramento e SPDA", "Infraestrutura", "UN", 1, 4,
        (12, 240), (10, 18), 0.02, (4, 7), (0.35, 0.4, 0.15, 0.1), 1.2, 0.2, 0.0, "LOST",
    ),
    Family(
        25, "Proteção contra surtos", "Energia", "UN", 1, 2.4,
        (65, 780), (12, 25), 0.25, (7, 9), (0.78, 0.12, 0.08, 0.02), 2.6, 0.3, 0.0, "BACKORDER",
    ),
    Family(
        30, "Refrigeração", "Infraestrutura", "UN", 1, 1.4,
        (90, 4800), (21, 30), 0.15, (6, 9), (0.58, 0.34, 0.05, 0.03), 0.2, 0.0, 3.2, "BACKORDER",
    ),
    Family(
        31, "Iluminação e balizamento", "Infraestrutura", "UN", 1, 2.2,
        (22, 690), (12, 24), 0.12, (5, 8), (0.5, 0.35, 0.1, 0.05), 1.2, 0.8, 0.0, "BACKORDER",
    ),
    Family(
        40, "Parafusos e fixação", "Infraestrutura", "UN", 10, 4,
        (0.4, 9), (7, 10), 0.0, (1, 4), (0.3, 0.25, 0.35, 0.1), 0.3, 0.9, 0.0, "LOST",
    ),
    Family(
        41, "Estrutura metálica", "Infraestrutura", "UN", 1, 2,
        (140, 3900), (30, 45), 0.0, (5, 8), (0.25, 0.12, 0.58, 0.05), 0.1, 2.2, 0.0, "BACKORDER",
    ),
    Family(
        42, "Abrigos e gabinetes", "Infraestrutura", "M2", 0.5, 12,
        (28, 420), (15, 30), 0.05, (3, 6), (0.25, 0.25, 0.45, 0.05), 0.7, 0.8, 0.0, "LOST",
    ),
    Family(
        50, "Ferramentas e EPI", "Segurança do trabalho", "UN", 1, 3,
        (9, 620), (7, 15), 0.05, (2, 6), (0.15, 0.35, 0.15, 0.35), 0.1, 0.0, 0.0, "LOST",
    ),
    Family(
        51, "Consumíveis", "Consumíveis", "UN", 5, 3,
        (1.5, 75), (5, 10), 0.0, (1, 4), (0.4, 0.35, 0.15, 0.1), 0.5, 0.2, 0.1, "LOST",
    ),
    Family(
        52, "Segurança patrimonial", "Infraestrutura", "UN", 1, 1.8,
        (28, 1900), (14, 28), 0.3, (4, 7), (0.6, 0.18, 0.15, 0.07), 0.7, 0.2, 0.2, "BACKORDER",
    ),
)
# fmt: on
