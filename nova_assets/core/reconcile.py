"""Reconciliation of facts with what was landed: nothing lost and nothing invented between staging and core.

The queries under sql/core/checks count anew and share nothing with the statements that fill the facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nova_resources.postgres import Database
from nova_resources.sql_library import sql
from nova_resources.tables import Window

FACTS = ("fact_demand_daily", "fact_inventory_daily", "fact_orders", "fact_planned_work", "fact_external_daily")


@dataclass(frozen=True, slots=True)
class Difference:
    """A day on which a measure of the landed rows and of the published ones differ."""

    day: date
    measure: str
    landed: Decimal
    published: Decimal


def reconcile(db: Database, fact: str, window: Window) -> list[Difference]:
    """Every difference of one of `FACTS` in a window of its business dates, by day; empty when all is well."""
    rows = db.rows(sql(f"core/checks/{fact}"), window_start=window.start, window_end=window.end)
    return [Difference(**row) for row in rows]
