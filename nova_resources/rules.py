"""The catalog's declarations as queries: which rows of a relation break them, how many, and five of them to look at.

Declared rules only: not null, closed lists, ranges, finite numbers, row predicates, unique key, references, and that no
row lies outside its window. Checks that compare tables or days are assets' business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from nova_resources.postgres import trusted
from nova_resources.tables import Column, Table, Window

SAMPLES = 5
REAL_TYPES = ("double precision", "real", "numeric")


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: how many rows (keys, for `unique_key`) break it, and some of them."""

    rule: str
    description: str
    count: int
    samples: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _RowRule:
    """A condition on one row `r`, true where the rule is broken, and the columns that show why."""

    name: str
    description: str
    broken: sql.Composable
    columns: tuple[str, ...]
    joins: bool = False


def check(
    connection: psycopg.Connection, table: Table, source: sql.Composable, window: Window | None = None
) -> list[Violation]:
    """Every rule of `table` that rows of `source` break; empty when all is well.

    `source` is a relation with the table's columns: rows on their way in, or the published table itself. With `window`
    a row outside of it is a violation too. One pass for all rules on single rows, one for the key and for each
    reference.
    """
    rules = list(_row_rules(table, window))
    plain = [rule for rule in rules if not rule.joins]
    found = []
    counts = _count_broken(connection, source, plain) if plain else ()
    for rule, count in zip(plain, counts, strict=True):
        if count:
            found.append(_violation(connection, table, source, rule, count))
    for rule in rules:
        if rule.joins:
            statement = sql.SQL("SELECT count(*) FROM {} AS r WHERE {}").format(source, rule.broken)
            count = _scalar(connection, statement)
            if count:
                found.append(_violation(connection, table, source, rule, count))
    if table.key:
        found += _duplicates(connection, table, source)
    return found


def within(table: Table, window: Window) -> sql.Composable:
    """The published rows of a window as a relation, for `check`."""
    return sql.SQL("(SELECT * FROM {} WHERE {column} >= {start} AND {column} < {end})").format(
        sql.Identifier(table.schema, table.name),
        column=sql.Identifier(table.window or ""),
        start=sql.Literal(window.start),
        end=sql.Literal(window.end),
    )


def _row_rules(table: Table, window: Window | None) -> Iterator[_RowRule]:
    if window is not None and table.window:
        column = _at(table.window)
        broken = sql.SQL("({c} < {s} OR {c} >= {e})").format(
            c=column, s=sql.Literal(window.start), e=sql.Literal(window.end)
        )
        yield _RowRule("in_window", f"{table.window} lies in {window}", broken, (table.window,))
    for column in table.columns:
        if not column.identity:
            yield from _column_rules(column)
    for rule in table.rules:
        predicate = sql.SQL("(({}) IS FALSE)").format(trusted(rule.predicate))
        named = tuple(name for name in table.column_names if name in rule.predicate)
        yield _RowRule(rule.name, rule.description, predicate, named)


def _column_rules(column: Column) -> Iterator[_RowRule]:
    name, value = column.name, _at(column.name)
    if not column.nullable:
        yield _RowRule(f"{name}_not_null", f"{name} is given", sql.SQL("({} IS NULL)").format(value), (name,))
    if column.type.startswith(REAL_TYPES) and not column.type.endswith("]"):
        broken = sql.SQL("({} IN ('NaN', 'Infinity', '-Infinity'))").format(value)
        yield _RowRule(f"{name}_finite", f"{name} is a finite number", broken, (name,))
    if column.minimum is not None or column.maximum is not None:
        bounds = [
            sql.SQL("{} {} {}").format(value, trusted(sign), sql.Literal(bound))
            for sign, bound in (("<", column.minimum), (">", column.maximum))
            if bound is not None
        ]
        text = " and ".join(
            f"{sign} {bound}" for sign, bound in ((">=", column.minimum), ("<=", column.maximum)) if bound is not None
        )
        yield _RowRule(f"{name}_range", f"{name} {text}", sql.SQL("({})").format(sql.SQL(" OR ").join(bounds)), (name,))
    if column.values:
        broken = sql.SQL("({} <> ALL ({}))").format(value, sql.Literal(list(column.values)))
        yield _RowRule(f"{name}_values", f"{name} is one of {', '.join(column.values)}", broken, (name,))
    if column.references:
        schema, target, key = column.references.split(".")
        broken = sql.SQL("({v} IS NOT NULL AND NOT EXISTS (SELECT FROM {t} AS t WHERE t.{k} = {v}))").format(
            v=value, t=sql.Identifier(schema, target), k=sql.Identifier(key)
        )
        yield _RowRule(f"{name}_known", f"{name} exists in {schema}.{target}", broken, (name,), joins=True)


def _at(column: str) -> sql.Composable:
    return sql.SQL("r.{}").format(sql.Identifier(column))


def _count_broken(connection: psycopg.Connection, source: sql.Composable, rules: list[_RowRule]) -> tuple[int, ...]:
    counts = sql.SQL(", ").join(sql.SQL("count(*) FILTER (WHERE {})").format(rule.broken) for rule in rules)
    row = connection.execute(sql.SQL("SELECT {} FROM {} AS r").format(counts, source)).fetchone()
    return tuple(row or ())


def _violation(
    connection: psycopg.Connection, table: Table, source: sql.Composable, rule: _RowRule, count: int
) -> Violation:
    shown = dict.fromkeys((*table.key, *((table.window,) if table.window else ()), *rule.columns))
    statement = sql.SQL("SELECT {} FROM {} AS r WHERE {} LIMIT {}").format(
        sql.SQL(", ").join(map(_at, shown)), source, rule.broken, sql.Literal(SAMPLES)
    )
    return Violation(rule.name, rule.description, count, _rows(connection, statement))


def _duplicates(connection: psycopg.Connection, table: Table, source: sql.Composable) -> list[Violation]:
    key = sql.SQL(", ").join(map(_at, table.key))
    grouped = sql.SQL("SELECT {key}, count(*) AS copies FROM {source} AS r GROUP BY {key} HAVING count(*) > 1").format(
        key=key, source=source
    )
    count = _scalar(connection, sql.SQL("SELECT count(*) FROM ({}) AS twice").format(grouped))
    if not count:
        return []
    samples = _rows(connection, sql.SQL("{} LIMIT {}").format(grouped, sql.Literal(SAMPLES)))
    return [Violation("unique_key", f"one row for each {', '.join(table.key)}", count, samples)]


def _scalar(connection: psycopg.Connection, statement: sql.Composed) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def _rows(connection: psycopg.Connection, statement: sql.Composed) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement).fetchall()
