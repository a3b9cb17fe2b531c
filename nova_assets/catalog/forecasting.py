"""Forecasts and their proof: scores of past origins, the models and corrections in force, what each step adds.

Scores, choices and verdicts are monthly; forecasts of a day apply those of the month before it.
"""

from __future__ import annotations

from nova_assets.catalog.analytics import (
    DEMAND_CLASSES,
    FACTS,
    LEVELS,
    TARGETS,
    TERMS,
    as_of_table,
    measure,
    probability,
)
from nova_assets.catalog.core import item_id, site_id
from nova_resources.tables import Column, Grid, Reach, Stage, Upstream

CORRECTION_KINDS = ("HIERARCHY", "DRIVER")
STEPS = ("zero", "naive", "historic_mean", "tsb", "selected", "override")

# What the corrections look at besides demand.
DRIVERS = (
    Upstream("core.fact_planned_work", Reach.UNTIL),
    Upstream("core.fact_external_daily", Reach.UNTIL),
    Upstream("core.dim_site", Reach.ALL),
    Upstream("core.dim_region", Reach.ALL),
)

BACKTESTS = as_of_table(
    "backtests",
    "Rolling-origin scores of every model against zero and naive on the sum of demand, by class and family.",
    "one row per month, target, model, demand class and family ('*' is all of them)",
    Stage.FORECASTING,
    (
        Column("target", "text", "Sum that was forecast.", values=TARGETS),
        Column("model", "text", "Model."),
        Column("demand_class", "text", "Demand class at the origin, or '*'."),
        Column("family", "text", "Family, or '*'."),
        Column("origins", "integer", "Origins scored.", minimum=1),
        Column("series", "integer", "Item-sites scored, summed over origins.", minimum=1),
        measure("mean_demand", "Mean of the actual sums.", unit="units"),
        measure(
            "pinball",
            "Twice the mean pinball loss at .5 .8 .9 .95 .99 over mean demand, both in typical demands of each series, "
            "so that no unit of measure dominates.",
            nullable=True,
        ),
        measure(
            "pinball_se",
            "Standard error over series of its distance to the best pinball; NULL in small cells.",
            nullable=True,
        ),
        probability("coverage_50", "Share of actual sums at or below the median."),
        probability("coverage_90", "Share at or below the 0.9 quantile."),
        probability("coverage_95", "Share at or below the 0.95 quantile."),
        probability("coverage_99", "Share at or below the 0.99 quantile."),
        measure("bias", "Sum of mean forecasts over sum of actuals, less 1.", nullable=True),
        measure("wape", "Sum of absolute errors of the mean over sum of actuals.", nullable=True),
        measure("rmsse", "Root mean squared scaled error of the mean.", nullable=True),
        measure("zero_rmsse", "The same of the zero forecast: sparse demand flatters both.", nullable=True),
        measure("mase", "Mean absolute scaled error of the mean.", nullable=True),
        measure("zero_mase", "The same of the zero forecast.", nullable=True),
        measure("mape", "Mean absolute error over the actual sum, where that is above zero.", nullable=True),
        Column("mape_count", "integer", "Forecasts that MAPE stands on.", minimum=0),
        measure("loss", "Mean pinball loss of a forecast.", unit="units"),
        measure(
            "cost",
            "Mean cost of stocking the 0.95 quantile: holding what was left, h x 19 for what was short.",
            nullable=True,
            unit="BRL",
        ),
        Column("cost_count", "integer", "Forecasts of a known unit cost, which the cost stands on.", minimum=0),
        Column(
            "evidence",
            "jsonb",
            "Of the model chosen for a cell: the rule that decided, scores, share borrowed from other classes, and the "
            "calibration tried on it with its verdict. NULL for the others.",
            nullable=True,
        ),
    ),
    ("target", "model", "demand_class", "family"),
    (
        Upstream("core.fact_demand_daily", Reach.UNTIL),
        Upstream("core.fact_inventory_daily", Reach.UNTIL),
        Upstream("core.fact_orders", Reach.UNTIL),
        Upstream("core.dim_item", Reach.ALL),
    ),
    grid=Grid.MONTH,
    kinds=("postgres", "python"),
)

