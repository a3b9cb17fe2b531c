"""What to do and how it turned out: recommendations, alerts, key figures, and the scores of forecasts and decisions.

The first ten columns of `recommendations` are a contract with whoever reads an export of it.
"""

from __future__ import annotations

from nova_assets.catalog.analytics import (
    ACTIONS,
    ALERT_CAUSES,
    DIMENSIONS,
    PRIORITIES,
    SEVERITIES,
    TARGETS,
    as_of_table,
    measure,
    money,
    probability,
)
from nova_assets.catalog.core import item_id, quantity, site_id, supplier_id
from nova_resources.tables import Column, Reach, Rule, Stage, Upstream

RECOMMENDATIONS = as_of_table(
    "recommendations",
    "What to do about each item-site today, how much of it, by when, and every number that this came from.",
    "one row per day, material, site, action and order concerned ('' where none is)",
    Stage.PLANNING,
    (
        Column("item_code", "text", "Code of the material."),
        Column("site_code", "text", "Code of the site."),
        Column("action", "text", "What to do.", values=ACTIONS),
        Column("quantity", "double precision", "How much; 0 for HOLD.", unit="units", minimum=0),
        Column("supplier_code", "text", "Supplier to buy from or to press.", nullable=True),
        Column("order_by", "date", "Last day to act.", nullable=True),
        Column("arrive_by", "date", "Day on which the material should arrive.", nullable=True),
        Column("priority", "text", "How urgent.", values=PRIORITIES),
        Column("explanation", "text", "The calculation in words, in Portuguese."),
        Column("explanation_en", "text", "The same in English."),
        item_id(),
        site_id(),
        supplier_id(nullable=True),
        Column("order_ref", "text", "Order line to expedite as order_no/line_no, or ''."),
        Column("from_site_code", "text", "Site that gives, for REALLOCATE.", nullable=True),
        Column("substitute_code", "text", "Material used instead, for SUBSTITUTE.", nullable=True),
        measure("position", "On hand + on order in the window + approved - reserved - backorder.", unit="units"),
        quantity("on_hand", "Quantity on the shelf."),
        quantity("on_order", "Open orders expected inside the protection period."),
        measure("on_order_approved", "Approved but not yet in the ERP; negative for what a site gives.", unit="units"),
        quantity("on_order_late", "Open orders past their promised day, left out of the position."),
        quantity("on_order_later", "Open orders expected after the protection period, left out of the position."),
        quantity("on_order_abandoned", "Open orders so late that they count for nothing."),
        quantity("reserved", "Quantity promised already."),
        quantity("backorder", "Quantity owed."),
        probability("stockout_probability", "Probability of a stock-out in the protection period, without acting."),
        probability("stockout_probability_after", "The same after acting."),
        measure("expected_shortage", "Expected units short without acting.", unit="units"),
        measure("expected_shortage_after", "The same after acting.", unit="units"),
        Column("risk_days", "integer", "First of 30, 60, 90 days that covers the lead time.", unit="days", minimum=1),
        measure("risk_position", "On hand + approved + due in those days, late orders left out - owed.", unit="units"),
        probability("risk_probability", "Probability that the demand of those days exceeds it."),
        measure("risk_shortage", "Expected units short in those days.", unit="units"),
        money("spend", "Cost of the material to buy, or of the transfer."),
        money("avoided_cost", "Expected cost avoided, less the holding cost added."),
        measure("value_per_spend", "Avoided cost over spend.", nullable=True),
        Column("buy_rank", "integer", "Place among the REORDER rows by avoided cost per R$.", nullable=True, minimum=1),
        money("spend_to_here", "Spend of all rows up to this place: a budget cuts the list here.", nullable=True),
        measure("months_of_cover", "Months that the shelf lasts at the forecast; NULL without demand.", nullable=True),
        money("carrying_cost_month", "Holding what is too much for a month; 0 where nothing is."),
        Column("terms", "jsonb", "Inputs, dates, model, rule and formula terms of the decision."),
        Column("flips", "jsonb", "Smallest change of each input that would turn the decision."),
    ),
    ("item_id", "site_id", "action", "order_ref"),
    (
        Upstream("analytics.stock_policies"),
        Upstream("analytics.forecasts"),
        Upstream("analytics.forecast_overrides"),
        Upstream("analytics.demand_classes"),
        Upstream("core.fact_inventory_daily", Reach.UNTIL),
        Upstream("core.fact_orders", Reach.UNTIL),
        Upstream("core.dim_item", Reach.ALL),
        Upstream("core.dim_site", Reach.ALL),
    ),
    kinds=("postgres", "python"),
)

