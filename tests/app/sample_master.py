"""Who and what the sample company is: regions, sites, suppliers, materials."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

AS_OF = date(2026, 11, 20)
DAYS = 400
RUN_ID = "7f3a19c2-0b7d-4c7e-9a55-5f2f6a1d0001"
LEVELS = [
    0.01,
    0.025,
    0.05,
    0.1,
    0.2,
    0.25,
    0.3,
    0.4,
    0.5,
    0.6,
    0.7,
    0.75,
    0.8,
    0.85,
    0.9,
    0.925,
    0.95,
    0.975,
    0.98,
    0.99,
    0.995,
]
ZONE = ZoneInfo("America/Bahia")

REGIONS = {
    "SSA": ("Salvador e Recôncavo", "BA"),
    "REC": ("Recife", "PE"),
    "FOR": ("Fortaleza", "CE"),
    "SAO": ("São Paulo", "SP"),
    "BHZ": ("Belo Horizonte", "MG"),
}
SITES = {
    "SSA-01": ("Salvador Central", "SSA", -12.97, -38.50),
    "SSA-02": ("Lauro de Freitas", "SSA", -12.89, -38.32),
    "SSA-03": ("Feira de Santana", "SSA", -12.26, -38.96),
    "REC-01": ("Recife", "REC", -8.05, -34.90),
    "REC-02": ("Caruaru", "REC", -8.28, -35.97),
    "FOR-01": ("Fortaleza", "FOR", -3.73, -38.52),
    "SAO-01": ("Guarulhos", "SAO", -23.45, -46.53),
    "SAO-02": ("Campinas", "SAO", -22.90, -47.06),
    "BHZ-01": ("Contagem", "BHZ", -19.93, -44.05),
}
SUPPLIERS = {
    "F001": ("Moura Energia", "DOMESTIC"),
    "F002": ("RF Conectores", "DOMESTIC"),
    "F003": ("Delta Power", "IMPORT"),
    "F004": ("Huber Antenas", "HYBRID"),
}
# code: name, family, unit, cost, criticality, demand class, ABC, events per month, mean size, supplier
ITEMS: dict[str, tuple[str, str, str, float, int, str, str, float, float, str]] = {
    "021.104": ("Bateria VRLA 12V 150Ah", "Energia", "UN", 1180.0, 9, "intermittent", "A", 2.2, 2.2, "F001"),
    "021.233": ("Retificador 48V 50A", "Energia", "UN", 2950.0, 9, "lumpy", "A", 0.9, 1.6, "F003"),
    "033.010": ("Conector RF N-macho", "Conectores", "UN", 22.5, 7, "erratic", "B", 9.0, 14.0, "F002"),
    "033.018": ("Conector 7/16 DIN", "Conectores", "UN", 31.9, 6, "smooth", "B", 12.0, 8.0, "F002"),
    "041.500": ('Cabo coaxial 1/2" super flex', "Cabos", "M", 18.4, 5, "smooth", "A", 14.0, 42.0, "F002"),
    "041.512": ("Cabo de fibra 12FO", "Cabos", "M", 6.7, 5, "erratic", "B", 6.0, 220.0, "F004"),
    "052.077": ("Antena painel 65° 18dBi", "Antenas", "UN", 3620.0, 8, "lumpy", "A", 0.6, 1.4, "F004"),
    "052.090": ("Suporte de antena 2 m", "Antenas", "UN", 240.0, 4, "intermittent", "C", 1.3, 2.0, "F004"),
    "060.001": ("Lâmpada de balizamento LED", "Balizamento", "UN", 389.0, 10, "intermittent", "B", 2.6, 1.5, "F003"),
    "060.009": ("Fotocélula 220V", "Balizamento", "UN", 48.0, 6, "intermittent", "C", 1.8, 1.7, "F003"),
    "070.400": ("Filtro de ar-condicionado 1 TR", "Climatização", "UN", 57.0, 3, "smooth", "C", 10.0, 3.0, "F001"),
    "070.455": (
        "Compressor rotativo 9.000 BTU",
        "Climatização",
        "UN",
        910.0,
        7,
        "single_event",
        "C",
        0.15,
        1.0,
        "F001",
    ),
}
