"""From one state of the schema to the next: the statements of a revision, in an order that always works.

Rows of staging, core and support are never touched: a change that could not keep them is refused here. Schema analytics
is derived: a table whose rows do not fit its new shape is emptied, and its ledger entries with it, so that the next
run computes it again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from migrations.state import State

DERIVED = "analytics."
# Months that exist before anything is loaded; a publish adds whichever others it needs.
PARTITIONS = """SELECT support.ensure_partitions(
    '{table}',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);"""
FORGET = "DELETE FROM support.materializations WHERE table_name = '{table}';"
# Rows that break a new rule, or lack a value that a new column must have, were computed by older code.
FIT_OR_EMPTY = """DO $fit$
BEGIN
    {alter}
EXCEPTION WHEN check_violation OR not_null_violation OR unique_violation THEN
    TRUNCATE {table};
    {forget}
    {alter}
END $fit$;"""


class CannotMigrate(ValueError):
    """A change of the catalog that would lose rows; the message says what to do instead."""


def statements(old: State, new: State) -> list[str]:
    """Every statement that turns a database of state `old` into one of state `new`; none when nothing changed."""
    rebuilt = {name for name in _kept(old, new, "tables") if _must_rebuild(name, old, new)}
    gone = _gone(old, new, "tables")
    made = [name for name in new["tables"] if name in rebuilt or name not in old["tables"]]
    altered = {
        name: text
        for name in _kept(old, new, "tables")
        if name not in rebuilt and (text := _alter(name, old["tables"][name], new["tables"][name]))
    }
    views_out, views_in = _views(old, new, rebuilt | {*gone} | {*altered})
    functions_out, functions_in = _functions(old, new)
    fresh = {*made, *views_in, *(f"FUNCTION {name}" for name in functions_in if name in functions_out)}
    if lost := [text for text in old["statements"] if text not in new["statements"]]:
        raise CannotMigrate(f"write a revision by hand for what sql/support/functions no longer says: {lost}")
    return [
        *(f"DROP MATERIALIZED VIEW {view};" for view in views_out),
        *(f"DROP FUNCTION {name};" for name in functions_out),
        *(f"DROP TABLE {name};" for name in [*gone, *(name for name in old["tables"] if name in rebuilt)]),
        *(FORGET.format(table=name) for name in [*gone, *_rebuilt_in_order(old, rebuilt)]),
        *(f"CREATE SCHEMA IF NOT EXISTS {name};" for name in new["schemas"] if name not in old["schemas"]),
        *(_create(new["tables"][name]) for name in made),
        *altered.values(),
        *(text for name in _kept(old, new, "tables") if name not in rebuilt for text in _comments(name, old, new)),
        *functions_in.values(),
        *(text for text in new["statements"] if text not in old["statements"]),
        *(_create(new["views"][view]) + f"\nREFRESH MATERIALIZED VIEW {view};" for view in views_in),
        *(text for view in _kept(old, new, "views") if view not in views_in for text in _view_trim(view, old, new)),
        *_rights(old["rights"], new["rights"], fresh),
        *(PARTITIONS.format(table=name) for name in made if new["tables"][name]["partition"]),
    ]


def _rebuilt_in_order(old: State, rebuilt: set[str]) -> list[str]:
    """Names of the rebuilt tables in the order of the catalog."""
    return [name for name in old["tables"] if name in rebuilt]


def _kept(old: State, new: State, kind: str) -> list[str]:
    return [name for name in new[kind] if name in old[kind]]


def _gone(old: State, new: State, kind: str) -> list[str]:
    gone = [name for name in old[kind] if name not in new[kind]]
    if kept := [name for name in gone if kind == "tables" and not name.startswith(DERIVED)]:
        raise CannotMigrate(f"{', '.join(kept)}: a table with rows that cannot be computed again is not dropped")
    return gone


def _create(entry: State) -> str:
    return "\n".join([entry["create"], *entry["indexes"].values(), *entry["comments"]])


def _must_rebuild(name: str, old: State, new: State) -> bool:
    """Whether a table's new shape cannot be reached by ALTER TABLE."""
    before, after = old["tables"][name], new["tables"][name]
    if before["partition"] != after["partition"]:
        change = "partitions"
    elif any(after["columns"][c]["type"] != before["columns"][c]["type"] for c in _shared(before, after)):
        change = "type of a column"
    else:
        return False
    if not name.startswith(DERIVED):
        raise CannotMigrate(f"{name}: change of {change}; add a new column or write a revision by hand")
    return True


def _shared(before: State, after: State) -> list[str]:
    return [column for column in after["columns"] if column in before["columns"]]


