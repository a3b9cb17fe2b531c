"""Why: the calculation behind a decision as terms, as sentences in both languages, and what would turn it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

from nova_assets.analytics.decisions import Act, Case
from nova_assets.analytics.order_points import LEVELS
from nova_assets.analytics.stock_policies import number
from nova_assets.science import quantiles
from nova_assets.science.quantiles import GRID

_STOCK_TERMS = (
    "on_hand", "on_order", "on_order_approved", "on_order_late", "on_order_later", "on_order_abandoned", "reserved",
    "backorder", "position", "supply",
)  # fmt: skip
_POLICY_TERMS = (
    "protection_days", "lead_time_days", "review_days", "service_level", "reorder_point", "order_up_to",
    "min_order_qty", "order_multiple", "max_stock", "unit_cost", "holding_cost_unit_day", "shortage_cost_unit",
)  # fmt: skip
_SHOWN_LEVELS = (0.5, 0.9, 0.95, 0.99)

_POSITION = {
    "pt": "Posição {position} = estoque {on_hand} + a receber {on_order} + aprovado {on_order_approved} - reservado "
    "{reserved} - devido {backorder}; atrasado {on_order_late}.",
    "en": "Position {position} = on hand {on_hand} + on order {on_order} + approved {on_order_approved} - reserved "
    "{reserved} - owed {backorder}; late {on_order_late}.",
}
_RISK = {"pt": "Risco de ruptura {risk} sem agir.", "en": "Stock-out risk {risk} without acting."}
_POINTS = {
    "QUANTILE": {
        "pt": "Ponto de pedido {reorder_point}: quantil {service_level} da demanda de {protection_days} dias (média "
        "{mean}, modelo {model}).",
        "en": "Reorder point {reorder_point}: {service_level} quantile of the demand of {protection_days} days (mean "
        "{mean}, model {model}).",
    },
    "BALANCED": {
        "pt": "Ponto de pedido {reorder_point}: cobre {service_level} da demanda de {protection_days} dias (média "
        "{mean}, modelo {model}), a sua parte da média de {group_level} de {group}, onde ela custa menos.",
        "en": "Reorder point {reorder_point}: covers {service_level} of the demand of {protection_days} days (mean "
        "{mean}, model {model}), its share of the mean of {group_level} of {group}, where that costs least.",
    },
    "COSTS": {
        "pt": "Ponto de pedido {reorder_point} e alvo {order_up_to}: o menor custo esperado de manter (R$ {holding} "
        "por unidade em {review_days} dias), de faltar (R$ {shortage} por unidade) e de pedir (R$ {order_cost}), com a "
        "demanda de {protection_days} dias (média {mean}, modelo {model}).",
        "en": "Reorder point {reorder_point} and level {order_up_to}: least expected cost of holding (R$ {holding} "
        "per unit in {review_days} days), of a shortage (R$ {shortage} per unit) and of an order (R$ {order_cost}) "
        "with the demand of {protection_days} days (mean {mean}, model {model}).",
    },
    "PROJECTION": {
        "pt": "O que falta até lá se perde e não é reposto: estoque e pedidos em aberto foram projetados até a "
        "chegada em {lead_time_days} dias (modelo {model}); com {reorder_point} a demanda dos {review_days} dias "
        "seguintes fica coberta com probabilidade {service_level}.",
        "en": "What is short until then is lost and not replaced: stock and open orders were projected to the arrival "
        "in {lead_time_days} days (model {model}); with {reorder_point} the demand of the {review_days} days after it "
        "is covered with a probability of {service_level}.",
    },
}
_UNSERVED = {
    "pt": "Nada se estoca: a demanda não atendida se perde, e perdê-la (R$ {shortage} por unidade) custa menos do que "
    "pedir e manter lotes para ela (média {mean} em {protection_days} dias, modelo {model}).",
    "en": "Nothing is stocked: unmet demand is lost, and losing it (R$ {shortage} per unit) costs less than ordering "
    "and holding lots for it (mean {mean} in {protection_days} days, model {model}).",
}
_MOVED = {
    "pt": " Um planejador alterou a previsão: média {mean} no lugar de {baseline_mean}.",
    "en": " A planner changed the forecast: mean {mean} instead of {baseline_mean}.",
}
_ALL = {"pt": "materiais sem regra mais específica", "en": "materials without a narrower rule"}
_SCOPES = {
    "item_code=": {"pt": "material ", "en": "material "},
    "family=": {"pt": "família ", "en": "family "},
    "abc_class=": {"pt": "classe ", "en": "class "},
    "site_code=": {"pt": "local ", "en": "site "},
    "criticality>=": {"pt": "criticidade a partir de ", "en": "criticality from "},
}
_CLASS = {"pt": "classe {abc_class}", "en": "class {abc_class}"}
_LEADS = {
    "REORDER": {
        "pt": "Comprar {quantity}: a posição com os atrasados ({before}) está abaixo do ponto de pedido; leva ao alvo "
        "{order_up_to} (mínimo {min_order_qty}, múltiplo {order_multiple}), risco {risk_after}.",
        "en": "Buy {quantity}: the position with late orders ({before}) is below the reorder point; brings it to "
        "{order_up_to} (minimum {min_order_qty}, multiple {order_multiple}), risk {risk_after}.",
    },
    "EXPEDITE": {
        "pt": "Apressar o pedido {order} ({quantity}, prometido para {due}): sem ele a ruptura é provável; com ele o "
        "risco cai a {risk_after}.",
        "en": "Expedite order {order} ({quantity}, promised for {due}): without it a stock-out is likely; with it the "
        "risk falls to {risk_after}.",
    },
    "REALLOCATE": {
        "pt": "Transferir {quantity} de {donor}, que fica com {donor_keeps} para um alvo de {donor_order_up_to}: chega "
        "em {move_days} dias por R$ {move_cost}; comprar levaria {buy_days} dias e R$ {buy_cost}. Risco {risk_after}.",
        "en": "Transfer {quantity} from {donor}, which keeps {donor_keeps} for a level of {donor_order_up_to}: arrives "
        "in {move_days} days for R$ {move_cost}; buying would take {buy_days} days and R$ {buy_cost}. Risk "
        "{risk_after}.",
    },
    "SUBSTITUTE": {
        "pt": "Usar {quantity} de {substitute} no lugar: este material foi substituído ou o antigo ainda tem estoque. "
        "Risco {risk_after}.",
        "en": "Use {quantity} of {substitute} instead: this material was replaced or the old one is still in stock. "
        "Risk {risk_after}.",
    },
    "REDUCE": {
        "pt": "Reduzir {quantity} ({kind_pt}): acima de {kept} não há uso em um ano; manter custa R$ {carrying} "
        "por mês.",
        "en": "Reduce {quantity} ({kind_en}): above {kept} there is no use within a year; holding costs R$ {carrying} "
        "a month.",
    },
    "DISPOSE": {
        "pt": "Dar destino a {quantity} (sem uso há {idle} dias): manter custa R$ {carrying} por mês.",
        "en": "Dispose of {quantity} (no use for {idle} days): holding costs R$ {carrying} a month.",
    },
    "HOLD": {
        "pt": "Manter: a posição com os atrasados ({supply}) cobre o ponto de pedido.",
        "en": "Hold: the position with late orders ({supply}) covers the reorder point.",
    },
}
_RESTING = {
    "pt": "Manter: material ou local fora de uso, nada se compra.",
    "en": "Hold: material or site out of use, nothing is bought.",
}
_FULL = {
    "pt": "Manter: o estoque máximo de {max_stock} não deixa lugar para o menor pedido.",
    "en": "Hold: the maximum stock of {max_stock} leaves no room for the smallest order.",
}
_LIMITED = {
    "pt": " O estoque máximo de {max_stock} é o limite.",
    "en": " The maximum stock of {max_stock} is the limit.",
}
_JOINED = {
    "pt": " O fornecedor aceita a partir de R$ {supplier_min_value}: o pedido inclui o que seria devido em até "
    "{days_ahead} dias (sem isso, {due_quantity}) e soma R$ {supplier_order_value}.",
    "en": " The supplier takes orders from R$ {supplier_min_value} on: what would be due within {days_ahead} days is "
    "included ({due_quantity} without it), R$ {supplier_order_value} in all.",
}
_TOO_SMALL = {
    "pt": " O fornecedor só aceita a partir de R$ {supplier_min_value}; tudo o que se usa em um ano não chega lá (R$ "
    "{supplier_order_value}).",
    "en": " The supplier takes orders from R$ {supplier_min_value} on, which a year's use does not reach (R$ "
    "{supplier_order_value}).",
}
_KINDS = {"EXCESS": ("excesso", "excess"), "SLOW": ("giro lento", "slow-moving"), "DEAD": ("sem uso", "dead")}


def terms(act: Act) -> str:
    """JSON: the whole calculation with its own numbers."""
    case, row = act.case, act.case.row
    moved = {} if row["override_id"] is None else {"computed_mean": number(row["baseline_mean"])}
    return json.dumps(
        {
            **{name: number(row[name]) for name in (*_POLICY_TERMS, *_STOCK_TERMS)},
            "inventory_date": str(row["stock_date"]),
            "method": case.method,
            **_formula(case),
            "protection_mean": number(row["mean"]),
            **moved,
            **{f"protection_p{round(100 * at)}": number(case.demand[GRID.index(at)]) for at in _SHOWN_LEVELS},
            "mean_30": number(row["mean_30"]),
            "model": case.policy["model"]["value"],
            "supplier_code": row["supplier_code"],
            "unit_price": number(case.price),
            "active": row["active"],
            **{name: _rounded(value) for name, value in act.told.items()},
            "open_orders": [
                {
                    "order": line["order_ref"],
                    "quantity": number(line["remaining"]),
                    "due": str(line["due"]),
                    "state": line["state"],
                }
                for line in (*case.late, *case.coming)
            ],
        },
        ensure_ascii=False,
    )


def _formula(case: Case) -> dict:
    """What the method of the reorder point reckons with besides."""
    if case.method == "COSTS":
        return {"fixed_order_cost": case.policy["fixed_order_cost"]["value"]}
    if case.method == "PROJECTION":
        return {}
    at = float(quantiles.interpolate(LEVELS, case.demand, [case.row["service_level"]])[0])
    shared = {"group_level": case.policy["service_level"]["group_level"]} if case.method == "BALANCED" else {}
    return {"protection_quantile": number(at), **shared}


def sentences(act: Act, risk: float, risk_after: float) -> tuple[str, str]:
    """(Portuguese, English) text of the decision with its own numbers; the risks are probabilities."""
    values = _values(act, risk, risk_after)
    lead = _LEADS[act.action]
    if act.action == "HOLD" and not act.case.row["active"]:
        lead = _RESTING
    elif act.action == "HOLD" and act.case.row["supply"] < act.case.row["reorder_point"]:
        lead = _FULL
    point = _POINTS[act.case.method] if act.case.policy["service_level"]["value"] else _UNSERVED
    moved = act.case.row["override_id"] is not None
    told = []
    for language, say in (("pt", _portuguese), ("en", _english)):
        parts = [lead[language], _POSITION[language], point[language], _RISK[language]]
        text = " ".join(parts) + "".join(added[language] for added in _additions(act, moved))
        told.append(text.format_map(_Said(values | {"group": _group(act, language)}, say)))
    return told[0], told[1]


def _additions(act: Act, moved: bool) -> list[dict[str, str]]:
    """What limits or enlarges the order, and whether a planner's forecast stands behind it."""
    row, told = act.case.row, act.told
    limited = row["max_stock"] is not None and row["order_up_to"] >= row["max_stock"]
    joined = _JOINED if told.get("days_ahead") else _TOO_SMALL
    wanted = ((_LIMITED, limited), (joined, "supplier_min_value" in told), (_MOVED, moved))
    return [words for words, said in wanted if said]


