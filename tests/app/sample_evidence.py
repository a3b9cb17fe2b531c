"""What the pipeline would have found out about its own advice: value added, verdicts, scores, replays, suppliers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.app.sample_master import SUPPLIERS

if TYPE_CHECKING:
    from tests.app.sample import Company

Rows = list[dict[str, Any]]
STEPS = (("zero", 0.88), ("naive", 0.79), ("selected", 0.52), ("override", 0.55))


def evidence(company: Company) -> dict[str, Rows]:
    """Rows by table."""
    return {
        "analytics.forecast_value_added": _staircase(company),
        "analytics.forecast_corrections": _corrections(company),
        "analytics.supplier_scorecard": _scorecard(company),
        "analytics.decision_replay": _replay(company),
        "analytics.alert_scores": _alert_scores(company),
    }


def _month(company: Company):
    return company.as_of.replace(day=1) - timedelta(days=1)


def _staircase(company: Company) -> Rows:
    rows: Rows = []
    for target in ("PROTECTION", "D30"):
        for n, (step, loss) in enumerate(STEPS):
            before = STEPS[n - 1][1] if n else None
            rows.append(
                {"as_of": _month(company), "target": target, "demand_class": "*", "step": step, "position": n + 1}
                | {"forecasts": 140, "pinball": loss, "previous_pinball": before, "cost": 1000 * loss}
                | {"value_added": 1 - loss / before if before else None}
                | {"previous_cost": 1000 * before if before else None}
            )
    return rows


def _corrections(company: Company) -> Rows:
    return [
        {"as_of": _month(company), "target": target, "correction": name, "kind": kind, "kept": gain > 0.01}
        | {"pinball_without": 0.52, "pinball_with": 0.52 * (1 - gain), "gain": gain, "gain_se": 0.009}
        | {"origins": 4, "forecasts": 140, "evidence": {}}
        for target in ("PROTECTION", "D30")
        for name, kind, gain in (
            ("planned_work", "DRIVER", 0.06),
            ("weather", "DRIVER", -0.01),
            ("item", "HIERARCHY", 0.0),
        )
    ]


def _scorecard(company: Company) -> Rows:
    return [
        {
            "as_of": company.as_of - timedelta(days=back),
            "supplier_id": company.id[code],
            "orders": 20 + n,
            "receipts": 18,
        }
        | {
            "open_orders": 2 + n,
            "late_orders": n % 2,
            "on_time_share": 0.7 + n / 20 + back / 300,
            "quantity_accuracy": 0.97,
        }
        | {"promised_days": 14.0, "mean_days": 18.2 + n, "p50_days": 16.0 + n, "p90_days": 27.0, "p95_days": 33.0}
        | {"price_drift": 0.012 * n}
        for back in (0, 30)
        for n, code in enumerate(SUPPLIERS)
    ]


def _replay(company: Company) -> Rows:
    rows: Rows = []
    for n, (item, site) in enumerate(company.pairs):
        for back in (3, 40):
            ended = company.as_of - timedelta(days=back)
            rows.append(
                {"as_of": ended, "decided_on": ended - timedelta(days=30), "action": "REORDER", "order_ref": ""}
                | {
                    "item_id": company.id[item],
                    "site_id": company.id[site],
                    "actual_demand": 5.0 + n,
                    "rule_quantity": 9.0,
                }
                | {"shortage_without": 3.0, "shortage_with": 0.5, "shortage_rule": 1.0, "shortage_actual": 1.5}
                | {
                    "stockout_days_without": 9,
                    "stockout_days_with": 1,
                    "stockout_days_rule": 3,
                    "stockout_days_actual": 4,
                }
                | {"cost_without": 900.0 + n, "cost_with": 200.0, "cost_rule": 350.0, "cost_actual": 500.0}
            )
    return rows


def _alert_scores(company: Company) -> Rows:
    """Two alerts of each pair, a share of them come true that grows with the probability told."""
    return [
        {"as_of": company.as_of - timedelta(days=3 + back), "alerted_on": company.as_of - timedelta(days=33 + back)}
        | {"item_id": company.id[item], "site_id": company.id[site], "horizon_days": 30}
        | {"probability": 0.05 + 0.9 * (n % 10) / 10, "position": 4.0, "actual_demand": 6.0}
        | {"came_true": (7 * n + back) % 10 < n % 10}
        for back in (0, 40)
        for n, (item, site) in enumerate(company.pairs)
    ]
