"""From a declaration of the catalog to the SQL that builds it: what revisions are generated from, never run by them.

Names of constraints and indexes are fixed here, so that a later revision and an error message can count on them.
"""

from __future__ import annotations

from collections.abc import Iterable

from nova_resources.tables import Column, Index, Table

LONGEST_NAME = 63


def quoted(text: str) -> str:
    """A string literal."""
    return "'" + text.replace("'", "''") + "'"


def table_comment(table: Table) -> str:
    """What COMMENT ON says about a table."""
    return f"{table.description} Grain: {table.grain}."


def column_comment(column: Column) -> str:
    """What COMMENT ON says about a column."""
    return f"{column.description} [{column.unit}]" if column.unit else column.description


def checks(table: Table) -> dict[str, str]:
    """Name to condition of the CHECK constraints."""
    found = {}
    for column in table.columns:
        bounds = []
        if column.minimum is not None:
            bounds.append(f"{column.name} >= {column.minimum}")
        if column.maximum is not None:
            bounds.append(f"{column.name} <= {column.maximum}")
        if bounds:
            found[f"{table.name}_{column.name}_range"] = " AND ".join(bounds)
        if column.values:
            found[f"{table.name}_{column.name}_values"] = f"{column.name} IN ({', '.join(map(quoted, column.values))})"
    for rule in table.rules:
        found[f"{table.name}_{rule.name}"] = rule.predicate
    return found


def index_name(table: Table, index: Index) -> str:
    """Name of a secondary index."""
    name = f"{table.name}_{'_'.join(index.columns)}_{'key' if index.unique else 'idx'}"
    if len(name) > LONGEST_NAME:
        raise ValueError(f"index name too long: {name}")
    return name


def create_table(table: Table) -> str:
    """CREATE TABLE with its key, checks and, where declared, foreign keys."""
    lines = [column_clause(table, column) for column in table.columns]
    if table.key:
        lines.append(f"CONSTRAINT {table.name}_pkey PRIMARY KEY ({', '.join(table.key)})")
    lines += [f"CONSTRAINT {name} CHECK ({condition})" for name, condition in checks(table).items()]
    body = ",\n    ".join(lines)
    partition = f" PARTITION BY RANGE ({table.partition})" if table.partition else ""
    return f"CREATE TABLE {table.qualified} (\n    {body}\n){partition};"


def column_clause(table: Table, column: Column) -> str:
    """One column as CREATE TABLE and ADD COLUMN spell it."""
    parts = [column.name, column.type]
    if not column.nullable:
        parts.append("NOT NULL")
    if column.default is not None:
        parts.append(f"DEFAULT {column.default}")
    if column.identity:
        parts.append("GENERATED ALWAYS AS IDENTITY")
    if table.foreign_keys and column.references:
        target, _, key = column.references.rpartition(".")
        parts.append(f"CONSTRAINT {table.name}_{column.name}_fkey REFERENCES {target} ({key})")
    return " ".join(parts)


def create_view(table: Table, select: str) -> str:
    """CREATE MATERIALIZED VIEW, still empty, with the unique index that a concurrent refresh needs."""
    text = select.strip().removesuffix(";").rstrip()
    key = Index(table.key, unique=True)
    return (
        f"CREATE MATERIALIZED VIEW {table.qualified} AS\n{text}\nWITH NO DATA;\n"
        f"CREATE UNIQUE INDEX {table.name}_pkey ON {table.qualified} ({', '.join(key.columns)});"
    )


def create_indexes(table: Table) -> Iterable[str]:
    """CREATE INDEX for each secondary index."""
    for index in table.indexes:
        unique = "UNIQUE " if index.unique else ""
        where = f" WHERE {index.where}" if index.where else ""
        columns = ", ".join(index.columns)
        name = index_name(table, index)
        yield f"CREATE {unique}INDEX {name} ON {table.qualified} USING {index.method} ({columns}){where};"


def comments(table: Table) -> Iterable[str]:
    """COMMENT ON for the table and each column."""
    kind = "MATERIALIZED VIEW" if table.materialized_view else "TABLE"
    yield f"COMMENT ON {kind} {table.qualified} IS {quoted(table_comment(table))};"
    for column in table.columns:
        yield f"COMMENT ON COLUMN {table.qualified}.{column.name} IS {quoted(column_comment(column))};"
