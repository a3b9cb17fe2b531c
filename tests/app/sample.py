"""A small company in a migrated database: everything that the screens read, plausible and always the same.

Numbers are drawn, not computed by the pipeline: what is tested with them is that the screens show what the tables hold.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa

from nova_assets.catalog import table
from nova_resources.postgres import Database, copy_in
from nova_resources.settings import Settings
from tests.app import sample_evidence, sample_results
from tests.app.sample_master import AS_OF, DAYS, ITEMS, REGIONS, SITES, SUPPLIERS

# In the order in which they read each other.
VIEWS = (
    "mv_item_sites_latest",
    "mv_recommendations_latest",
    "mv_forecasts_latest",
    "mv_kpis_latest",
    "mv_alert_lives",
    "mv_alerts_open",
    "mv_alert_calibration",
)


def fill(settings: Settings, as_of: date = AS_OF, days: int = DAYS) -> None:
    """Write the sample into the database of `settings`, which must be migrated and empty."""
    rng = np.random.default_rng(7)
    with Database(settings, role="nova_etl").connect() as connection:
        company = Company(connection, as_of, days, rng)
        for name, rows in company.tables().items():
            _write(connection, name, rows)
    refresh(settings)


def refresh(settings: Settings) -> None:
    """Fill the views again from their tables."""
    with Database(settings, role="nova_owner").connect(autocommit=True) as connection:
        for view in VIEWS:
            connection.execute(
                psycopg.sql.SQL("REFRESH MATERIALIZED VIEW analytics.{}").format(psycopg.sql.Identifier(view))
            )


def _write(connection: psycopg.Connection, name: str, rows: list[dict[str, Any]]) -> None:
    declared = table(name)
    if declared.partition and rows:
        dates = [row[declared.partition] for row in rows]
        connection.execute(
            "SELECT support.ensure_partitions(%s::regclass, %s, %s)", (name, min(dates), max(dates) + timedelta(days=1))
        )
    columns = [column for column in declared.column_names if rows and column in rows[0]]
    arrays = {c: pa.array([_plain(row[c]) for row in rows]) for c in columns}
    copy_in(connection, declared, columns, pa.table(arrays))


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


class Company:
    """Draws every table for one as-of."""

    def __init__(self, connection: psycopg.Connection, as_of: date, days: int, rng: np.random.Generator) -> None:
        self.as_of, self.days, self.rng = as_of, days, rng
        self.dates = [as_of - timedelta(days=days - 1 - n) for n in range(days)]
        codes = [*REGIONS, *SITES, *SUPPLIERS, *ITEMS]
        ids = connection.execute("SELECT c, core.surrogate_key(c) FROM unnest(%s::text[]) AS c", (codes,)).fetchall()
        self.id: dict[str, int] = dict(ids)
        sites = list(SITES)
        self.pairs = [
            (item, sites[(n + k) % len(sites)]) for n, item in enumerate(ITEMS) for k in (0, 2, 5, 7)[: 2 + n % 3]
        ]
        self.orders: list[dict[str, Any]] = []
        self.series = [self._simulate(n, item, site) for n, (item, site) in enumerate(self.pairs)]

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Rows by table, parents before children."""
        results = sample_results.analytics(self) | sample_results.key_figures(self) | sample_results.provenance(self)
        return self._dimensions() | self._facts() | results | sample_evidence.evidence(self)

    def _simulate(self, n: int, item: str, site: str) -> dict[str, Any]:
        """Demand and stock of a pair: orders up to a level whenever the position falls to the reorder point."""
        *_, events, size, supplier = ITEMS[item]
        rate, lead = events / 30, 12 + n % 11
        reorder, target = np.ceil(rate * size * lead * 1.4 + size), np.ceil(rate * size * (lead + 30) * 1.4 + size)
        demand = np.where(self.rng.random(self.days) < rate, 1 + self.rng.poisson(max(size - 1, 0.3), self.days), 0)
        # The last weeks of some pairs run hot, so that there is something to decide.
        demand[-25:] = demand[-25:] * (1 + n % 3)
        on_hand, stock, arrivals = float(target), [], {}
        for day in range(self.days):
            on_hand += arrivals.pop(day, 0.0)
            on_hand -= min(on_hand, float(demand[day]))
            stock.append(on_hand)
            if on_hand + sum(arrivals.values()) <= reorder and day < self.days - 3:
                late = int(self.rng.integers(-2, 14))
                quantity = float(target - on_hand - sum(arrivals.values()))
                arrivals[day + lead + late] = quantity
                self.orders.append(self._order(n, item, site, supplier, day, lead, late, quantity))
        waiting = sum(arrivals.values())
        return {
            "demand": demand,
            "stock": stock,
            "reorder": float(reorder),
            "target": float(target),
            "lead": lead,
            "waiting": waiting,
        }

    def _order(
        self, n: int, item: str, site: str, supplier: str, day: int, lead: int, late: int, quantity: float
    ) -> dict[str, Any]:
        placed = self.dates[day]
        arrives = placed + timedelta(days=lead + late)
        arrived = arrives <= self.as_of
        return {
            "known_on": max(placed, min(arrives, self.as_of)) if arrived else placed,
            "order_no": f"PO{8000 + len(self.orders)}",
            "line_no": "1",
            "item_id": self.id[item],
            "site_id": self.id[site],
            "supplier_id": self.id[supplier],
            "requested_date": placed - timedelta(days=3),
            "approved_date": placed - timedelta(days=1),
            "order_date": placed,
            "expected_date": placed + timedelta(days=lead),
            "received_date": arrives if arrived else None,
            "quantity": quantity,
            "received_quantity": quantity if arrived else 0.0,
            "unit_price": ITEMS[item][3],
            "status": "RECEIVED" if arrived else "PLACED",
        }

    def _dimensions(self) -> dict[str, list[dict[str, Any]]]:
        known = {"inferred": False}
        return {
            "core.dim_region": [
                {"region_id": self.id[c], "region_code": c, "name": n, "state_code": s} | known
                for c, (n, s) in REGIONS.items()
            ],
            "core.dim_site": [
                {"site_id": self.id[c], "site_code": c, "name": n, "region_id": self.id[r], "site_type": "CD"}
                | {"latitude": lat, "longitude": lon, "active": True}
                | known
                for c, (n, r, lat, lon) in SITES.items()
            ],
            "core.dim_supplier": [
                {"supplier_id": self.id[c], "supplier_code": c, "name": n, "supplier_type": t, "active": True} | known
                for c, (n, t) in SUPPLIERS.items()
            ],
            "core.dim_item": [
                {
                    "item_id": self.id[c],
                    "item_code": c,
                    "name": i[0],
                    "family": i[1],
                    "category": i[1],
                    "unit_measure": i[2],
                }
                | {
                    "unit_cost": i[3],
                    "criticality": i[4],
                    "item_kind": "MATERIAL",
                    "successor_code": None,
                    "active": True,
                }
                | known
                for c, i in ITEMS.items()
            ],
            "core.item_source": [
                {"item_id": self.id[c], "supplier_id": self.id[i[9]], "site_id": 0, "valid_from": date(2024, 1, 1)}
                | {
                    "valid_to": None,
                    "unit_price": i[3],
                    "min_order_qty": 2.0,
                    "order_multiple": 1.0,
                    "lead_time_days": 14.0,
                }
                for c, i in ITEMS.items()
            ],
        }

    def _facts(self) -> dict[str, list[dict[str, Any]]]:
        demand, inventory = [], []
        for (item, site), series in zip(self.pairs, self.series, strict=True):
            key = {"item_id": self.id[item], "site_id": self.id[site]}
            for day, quantity, stock in zip(self.dates, series["demand"], series["stock"], strict=True):
                inventory.append({"full_date": day, **key, "on_hand": stock, "reserved": 0.0, "backorder": 0.0})
                if quantity:
                    demand.append(
                        {"full_date": day, **key, "demand_type": "CORRECTIVE", "quantity": float(quantity)}
                        | {"fulfilled_quantity": float(min(quantity, stock + quantity)), "movements": 1}
                    )
        return {
            "core.fact_demand_daily": demand,
            "core.fact_inventory_daily": inventory,
            "core.fact_orders": self.orders,
        }