def _group(act: Act, language: str) -> str:
    """The item-sites that share a service level: the scope of the rule that gives it."""
    level = act.case.policy["service_level"]
    if level["source"] != "rule":
        return _CLASS[language].format(abc_class=act.case.row["abc_class"])
    scope = level["scope"]
    if scope == "*":
        return _ALL[language]
    for name, words in _SCOPES.items():
        scope = scope.replace(name, words[language])
    return scope


def _values(act: Act, risk: float, risk_after: float) -> dict[str, object]:
    row, told, policy = act.case.row, act.told, act.case.policy
    move, buy = told.get("transfer", {}), told.get("buy", {})
    kind_pt, kind_en = _KINDS.get(told.get("kind", ""), ("", ""))
    return {
        **row,
        "quantity": act.quantity,
        "before": act.before,
        "risk": _Share(risk),
        "risk_after": _Share(risk_after),
        "service_level": _Share(row["service_level"]),
        "group_level": _Share(policy["service_level"].get("group_level", row["service_level"])),
        "model": policy["model"]["value"],
        "holding": (row["holding_cost_unit_day"] or 0.0) * row["review_days"],
        "shortage": row["shortage_cost_unit"],
        "order_cost": policy["fixed_order_cost"]["value"],
        "order": act.order["order_ref"] if act.order else "",
        "due": act.order["due"] if act.order else "",
        "donor": move.get("from", ""),
        "move_days": move.get("days", 0),
        "move_cost": move.get("cost", 0),
        "buy_days": buy.get("days", 0),
        "buy_cost": buy.get("cost", 0),
        "donor_keeps": told.get("donor_keeps", 0),
        "donor_order_up_to": told.get("donor_order_up_to", 0),
        "substitute": substitute_code(act) or "",
        "kept": told.get("kept", 0),
        "carrying": told.get("carrying_cost_month", 0),
        "idle": told.get("days_without_demand", 0),
        **{
            name: told.get(name, 0)
            for name in ("supplier_min_value", "supplier_order_value", "days_ahead", "due_quantity")
        },
        "kind_pt": kind_pt,
        "kind_en": kind_en,
    }


