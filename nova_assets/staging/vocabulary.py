"""Words of ERPs for the closed lists of the contract: enumerations, yes and no, units of measure.

Spelling is compared without case, accents and punctuation. English words of the contract are always understood.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from nova_assets.staging.headers import plain

BOOLEANS: dict[str, bool] = {
    **dict.fromkeys(("true", "t", "1", "yes", "y", "sim", "s", "ativo", "ativa", "verdadeiro", "v"), True),
    **dict.fromkeys(("false", "f", "0", "no", "n", "nao", "inativo", "inativa", "falso"), False),
}

SYNONYMS: dict[str, dict[str, str]] = {
    "demand_type": {
        "preventiva": "PREVENTIVE",
        "preventivo": "PREVENTIVE",
        "corretiva": "CORRECTIVE",
        "corretivo": "CORRECTIVE",
        "emergencial": "CORRECTIVE",
        "obra": "BUILD",
        "obras": "BUILD",
        "construcao": "BUILD",
        "implantacao": "BUILD",
        "inspecao": "INSPECTION",
        "vistoria": "INSPECTION",
    },
    "supplier_type": {
        "nacional": "DOMESTIC",
        "importado": "IMPORT",
        "importacao": "IMPORT",
        "internacional": "IMPORT",
        "hibrido": "HYBRID",
        "misto": "HYBRID",
    },
    "item_kind": {"servico": "SERVICE", "servicos": "SERVICE", "produto": "MATERIAL", "peca": "MATERIAL"},
    "unmet_demand": {"pendente": "BACKORDER", "pendencia": "BACKORDER", "perdida": "LOST", "perdido": "LOST"},
}

_UNITS: dict[str, tuple[str, ...]] = {
    "UN": ("un", "und", "unid", "unidade", "unidades", "uni", "pc", "pcs", "pç", "pçs", "peca", "pecas", "ea", "each"),
    "M": ("m", "mt", "mts", "mtr", "metro", "metros", "ml"),
    "M2": ("m2", "mt2", "mts2", "m 2", "metro quadrado", "metros quadrados", "mq"),
    "M3": ("m3", "mt3", "mts3", "m 3", "metro cubico", "metros cubicos", "mc"),
    "KM": ("km", "quilometro", "quilometros"),
    "CM": ("cm", "centimetro", "centimetros"),
    "KG": ("kg", "kgs", "quilo", "quilos", "quilograma", "quilogramas"),
    "G": ("g", "gr", "grama", "gramas"),
    "T": ("t", "ton", "tonelada", "toneladas"),
    "L": ("l", "lt", "lts", "litro", "litros"),
    "CX": ("cx", "cxs", "caixa", "caixas", "box"),
    "PCT": ("pct", "pcts", "pacote", "pacotes"),
    "RL": ("rl", "rolo", "rolos"),
    "BR": ("br", "barra", "barras"),
    "CJ": ("cj", "conj", "conjunto", "conjuntos"),
    "KIT": ("kit", "kits"),
    "JG": ("jg", "jogo", "jogos"),
    "PAR": ("par", "pares", "pr"),
    "SC": ("sc", "saco", "sacos"),
    "H": ("h", "hr", "hs", "hora", "horas"),
    "SV": ("sv", "srv", "serv", "servico", "servicos"),
    "DIA": ("dia", "dias", "diaria", "diarias"),
    "VB": ("vb", "verba"),
}
UNITS = {plain(word): unit for unit, words in _UNITS.items() for word in words}


def lookup(values: pl.Series, words: Mapping[str, object], dtype: type[pl.DataType]) -> pl.Series:
    """Each value's meaning in `words` (keys as `plain` writes them), null where there is none."""
    distinct = values.drop_nulls().unique()
    meanings = [words.get(plain(word)) for word in distinct]
    return values.replace_strict(distinct, pl.Series(meanings, dtype=dtype), default=None, return_dtype=dtype)


def enumeration(column: str, values: tuple[str, ...]) -> dict[str, str]:
    """Words for a closed list: its own values and their Portuguese synonyms."""
    return {plain(value): value for value in values} | SYNONYMS.get(column, {})


def units(values: pl.Series) -> pl.Series:
    """Units of measure in one spelling; an unknown unit stays as it is, in capitals."""
    known = lookup(values, UNITS, pl.String)
    return pl.select(pl.coalesce(known, values.str.to_uppercase())).to_series().rename(values.name)