MODEL_SELECTION = as_of_table(
    "model_selection",
    "Model in force for each target, demand class and family, with the evidence that chose it.",
    "one row per month, target, demand class and family ('*' is all of them)",
    Stage.FORECASTING,
    (
        Column("target", "text", "Sum that is forecast.", values=TARGETS),
        Column("demand_class", "text", "Demand class, or '*'."),
        Column("family", "text", "Family, or '*'."),
        Column("model", "text", "Chosen model."),
        measure("gain_over_naive", "1 - pinball over the naive model's.", nullable=True),
        measure("gain_over_zero", "1 - pinball over the zero forecast's.", nullable=True),
        Column(
            "evidence",
            "jsonb",
            "Scores of all models, origins, series, rule that decided, calibration.",
        ),
    ),
    ("target", "demand_class", "family"),
    (Upstream("analytics.backtests"),),
    grid=Grid.MONTH,
    kinds=("postgres", "python"),
)

FORECAST_CORRECTIONS = as_of_table(
    "forecast_corrections",
    "Verdict on each correction of the forecasts: totals of the hierarchy, calendar, holidays, weather, currency, "
    "planned work; the same past forecasts with and without it.",
    "one row per month, target and correction",
    Stage.FORECASTING,
    (
        Column("target", "text", "Sum that is forecast.", values=TARGETS),
        Column("correction", "text", "Level of the hierarchy or driver."),
        Column("kind", "text", "What moves the forecast.", values=CORRECTION_KINDS),
        Column("kept", "boolean", "Whether it is in force: it gains more than a standard error and 1 %."),
        measure("pinball_without", "2 x mean pinball over mean demand, in mean demand sizes.", nullable=True),
        measure("pinball_with", "The same with the correction.", nullable=True),
        measure("gain", "1 - with / without.", nullable=True),
        measure("gain_se", "Standard error of the gain, over series.", nullable=True),
        Column("origins", "integer", "Origins tried.", minimum=0),
        Column("forecasts", "integer", "Forecasts compared.", minimum=0),
        Column("evidence", "jsonb", "Model of the totals and what raced for them; series compared."),
    ),
    ("target", "correction"),
    (
        Upstream("analytics.model_selection"),
        *DRIVERS,
        *FACTS,
        Upstream("core.fact_orders", Reach.UNTIL),
        Upstream("core.dim_item", Reach.ALL),
    ),
    grid=Grid.MONTH,
    kinds=("postgres", "python"),
)

FORECASTS = as_of_table(
    "forecasts",
    "Distribution of the sum of demand over the protection period and the next 30, 60 and 90 days.",
    "one row per day, material, site and target",
    Stage.FORECASTING,
    (
        item_id(),
        site_id(),
        Column("target", "text", "Sum that is forecast.", values=TARGETS),
        Column(
            "horizon_days", "double precision", "Days summed (the mean where they are random).", unit="days", minimum=0
        ),
        Column("model", "text", "Model that made the forecast."),
        Column("mean", "double precision", "Mean of the sum.", unit="units", minimum=0),
        LEVELS,
        Column("quantile_values", "double precision[]", "Sum at each level, never falling.", unit="units"),
        probability("borrowed_share", "Weight of the evidence that came from similar series."),
        Column(
            "correction",
            "double precision",
            "Factor by which kept corrections (totals, planned work) moved the model's distribution.",
            nullable=True,
            minimum=0,
        ),
    ),
    ("item_id", "site_id", "target"),
    (
        Upstream("analytics.demand_classes"),
        Upstream("analytics.lead_time_profiles"),
        Upstream("analytics.model_selection", Reach.SAME, offset_months=-1),
        Upstream("analytics.forecast_corrections", Reach.SAME, offset_months=-1),
        *DRIVERS,
        *FACTS,
        *TERMS,
    ),
    kinds=("postgres", "python"),
)

