"""What the platform concludes: classes, features, lead times, forecasts, policies, decisions, alerts and their scores.

Every row carries `as_of`, the business date it stands on, and was computed from what was known on that date.
"""

from __future__ import annotations

from nova_assets.catalog.core import item_id, quantity, site_id, supplier_id
from nova_resources.tables import Column, Grid, Index, Reach, Rule, Stage, Table, Upstream

DEMAND_CLASSES = ("smooth", "erratic", "intermittent", "lumpy", "new", "single_event", "dead", "none")
TARGETS = ("PROTECTION", "D30", "D60", "D90")
LEAD_TIME_STAGES = ("REQUEST_TO_ORDER", "ORDER_TO_RECEIPT", "REQUEST_TO_RECEIPT")
ACTIONS = ("REORDER", "EXPEDITE", "HOLD", "REALLOCATE", "REDUCE", "DISPOSE", "SUBSTITUTE")
PRIORITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
ALERT_CAUSES = (
    "STOCKOUT_RISK",
    "STOCKED_OUT",
    "LATE_ORDER",
    "DEMAND_SPIKE",
    "LEAD_TIME_DRIFT",
    "EXCESS",
    "DATA_QUALITY",
)
SEVERITIES = ("NORMAL", "WARNING", "CRITICAL")
DIMENSIONS = ("company", "region", "family", "abc", "site")

FACTS = (
    Upstream("core.fact_demand_daily", Reach.UNTIL),
    Upstream("core.fact_inventory_daily", Reach.UNTIL),
)
# What nova_assets.analytics.planning_terms reads: rules, sources, their suppliers and the suppliers of past orders.
TERMS = (
    Upstream("core.fact_orders", Reach.UNTIL),
    Upstream("core.item_source", Reach.ALL),
    Upstream("core.dim_item", Reach.ALL),
    Upstream("core.dim_supplier", Reach.ALL),
    Upstream("support.planning_rules", Reach.ALL),
)
_AS_OF = Column("as_of", "date", "Business date that the row stands on.")
LEVELS = Column("quantile_levels", "double precision[]", "Probabilities of the quantile grid, ascending.")


def probability(name: str, description: str, *, nullable: bool = False) -> Column:
    """A probability or share between 0 and 1."""
    return Column(name, "double precision", description, nullable=nullable, minimum=0, maximum=1)


def measure(name: str, description: str, *, nullable: bool = False, unit: str | None = None) -> Column:
    """A real number without bounds."""
    return Column(name, "double precision", description, nullable=nullable, unit=unit)


def money(name: str, description: str, *, nullable: bool = False) -> Column:
    """An amount in Brazilian reais."""
    return Column(name, "numeric(18,4)", description, nullable=nullable, unit="BRL")


def as_of_table(
    name: str,
    description: str,
    grain: str,
    stage: Stage,
    columns: tuple[Column, ...],
    key: tuple[str, ...],
    upstream: tuple[Upstream, ...],
    *,
    grid: Grid = Grid.DAY,
    indexes: tuple[Index, ...] = (),
    rules: tuple[Rule, ...] = (),
    kinds: tuple[str, ...] = ("postgres", "sql"),
) -> Table:
    return Table(
        schema="analytics",
        name=name,
        description=description,
        grain=grain,
        stage=stage,
        columns=(_AS_OF, *columns),
        key=("as_of", *key),
        partition="as_of",
        window="as_of",
        grid=grid,
        indexes=indexes,
        rules=rules,
        upstream=upstream,
        kinds=kinds,
    )


DEMAND_CLASS = as_of_table(
    "demand_classes",
    "How each material moves at each site: demand class (ADI 1.32, CV2 0.49), ABC class, events and stock-outs.",
    "one row per day, material and site that has been stocked or asked for",
    Stage.FEATURES,
    (
        item_id(),
        site_id(),
        Column("demand_class", "text", "Class of the demand pattern.", values=DEMAND_CLASSES),
        Column("abc_class", "text", "Class by value of demand in 365 days: 80 %, 95 %, rest.", values=("A", "B", "C")),
        Column("events", "integer", "Days with demand.", minimum=0),
        quantity("total_quantity", "Demand since the first date."),
        Column("adi", "double precision", "Average days between demands.", nullable=True, unit="days", minimum=1),
        Column(
            "cv2", "double precision", "Squared coefficient of variation of the demand sizes.", nullable=True, minimum=0
        ),
        Column("first_date", "date", "First day in stock or with demand."),
        Column("last_demand_date", "date", "Last day with demand.", nullable=True),
        Column("days_observed", "integer", "Days from the first date to the as-of.", minimum=1),
        Column("days_stocked_out", "integer", "Days of them that closed without stock.", minimum=0),
        money("value_365", "Demand of the last 365 days at standard cost."),
    ),
    ("item_id", "site_id"),
    (*FACTS, Upstream("core.dim_item", Reach.ALL)),
)

FEATURES_STORE = as_of_table(
    "features_store",
    "Features of each item-site as JSONB: recency, intermittency, rates, calendar, weather, currency, planned work.",
    "one row per day, material and site",
    Stage.FEATURES,
    (
        item_id(),
        site_id(),
        Column("schema_version", "integer", "Version of the set of features.", minimum=1),
        Column("features", "jsonb", "Feature name to value."),
    ),
    ("item_id", "site_id"),
    (
        Upstream("analytics.demand_classes"),
        *FACTS,
        Upstream("core.fact_external_daily", Reach.UNTIL),
        Upstream("core.fact_planned_work", Reach.UNTIL),
        Upstream("core.dim_calendar", Reach.ALL),
        Upstream("core.dim_item", Reach.ALL),
        Upstream("core.dim_site", Reach.ALL),
        Upstream("core.dim_region", Reach.ALL),
    ),
    indexes=(Index(("features",), method="gin"),),
)