def substitute_code(act: Act) -> str | None:
    """Code of the material that is used instead."""
    if act.action != "SUBSTITUTE":
        return None
    return act.other.row["item_code"] if act.other else act.case.row["successor_code"]


class _Said(dict[str, object]):
    """Values that are put into words when a sentence asks for them."""

    def __init__(self, values: dict[str, object], say: Callable[[object], str]) -> None:
        super().__init__(values)
        self.say = say

    def __getitem__(self, name: str) -> str:
        return self.say(super().__getitem__(name))


class _Share(float):
    """A share that is told in per cent."""


def _english(value: object) -> str:
    if isinstance(value, _Share):
        return f"{100 * value:.1f}".rstrip("0").rstrip(".") + "%"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".") if value == value else "-"
    return "-" if value is None else str(value)


def _portuguese(value: object) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float):
        return _english(value).translate(str.maketrans(",.", ".,")).replace("%", " %")
    return _english(value)


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {name: number(inner) for name, inner in value.items()}
    return number(value)


def flips(act: Act, covered: float) -> str:
    """JSON list: for each input the value, the others kept, beyond which the decision turns; smallest change first.

    `covered` is the probability that demand stays within what the action starts from. The reorder point is taken to
    move in proportion to demand and to the protected days. An input that no value of which would turn it is left out:
    a level that follows from costs, and all but the stock where the point is a projection of the stock itself. A
    surplus turns with the stock and with the demand that would use it up within a year.
    """
    row = act.case.row
    found = _turns_of_surplus(act) if "kept" in act.told else _turns(act, covered)
    found.sort(key=lambda change: abs(change[2] - change[1]) / max(abs(change[1]), 1e-9))
    to = "REORDER" if act.action == "HOLD" and row["active"] else "HOLD"
    return json.dumps(
        [{"input": name, "now": number(now), "flips_at": number(at), "to_action": to} for name, now, at in found]
    )


def _turns(act: Act, covered: float) -> list[tuple[str, float, float]]:
    row = act.case.row
    held, point = row["position"] if act.action == "EXPEDITE" else row["supply"], row["reorder_point"]
    found: list[tuple[str, float, float]] = [("position", held, float(point))]
    if act.case.method == "PROJECTION":
        return found
    if 0 < covered < 1 and act.case.method != "COSTS":
        found.append(("service_level", row["service_level"], covered))
    if point > 0 and held > 0:
        found.append(("demand_per_month", row["mean_30"], held / point * row["mean_30"]))
        lead = held / point * row["protection_days"] - row["review_days"]
        found += [("lead_time_days", row["lead_time_days"], lead)] if lead > 0 else []
    return found


def _turns_of_surplus(act: Act) -> list[tuple[str, float, float]]:
    row, kept = act.case.row, act.told["kept"]
    found: list[tuple[str, float, float]] = [("on_hand", row["on_hand"], row["on_hand"] - act.quantity)]
    if act.action == "REDUCE":
        used = (act.quantity + kept - row["order_up_to"]) / 365 * 30
        found.append(("demand_per_month", row["mean_30"], used))
    return found
