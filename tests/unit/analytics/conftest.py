"""Rows as the inputs of the computations give them, with defaults that a test changes where it matters."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from nova_assets.analytics.decisions import Case
from nova_assets.science.quantiles import GRID

AS_OF = date(2026, 11, 20)


@pytest.fixture
def make_case():
    """Case of a material with reorder point 10, order-up-to 19, demand uniform between 0 and 10 in 30 days."""

    def make(
        late: list[dict] | None = None,
        coming: list[dict] | None = None,
        demand: Any = None,
        method: str = "QUANTILE",
        service_level: dict | None = None,
        unit_price: float | None = 40.0,
        **given: Any,
    ) -> Case:
        row = {
            "item_id": 1, "site_id": 2, "item_code": "M1", "site_code": "S1", "region_code": "R1", "active": True,
            "item_active": True, "successor_code": None, "demand_class": "lumpy", "first_date": date(2025, 1, 1),
            "last_demand_date": date(2026, 11, 1), "demand_day_90": 5 / 30, "risk_days": 30, "risk_position": 12.0,
            "risk_probability": 0.0, "risk_shortage": 0.0, "on_order_approved": 0.0,
            "criticality": 5.0, "supplier_id": 7, "supplier_code": "F1",
            "stock_date": AS_OF, "on_hand": 12.0, "reserved": 0.0, "backorder": 0.0, "on_order": 0.0,
            "on_order_late": 0.0, "on_order_later": 0.0, "on_order_abandoned": 0.0, "reorder_point": 10.0,
            "order_up_to": 19.0, "min_order_qty": 0.0, "order_multiple": 0.0, "max_stock": None,
            "supplier_min_value": None, "service_level": 0.95,
            "lead_time_days": 20.0, "review_days": 10.0, "unmet_demand": "BACKORDER",
            "protection_days": 30.0, "unit_cost": 50.0,
            "holding_cost_unit_day": 0.01, "shortage_cost_unit": 20.0, "mean": 5.0, "mean_30": 5.0, "model": "tsb",
            "abc_class": "C", "override_id": None, "baseline_mean": 5.0,
        }  # fmt: skip
        terms = {
            "unit_price": {"value": unit_price}, "method": {"value": method}, "model": {"value": "tsb"},
            "fixed_order_cost": {"value": 80.0}, "service_level": service_level or {"value": 0.95, "source": "default"},
        }  # fmt: skip
        row |= given | {"terms": json.dumps(terms)}
        row["on_order_late"] = sum(order["remaining"] for order in late or [])
        on_the_way = row["on_order"] + row["on_order_approved"]
        position = row["on_hand"] + on_the_way - row["reserved"] - row["backorder"]
        row |= {"position": position, "supply": position + row["on_order_late"]}
        values = 10 * np.asarray(GRID) if demand is None else np.asarray(demand, dtype=float)
        return Case(AS_OF, row, values, late or [], coming or [])

    return make


@pytest.fixture
def late_order():
    """An open order that is past its promised day."""

    def make(reference: str, remaining: float, days_late: int = 3) -> dict:
        due = date.fromordinal(AS_OF.toordinal() - days_late)
        return {
            "order_ref": reference,
            "remaining": remaining,
            "due": due,
            "state": "LATE",
            "supplier_id": 9,
            "supplier_code": "F9",
        }

    return make


@pytest.fixture
def pairs():
    """Item-sites as inputs/item_sites.sql gives them."""

    def make(*rows: dict[str, Any]) -> pl.DataFrame:
        base = {
            "item_id": 1, "site_id": 1, "item_code": "M1", "site_code": "S1", "family": "F", "abc_class": "C",
            "demand_class": "lumpy", "criticality": 5.0, "unit_cost": 10.0, "active": True,
        }  # fmt: skip
        full = [base | {"series_id": f"s{n}"} | row for n, row in enumerate(rows)]
        return pl.DataFrame(full, infer_schema_length=None)

    return make


@pytest.fixture
def rules():
    """Planning rules as inputs/planning_rules.sql gives them."""
    texts = dict.fromkeys(("item_code", "family", "abc_class", "site_code", "unmet_demand"), pl.String)
    numbers = dict.fromkeys(
        (
            "criticality_min", "service_level", "review_days", "lead_time_days", "holding_rate_year",
            "holding_cost_unit_day", "shortage_cost_unit", "fixed_order_cost", "max_stock",
        ),
        pl.Float64,
    )  # fmt: skip

    def make(*rows: dict[str, Any]) -> pl.DataFrame:
        schema = {"rule_id": pl.Int64, "specificity": pl.Int64, **texts, **numbers}
        full = [dict.fromkeys(schema) | {"rule_id": n + 1, "specificity": 0} | row for n, row in enumerate(rows)]
        return pl.DataFrame(full, schema=schema)

    return make