LEAD_TIME_PROFILES = as_of_table(
    "lead_time_profiles",
    "Lead-time distributions by stage for each material and supplier, pooled where receipts are few; "
    "open orders count as censored.",
    "one row per day, material, supplier and stage",
    Stage.FORECASTING,
    (
        item_id(),
        supplier_id(),
        Column("stage", "text", "Stretch of the order's way that is timed.", values=LEAD_TIME_STAGES),
        Column("receipts", "integer", "Completed stretches observed for the pair.", minimum=0),
        Column("open_orders", "integer", "Orders still on the way (censored).", minimum=0),
        Column("mean_days", "double precision", "Mean.", unit="days", minimum=0),
        Column("sd_days", "double precision", "Standard deviation.", unit="days", minimum=0),
        LEVELS,
        Column("quantile_values", "double precision[]", "Lead time at each level.", unit="days"),
        probability("borrowed_share", "Weight of the evidence that came from similar pairs."),
        Column(
            "pooled_level",
            "text",
            "Nearest pool that evidence was borrowed from; 'agreed' is the supplier's promise.",
            nullable=True,
        ),
        probability("on_time_share", "Receipts on or before the promised day.", nullable=True),
    ),
    ("item_id", "supplier_id", "stage"),
    (
        Upstream("core.fact_orders", Reach.UNTIL),
        Upstream("core.item_source", Reach.ALL),
        Upstream("core.dim_item", Reach.ALL),
        Upstream("core.dim_supplier", Reach.ALL),
    ),
    kinds=("postgres", "python"),
)

STOCK_POLICIES = as_of_table(
    "stock_policies",
    "Reorder point, safety stock and order-up-to level of each item-site, from the quantiles of protection demand.",
    "one row per day, material and site",
    Stage.PLANNING,
    (
        item_id(),
        site_id(),
        supplier_id(nullable=True),
        probability("service_level", "Probability of no stock-out that the policy aims at."),
        Column("review_days", "double precision", "Days between two looks.", unit="days", minimum=0),
        Column("lead_time_days", "double precision", "Mean lead time planned with.", unit="days", minimum=0),
        Column("protection_days", "double precision", "Lead time + review.", unit="days", minimum=0),
        Column("reorder_point", "double precision", "Position below which to order.", unit="units", minimum=0),
        Column("safety_stock", "double precision", "Reorder point less mean protection demand.", unit="units"),
        Column("order_up_to", "double precision", "Position to order up to.", unit="units", minimum=0),
        quantity("min_order_qty", "Smallest order line."),
        quantity("order_multiple", "Multiple of order lines."),
        quantity("max_stock", "Most units on hand and on order together.", nullable=True),
        Column(
            "supplier_min_value",
            "numeric(18,4)",
            "Least that one order to the supplier is worth.",
            nullable=True,
            unit="BRL",
            minimum=0,
        ),
        Column("unit_cost", "numeric(18,4)", "Cost of one unit.", nullable=True, unit="BRL", minimum=0),
        Column(
            "holding_cost_unit_day",
            "double precision",
            "Holding a unit for a day.",
            nullable=True,
            unit="BRL",
            minimum=0,
        ),
        Column("shortage_cost_unit", "double precision", "One unit short.", nullable=True, unit="BRL", minimum=0),
        Column("unmet_demand", "text", "What becomes of unmet demand.", values=("BACKORDER", "LOST")),
        Column("terms", "jsonb", "Where each parameter came from: rule, scope, feed or default."),
    ),
    ("item_id", "site_id"),
    (
        Upstream("analytics.forecasts"),
        Upstream("analytics.forecast_overrides"),
        Upstream("analytics.lead_time_profiles"),
        Upstream("analytics.demand_classes"),
        Upstream("analytics.model_selection", Reach.SAME, offset_months=-1),
        *FACTS,
        *TERMS,
    ),
    kinds=("postgres", "python"),
)

SCENARIOS = as_of_table(
    "scenarios",
    "Stock, cost and expected shortage at other service levels: the curve of service against stock.",
    "one row per day, scenario, dimension and member",
    Stage.PLANNING,
    (
        Column("scenario_code", "text", "Scenario, such as service_0.95 or a recorded what-if."),
        Column("dimension", "text", "What the figure is cut by.", values=DIMENSIONS),
        Column("member", "text", "Member of the dimension, or '*'."),
        probability("service_level", "Service level of the scenario.", nullable=True),
        Column("item_sites", "integer", "Item-sites in the figure.", minimum=0),
        money("stock_value", "Value of the order-up-to levels; of a replay, mean value on the shelf."),
        measure(
            "expected_shortage",
            "Expected units short per protection period; of a replay, units short in it.",
            unit="units",
        ),
        money("holding_cost_year", "Holding cost per year of the safety stocks."),
        Column("parameters", "jsonb", "What the scenario changes."),
    ),
    ("scenario_code", "dimension", "member"),
    (
        Upstream("analytics.stock_policies"),
        Upstream("analytics.forecasts"),
        Upstream("analytics.forecast_overrides"),
        Upstream("analytics.demand_classes"),
        Upstream("support.scenario_requests"),
    ),
    kinds=("postgres", "python"),
)

TABLES = (
    DEMAND_CLASS,
    FEATURES_STORE,
    LEAD_TIME_PROFILES,
    STOCK_POLICIES,
    SCENARIOS,
)
