"""Where the demonstration company works: regions with their climate, cities with coordinates.

Belongs here: literal facts. Monthly climate figures are rounded normals of the largest city of each region; Salvador,
Fortaleza, Recife, Rio de Janeiro and São Paulo were checked against four years of daily observations.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """One region: yearly rain (mm), peak month and seasonality 0-1, mean temperature and swing (°C), wind (km/h)."""

    code: str
    name: str
    state: str
    rain_year: float
    rain_peak_month: float
    rain_season: float
    temp_mean: float
    temp_swing: float
    wind_mean: float


@dataclass(frozen=True, slots=True)
class City:
    """A city where sites are: code as in site codes, region, coordinates in degrees, weight in the fleet."""

    code: str
    name: str
    region: str
    latitude: float
    longitude: float
    weight: float


REGIONS: tuple[Region, ...] = (
    Region("BA-LIT", "Bahia Litoral", "BA", 1500, 5.2, 0.40, 25.5, 1.5, 20),
    Region("BA-INT", "Bahia Interior", "BA", 750, 12.5, 0.75, 24.5, 2.0, 16),
    Region("SE", "Sergipe", "SE", 1250, 5.8, 0.60, 26.0, 1.4, 18),
    Region("AL", "Alagoas", "AL", 1550, 6.0, 0.65, 25.5, 1.4, 17),
    Region("PE", "Pernambuco", "PE", 1500, 5.7, 0.50, 26.0, 1.3, 18.5),
    Region("PB", "Paraíba", "PB", 1500, 5.8, 0.60, 26.2, 1.2, 18),
    Region("RN", "Rio Grande do Norte", "RN", 1250, 4.8, 0.70, 26.5, 1.0, 22),
    Region("CE", "Ceará", "CE", 1300, 3.0, 0.95, 26.9, 0.8, 21),
    Region("MA", "Maranhão", "MA", 1900, 3.2, 0.90, 27.2, 0.8, 14),
    Region("PA", "Pará", "PA", 2800, 2.8, 0.50, 27.0, 0.7, 9),
    Region("MG", "Minas Gerais", "MG", 1450, 12.7, 0.90, 21.8, 2.4, 12),
    Region("ES", "Espírito Santo", "ES", 1250, 12.0, 0.50, 24.5, 2.4, 16),
    Region("RJ", "Rio de Janeiro", "RJ", 1100, 12.8, 0.60, 24.0, 3.1, 16.5),
    Region("SP", "São Paulo", "SP", 1300, 1.0, 0.75, 19.9, 3.2, 18),
    Region("GO-DF", "Goiás e Distrito Federal", "GO", 1500, 12.8, 0.95, 22.6, 1.6, 12),
    Region("RS", "Rio Grande do Sul", "RS", 1450, 8.5, 0.15, 19.6, 5.4, 15),
)

CITIES: tuple[City, ...] = (
    City("SSA", "Salvador", "BA-LIT", -12.9714, -38.5014, 12),
    City("IOS", "Ilhéus", "BA-LIT", -14.7936, -39.0463, 3),
    City("BPS", "Porto Seguro", "BA-LIT", -16.4435, -39.0643, 2),
    City("FEC", "Feira de Santana", "BA-INT", -12.2664, -38.9663, 6),
    City("VDC", "Vitória da Conquista", "BA-INT", -14.8615, -40.8442, 4),
    City("BRA", "Barreiras", "BA-INT", -12.1439, -44.9968, 2),
    City("JUZ", "Juazeiro", "BA-INT", -9.4163, -40.5033, 2),
    City("AJU", "Aracaju", "SE", -10.9472, -37.0731, 5),
    City("MCZ", "Maceió", "AL", -9.6658, -35.7353, 4),
    City("ARA", "Arapiraca", "AL", -9.7515, -36.6601, 1.5),
    City("REC", "Recife", "PE", -8.0476, -34.8770, 7),
    City("CAU", "Caruaru", "PE", -8.2835, -35.9761, 2.5),
    City("PNZ", "Petrolina", "PE", -9.3891, -40.5030, 2),
    City("JPA", "João Pessoa", "PB", -7.1195, -34.8450, 3),
    City("CPV", "Campina Grande", "PB", -7.2306, -35.8811, 2),
    City("NAT", "Natal", "RN", -5.7945, -35.2110, 3.5),
    City("MVF", "Mossoró", "RN", -5.1878, -37.3441, 1.5),
    City("FOR", "Fortaleza", "CE", -3.7319, -38.5267, 7),
    City("JDO", "Juazeiro do Norte", "CE", -7.2130, -39.3151, 2),
    City("SOB", "Sobral", "CE", -3.6861, -40.3497, 1.5),
    City("SLZ", "São Luís", "MA", -2.5391, -44.2829, 3),
    City("IMP", "Imperatriz", "MA", -5.5185, -47.4777, 1.5),
    City("BEL", "Belém", "PA", -1.4558, -48.4902, 4),
    City("STM", "Santarém", "PA", -2.4430, -54.7080, 1.5),
    City("BHZ", "Belo Horizonte", "MG", -19.9167, -43.9345, 5),
    City("UDI", "Uberlândia", "MG", -18.9186, -48.2772, 2),
    City("MOC", "Montes Claros", "MG", -16.7350, -43.8617, 2),
    City("VIX", "Vitória", "ES", -20.3155, -40.3128, 3),
    City("RIO", "Rio de Janeiro", "RJ", -22.9068, -43.1729, 5),
    City("MEA", "Macaé", "RJ", -22.3768, -41.7848, 1.5),
    City("SAO", "São Paulo", "SP", -23.5505, -46.6333, 6),
    City("CPQ", "Campinas", "SP", -22.9056, -47.0608, 3),
    City("RAO", "Ribeirão Preto", "SP", -21.1775, -47.8103, 2),
    City("GYN", "Goiânia", "GO-DF", -16.6869, -49.2648, 2.5),
    City("BSB", "Brasília", "GO-DF", -15.7939, -47.8828, 3),
    City("POA", "Porto Alegre", "RS", -30.0346, -51.2177, 3),
    City("CXJ", "Caxias do Sul", "RS", -29.1678, -51.1794, 1.5),
)
