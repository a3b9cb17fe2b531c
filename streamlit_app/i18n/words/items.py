"""Words of the material list."""

WORDS = {
    "items.search": ("Código ou nome do material", "Code or name of the material"),
    "items.demand_class": ("Classe de demanda", "Demand class"),
    "items.order": ("Ordem", "Order"),
    "items.by_risk": ("maior risco primeiro", "highest risk first"),
    "items.by_stock_value": ("maior valor em estoque", "highest stock value"),
    "items.by_demand": ("maior demanda em 365 dias", "highest demand in 365 days"),
    "items.by_coverage": ("menor cobertura primeiro", "lowest coverage first"),
    "items.by_code": ("código", "code"),
    "items.only_risk": ("só em risco", "at risk only"),
    "items.count": (
        "{total} linhas · clique numa linha para abrir o material",
        "{total} rows · click a row to open the material",
    ),
    "items.count.one": (
        "{total} linha · clique nela para abrir o material",
        "{total} row · click it to open the material",
    ),
    "items.none": (
        "Nenhum material com estes filtros. Tire um filtro ou busque outra palavra.",
        "No material with these filters. Remove a filter or search for another word.",
    ),
    "items.table": ("Lista de materiais por site", "List of materials by site"),
    "items.class": ("Classe", "Class"),
    "items.class_help": (
        "Classe ABC por valor e padrão da demanda (ADI, CV²).",
        "ABC class by value and demand pattern (ADI, CV²).",
    ),
    "items.trend": ("26 semanas", "26 weeks"),
    "items.trend_help": ("Demanda por semana, a mais antiga à esquerda.", "Demand by week, oldest at the left."),
    "items.reorder_short": ("Pto. pedido", "Reorder pt."),
    "items.coverage": ("Cobertura (dias)", "Coverage (days)"),
    "items.coverage_help": (
        "Estoque dividido pela previsão média diária; a barra cheia são 90 dias.",
        "On hand over the mean daily forecast; a full bar is 90 days.",
    ),
    "items.risk": ("Risco", "Risk"),
    "items.risk_help": (
        "Probabilidade de ruptura no período de proteção, sem agir.",
        "Probability of a stock-out in the protection period, without acting.",
    ),
    "items.stock_value": ("Estoque (R$)", "Stock (R$)"),
}