def _alter(name: str, before: State, after: State) -> str:
    """One ALTER TABLE with all that changed, then the indexes; "" when nothing did."""
    bare = name.partition(".")[2]
    checks = {c for c in before["checks"] if before["checks"][c] != after["checks"].get(c)}
    clauses = [f"DROP CONSTRAINT {check}" for check in before["checks"] if check in checks]
    if before["key"] != after["key"] and before["key"]:
        clauses.append(f"DROP CONSTRAINT {bare}_pkey")
    lost = [column for column in before["columns"] if column not in after["columns"]]
    if lost and not name.startswith(DERIVED):
        raise CannotMigrate(f"{name}: {', '.join(lost)} would be lost; keep it, nullable, or write a revision by hand")
    clauses += [f"DROP COLUMN {column}" for column in lost]
    for column, entry in after["columns"].items():
        clauses += _column(name, column, before["columns"].get(column), entry)
    if before["key"] != after["key"] and after["key"]:
        clauses.append(f"ADD CONSTRAINT {bare}_pkey PRIMARY KEY ({', '.join(after['key'])})")
    clauses += [
        f"ADD CONSTRAINT {check} CHECK ({condition})"
        for check, condition in after["checks"].items()
        if before["checks"].get(check) != condition
    ]
    parts = []
    if clauses:
        text = f"ALTER TABLE {name}\n    " + ",\n    ".join(clauses) + ";"
        fit = FIT_OR_EMPTY.format(table=name, forget=FORGET.format(table=name), alter=text.replace("\n", "\n    "))
        parts.append(fit if name.startswith(DERIVED) else text)
    return "\n".join([*parts, *_indexes(name, before, after)])


def _column(name: str, column: str, before: State | None, after: State) -> Iterator[str]:
    """Clauses of ALTER TABLE for one column that is new or changed."""
    if before is None:
        bare = not after["nullable"] and after["default"] is None and "GENERATED" not in after["clause"]
        if bare and not name.startswith(DERIVED):
            raise CannotMigrate(f"{name}.{column}: rows that are there have no value for it; give it a default")
        yield f"ADD COLUMN {after['clause']}"
        return
    if before["default"] != after["default"]:
        default = f"SET DEFAULT {after['default']}" if after["default"] is not None else "DROP DEFAULT"
        yield f"ALTER COLUMN {column} {default}"
    if before["nullable"] != after["nullable"]:
        yield f"ALTER COLUMN {column} {'DROP' if after['nullable'] else 'SET'} NOT NULL"
    if _rest(before) != _rest(after):
        raise CannotMigrate(f"{name}.{column}: its key or identity changed; write a revision by hand")


def _rest(column: State) -> str:
    """What a column's clause says beyond default and nullability."""
    return re.sub(r" NOT NULL| DEFAULT " + re.escape(column["default"] or ""), "", column["clause"])


def _indexes(name: str, before: State, after: State) -> Iterator[str]:
    schema = name.partition(".")[0]
    for index, text in before["indexes"].items():
        if after["indexes"].get(index) != text:
            # A dropped column takes its indexes with it.
            yield f"DROP INDEX IF EXISTS {schema}.{index};"
    for index, text in after["indexes"].items():
        if before["indexes"].get(index) != text:
            yield text


def _comments(name: str, old: State, new: State, kind: str = "tables") -> list[str]:
    before = old[kind][name]["comments"]
    return [text for text in new[kind][name]["comments"] if text not in before]


def _view_trim(view: str, old: State, new: State) -> list[str]:
    """What changes on a view that is otherwise kept."""
    before, after = old["views"][view], new["views"][view]
    return [*_indexes(view, before, after), *_comments(view, old, new, "views")]


def _views(old: State, new: State, touched: Iterable[str]) -> tuple[list[str], list[str]]:
    """(to drop, to create): those that changed and those that read a table that did."""
    changed = {v for v in _kept(old, new, "views") if old["views"][v]["create"] != new["views"][v]["create"]}
    for table in touched:
        name = re.compile(rf"\b{re.escape(table)}\b")
        changed |= {v for v in old["views"] if name.search(old["views"][v]["create"])}
    out = [view for view in old["views"] if view in changed or view not in new["views"]]
    return out, [view for view in new["views"] if view in out or view not in old["views"]]


def _functions(old: State, new: State) -> tuple[list[str], dict[str, str]]:
    """(to drop, to create): replaced in place unless what the callers see changed."""
    before, after = old["functions"], new["functions"]
    changed = [name for name in after if before.get(name) != after[name]]
    out = [
        name for name in before if name not in after or (name in changed and _head(before[name]) != _head(after[name]))
    ]
    return out, {
        name: after[name]
        if name in out or name not in before
        else after[name].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
        for name in changed
    }


def _head(function: str) -> str:
    """Name, arguments and result."""
    return " ".join(re.split(r"\bLANGUAGE\b", function, maxsplit=1)[0].split())


def _rights(old: State, new: State, fresh: set[str]) -> Iterator[str]:
    """GRANT and REVOKE of what changed; `fresh` objects were just made and have nothing but defaults."""
    for name, roles in new.items():
        made = name in fresh or name not in old
        if made and name.startswith("FUNCTION "):
            yield f"REVOKE ALL ON {name} FROM PUBLIC;"
        before = {} if made else old[name]
        for role in before:
            if before[role] != roles.get(role):
                yield f"REVOKE ALL ON {name} FROM {role};"
        for role, privileges in roles.items():
            if before.get(role) != privileges:
                yield f"GRANT {privileges} ON {name} TO {role};"