ALERTS = as_of_table(
    "alerts",
    "What needs a person's attention on the date, one per material, site and cause, with what is at stake.",
    "one row per day, material, site and cause",
    Stage.PLANNING,
    (
        item_id(),
        site_id(),
        Column("cause", "text", "What is wrong.", values=ALERT_CAUSES),
        Column("severity", "text", "How bad it is.", values=SEVERITIES),
        probability("probability", "Probability that it comes true within horizon_days.", nullable=True),
        Column("horizon_days", "integer", "Days that the probability is about.", nullable=True, unit="days"),
        Column("expected_date", "date", "Day on which it is expected.", nullable=True),
        money("value_at_risk", "Expected cost of doing nothing until help could come."),
        measure("hours_at_risk", "Expected hours of waiting for the material, of all units short.", unit="hours"),
        Column("details", "jsonb", "Numbers that the message is made of."),
    ),
    ("item_id", "site_id", "cause"),
    (
        Upstream("analytics.recommendations"),
        Upstream("analytics.stock_policies"),
        Upstream("analytics.forecasts"),
        Upstream("analytics.forecast_overrides"),
        Upstream("core.fact_demand_daily", Reach.UNTIL),
        Upstream("core.fact_inventory_daily", Reach.UNTIL),
        Upstream("core.fact_orders", Reach.UNTIL),
        Upstream("core.dim_item", Reach.ALL),
        Upstream("core.dim_supplier", Reach.ALL),
    ),
)

KPIS_DAILY = as_of_table(
    "kpis_daily",
    "Key figures by day with numerator and denominator, for the company and by region, family, ABC class and site.",
    "one row per day, key figure, dimension and member ('*' for the company)",
    Stage.KPIS,
    (
        Column("kpi_code", "text", "Key figure of the KPI dictionary."),
        Column("dimension", "text", "What the figure is cut by.", values=DIMENSIONS),
        Column("member", "text", "Member of the dimension, or '*'."),
        Column("numerator", "numeric(24,6)", "Numerator of the definition."),
        Column("denominator", "numeric(24,6)", "Denominator; NULL where the figure is a plain sum.", nullable=True),
        Column("value", "numeric(24,10)", "Numerator over denominator; NULL where that is undefined.", nullable=True),
    ),
    ("kpi_code", "dimension", "member"),
    (
        Upstream("core.fact_demand_daily", Reach.UNTIL),
        Upstream("core.fact_inventory_daily", Reach.UNTIL),
        Upstream("core.fact_orders", Reach.UNTIL),
        Upstream("analytics.demand_classes"),
        Upstream("analytics.forecast_scores", Reach.UNTIL),
        Upstream("analytics.recommendations", Reach.UNTIL),
        Upstream("analytics.decision_replay", Reach.UNTIL),
        Upstream("core.dim_item", Reach.ALL),
        Upstream("core.dim_site", Reach.ALL),
        Upstream("core.dim_region", Reach.ALL),
        Upstream("support.planning_rules", Reach.ALL),
    ),
)

FORECAST_SCORES = as_of_table(
    "forecast_scores",
    "Each forecast of a fixed sum beside what came, once its last day is over.",
    "one row per day, target, material and site",
    Stage.KPIS,
    (
        Column("target", "text", "Sum that was forecast.", values=TARGETS),
        item_id(),
        site_id(),
        Column("forecast_as_of", "date", "Date that the forecast stood on."),
        Column("horizon_days", "integer", "Days summed.", unit="days", minimum=1),
        Column("unobserved_days", "integer", "Days of them without stock on which nothing was handed out.", minimum=0),
        measure("recorded", "Demand as recorded.", unit="units"),
        measure("actual", "Demand of the observed days, scaled up to all days.", nullable=True, unit="units"),
        measure("naive", "Demand of as many days before the forecast: the naive forecast.", unit="units"),
        measure("p50", "Median that was forecast.", unit="units"),
        measure("p90", "0.9 quantile that was forecast.", unit="units"),
    ),
    ("target", "item_id", "site_id"),
    (
        Upstream("analytics.forecasts", Reach.UNTIL),
        Upstream("core.fact_demand_daily", Reach.UNTIL),
        Upstream("core.fact_inventory_daily", Reach.UNTIL),
    ),
)

