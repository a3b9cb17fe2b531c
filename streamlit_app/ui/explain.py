"""A recommendation in words: what to do, why, and what would flip it. From the row's own numbers only."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from streamlit_app.i18n import known, t, value
from streamlit_app.ui import format as fmt

Row = dict[str, Any]
BACKTEST = "backtest of "
# Scope of a rule without conditions.
EVERYTHING = "*"
SCOPES = re.compile(r"\b(item_code|family|abc_class|site_code|criticality)(>=|=)")
# Terms whose values are codes, and what the catalogue calls these.
KINDS = {
    "action": "action",
    "to_action": "action",
    "demand_class": "demand_class",
    "model": "model",
    "source": "source",
    "stage": "stage",
    "method": "method",
    "kind": "surplus",
    "unmet_demand": "unmet",
}


def sentence(row: Row) -> str:
    """Comprar 12 un de Moura Energia até 24/11 · chega 08/12 · risco de ruptura 38 % → 4 %."""
    parts = [_action(row)]
    if not fmt.missing(row["arrive_by"]):
        parts.append(t("explain.arrives", day=fmt.short_day(row["arrive_by"])))
    before, after = row["stockout_probability"], row["stockout_probability_after"]
    if row["action"] == "HOLD" or before == after:
        parts.append(t("explain.risk", value=fmt.percent(before, 0)))
    else:
        parts.append(t("explain.risk_change", before=fmt.percent(before, 0), after=fmt.percent(after, 0)))
    if not fmt.missing(row["value_per_spend"]):
        parts.append(t("explain.per_spend", value=fmt.money(row["value_per_spend"])))
    return " · ".join(parts)


def _action(row: Row) -> str:
    quantity = fmt.quantity(row["quantity"], row["unit_measure"])
    words = {
        "quantity": quantity,
        "supplier": row["supplier_name"] or fmt.NOTHING,
        "order": row["order_ref"] or fmt.NOTHING,
        "site": row["from_site_code"] or fmt.NOTHING,
        "substitute": row["substitute_code"] or fmt.NOTHING,
    }
    key = f"explain.{row['action']}"
    text = t(key, **words) if known(key) else f"{value('action', row['action'])} {quantity}"
    return text + ("" if fmt.missing(row["order_by"]) else " " + t("explain.by", day=fmt.short_day(row["order_by"])))


def why(row: Row) -> str:
    """The numbers that decided, in a line, with what would flip the decision."""
    given = terms(row)
    unit = row["unit_measure"]
    parts = []
    if _number(given, "protection_days") is not None:
        parts.append(t("explain.protects", days=fmt.days(_number(given, "protection_days"))))
    level, quantile = _number(given, "service_level"), _number(given, "protection_quantile")
    if level is not None and quantile is not None:
        parts.append(t("explain.quantile", level=fmt.percent(level, 0), value=fmt.quantity(quantile, unit)))
    parts.append(t("explain.position", value=fmt.quantity(row["position"], unit)))
    if not fmt.missing(row["reorder_point"]):
        parts.append(t("explain.reorder_point", value=fmt.quantity(row["reorder_point"], unit)))
    text = t("explain.why", parts=" · ".join(parts))
    turning = flips(row)
    return text + ("  " + t("explain.flips_if", parts=t("explain.or").join(turning[:2])) if turning else "")


def terms(row: Row) -> dict[str, Any]:
    """Terms of the decision as stored, without levels: nested objects become `outer.inner`."""
    return flat(json.loads(row["terms"] or "{}"))


def flat(given: Any, prefix: str = "") -> dict[str, Any]:
    """A JSON value as one level of name to value."""
    if not isinstance(given, dict):
        return {prefix: given}
    out: dict[str, Any] = {}
    for name, inner in given.items():
        out |= flat(inner, f"{prefix}.{name}" if prefix else name)
    return out


def flips(row: Row) -> list[str]:
    """What would turn the decision, the smallest change first."""
    stored = json.loads(row["flips"] or "[]")
    changes = (
        stored
        if isinstance(stored, list)
        else [{"input": k, **(v if isinstance(v, dict) else {"flips_at": v})} for k, v in stored.items()]
    )
    return [text for change in changes if (text := _flip(change))]


def _flip(change: dict[str, Any]) -> str | None:
    name, limit, now = str(change.get("input", "")), change.get("flips_at"), change.get("now")
    if not isinstance(limit, int | float):
        return None
    sign = "<" if isinstance(now, int | float) and limit < now else ">"
    return f"{term_name(name)} {sign} {term_value(name, limit)}"


def term_name(name: str) -> str:
    """A term in words; its own name where the catalogue has none."""
    key = f"term.{name.split('.')[-1]}"
    return t(key) if known(key) else name


def term_value(name: str, given: Any) -> str:
    """A term's value in the reader's form, by what its name says it is."""
    last = name.split(".")[-1]
    if isinstance(given, bool) or given is None:
        return fmt.NOTHING if given is None else t("common.yes") if given else t("common.no")
    if isinstance(given, int | float):
        return _measured(last, given)
    if isinstance(given, str):
        return _word(last, given)
    return json.dumps(given, ensure_ascii=False)


def _measured(name: str, given: float) -> str:
    if name.endswith(("_days", "days_late")):
        return fmt.days(given)
    if name.endswith(("level", "share", "probability", "rate_year", "gain", "coverage")):
        return fmt.percent(given)
    if "cost" in name or name.endswith(("price", "spend", "value_at_risk")):
        return fmt.money(given)
    return fmt.number(given, 0 if float(given).is_integer() else 2 if abs(given) >= 1 else 4)


def _word(name: str, given: str) -> str:
    if name == "scope":
        return _scope(given)
    if given.startswith(BACKTEST):
        return t("source.backtest", day=_word("", given.removeprefix(BACKTEST)))
    try:
        return fmt.day(date.fromisoformat(given))
    except ValueError:
        return value(KINDS[name], given) if name in KINDS else given


def _scope(given: str) -> str:
    """Where a rule holds, as the pipeline writes it: `*`, or conditions such as `abc_class=A, criticality>=8`."""
    if given == EVERYTHING:
        return t("explain.everything")
    return SCOPES.sub(lambda found: t(f"scope.{found[1]}") + " " + found[2].replace(">=", "≥ ").lstrip("="), given)


def feature_name(name: str) -> str:
    """A feature in words; its window, such as `_30`, as days."""
    base, _, window = name.rpartition("_")
    if window.isdigit() and known(f"feature.{base}"):
        return t("feature.window", name=t(f"feature.{base}"), days=window)
    return t(f"feature.{name}") if known(f"feature.{name}") else name


def _number(given: dict[str, Any], name: str) -> float | None:
    found = next((v for k, v in given.items() if k.split(".")[-1] == name), None)
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
