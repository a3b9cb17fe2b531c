"""A small company in a migrated database: everything that the screens read, plausible and always the same.

Numbers are drawn, not computed by the pipeline: what is tested with them is that the screens show what the tables hold.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import psycopg
import pyarrow as pa

from nova_assets.catalog import table
from nova_assets.catalog.kpis import KPIS
from nova_resources.postgres import Database, copy_in
from nova_resources.settings import Settings

AS_OF = date(2026, 11, 20)
DAYS = 400
RUN_ID = "7f3a19c2-0b7d-4c7e-9a55-5f2f6a1d0001"
LEVELS = [
    0.01,
    0.025,
    0.05,
    0.1,
    0.2,
    0.25,
    0.3,
    0.4,
    0.5,
    0.6,
    0.7,
    0.75,
    0.8,
    0.85,
    0.9,
    0.925,
    0.95,
    0.975,
    0.98,
    0.99,
    0.995,
]
ZONE = ZoneInfo("America/Bahia")

REGIONS = {
    "SSA": ("Salvador e Recôncavo", "BA"),
    "REC": ("Recife", "PE"),
    "FOR": ("Fortaleza", "CE"),
    "SAO": ("São Paulo", "SP"),
    "BHZ": ("Belo Horizonte", "MG"),
}
SITES = {
    "SSA-01": ("Salvador Central", "SSA", -12.97, -38.50),
    "SSA-02": ("Lauro de Freitas", "SSA", -12.89, -38.32),
    "SSA-03": ("Feira de Santana", "SSA", -12.26, -38.96),
    "REC-01": ("Recife", "REC", -8.05, -34.90),
    "REC-02": ("Caruaru", "REC", -8.28, -35.97),
    "FOR-01": ("Fortaleza", "FOR", -3.73, -38.52),
    "SAO-01": ("Guarulhos", "SAO", -23.45, -46.53),
    "SAO-02": ("Campinas", "SAO", -22.90, -47.06),
    "BHZ-01": ("Contagem", "BHZ", -19.93, -44.05),
}
SUPPLIERS = {
    "F001": ("Moura Energia", "DOMESTIC"),
    "F002": ("RF Conectores", "DOMESTIC"),
    "F003": ("Delta Power", "IMPORT"),
    "F004": ("Huber Antenas", "HYBRID"),
}
# code: name, family, unit, cost, criticality, demand class, ABC, events per month, mean size, supplier
ITEMS: dict[str, tuple[str, str, str, float, int, str, str, float, float, str]] = {
    "021.104": ("Bateria VRLA 12V 150Ah", "Energia", "UN", 1180.0, 9, "intermittent", "A", 2.2, 2.2, "F001"),
    "021.233": ("Retificador 48V 50A", "Energia", "UN", 2950.0, 9, "lumpy", "A", 0.9, 1.6, "F003"),
    "033.010": ("Conector RF N-macho", "Conectores", "UN", 22.5, 7, "erratic", "B", 9.0, 14.0, "F002"),
    "033.018": ("Conector 7/16 DIN", "Conectores", "UN", 31.9, 6, "smooth", "B", 12.0, 8.0, "F002"),
    "041.500": ('Cabo coaxial 1/2" super flex', "Cabos", "M", 18.4, 5, "smooth", "A", 14.0, 42.0, "F002"),
    "041.512": ("Cabo de fibra 12FO", "Cabos", "M", 6.7, 5, "erratic", "B", 6.0, 220.0, "F004"),
    "052.077": ("Antena painel 65° 18dBi", "Antenas", "UN", 3620.0, 8, "lumpy", "A", 0.6, 1.4, "F004"),
    "052.090": ("Suporte de antena 2 m", "Antenas", "UN", 240.0, 4, "intermittent", "C", 1.3, 2.0, "F004"),
    "060.001": ("Lâmpada de balizamento LED", "Balizamento", "UN", 389.0, 10, "intermittent", "B", 2.6, 1.5, "F003"),
    "060.009": ("Fotocélula 220V", "Balizamento", "UN", 48.0, 6, "intermittent", "C", 1.8, 1.7, "F003"),
    "070.400": ("Filtro de ar-condicionado 1 TR", "Climatização", "UN", 57.0, 3, "smooth", "C", 10.0, 3.0, "F001"),
    "070.455": (
        "Compressor rotativo 9.000 BTU",
        "Climatização",
        "UN",
        910.0,
        7,
        "single_event",
        "C",
        0.15,
        1.0,
        "F001",
    ),
}


def fill(settings: Settings, as_of: date = AS_OF, days: int = DAYS) -> None:
    """Write the sample into the database of `settings`, which must be migrated and empty."""
    rng = np.random.default_rng(7)
    etl, owner = Database(settings, role="nova_etl"), Database(settings, role="nova_owner")
    with etl.connect() as connection:
        company = _Company(connection, as_of, days, rng)
        for name, rows in company.tables().items():
            _write(connection, name, rows)
    with owner.connect(autocommit=True) as connection:
        for view in ("mv_item_sites_latest", "mv_forecasts_latest", "mv_kpis_latest", "mv_alerts_open"):
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


class _Company:
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
        return self._dimensions() | self._facts() | self._analytics() | self._kpis() | self._provenance()

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

    def _analytics(self) -> dict[str, list[dict[str, Any]]]:
        names = (
            "demand_classes",
            "features_store",
            "forecasts",
            "forecast_paths",
            "stock_policies",
            "recommendations",
            "alerts",
            "lead_time_profiles",
            "model_selection",
            "backtests",
        )
        rows: dict[str, list[dict[str, Any]]] = {f"analytics.{name}": [] for name in names}
        for as_of in (self.as_of - timedelta(days=1), self.as_of):
            for n, ((item, site), series) in enumerate(zip(self.pairs, self.series, strict=True)):
                self._pair(rows, as_of, n, item, site, series)
        for item, i in ITEMS.items():
            days = [round(8 + 22 * level, 1) for level in LEVELS]
            rows["analytics.lead_time_profiles"].append(
                {
                    "as_of": self.as_of,
                    "item_id": self.id[item],
                    "supplier_id": self.id[i[9]],
                    "stage": "ORDER_TO_RECEIPT",
                }
                | {"receipts": 9, "open_orders": 1, "mean_days": 18.2, "sd_days": 5.1, "quantile_levels": LEVELS}
                | {"quantile_values": days, "borrowed_share": 0.3, "pooled_level": "family", "on_time_share": 0.71}
            )
        month = self.as_of.replace(day=1) - timedelta(days=1)
        for target in ("PROTECTION", "D30"):
            rows["analytics.model_selection"].append(
                {"as_of": month, "target": target, "demand_class": "*", "family": "*", "model": "pooled_empirical"}
                | {"gain_over_naive": 0.34, "gain_over_zero": 0.41, "evidence": {"origins": 4}}
            )
            for model, pinball in (("pooled_empirical", 0.52), ("tsb", 0.61), ("naive", 0.79), ("zero", 0.88)):
                rows["analytics.backtests"].append(
                    {"as_of": month, "target": target, "model": model, "demand_class": "*", "family": "*", "origins": 4}
                    | {"series": 140, "mean_demand": 11.0, "pinball": pinball, "pinball_se": 0.02, "coverage_50": 0.52}
                    | {
                        "coverage_90": 0.9,
                        "coverage_95": 0.95,
                        "coverage_99": 0.99,
                        "bias": 0.01,
                        "wape": 0.6,
                        "rmsse": 0.9,
                    }
                )
        return rows

    def _pair(
        self, rows: dict[str, list[dict[str, Any]]], as_of: date, n: int, item: str, site: str, series: dict[str, Any]
    ) -> None:
        i = ITEMS[item]
        key = {"as_of": as_of, "item_id": self.id[item], "site_id": self.id[site]}
        demand, stock = series["demand"], series["stock"]
        daily = float(demand[-180:].mean())
        on_hand, late = float(stock[-1]), n % 7 == 0
        position = on_hand + series["waiting"]
        risk = float(np.clip(1 - on_hand / max(series["reorder"], 1.0), 0.01, 0.97))
        cost = float(i[3])
        rows["analytics.demand_classes"].append(
            key
            | {
                "demand_class": i[5],
                "abc_class": i[6],
                "events": int((demand > 0).sum()),
                "total_quantity": float(demand.sum()),
            }
            | {"adi": float(self.days / max((demand > 0).sum(), 1)), "cv2": 0.6, "first_date": self.dates[0]}
            | {
                "last_demand_date": self.dates[-3],
                "days_observed": self.days,
                "days_stocked_out": int((np.array(stock) == 0).sum()),
            }
            | {"value_365": float(demand[-365:].sum()) * cost}
        )
        rows["analytics.features_store"].append(
            key
            | {
                "schema_version": 1,
                "features": {"recency_days": 3, "rate_90": daily, "adi": 4.2, "rain_7d_mm": 31.5, "usd_brl": 5.41},
            }
        )
        for target, horizon in (("PROTECTION", series["lead"] + 7.0), ("D30", 30.0), ("D60", 60.0), ("D90", 90.0)):
            mean = daily * horizon
            values = [float(np.ceil(mean * (0.2 + 2.1 * level**2))) for level in LEVELS]
            rows["analytics.forecasts"].append(
                key
                | {"target": target, "horizon_days": horizon, "model": "pooled_empirical", "mean": mean}
                | {"quantile_levels": LEVELS, "quantile_values": values, "borrowed_share": 0.4}
            )
        week = daily * 7
        steps = {
            name: [round(week * factor, 2)] * 13
            for name, factor in (("p05", 0.1), ("p25", 0.5), ("p50", 0.9), ("p75", 1.4), ("p95", 2.4))
        }
        rows["analytics.forecast_paths"].append(
            key | {"model": "pooled_empirical", "step_days": 7, "mean": [week] * 13} | steps
        )
        rows["analytics.stock_policies"].append(
            key
            | {
                "supplier_id": self.id[i[9]],
                "service_level": 0.95,
                "review_days": 7.0,
                "lead_time_days": float(series["lead"]),
            }
            | {
                "protection_days": series["lead"] + 7.0,
                "reorder_point": series["reorder"],
                "safety_stock": series["reorder"] - daily * series["lead"],
            }
            | {"order_up_to": series["target"], "min_order_qty": 2.0, "order_multiple": 1.0, "unit_cost": cost}
            | {"holding_cost_unit_day": cost * 0.2 / 365, "shortage_cost_unit": cost * 2.5, "unmet_demand": "BACKORDER"}
            | {"terms": {"service_level": {"value": 0.95, "source": "rule", "scope": "criticality>=8"}}}
        )
        action = "EXPEDITE" if late and series["waiting"] else "REORDER" if position <= series["reorder"] else "HOLD"
        quantity = (
            max(series["target"] - position, 1.0)
            if action == "REORDER"
            else series["waiting"]
            if action == "EXPEDITE"
            else 0.0
        )
        urgent = action != "HOLD"
        order = next(
            (o for o in reversed(self.orders) if (o["item_id"], o["site_id"]) == (key["item_id"], key["site_id"])), None
        )
        rows["analytics.recommendations"].append(
            key
            | {"action": action, "order_ref": f"{order['order_no']}/1" if action == "EXPEDITE" and order else ""}
            | {
                "supplier_id": self.id[i[9]],
                "quantity": quantity,
                "order_by": as_of + timedelta(days=n % 9) if urgent else None,
            }
            | {"arrive_by": as_of + timedelta(days=series["lead"]) if urgent else None}
            | {"priority": ("CRITICAL" if risk > 0.6 else "HIGH" if risk > 0.3 else "MEDIUM") if urgent else "LOW"}
            | {
                "position": position,
                "on_hand": on_hand,
                "on_order": series["waiting"],
                "on_order_late": 0.0,
                "reserved": 0.0,
                "backorder": 0.0,
            }
            | {"stockout_probability": risk, "stockout_probability_after": risk * 0.1 if urgent else risk}
            | {
                "expected_shortage": daily * 6 * risk,
                "expected_shortage_after": daily * risk * 0.4 if urgent else daily * 6 * risk,
            }
            | {
                "spend": quantity * cost if action == "REORDER" else 0.0,
                "avoided_cost": daily * 12 * risk * cost if urgent else 0.0,
            }
            | {"value_per_spend": 2.4 if action == "REORDER" else None}
            | {
                "terms": {
                    "protection_days": series["lead"] + 7,
                    "service_level": 0.95,
                    "protection_quantile": series["reorder"],
                    "model": "pooled_empirical",
                }
            }
            | {
                "flips": json.dumps(
                    [
                        {
                            "input": "lead_time_days",
                            "now": series["lead"],
                            "flips_at": max(series["lead"] - 5, 1),
                            "to_action": "HOLD",
                        }
                    ]
                )
            }
        )
        if risk > 0.35 and not (as_of < self.as_of and n % 4 == 0):
            cause = "STOCKED_OUT" if on_hand == 0 else "LATE_ORDER" if action == "EXPEDITE" else "STOCKOUT_RISK"
            details = (
                {"order_no": order["order_no"], "days_late": 6, "quantity": quantity}
                if cause == "LATE_ORDER" and order
                else {"on_hand": on_hand, "mean_30": daily * 30}
            )
            rows["analytics.alerts"].append(
                key
                | {"cause": cause, "severity": "CRITICAL" if risk > 0.6 else "WARNING", "probability": risk}
                | {
                    "expected_date": as_of + timedelta(days=5),
                    "value_at_risk": daily * 20 * risk * cost,
                    "details": details,
                }
            )

    def _kpis(self) -> dict[str, list[dict[str, Any]]]:
        definitions = [
            {"kpi_code": k.code, "position": n, "name_pt": k.name_pt, "name_en": k.name_en, "numerator": k.numerator}
            | {"denominator": k.denominator, "basis": k.basis, "null_rule": k.null_rule, "unit": k.unit}
            | {"lower_is_better": k.lower_is_better, "target": k.target}
            for n, k in enumerate(KPIS)
        ]
        level = {"stockout_rate": 0.031, "fill_rate": 0.958, "delayed_orders": 0.054, "a_items_covered": 0.979}
        scale = {"inventory_value": 1.92e6, "carrying_cost": 3.3e4, "turns": 3.4, "demand_quantity": 640.0}
        cuts = [
            ("company", "*"),
            *(("region", code) for code in REGIONS),
            *(("family", f) for f in sorted({i[1] for i in ITEMS.values()})),
        ]
        rows = []
        for dimension, member in cuts:
            tail = self.days if dimension == "company" else 95
            for day in self.dates[-tail:]:
                drift = (day - self.dates[0]).days / self.days
                for code, base in (level | scale).items():
                    value = float(
                        base
                        * (1 + (0.12 if code != "inventory_value" else -0.12) * (0.5 - drift))
                        * (1 + 0.03 * self.rng.standard_normal())
                    )
                    value = min(value, 0.999) if code in level else value
                    share = code in level
                    rows.append(
                        {"as_of": day, "kpi_code": code, "dimension": dimension, "member": member}
                        | {
                            "numerator": round(value * 1000, 6) if share else round(value, 6),
                            "denominator": 1000.0 if share else None,
                            "value": round(value, 8),
                        }
                    )
        return {"analytics.kpi_definitions": definitions, "analytics.kpis_daily": rows}

    def _provenance(self) -> dict[str, list[dict[str, Any]]]:
        loaded = datetime.combine(self.as_of + timedelta(days=1), datetime.min.time(), ZONE).replace(hour=4)
        files, rejects = [], []
        feeds = ("demand", "inventory", "purchase_orders", "items", "sites")
        for number, (feed, back) in enumerate([(f, b) for f in feeds for b in (1, 0)], start=1):
            day = self.as_of - timedelta(days=back)
            bad = 3 if feed == "demand" else 0
            files.append(
                {
                    "file_id": number,
                    "feed": feed,
                    "path": f"{feed}/{day}.csv",
                    "file_date": day,
                    "part": None,
                    "checksum": f"{number:064x}",
                }
                | {
                    "size_bytes": 4096,
                    "format": "csv",
                    "dialect": {"delimiter": ";"},
                    "mapping": None,
                    "rows_in": 500 + number,
                }
                | {"rows_accepted": 500 + number - bad, "rows_rejected": bad, "status": "LOADED", "replaced_by": None}
                | {"run_id": RUN_ID, "loaded_at": loaded - timedelta(days=back)}
            )
            rejects += [
                {
                    "file_id": number,
                    "feed": feed,
                    "line_no": 10 + k,
                    "reason_code": "unreadable_date",
                    "column_name": "date",
                }
                | {"detail": "31/02/2026", "raw": "31/02/2026;021.104;SSA-02;4,0"}
                for k in range(bad)
            ]
        ledger = [
            {
                "table_name": name,
                "windows": f"{{[{self.as_of},{self.as_of + timedelta(days=1)})}}",
                "run_id": RUN_ID,
                "code_version": "sample",
            }
            | {"rows": rows, "mode": "REPLACE", "details": {}, "at": loaded + timedelta(minutes=n)}
            for n, (name, rows) in enumerate(
                (("core.fact_demand_daily", 64), ("analytics.forecasts", 144), ("analytics.recommendations", 36))
            )
        ]
        return {"staging.files": files, "staging.rejects": rejects, "support.materializations": ledger}
