"""Asset checks from the catalog: one check for each family of rules of a table, evaluated on the published window.

Publishing refuses rows that break a rule, so these are the second net: they see what is really in the table, also when
somebody wrote past the window write. All families of a table are one pass over its window, inside the asset's own step:
a step of its own for each check would cost more than the checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import dagster as dg
from psycopg import sql

from nova_assets.core import reconcile
from nova_assets.specs import key_of
from nova_resources import rules
from nova_resources.postgres import Database
from nova_resources.tables import Table, Window

FAMILIES = {
    "keys": "One row for each key, and every row in its window.",
    "nulls": "Columns that must be given are given.",
    "ranges": "Numbers are finite and lie within their bounds.",
    "values": "Closed lists and row rules hold.",
    "references": "Every reference points to a row that exists.",
    "reconciliation": "Rows and quantities are those that landed, day by day.",
}
# A file that lands between publish and check makes a difference that the next repair takes away.
_NOT_BLOCKING = ("reconciliation",)
_RECONCILED = "reconciled_"
_SUFFIXES = {"_not_null": "nulls", "_finite": "ranges", "_range": "ranges", "_values": "values", "_known": "references"}
_KEY_RULES = ("unique_key", "in_window")
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """One window of a table after its publish: rows in it and the rules that they break."""

    window: Window | None
    rows: int
    violations: Sequence[rules.Violation]


def family(rule: str) -> str:
    """Family of a rule by its name in nova_resources.rules; predicates of the catalog are `values`."""
    if rule in _KEY_RULES:
        return "keys"
    if rule.startswith(_RECONCILED):
        return "reconciliation"
    return next((name for suffix, name in _SUFFIXES.items() if rule.endswith(suffix)), "values")


def families(table: Table) -> list[str]:
    """Families in which `table` has a rule. A materialized view declares none: its index holds its key."""
    if table.materialized_view:
        return []
    columns = [column for column in table.columns if not column.identity]
    has = {
        "keys": bool(table.key or table.window),
        "nulls": any(not column.nullable for column in columns),
        "ranges": any(
            column.minimum is not None or column.maximum is not None or _is_real(column.type) for column in columns
        ),
        "values": bool(table.rules) or any(column.values for column in columns),
        "references": any(column.references for column in columns),
        "reconciliation": table.schema == "core" and table.name in reconcile.FACTS,
    }
    return [name for name in FAMILIES if has[name]]


def check_specs(table: Table) -> list[dg.AssetCheckSpec]:
    """Checks of `table`; those of its rules are blocking, since what breaks a rule must not be computed with."""
    return [
        dg.AssetCheckSpec(name, asset=key_of(table), description=FAMILIES[name], blocking=name not in _NOT_BLOCKING)
        for name in families(table)
    ]


def inspect(db: Database, table: Table, windows: Sequence[Window | None], rows: Sequence[int]) -> list[Checked]:
    """Every rule of `table` on each published window; `rows` are the windows' row counts."""
    if not families(table):
        return []
    with db.connect() as connection:
        return [
            Checked(
                window,
                count,
                [*rules.check(connection, table, _published(table, window), window), *_unreconciled(db, table, window)],
            )
            for window, count in zip(windows, rows, strict=True)
        ]


def results(table: Table, checked: Sequence[Checked]) -> Iterator[dg.AssetCheckResult]:
    """One result for each family, with what is broken where; over several windows a table of all of them."""
    for name in families(table):
        broken = [(one, found) for one in checked for found in one.violations if family(found.rule) == name]
        facts: dict[str, dg.MetadataValue] = {"rows": dg.MetadataValue.int(sum(one.rows for one in checked))}
        if len(checked) > 1:
            facts["windows"] = _by_window(checked, name)
        if broken:
            facts["broken"] = _broken(broken)
        yield dg.AssetCheckResult(
            passed=not broken,
            asset_key=key_of(table),
            check_name=name,
            metadata=facts,
            description="; ".join(sorted({f"{found.description}: {found.count} rows do not" for _, found in broken}))
            or None,
        )


def _unreconciled(db: Database, table: Table, window: Window | None) -> list[rules.Violation]:
    """Days of a fact on which a measure differs from what landed, one violation for each measure."""
    if window is None or table.schema != "core" or table.name not in reconcile.FACTS:
        return []
    by_measure: dict[str, list[dict[str, Any]]] = {}
    for found in reconcile.reconcile(db, table.name, window):
        sample = {"day": str(found.day), "landed": str(found.landed), "published": str(found.published)}
        by_measure.setdefault(found.measure, []).append(sample)
    return [
        rules.Violation(f"{_RECONCILED}{measure}", f"{measure} of each day as landed", len(days), days[: rules.SAMPLES])
        for measure, days in by_measure.items()
    ]


def _published(table: Table, window: Window | None) -> sql.Composable:
    return rules.within(table, window) if window else sql.Identifier(table.schema, table.name)


def _by_window(checked: Sequence[Checked], name: str) -> dg.MetadataValue:
    records = [
        dg.TableRecord(
            {
                "window": str(one.window or "all"),
                "rows": one.rows,
                "broken": sum(found.count for found in one.violations if family(found.rule) == name),
            }
        )
        for one in checked[-SHOWN:]
    ]
    return dg.MetadataValue.table(records, schema=_window_schema())


def _broken(broken: Sequence[tuple[Checked, rules.Violation]]) -> dg.MetadataValue:
    records = [
        dg.TableRecord(
            {
                "window": str(one.window or "all"),
                "rule": found.rule,
                "rows": found.count,
                "samples": str(found.samples),
            }
        )
        for one, found in broken[:SHOWN]
    ]
    return dg.MetadataValue.table(records)


@cache
def _window_schema() -> dg.TableSchema:
    return dg.TableSchema(
        [dg.TableColumn("window", "string"), dg.TableColumn("rows", "int"), dg.TableColumn("broken", "int")]
    )


def _is_real(type_: str) -> bool:
    return type_.startswith(rules.REAL_TYPES) and not type_.endswith("]")
