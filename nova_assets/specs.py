"""A table's declaration as Dagster shows it: key, description, group, lineage with its reach, columns and rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import dagster as dg

from nova_assets import catalog
from nova_assets.partitions import Calendar, mapping
from nova_resources.tables import Column, Reach, Table, Upstream

REACH_TEXT = {
    Reach.SAME: "same window",
    Reach.UNTIL: "every date up to the as-of",
    Reach.ALL: "whole table",
}


def key_of(table: Table) -> dg.AssetKey:
    """[schema, table]."""
    return dg.AssetKey([table.schema, table.name])


def table_of(key: dg.AssetKey) -> Table:
    """The declaration behind an asset key; KeyError for a key that is no table."""
    return catalog.table(".".join(key.path))


def asset_spec(table: Table, calendar: Calendar, known: Collection[str], code_version: str | None) -> dg.AssetSpec:
    """Spec of the asset of `table`. Lineage is drawn to the tables `known`, by `schema.name`."""
    return dg.AssetSpec(
        key=key_of(table),
        description=f"{table.description}\n\nGrain: {table.grain}.",
        group_name=table.stage.value,
        owners=[table.owner],
        kinds=set(table.kinds) | ({"view"} if table.materialized_view else set()),
        tags=dict(table.tags),
        deps=[_dep(table, edge, calendar) for edge in table.upstream if edge.table in known],
        partitions_def=calendar.grid(table),
        metadata=metadata(table),
        code_version=code_version,
    )


def metadata(table: Table) -> dict[str, Any]:
    """Facts about a table that hold for every materialization."""
    facts: dict[str, Any] = {
        "dagster/table_name": table.qualified,
        "dagster/column_schema": column_schema(table),
        "grain": table.grain,
    }
    if table.key:
        facts["key"] = ", ".join(table.key)
    if table.window:
        facts["window"] = f"{table.grid.value} of {table.window}"
    if table.upstream:
        facts["reads"] = dg.MetadataValue.md(reach_table(table.upstream))
    return facts


def reach_table(edges: Iterable[Upstream]) -> str:
    """What the windows of a table really read, where the partition mapping shows less."""
    lines = ["| table | windows read |", "|---|---|"]
    for edge in edges:
        shift = f", {abs(edge.offset_months)} month(s) before" if edge.offset_months else ""
        lines.append(f"| {edge.table} | {REACH_TEXT[edge.reach]}{shift} |")
    return "\n".join(lines)


def column_schema(table: Table) -> dg.TableSchema:
    """Columns with meaning, unit and rules; key and row rules as constraints of the table."""
    rules = [f"{rule.description} ({rule.predicate})" for rule in table.rules]
    key = [f"unique: {', '.join(table.key)}"] if table.key else []
    return dg.TableSchema(
        columns=[_column(column, table.key) for column in table.columns],
        constraints=dg.TableConstraints(other=key + rules),
    )


def _column(column: Column, key: tuple[str, ...]) -> dg.TableColumn:
    return dg.TableColumn(
        name=column.name,
        type=column.type,
        description=f"{column.description} [{column.unit}]" if column.unit else column.description,
        constraints=dg.TableColumnConstraints(
            nullable=column.nullable, unique=key == (column.name,), other=list(_bounds(column))
        ),
    )


def _bounds(column: Column) -> Iterable[str]:
    if column.minimum is not None:
        yield f">= {column.minimum:g}"
    if column.maximum is not None:
        yield f"<= {column.maximum:g}"
    if column.values:
        yield f"one of {', '.join(column.values)}"
    if column.references:
        yield f"in {column.references}"


def _dep(table: Table, edge: Upstream, calendar: Calendar) -> dg.AssetDep:
    upstream = catalog.table(edge.table)
    return dg.AssetDep(key_of(upstream), partition_mapping=mapping(table, edge, calendar, upstream))
