"""What the catalog and sql/ say that the database holds, as plain data: the side of a difference that can be kept.

Beside each released revision lies this state as it was then (`versions/NNNN_*.json`), so that the next revision can be
computed as a difference without a server: `python -m migrations.generate`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from migrations import ddl, grants
from nova_assets.catalog import SCHEMAS, TABLES
from nova_resources.sql_library import FUNCTIONS, sql
from nova_resources.tables import Column, Table

State = dict[str, Any]

# A statement of a file of functions: everything up to a semicolon outside of comments, strings and $$ bodies.
_STATEMENT = re.compile(r"(?:--[^\n]*|'(?:[^']|'')*'|\$\$.*?\$\$|[^;])+;", re.S)
_COMMENTS = re.compile(r"\A(?:\s*--[^\n]*\n|\s+)*")
_FUNCTION = re.compile(r"CREATE FUNCTION ([\w.]+)")


def current() -> State:
    """The state that today's catalog, functions and rights describe; the same input always gives the same data."""
    tables = [table for table in TABLES if not table.materialized_view]
    views = [table for table in TABLES if table.materialized_view]
    functions, others = _statements(path.read_text("utf-8") for path in sorted(FUNCTIONS.glob("*.sql")))
    return {
        "schemas": list(SCHEMAS),
        "tables": {table.qualified: _table(table) for table in tables},
        "functions": functions,
        "statements": others,
        "views": {view.qualified: _view(view) for view in views},
        "rights": _rights(),
    }


def _table(table: Table) -> State:
    return {
        "create": ddl.create_table(table),
        "partition": table.partition,
        "key": list(table.key),
        "columns": {column.name: _column(table, column) for column in table.columns},
        "checks": ddl.checks(table),
        "indexes": _indexes(table),
        "comments": list(ddl.comments(table)),
    }


def _column(table: Table, column: Column) -> State:
    return {
        "type": column.type,
        "nullable": column.nullable,
        "default": column.default,
        "clause": ddl.column_clause(table, column),
    }


def _view(view: Table) -> State:
    select = sql(f"{view.schema}/{view.name}").text.replace("%%", "%")
    return {"create": ddl.create_view(view, select), "indexes": _indexes(view), "comments": list(ddl.comments(view))}


def _indexes(table: Table) -> dict[str, str]:
    names = [ddl.index_name(table, index) for index in table.indexes]
    return dict(zip(names, ddl.create_indexes(table), strict=True))


def _statements(texts: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Functions by name, and every other statement (triggers, first rows) in order."""
    functions: dict[str, str] = {}
    others = []
    for statement in _split(texts):
        found = _FUNCTION.match(statement)
        if found is None:
            others.append(statement)
        elif found[1] in functions:
            raise ValueError(f"function {found[1]} is there twice: names are not overloaded")
        else:
            functions[found[1]] = statement
    return functions, others


def _split(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for found in _STATEMENT.finditer(text):
            yield _COMMENTS.sub("", found[0])


def _rights() -> dict[str, dict[str, str]]:
    """Privileges by object, as GRANT spells it, and role."""
    schemas = {f"SCHEMA {schema}": dict.fromkeys(roles, "USAGE") for schema, roles in grants.SCHEMA_USAGE.items()}
    tables = {table.qualified: grants.table_grants(table) for table in TABLES}
    functions = {f"FUNCTION {name}": dict.fromkeys(roles, "EXECUTE") for name, roles in grants.FUNCTIONS.items()}
    return schemas | tables | functions
