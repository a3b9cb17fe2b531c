"""A company of any size in an empty platform, written by SQL alone: the shape that the app reads, not its sense.

Columns that the declarations of the catalog require and that matter to nothing here get a value of their type.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from psycopg import sql as composable

from nova_assets import catalog
from nova_resources.postgres import Database, trusted
from nova_resources.server import admin_parameters
from nova_resources.settings import Settings
from nova_resources.tables import Column, Table

PAIRS, FACTS = 5_000, 10_000_000
SITES, SUPPLIERS, REGIONS = 50, 40, 10
KPI_DAYS = 90
PLAIN = {
    "text": "'x'",
    "boolean": "false",
    "date": "DATE '2024-01-01'",
    "jsonb": "'{}'",
    "integer": "1",
    "bigint": "1",
    "double precision": "0.5",
    "double precision[]": "ARRAY[0.5]::double precision[]",
    "timestamptz": "now()",
}


@dataclass(frozen=True)
class Scale:
    """Item-sites, days of demand of each (one row a day)."""

    pairs: int
    days: int

    @classmethod
    def of(cls, pairs: int | None) -> Scale:
        """The whole size, or one with fewer item-sites and facts in proportion."""
        count = pairs or PAIRS
        return cls(count, max(30, FACTS // PAIRS if count >= PAIRS else 200))

    @property
    def facts(self) -> int:
        return self.pairs * self.days


def fill_company(settings: Settings, scale: Scale) -> None:
    """Write dimensions, demand, results of one day and the views. The database must be migrated and empty."""
    as_of = settings.last_complete_day()
    owner = Database(settings, role="nova_owner")
    with owner.connect() as connection:
        connection.execute("SET LOCAL synchronous_commit = off")
        _pairs(connection, scale)
        _dimensions(connection)
        values = {"as_of": f"DATE '{as_of}'", "item_id": "p.item_id", "site_id": "p.site_id"}
        _results(connection, values, as_of.isoformat())
        first = as_of - timedelta(days=scale.days)
        connection.execute(
            "SELECT support.ensure_partitions('core.fact_demand_daily', %s, %s)", (first, as_of + timedelta(days=1))
        )
        _insert(
            connection,
            "core.fact_demand_daily",
            {
                "full_date": f"DATE '{as_of}' - d",
                "item_id": "p.item_id",
                "site_id": "p.site_id",
                "quantity": "1 + (p.n + d) % 7",
                "fulfilled_quantity": "(p.n + d) % 7",
            },
            f"pairs AS p CROSS JOIN generate_series(0, {scale.days - 1}) AS d",
        )
    admin: dict[str, Any] = admin_parameters(settings) | {"dbname": settings.database_name}
    with psycopg.connect(**admin, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        for view in (table for table in catalog.TABLES if table.materialized_view):
            name = composable.Identifier(view.schema, view.name)
            connection.execute(composable.SQL("REFRESH MATERIALIZED VIEW {}").format(name))
            connection.execute(composable.SQL("ANALYZE {}").format(name))
        connection.execute("CHECKPOINT")


def _pairs(connection: psycopg.Connection, scale: Scale) -> None:
    connection.execute(
        """
        CREATE TEMP TABLE pairs ON COMMIT DROP AS
        SELECT n, 'M' || lpad((n / %(sites)s)::text, 6, '0') AS item_code, 'S' || lpad((n %% %(sites)s)::text, 4, '0')
            AS site_code, core.surrogate_key('M' || lpad((n / %(sites)s)::text, 6, '0')) AS item_id,
            core.surrogate_key('S' || lpad((n %% %(sites)s)::text, 4, '0')) AS site_id
        FROM generate_series(0, %(pairs)s - 1) AS n
        """,
        {"sites": SITES, "pairs": scale.pairs},
    )


def _dimensions(connection: psycopg.Connection) -> None:
    region = {"region_id": "n + 1", "region_code": "'R' || n", "name": "'Region ' || n", "state_code": "'BA'"}
    _insert(connection, "core.dim_region", region, f"generate_series(0, {REGIONS - 1}) AS n")
    site = {
        "site_id": "p.site_id",
        "site_code": "p.site_code",
        "name": "'Site ' || p.site_code",
        "region_id": f"p.n % {REGIONS} + 1",
        "latitude": "-12.9 - p.n % 50 * 0.1",
        "longitude": "-38.5 - p.n % 50 * 0.1",
        "active": "true",
    }
    _insert(connection, "core.dim_site", site, "(SELECT DISTINCT ON (site_id) * FROM pairs) AS p")
    item = {
        "item_id": "p.item_id",
        "item_code": "p.item_code",
        "name": "'Material ' || p.item_code",
        "family": f"'Family ' || p.n / {SITES} % 8",
        "unit_measure": "'UN'",
        "unit_cost": "10 + p.n % 90",
        "criticality": "p.n % 10",
        "item_kind": "'MATERIAL'",
        "active": "true",
    }
    _insert(connection, "core.dim_item", item, "(SELECT DISTINCT ON (item_id) * FROM pairs) AS p")
    supplier = {"supplier_id": "n + 1", "supplier_code": "'F' || n", "name": "'Supplier ' || n", "active": "true"}
    _insert(connection, "core.dim_supplier", supplier, f"generate_series(0, {SUPPLIERS - 1}) AS n")


def _results(connection: psycopg.Connection, pair: dict[str, str], day: str) -> None:
    for name in ("demand_classes", "stock_policies", "recommendations", "alerts", "features_store", "forecasts"):
        table = catalog.table(f"analytics.{name}")
        connection.execute(
            "SELECT support.ensure_partitions(%s::regclass, %s::date, %s::date + 1)", (table.qualified, day, day)
        )
    _insert(connection, "analytics.demand_classes", pair | {"abc_class": "substr('ABC', 1 + p.n % 3, 1)"})
    _insert(connection, "analytics.stock_policies", pair | {"reorder_point": "20 + p.n % 30", "order_up_to": "90"})
    decision = {
        "action": "(ARRAY['REORDER', 'EXPEDITE', 'HOLD'])[1 + p.n % 3]",
        "order_ref": "''",
        "priority": "(ARRAY['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'])[1 + p.n % 4]",
        "supplier_id": f"p.n % {SUPPLIERS} + 1",
        "on_hand": "p.n % 40",
        "position": "p.n % 40",
        "stockout_probability": "(p.n % 100) / 100.0",
        "avoided_cost": "p.n % 1000",
        "spend": "p.n % 500",
    }
    _insert(connection, "analytics.recommendations", pair | decision)
    alert = {
        "cause": "'STOCKOUT_RISK'",
        "severity": "(ARRAY['NORMAL', 'WARNING', 'CRITICAL'])[1 + p.n % 3]",
        "value_at_risk": "p.n",
    }
    _insert(connection, "analytics.alerts", pair | alert, "(SELECT * FROM pairs WHERE n % 10 = 0) AS p")
    _insert(connection, "analytics.features_store", pair | {"features": """'{"adi": 3, "cv2": 0.4}'::jsonb"""})
    quantiles = {
        "target": "t.target",
        "quantile_levels": "ARRAY[.05, .25, .5, .75, .9, .95, .99]",
        "quantile_values": "ARRAY[1, 3, 5, 8, 12, 15, 22] || '{}'::double precision[]",
        "mean": "6",
        "model": "'pooled'",
    }
    targets = "pairs AS p CROSS JOIN unnest(ARRAY['D30', 'D60', 'D90', 'PROTECTION']) AS t (target)"
    _insert(connection, "analytics.forecasts", pair | quantiles, targets)


def _insert(connection: psycopg.Connection, name: str, values: dict[str, str], source: str = "pairs AS p") -> None:
    """INSERT … SELECT of expressions; what else the table requires gets a value of its type."""
    table: Table = catalog.table(name)
    needed = {c.name: _value(c) for c in table.columns if not c.nullable and not c.identity and c.default is None}
    known = {column: text for column, text in (needed | values).items() if column in table.column_names}
    statement = composable.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
        composable.Identifier(table.schema, table.name),
        composable.SQL(", ").join(map(composable.Identifier, known)),
        composable.SQL(", ").join(map(trusted, known.values())),
        trusted(source),
    )
    connection.execute(statement)


def _value(column: Column) -> str:
    """A literal that the column's own rules let in."""
    if column.values:
        return f"'{column.values[0]}'"
    kind = column.type.partition("(")[0].strip() if column.type not in PLAIN else column.type
    return PLAIN.get(kind, "1")