CALIBRATION = as_of_table(
    "calibration",
    "Score of the forecasts whose period ended on the date: how many actual sums fell at or below each quantile.",
    "one row per day, target, demand class and level",
    Stage.KPIS,
    (
        Column("target", "text", "Sum that was forecast.", values=TARGETS),
        Column("demand_class", "text", "Demand class when the forecast was made."),
        probability("level", "Probability of the quantile."),
        Column("forecast_as_of", "date", "Date that the forecast stood on."),
        Column("series", "integer", "Item-sites scored.", minimum=1),
        Column("at_or_below", "integer", "Actual sums at or below the quantile.", minimum=0),
        measure("pinball", "Mean pinball loss at the level.", unit="units"),
    ),
    ("target", "demand_class", "level"),
    (
        Upstream("analytics.forecast_scores"),
        Upstream("analytics.forecasts", Reach.UNTIL),
        Upstream("analytics.demand_classes", Reach.UNTIL),
    ),
    rules=(Rule("covered_within_series", "at_or_below <= series", "No more hits than series."),),
)

ALERT_SCORES = as_of_table(
    "alert_scores",
    "Each stock-out alert beside what came, once the days that its probability was about are over.",
    "one row per day, date of the alert, material and site",
    Stage.KPIS,
    (
        Column("alerted_on", "date", "Date of the alert."),
        item_id(),
        site_id(),
        Column("horizon_days", "integer", "Days that the probability was about.", unit="days", minimum=1),
        probability("probability", "Probability that was told."),
        measure("position", "What was there or due in those days, late orders left out.", unit="units"),
        measure("actual_demand", "Demand that came, scaled up for days without sight of it.", unit="units"),
        Column("came_true", "boolean", "True where the demand exceeded the position."),
    ),
    ("alerted_on", "item_id", "site_id"),
    (
        Upstream("analytics.alerts", Reach.UNTIL),
        Upstream("analytics.forecast_scores"),
        Upstream("analytics.recommendations", Reach.UNTIL),
        Upstream("core.fact_demand_daily", Reach.UNTIL),
        Upstream("core.fact_inventory_daily", Reach.UNTIL),
    ),
)

_WAYS = {
    "without": "had nothing been done",
    "with": "with the recommendation",
    "rule": "had the old min/max rule decided",
    "actual": "with what was done in fact",
}

DECISION_REPLAY = as_of_table(
    "decision_replay",
    "Outcome of each recommendation once its protection period is over, against nothing, the old rule and the facts.",
    "one row per day, decision date, material, site, action and order concerned",
    Stage.KPIS,
    (
        Column("decided_on", "date", "Date of the recommendation."),
        item_id(),
        site_id(),
        Column("action", "text", "What was recommended.", values=ACTIONS),
        Column("order_ref", "text", "Order line concerned, or ''."),
        quantity("actual_demand", "Demand in the protection period."),
        quantity("rule_quantity", "What the old min/max rule would have ordered."),
        *(measure(f"shortage_{way}", f"Units short at the end, {told}.", unit="units") for way, told in _WAYS.items()),
        *(
            Column(f"stockout_days_{way}", "integer", f"Days that closed with nothing on hand, {told}.", minimum=0)
            for way, told in _WAYS.items()
        ),
        *(money(f"cost_{way}", f"Shortage and holding cost, {told}.") for way, told in _WAYS.items()),
    ),
    ("decided_on", "item_id", "site_id", "action", "order_ref"),
    (
        Upstream("analytics.recommendations", Reach.UNTIL),
        Upstream("analytics.stock_policies", Reach.UNTIL),
        Upstream("analytics.demand_classes", Reach.UNTIL),
        Upstream("core.fact_demand_daily", Reach.UNTIL),
        Upstream("core.fact_inventory_daily", Reach.UNTIL),
        Upstream("core.fact_orders", Reach.UNTIL),
    ),
)

TABLES = (
    RECOMMENDATIONS,
    ALERTS,
    KPIS_DAILY,
    FORECAST_SCORES,
    CALIBRATION,
    ALERT_SCORES,
    DECISION_REPLAY,
)
