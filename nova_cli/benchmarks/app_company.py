"""A company of any size: the demonstration company, computed by the pipeline, and copies of its materials made by SQL.

Every copied table keeps the shape that the pipeline gave it (terms, quantile grids, lives of alerts), which a made-up
filling would not have. History is lengthened backwards until there are enough facts, and results stand for some weeks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg import sql as composable

from nova_assets import catalog
from nova_cli.benchmarks.measure import Say
from nova_resources.postgres import trusted
from nova_resources.server import admin_parameters
from nova_resources.settings import Settings
from nova_resources.tables import Table

PAIRS, FACTS = 5_000, 10_000_000
STOCK = "core.fact_inventory_daily"
# The tables of one row per day that make history long.
HISTORIES = ("core.fact_demand_daily", STOCK)
# Stock as it arrived is copied for the days that a nightly run may read again.
RECENT_DAYS = 35
# Screens show how decisions went over weeks: those of the last day stand for every day of them.
RESULT_DAYS = 28
RESULTS = ("analytics.stock_policies", "analytics.recommendations", "analytics.alerts")
MATERIALS = """
    CREATE TEMP TABLE materials ON COMMIT DROP AS
    SELECT copy, item_id AS old_id, item_code AS old_code, core.surrogate_key(item_code || '.' || copy) AS new_id,
        item_code || '.' || copy AS new_code
    FROM core.dim_item CROSS JOIN generate_series(2, %(copies)s) AS copy
"""
SUFFIXED = "t.{} || '.' || m.copy"
CHANGED = {
    "item_id": "m.new_id",
    "item_code": "m.new_code",
    "successor_code": SUFFIXED.format("successor_code"),
    "substitute_code": SUFFIXED.format("substitute_code"),
    "order_no": SUFFIXED.format("order_no"),
    "order_ref": "CASE WHEN t.order_ref = '' THEN '' ELSE replace(t.order_ref, '/', '.' || m.copy || '/') END",
}


@dataclass(frozen=True)
class Scale:
    """Item-sites and rows of facts that there are at least."""

    pairs: int = PAIRS
    facts: int = FACTS

    @classmethod
    def of(cls, pairs: int | None) -> Scale:
        """The whole size, or one with fewer item-sites and facts in proportion."""
        return cls() if pairs is None else cls(pairs, pairs * FACTS // PAIRS)


def grow_company(settings: Settings, scale: Scale, say: Say) -> None:
    """Bring a platform whose tables are computed to a size, once; a company that has it already stays as it is."""
    admin: dict[str, Any] = admin_parameters(settings) | {"dbname": settings.database_name}
    with psycopg.connect(**admin) as connection:
        pairs = max(1, _count(connection, "analytics.mv_item_sites_latest"))
        copies = math.ceil(scale.pairs / pairs)
        if copies > 1:
            _copy_materials(connection, copies, say)
        facts = max(1, sum(_count(connection, name) for name in HISTORIES))
        if copies > 1 or facts < scale.facts:
            _lengthen(connection, math.ceil(scale.facts / facts), say)
            _repeat_results(connection, say)
    with psycopg.connect(**admin, autocommit=True) as connection:
        say("statistics and views")
        connection.execute("VACUUM (ANALYZE)")
        for view in (table for table in catalog.TABLES if table.materialized_view):
            connection.execute(composable.SQL("REFRESH MATERIALIZED VIEW {}").format(_name(view)))
            connection.execute(composable.SQL("ANALYZE {}").format(_name(view)))
        connection.execute("CHECKPOINT")


def _copy_materials(connection: psycopg.Connection, copies: int, say: Say) -> None:
    """Each material `copies` times, with everything that stands by it."""
    connection.execute(MATERIALS, {"copies": copies})
    connection.execute("CREATE INDEX ON materials (old_id)")
    connection.execute("CREATE INDEX ON materials (old_code)")
    connection.execute("ANALYZE materials")
    for table in catalog.TABLES:
        if table.schema == "support" or table.materialized_view:
            continue
        by_id = "item_id" in table.column_names
        if not by_id and "item_code" not in table.column_names:
            continue
        say(f"copies of {table.qualified}")
        condition = "t.item_id = m.old_id" if by_id else "t.item_code = m.old_code"
        source = composable.SQL("{} AS t JOIN materials AS m ON {}").format(_name(table), trusted(condition))
        if table.qualified == "staging.inventory":
            recent = "t.date > (SELECT max(date) - {} FROM staging.inventory)"
            source += composable.SQL(" WHERE ") + trusted(recent.format(RECENT_DAYS))
        _insert(connection, table, CHANGED, source)


def _lengthen(connection: psycopg.Connection, times: int, say: Say) -> None:
    """History repeated backwards until it is `times` as long."""
    for table in map(catalog.table, HISTORIES):
        first, last = _span(connection, table)
        days = (last - first).days + 1
        for back in range(1, times):
            say(f"an earlier history of {table.qualified}")
            _partitions(connection, table, first - timedelta(days=days * back), first)
            shifted = {"full_date": f"t.full_date - {days * back}"}
            source = composable.SQL("{} AS t WHERE t.full_date >= {}").format(_name(table), composable.Literal(first))
            _insert(connection, table, shifted, source)


def _repeat_results(connection: psycopg.Connection, say: Say) -> None:
    """Results of the last day for the days before it too."""
    for table in map(catalog.table, RESULTS):
        say(f"weeks of {table.qualified}")
        _, last = _span(connection, table)
        _partitions(connection, table, last - timedelta(days=RESULT_DAYS), last)
        source = composable.SQL(
            "{} AS t CROSS JOIN generate_series(1, {}) AS back WHERE t.as_of = {} ON CONFLICT DO NOTHING"
        ).format(_name(table), composable.Literal(RESULT_DAYS), composable.Literal(last))
        _insert(connection, table, {"as_of": "t.as_of - back"}, source)


def _insert(
    connection: psycopg.Connection, table: Table, changed: dict[str, str], source: composable.Composable
) -> None:
    """INSERT … SELECT of the rows t of `source`, with some columns changed."""
    names = [column.name for column in table.columns if not column.identity]
    statement = composable.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
        _name(table),
        composable.SQL(", ").join(map(composable.Identifier, names)),
        composable.SQL(", ").join(trusted(changed.get(name, f"t.{name}")) for name in names),
        source,
    )
    connection.execute(statement)


def _partitions(connection: psycopg.Connection, table: Table, start: date, end: date) -> None:
    connection.execute("SELECT support.ensure_partitions(%s::regclass, %s, %s)", (table.qualified, start, end))


def _span(connection: psycopg.Connection, table: Table) -> tuple[date, date]:
    """First and last day of a partitioned table."""
    assert table.partition
    query = composable.SQL("SELECT min({0}), max({0}) FROM {1}")
    found = connection.execute(query.format(composable.Identifier(table.partition), _name(table))).fetchone()
    if found is None or found[0] is None:
        raise RuntimeError(f"{table.qualified} is empty: the company has not been computed")
    return found


def _count(connection: psycopg.Connection, name: str) -> int:
    found = connection.execute(composable.SQL("SELECT count(*) FROM {}").format(_name(catalog.table(name)))).fetchone()
    return found[0] if found else 0


def _name(table: Table) -> composable.Identifier:
    return composable.Identifier(table.schema, table.name)
