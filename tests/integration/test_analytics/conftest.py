"""A small company, written row by row, whose every figure can be worked out by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

import pytest

from nova_assets import catalog
from nova_assets.build import COMPUTE
from nova_assets.types import validated
from nova_resources.postgres import Database
from nova_resources.sql_library import Query, sql
from nova_resources.tables import Grid, Window
from nova_resources.window import ensure_partitions, publish

DAY = timedelta(days=1)


class Company:
    """Facts in, published windows of analytics tables out. Codes are given; ids follow from them."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._ids: dict[str, int] = {}
        self._waiting: list[tuple[str, dict[str, Any]]] = []

    def id_of(self, code: str) -> int:
        if code not in self._ids:
            (row,) = self.db.rows(Query("id", "SELECT core.surrogate_key(%(code)s) AS id"), code=code)
            self._ids[code] = row["id"]
        return self._ids[code]

    def item(self, code: str, **given: Any) -> None:
        row = {
            "item_id": self.id_of(code), "item_code": code, "name": code, "family": "F", "unit_measure": "UN",
            "unit_cost": 10, "criticality": 5, "item_kind": "MATERIAL", "active": True, "inferred": False,
        }  # fmt: skip
        self._insert("core.dim_item", [row | given])

    def region(self, code: str, state: str | None = None) -> None:
        row = {"region_id": self.id_of(code), "region_code": code, "name": code, "state_code": state, "inferred": False}
        self._insert("core.dim_region", [row])

    def site(self, code: str, region: str | None = None) -> None:
        row = {"site_id": self.id_of(code), "site_code": code, "name": code, "active": True, "inferred": False}
        self._insert("core.dim_site", [row | {"region_id": self.id_of(region) if region else None}])

    def supplier(self, code: str, **given: Any) -> None:
        row = {"supplier_id": self.id_of(code), "supplier_code": code, "name": code, "active": True, "inferred": False}
        self._insert("core.dim_supplier", [row | given])

    def source(self, item: str, supplier: str, **given: Any) -> None:
        row = {
            "item_id": self.id_of(item), "supplier_id": self.id_of(supplier), "site_id": 0,
            "valid_from": date(1900, 1, 1),
        }  # fmt: skip
        self._insert("core.item_source", [row | given])

    def rule(self, number: int, specificity: int, **given: Any) -> None:
        self._insert("support.planning_rules", [{"rule_id": number, "specificity": specificity} | given])

    def demand(self, day: date, item: str, site: str, quantity: float, fulfilled: float | None = None) -> None:
        row = {
            "full_date": day, "item_id": self.id_of(item), "site_id": self.id_of(site), "demand_type": "CORRECTIVE",
            "quantity": quantity, "fulfilled_quantity": fulfilled, "movements": 1,
        }  # fmt: skip
        self._insert("core.fact_demand_daily", [row])

    def stock(self, days: date | Iterable[date], item: str, site: str, on_hand: float, **given: Any) -> None:
        row = {
            "item_id": self.id_of(item), "site_id": self.id_of(site), "on_hand": on_hand, "reserved": 0, "backorder": 0,
        }  # fmt: skip
        days = [days] if isinstance(days, date) else days
        self._insert("core.fact_inventory_daily", [row | given | {"full_date": day} for day in days])

    def order(self, number: str, known_on: date, item: str, site: str, supplier: str, **given: Any) -> None:
        row = {
            "known_on": known_on, "order_no": number, "line_no": "1", "item_id": self.id_of(item),
            "site_id": self.id_of(site), "supplier_id": self.id_of(supplier), "order_date": known_on,
            "quantity": 1, "received_quantity": 0, "status": "PLACED",
        }  # fmt: skip
        self._insert("core.fact_orders", [row | given])

    def external(self, day: date, series: str, value: float, region: str | None = None) -> None:
        row = {
            "full_date": day,
            "series_code": series,
            "region_id": self.id_of(region) if region else 0,
            "value": value,
        }
        self._insert("core.fact_external_daily", [row])

    def planned(self, known_on: date, day: date, item: str, site: str, quantity: float) -> None:
        row = {
            "known_on": known_on, "full_date": day, "item_id": self.id_of(item), "site_id": self.id_of(site),
            "work_type": "PREVENTIVE", "contract_code": "", "quantity": quantity,
        }  # fmt: skip
        self._insert("core.fact_planned_work", [row])

    def override(self, item: str, site: str, target: str, value: float, day: date, until: date) -> None:
        """A planner's number for a sum, given at noon (UTC) of the day."""
        row = {
            "item_id": self.id_of(item), "site_id": self.id_of(site), "target": target, "value": value,
            "valid_until": until, "created_at": datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
        }  # fmt: skip
        names, values = ", ".join([*row, "created_by"]), ", ".join(f"%({name})s" for name in [*row, "created_by"])
        with Database(self.db.settings, role="nova_owner").connect() as connection:
            user = "INSERT INTO support.users (username, display_name, password_hash, role) VALUES "
            user += "(%(name)s, 'Planner', 'x', 'ANALYST') RETURNING user_id"
            who = connection.execute(user, {"name": f"planner-{item}-{target}".lower()}).fetchone()
            row["created_by"] = who[0]
            connection.execute(
                f"INSERT INTO support.overrides (field, reason, {names}) VALUES ('FORECAST', 'told', {values})",  # noqa: S608
                row,
            )

    def publish(self, names: str, start: date, end: date | None = None) -> None:
        """Publish tables of analytics (and core.dim_calendar) for [start, end), as the graph does: SQL as one window,
        computations day by day or month by month. `names` are separated by blanks."""
        self.flush()
        window = Window(start, end or start + DAY)
        for name in names.split():
            table = catalog.table(name if "." in name else f"analytics.{name}")
            compute = COMPUTE.get(table.qualified)
            if compute is None:
                self._publish(table, window, sql(table.qualified.replace(".", "/")))
                continue
            pieces: list[Window | None] = [Window.day(day) for day in window.days]
            if table.grid is Grid.MONTH:
                pieces = [Window.month_of(month.start) for month in window.months()]
            for piece in [None] if table.window is None else pieces:
                self._publish(table, piece, validated(table, compute(self.db, piece, None)))

    def rows(self, name: str, **where: Any) -> list[dict[str, Any]]:
        """Rows of a table of analytics with item_code and site_code, in the order of its key."""
        table = catalog.table(f"analytics.{name}")
        coded = "item_id" in table.column_names
        codes = ", i.item_code, s.site_code" if coded else ""
        joins = " JOIN core.dim_item i USING (item_id) JOIN core.dim_site s USING (site_id)" if coded else ""
        if name == "lead_time_profiles":
            codes, joins = ", i.item_code", " JOIN core.dim_item i USING (item_id)"
        wanted = " AND ".join(f"{column} = %({column})s" for column in where) or "true"
        query = Query("rows", f"SELECT t.*{codes} FROM {table.qualified} t{joins} WHERE {wanted} ORDER BY "  # noqa: S608
                      + ", ".join(f"t.{column}" for column in table.key))  # fmt: skip
        return self.db.rows(query, **where)

    def _publish(self, table: catalog.Table, window: Window | None, rows: Any) -> None:
        publish(self.db, table, window, rows, run_id="test", code_version="test")

    def _insert(self, name: str, rows: list[dict[str, Any]]) -> None:
        self._waiting += [(name, row) for row in rows]

    def flush(self) -> None:
        """Write the facts given so far: one connection for all of them."""
        rows, self._waiting = self._waiting, []
        with self.db.connect() as connection, connection.cursor() as cursor:
            dated = [(catalog.table(name), row) for name, row in rows if catalog.table(name).partition]
            for name, month in sorted({(table.qualified, row[table.partition].replace(day=1)) for table, row in dated}):
                ensure_partitions(connection, catalog.table(name), Window.month_of(month))
            for (name, columns), group in groupby(rows, key=lambda entry: (entry[0], tuple(entry[1]))):
                values = ", ".join(f"%({column})s" for column in columns)
                cursor.executemany(
                    f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({values})",  # noqa: S608
                    [row for _, row in group],
                )


@pytest.fixture
def company(database: Database) -> Company:
    """An empty company with sites S1 (region R1) and S2 (region R2), materials M1 and M2, service V1, supplier F1."""
    made = Company(database)
    made.region("R1", "BA")
    made.region("R2", "CE")
    made.site("S1", "R1")
    made.site("S2", "R2")
    made.item("M1")
    made.item("M2", unit_cost=100)
    made.item("V1", item_kind="SERVICE")
    made.supplier("F1")
    return made