FORECAST_OVERRIDES = as_of_table(
    "forecast_overrides",
    "Distributions that planners' overrides in force put in the place of forecasts, which stay as they are: policies "
    "and recommendations plan by these. Item-sites without an override have no rows.",
    "one row per day, material, site and target of the item-sites with an override in force",
    Stage.FORECASTING,
    (
        item_id(),
        site_id(),
        Column("target", "text", "Sum that is forecast.", values=TARGETS),
        Column("override_id", "bigint", "Override that moved it: of this target, or of another of the item-site."),
        Column("baseline_mean", "double precision", "Mean as computed.", unit="units", minimum=0),
        Column("mean", "double precision", "Mean by the planner's number.", unit="units", minimum=0),
        LEVELS,
        Column("quantile_values", "double precision[]", "Sum at each level, never falling.", unit="units"),
    ),
    ("item_id", "site_id", "target"),
    (Upstream("analytics.forecasts"), Upstream("support.overrides", Reach.ALL)),
    kinds=("postgres", "python"),
)

FORECAST_PATHS = as_of_table(
    "forecast_paths",
    "Forecast by step for charts: 13 weeks, each week's own quantiles (never to be added up).",
    "one row per day, material and site",
    Stage.FORECASTING,
    (
        item_id(),
        site_id(),
        Column("model", "text", "Model that made the forecast."),
        Column("step_days", "integer", "Days in a step.", unit="days", minimum=1),
        Column("mean", "double precision[]", "Mean by step.", unit="units"),
        Column("p05", "double precision[]", "0.05 quantile by step.", unit="units"),
        Column("p25", "double precision[]", "0.25 quantile by step.", unit="units"),
        Column("p50", "double precision[]", "Median by step.", unit="units"),
        Column("p75", "double precision[]", "0.75 quantile by step.", unit="units"),
        Column("p95", "double precision[]", "0.95 quantile by step.", unit="units"),
    ),
    ("item_id", "site_id"),
    (
        Upstream("analytics.demand_classes"),
        Upstream("analytics.model_selection", Reach.SAME, offset_months=-1),
        Upstream("analytics.forecast_corrections", Reach.SAME, offset_months=-1),
        *DRIVERS,
        *FACTS,
    ),
    kinds=("postgres", "python"),
)

FORECAST_VALUE_ADDED = as_of_table(
    "forecast_value_added",
    "Staircase of forecast value added: zero, naive, mean, TSB, the selected models, planners' overrides; each step "
    "against the one before it, on the same forecasts.",
    "one row per month, target, demand class ('*' is all of them) and step",
    Stage.FORECASTING,
    (
        Column("target", "text", "Sum that is forecast.", values=TARGETS),
        Column("demand_class", "text", "Demand class at the origin, or '*'.", values=(*DEMAND_CLASSES, "*")),
        Column("step", "text", "Who forecasts.", values=STEPS),
        Column("position", "smallint", "Place of the step on the staircase, from 1.", minimum=1),
        Column("forecasts", "integer", "Forecasts compared.", minimum=1),
        measure("pinball", "2 x mean pinball over mean demand, in units.", nullable=True),
        measure("previous_pinball", "That of the step before on the same forecasts.", nullable=True),
        measure("value_added", "1 - pinball over the previous step's.", nullable=True),
        measure("cost", "Cost of stocking the 0.95 quantile, of all forecasts together.", nullable=True, unit="BRL"),
        measure("previous_cost", "That of the step before on the same forecasts.", nullable=True, unit="BRL"),
    ),
    ("target", "demand_class", "step"),
    (
        Upstream("analytics.backtests"),
        Upstream("analytics.forecasts", Reach.UNTIL),
        Upstream("analytics.demand_classes", Reach.UNTIL),
        Upstream("support.overrides", Reach.ALL),
        Upstream("core.fact_demand_daily", Reach.UNTIL),
        Upstream("core.dim_item", Reach.ALL),
    ),
    grid=Grid.MONTH,
    kinds=("postgres", "python"),
)

TABLES = (
    BACKTESTS,
    MODEL_SELECTION,
    FORECAST_CORRECTIONS,
    FORECASTS,
    FORECAST_OVERRIDES,
    FORECAST_PATHS,
    FORECAST_VALUE_ADDED,
)
