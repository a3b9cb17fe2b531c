"""What the pipeline would have concluded about the sample company: plausible rows of its results and of the ledger."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from nova_assets.catalog.kpis import KPIS
from tests.app.sample_master import ITEMS, LEVELS, REGIONS, RUN_ID, ZONE

if TYPE_CHECKING:
    from tests.app.sample import Company


def analytics(company: Company) -> dict[str, list[dict[str, Any]]]:
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
    for as_of in (company.as_of - timedelta(days=1), company.as_of):
        for n, ((item, site), series) in enumerate(zip(company.pairs, company.series, strict=True)):
            _pair(company, rows, as_of, n, item, site, series)
    for item, i in ITEMS.items():
        days = [round(8 + 22 * level, 1) for level in LEVELS]
        rows["analytics.lead_time_profiles"].append(
            {
                "as_of": company.as_of,
                "item_id": company.id[item],
                "supplier_id": company.id[i[9]],
                "stage": "ORDER_TO_RECEIPT",
            }
            | {"receipts": 9, "open_orders": 1, "mean_days": 18.2, "sd_days": 5.1, "quantile_levels": LEVELS}
            | {"quantile_values": days, "borrowed_share": 0.3, "pooled_level": "family", "on_time_share": 0.71}
        )
    _rank_purchases(rows["analytics.recommendations"])
    month = company.as_of.replace(day=1) - timedelta(days=1)
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
                    "mape_count": 60,
                    "loss": pinball * 11.0 * 140,
                    "cost_count": 140,
                }
            )
    return rows


def _rank_purchases(recommendations: list[dict[str, Any]]) -> None:
    """Place of each purchase of a day by avoided cost per R$, and what all up to it cost."""
    for as_of in {row["as_of"] for row in recommendations}:
        bought = [row for row in recommendations if row["as_of"] == as_of and row["action"] == "REORDER"]
        spent = 0.0
        for rank, row in enumerate(sorted(bought, key=lambda r: -r["avoided_cost"] / r["spend"]), start=1):
            spent += row["spend"]
            row |= {"buy_rank": rank, "spend_to_here": spent, "value_per_spend": row["avoided_cost"] / row["spend"]}


def _pair(
    company: Company,
    rows: dict[str, list[dict[str, Any]]],
    as_of: date,
    n: int,
    item: str,
    site: str,
    series: dict[str, Any],
) -> None:
    i = ITEMS[item]
    key = {"as_of": as_of, "item_id": company.id[item], "site_id": company.id[site]}
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
        | {"adi": float(company.days / max((demand > 0).sum(), 1)), "cv2": 0.6, "first_date": company.dates[0]}
        | {
            "last_demand_date": company.dates[-3],
            "days_observed": company.days,
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
            "supplier_id": company.id[i[9]],
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
        (o for o in reversed(company.orders) if (o["item_id"], o["site_id"]) == (key["item_id"], key["site_id"])), None
    )
    rows["analytics.recommendations"].append(
        key
        | {"item_code": item, "site_code": site, "supplier_code": i[9] if urgent else None}
        | {"explanation": "Posição abaixo do ponto de pedido.", "explanation_en": "Position below the reorder point."}
        | {"on_order_approved": 0.0, "on_order_later": 0.0, "on_order_abandoned": 0.0, "carrying_cost_month": 0.0}
        | {"risk_days": 30, "risk_position": position, "risk_probability": risk, "risk_shortage": daily * 6 * risk}
        | {"action": action, "order_ref": f"{order['order_no']}/1" if action == "EXPEDITE" and order else ""}
        | {
            "supplier_id": company.id[i[9]],
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
        | {"buy_rank": None, "spend_to_here": None}
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
    if as_of < company.as_of and n % 5 == 1:
        # Gone on the next day.
        rows["analytics.alerts"].append(
            key
            | {"cause": "EXCESS", "severity": "NORMAL", "probability": None, "expected_date": None}
            | {"value_at_risk": 90.0, "hours_at_risk": 0.0, "details": {"months_of_cover": 14.0}}
        )
    if risk > 0.35 and not (as_of < company.as_of and n % 4 == 0):
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
                "hours_at_risk": daily * 20 * risk * 24,
                "details": details,
            }
        )


def key_figures(company: Company) -> dict[str, list[dict[str, Any]]]:
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
        tail = company.days if dimension == "company" else 95
        for day in company.dates[-tail:]:
            drift = (day - company.dates[0]).days / company.days
            for code, base in (level | scale).items():
                value = float(
                    base
                    * (1 + (0.12 if code != "inventory_value" else -0.12) * (0.5 - drift))
                    * (1 + 0.03 * company.rng.standard_normal())
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


def provenance(company: Company) -> dict[str, list[dict[str, Any]]]:
    loaded = datetime.combine(company.as_of + timedelta(days=1), datetime.min.time(), ZONE).replace(hour=4)
    files, rejects = [], []
    feeds = ("demand", "inventory", "purchase_orders", "items", "sites")
    for number, (feed, back) in enumerate([(f, b) for f in feeds for b in (1, 0)], start=1):
        day = company.as_of - timedelta(days=back)
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
            "windows": f"{{[{company.as_of},{company.as_of + timedelta(days=1)})}}",
            "run_id": RUN_ID,
            "code_version": "sample",
        }
        | {"rows": rows, "mode": "REPLACE", "details": {}, "at": loaded + timedelta(minutes=n)}
        for n, (name, rows) in enumerate(
            (
                ("core.fact_demand_daily", 64),
                ("analytics.forecasts", 144),
                ("analytics.recommendations", 36),
                ("analytics.alerts", 9),
            )
        )
    ]
    checks = [
        {"table_name": name, "check_name": "rules", "passed": True, "severity": "ERROR", "rows": 10, "broken": 0}
        | {"windows": f"{{[{company.as_of},{company.as_of + timedelta(days=1)})}}", "details": "[]", "run_id": RUN_ID}
        for name in ("core.fact_demand_daily", "analytics.forecasts")
    ]
    return {
        "staging.files": files,
        "staging.rejects": rejects,
        "support.materializations": ledger,
        "support.check_results": checks,
    }
