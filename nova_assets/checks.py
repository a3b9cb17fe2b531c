"""Asset checks from the catalog, evaluated on the published window inside the asset's own step.

Publishing refuses rows that break a rule, so these are the second net: they see what is really in the table, also when
somebody wrote past the window write. All rules of a table are one pass over its window and one check, `rules`, which
tells each family (keys, nulls, ranges, values, references) in its metadata. A check of its own for each family was
measured: 14 ms of Dagster's time each, a hundred of them in a daily run, against 35 ms for a whole step.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import dagster as dg
import psycopg
from psycopg import sql

from nova_assets.core import reconcile
from nova_assets.specs import key_of
from nova_resources import rules
from nova_resources.postgres import Database
from nova_resources.sql_library import sql as sql_file
from nova_resources.tables import Table, Window

CHECKS = RULES, RECONCILIATION = "rules", "reconciliation"
FAMILIES = {
    "keys": "one row for each key, and every row in its window",
    "nulls": "columns that must be given are given",
    "ranges": "numbers are finite and lie within their bounds",
    "values": "closed lists and row rules hold",
    "references": "every reference points to a row that exists",
}
_SUFFIXES = {"_not_null": "nulls", "_finite": "ranges", "_range": "ranges", "_values": "values", "_known": "references"}
_KEY_RULES = ("unique_key", "in_window")
_RECONCILED = "reconciled_"
SHOWN, SHOWN_BROKEN = 200, 5


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
    }
    return [name for name in FAMILIES if has[name]]


def is_reconciled(table: Table) -> bool:
    """Whether rows and quantities of `table` can be compared with what landed."""
    return table.schema == "core" and table.name in reconcile.FACTS


def check_specs(table: Table) -> list[dg.AssetCheckSpec]:
    """Checks of `table`. What breaks a rule must not be computed with, so that `rules` is blocking.

    `reconciliation` is not: a file that lands between publish and check makes a difference that the next repair takes
    away.
    """
    specs = []
    if families(table):
        told = "; ".join(f"{name}: {FAMILIES[name]}" for name in families(table))
        specs.append(dg.AssetCheckSpec(RULES, asset=key_of(table), description=f"{told}.", blocking=True))
    if is_reconciled(table):
        told = "Rows and quantities are those that landed, day by day."
        specs.append(dg.AssetCheckSpec(RECONCILIATION, asset=key_of(table), description=told))
    return specs


def inspect(db: Database, table: Table, windows: Sequence[Window | None], rows: Sequence[int]) -> list[Checked]:
    """Every rule of `table` on its published windows; `rows` are the windows' row counts.

    Windows that follow one another are judged in one pass, and one by one only when something is broken in them.
    """
    if not families(table):
        return []
    checked: list[Checked] = []
    with db.connect() as connection:
        for group in _neighbours(list(zip(windows, rows, strict=True))):
            whole = _joined([window for window, _ in group])
            sound = not _violations(db, connection, table, whole)
            checked += [
                Checked(window, count, () if sound else _violations(db, connection, table, window))
                for window, count in group
            ]
    return checked


def _violations(
    db: Database, connection: psycopg.Connection, table: Table, window: Window | None
) -> list[rules.Violation]:
    found = rules.check(connection, table, _published(table, window), window)
    return found + _unreconciled(db, table, window)


def _neighbours(windows: Sequence[tuple[Window | None, int]]) -> Iterator[list[tuple[Window | None, int]]]:
    """Windows grouped so that in each group every one begins where the one before ends."""
    group: list[tuple[Window | None, int]] = []
    for window, count in windows:
        before = group[-1][0] if group else None
        if group and not (before and window and before.end == window.start):
            yield group
            group = []
        group.append((window, count))
    if group:
        yield group


def _joined(windows: Sequence[Window | None]) -> Window | None:
    first, last = windows[0], windows[-1]
    return Window(first.start, last.end) if first and last else None


def results(table: Table, checked: Sequence[Checked]) -> Iterator[dg.AssetCheckResult]:
    """One result for each check of `table`: what is broken where, and over several windows a line for each of them."""
    for spec in check_specs(table):
        broken = [(one, found) for one in checked for found in one.violations if _check_of(found) == spec.name]
        facts: dict[str, dg.MetadataValue] = {"rows": dg.MetadataValue.int(sum(one.rows for one in checked))}
        if spec.name == RULES:
            facts["families"] = _by_family(table, broken)
        if len(checked) > 1:
            facts["windows"] = _by_window(checked, spec.name)
        if broken:
            facts["broken"] = _broken(broken)
        yield dg.AssetCheckResult(
            passed=not broken,
            asset_key=key_of(table),
            check_name=spec.name,
            metadata=facts,
            description="; ".join(f"{found.count} break {found.rule}" for _, found in broken[:SHOWN_BROKEN]) or None,
        )


def record(db: Database, table: Table, checked: Sequence[Checked], run_id: str, names: Sequence[str] = CHECKS) -> None:
    """Keep the outcome of the checks `names` of `table` where screens find it (support.check_results)."""
    specs = [spec for spec in check_specs(table) if spec.name in names]
    windows = [one.window for one in checked if one.window]
    if not specs:
        return
    broken = {
        spec.name: [(one, found) for one in checked for found in one.violations if _check_of(found) == spec.name]
        for spec in specs
    }
    db.execute(
        sql_file("support/record_checks"),
        table_name=table.qualified,
        starts=[window.start for window in windows],
        ends=[window.end for window in windows],
        rows=sum(one.rows for one in checked),
        run_id=run_id,
        checks=[spec.name for spec in specs],
        severities=["ERROR" if spec.blocking else "WARN" for spec in specs],
        broken=[sum(found.count for _, found in broken[spec.name]) for spec in specs],
        details=[json.dumps(_told(broken[spec.name]), default=str) for spec in specs],
    )


def _told(broken: Sequence[tuple[Checked, rules.Violation]]) -> list[dict[str, Any]]:
    return [
        {"window": str(one.window or "all"), "rule": found.rule, "rows": found.count, "samples": found.samples}
        for one, found in broken[:SHOWN]
    ]


def _check_of(violation: rules.Violation) -> str:
    return RECONCILIATION if violation.rule.startswith(_RECONCILED) else RULES


def _by_family(table: Table, broken: Sequence[tuple[Checked, rules.Violation]]) -> dg.MetadataValue:
    counts = dict.fromkeys(families(table), 0)
    for _, found in broken:
        counts[family(found.rule)] += found.count
    return dg.MetadataValue.text(", ".join(f"{name}: {count} broken" for name, count in counts.items()))


def _unreconciled(db: Database, table: Table, window: Window | None) -> list[rules.Violation]:
    """Days of a fact on which a measure differs from what landed, one violation for each measure."""
    if window is None or not is_reconciled(table):
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


def _by_window(checked: Sequence[Checked], check: str) -> dg.MetadataValue:
    records = [
        dg.TableRecord(
            {
                "window": str(one.window or "all"),
                "rows": one.rows,
                "broken": sum(found.count for found in one.violations if _check_of(found) == check),
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
                "family": family(found.rule) if _check_of(found) == RULES else found.rule.removeprefix(_RECONCILED),
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
