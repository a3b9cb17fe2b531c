"""The data dictionary in docs/, written from the catalog.

`python -m nova_assets.catalog.dictionary > docs/data_dictionary.md`
"""

from __future__ import annotations

import sys

from nova_assets import catalog
from nova_assets.catalog.kpis import KPIS
from nova_resources.tables import Column, Table


def _rules(column: Column) -> str:
    """The rules of a column in words, in one table cell."""
    rules = [] if column.nullable else ["required"]
    if column.minimum is not None:
        rules.append(f"≥ {column.minimum:g}")
    if column.maximum is not None:
        rules.append(f"≤ {column.maximum:g}")
    if column.values:
        rules.append("one of " + ", ".join(f"`{value}`" for value in column.values))
    if column.references:
        rules.append(f"→ `{column.references}`")
    return "; ".join(rules)


def _table(table: Table) -> list[str]:
    kind = "materialized view" if table.materialized_view else "table"
    facts = [f"Grain: {table.grain}.", f"Stage: {table.stage}."]
    if table.key:
        facts.append(f"Key: {', '.join(f'`{name}`' for name in table.key)}.")
    if table.partition:
        facts.append(f"Partitioned by month of `{table.partition}`.")
    if table.upstream:
        facts.append("Computed from " + ", ".join(f"`{edge.table}`" for edge in table.upstream) + ".")
    lines = [f"### `{table.qualified}` ({kind})", "", table.description, "", " ".join(facts), ""]
    lines += ["| column | type | unit | meaning | rules |", "| --- | --- | --- | --- | --- |"]
    for column in table.columns:
        lines.append(
            f"| `{column.name}` | {column.type} | {column.unit or ''} | {column.description} | {_rules(column)} |"
        )
    if table.rules:
        lines += ["", *(f"- {rule.description} (`{rule.predicate}`)" for rule in table.rules)]
    return [*lines, ""]


def render() -> str:
    """The whole dictionary as Markdown."""
    lines = ["# Data dictionary", "", "Written from `nova_assets/catalog`; edit the declarations, never this page.", ""]
    for schema in catalog.SCHEMAS:
        lines += [f"## Schema `{schema}`", ""]
        for table in catalog.TABLES:
            if table.schema == schema:
                lines += _table(table)
    lines += ["## Key figures", "", "| code | name | numerator | denominator | basis | undefined | target |"]
    lines += ["| --- | --- | --- | --- | --- | --- | --- |"]
    for kpi in KPIS:
        target = "" if kpi.target is None else f"{kpi.target:g}"
        lines.append(
            f"| `{kpi.code}` | {kpi.name_pt} / {kpi.name_en} | {kpi.numerator} | {kpi.denominator or '—'} "
            f"| {kpi.basis} | {kpi.null_rule} | {target} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
