"""What screens read: the KPI dictionary and the materialized views of the latest as-of."""

from __future__ import annotations

from nova_assets.catalog.analytics import DIMENSIONS, probability
from nova_resources.tables import Column, Index, Reach, Stage, Table, Upstream


def _view(
    name: str,
    description: str,
    grain: str,
    columns: tuple[Column, ...],
    key: tuple[str, ...],
    upstream: tuple[str, ...],
    *indexes: Index,
) -> Table:
    return Table(
        schema="analytics",
        name=name,
        description=description,
        grain=grain,
        stage=Stage.SERVING,
        columns=columns,
        key=key,
        indexes=indexes,
        upstream=tuple(Upstream(table, Reach.ALL) for table in upstream),
        materialized_view=True,
        owner="platform@novacorrente.example",
    )


def _c(name: str, type_: str, description: str, unit: str | None = None) -> Column:
    """A column of a view: nullability is not declared by PostgreSQL for views, so none is."""
    return Column(name, type_, description, nullable=True, unit=unit)


KPI_DEFINITIONS = Table(
    schema="analytics",
    name="kpi_definitions",
    description="KPI dictionary: the one definition of each key figure, with its names and target.",
    grain="one row per key figure",
    stage=Stage.KPIS,
    columns=(
        Column("kpi_code", "text", "Code."),
        Column("position", "integer", "Order on screens.", minimum=0),
        Column("name_pt", "text", "Name in Portuguese."),
        Column("name_en", "text", "Name in English."),
        Column("numerator", "text", "What is counted."),
        Column("denominator", "text", "Out of what; NULL for a plain sum.", nullable=True),
        Column("basis", "text", "Time basis."),
        Column("null_rule", "text", "What happens where it is undefined."),
        Column("unit", "text", "Unit of the value.", values=("share", "BRL", "units", "days")),
        Column("lower_is_better", "boolean", "Whether a fall is good news."),
        probability("target", "Target of the company.", nullable=True),
    ),
    key=("kpi_code",),
    owner="platform@novacorrente.example",
    kinds=("postgres", "python"),
)

MV_KPIS_LATEST = _view(
    "mv_kpis_latest",
    "Key figures of the latest day beside those of the day before and 30 days before, with 90 days of trend.",
    "one row per key figure, dimension and member",
    (
        _c("kpi_code", "text", "Key figure."),
        _c("dimension", "text", f"Cut: {', '.join(DIMENSIONS)}."),
        _c("member", "text", "Member of the dimension, or '*'."),
        _c("as_of", "date", "Day of the value."),
        _c("numerator", "numeric", "Numerator."),
        _c("denominator", "numeric", "Denominator."),
        _c("value", "numeric", "Value of the day."),
        _c("value_previous", "numeric", "Value of the day before."),
        _c("value_30", "numeric", "Value 30 days before."),
        _c("trend", "double precision[]", "Values of the last 90 days, oldest first."),
    ),
    ("kpi_code", "dimension", "member"),
    ("analytics.kpis_daily",),
)

MV_FORECASTS_LATEST = _view(
    "mv_forecasts_latest",
    "Latest forecast sums with the quantiles that screens show.",
    "one row per material, site and target",
    (
        _c("item_id", "bigint", "Material."),
        _c("site_id", "bigint", "Site."),
        _c("target", "text", "Sum that is forecast."),
        _c("as_of", "date", "Date that the forecast stands on."),
        _c("horizon_days", "double precision", "Days summed.", "days"),
        _c("model", "text", "Model."),
        _c("mean", "double precision", "Mean of the sum.", "units"),
        _c("p05", "double precision", "0.05 quantile.", "units"),
        _c("p25", "double precision", "0.25 quantile.", "units"),
        _c("p50", "double precision", "Median.", "units"),
        _c("p75", "double precision", "0.75 quantile.", "units"),
        _c("p90", "double precision", "0.90 quantile.", "units"),
        _c("p95", "double precision", "0.95 quantile.", "units"),
        _c("p99", "double precision", "0.99 quantile.", "units"),
        _c("borrowed_share", "double precision", "Weight of borrowed evidence."),
        _c("item_code", "text", "Material."),
        _c("site_code", "text", "Site."),
    ),
    ("item_id", "site_id", "target"),
    ("analytics.forecasts", "core.dim_item", "core.dim_site"),
    Index(("item_code", "site_code", "target")),
)

MV_ITEM_SITES_LATEST = _view(
    "mv_item_sites_latest",
    "One line per material and site with everything the list and the detail header show.",
    "one row per material and site",
    (
        _c("item_id", "bigint", "Material."),
        _c("site_id", "bigint", "Site."),
        _c("as_of", "date", "Date that the line stands on."),
        _c("item_code", "text", "Code of the material."),
        _c("item_name", "text", "Name of the material."),
        _c("family", "text", "Family."),
        _c("unit_measure", "text", "Unit of measure."),
        _c("unit_cost", "numeric", "Standard cost.", "BRL"),
        _c("criticality", "numeric", "Criticality 0 to 10."),
        _c("item_active", "boolean", "Material in use."),
        _c("site_code", "text", "Code of the site."),
        _c("site_name", "text", "Name of the site."),
        _c("region_code", "text", "Region."),
        _c("region_name", "text", "Name of the region."),
        _c("state_code", "text", "State."),
        _c("latitude", "numeric", "Latitude.", "degrees"),
        _c("longitude", "numeric", "Longitude.", "degrees"),
        _c("demand_class", "text", "Demand class."),
        _c("abc_class", "text", "ABC class."),
        _c("on_hand", "numeric", "Quantity on the shelf.", "units"),
        _c("on_order", "numeric", "Open orders inside the protection period.", "units"),
        _c("reserved", "numeric", "Promised already.", "units"),
        _c("backorder", "numeric", "Owed.", "units"),
        _c("position", "double precision", "Inventory position.", "units"),
        _c("reorder_point", "double precision", "Reorder point.", "units"),
        _c("safety_stock", "double precision", "Safety stock.", "units"),
        _c("order_up_to", "double precision", "Order-up-to level.", "units"),
        _c("mean_30", "double precision", "Mean forecast of 30 days, a planner's own where there is one.", "units"),
        _c("coverage_days", "double precision", "On hand over mean daily forecast of 30 days.", "days"),
        _c("stockout_probability", "double precision", "Probability of a stock-out without acting."),
        _c("action", "text", "Recommended action of the highest priority."),
        _c("priority", "text", "Its priority."),
        _c("stock_value", "numeric", "On hand at standard cost.", "BRL"),
        _c("demand_365", "numeric", "Demand of 365 days.", "units"),
        _c("demand_trend", "double precision[]", "Demand of the last 26 weeks, oldest first.", "units"),
    ),
    ("item_id", "site_id"),
    (
        "analytics.recommendations",
        "analytics.stock_policies",
        "analytics.forecasts",
        "analytics.forecast_overrides",
        "analytics.demand_classes",
        "core.fact_demand_daily",
        "core.dim_item",
        "core.dim_site",
        "core.dim_region",
    ),
    Index(("item_code", "site_code")),
)

MV_RECOMMENDATIONS_LATEST = _view(
    "mv_recommendations_latest",
    "Keys of the latest day's recommendations in the order of the queue, with the codes that they are looked for by.",
    "one row per recommendation",
    (
        _c("item_id", "bigint", "Material."),
        _c("site_id", "bigint", "Site."),
        _c("action", "text", "Action."),
        _c("order_ref", "text", "Order line that is to be hurried, or ''."),
        _c("as_of", "date", "Latest day."),
        _c("priority", "text", "Priority."),
        _c("supplier_id", "bigint", "Supplier."),
        _c("queue_rank", "bigint", "Place in the queue: what asks for an action first, then by the cost avoided."),
        _c("item_code", "text", "Material."),
        _c("item_name", "text", "Name of the material."),
        _c("site_code", "text", "Site."),
    ),
    ("item_id", "site_id", "action", "order_ref"),
    ("analytics.recommendations", "analytics.stock_policies", "core.dim_item", "core.dim_site"),
    Index(("queue_rank",)),
)

MV_ALERT_LIVES = _view(
    "mv_alert_lives",
    "The life of each alert: when it opened, how its severity went, when it was last seen and when it was resolved.",
    "one row per material, site, cause and day of opening",
    (
        _c("item_id", "bigint", "Material."),
        _c("site_id", "bigint", "Site."),
        _c("cause", "text", "Cause."),
        _c("opened_on", "date", "First day."),
        _c("last_seen", "date", "Last day on which it stood."),
        _c("resolved_on", "date", "First judged day without it; NULL while it is open."),
        _c("first_severity", "text", "Severity when it opened."),
        _c("severity", "text", "Severity when last seen."),
        _c("worst_severity", "text", "Worst severity."),
        _c("severity_since", "date", "Day from which that severity holds: what was read before was another one."),
        _c("severity_history", "jsonb", "Each change as {on, severity}."),
        _c("peak_probability", "double precision", "Highest probability."),
        _c("peak_value", "numeric", "Most that was at stake.", "BRL"),
        _c("days_seen", "integer", "Judged days on which it stood.", "days"),
    ),
    ("item_id", "site_id", "cause", "opened_on"),
    ("analytics.alerts", "analytics.recommendations"),
    Index(("last_seen",)),
)

MV_ALERTS_OPEN = _view(
    "mv_alerts_open",
    "Alerts of the latest day with their lives so far, in the order of the inbox.",
    "one row per material, site and cause",
    (
        _c("item_id", "bigint", "Material."),
        _c("site_id", "bigint", "Site."),
        _c("cause", "text", "Cause."),
        _c("as_of", "date", "Latest day."),
        _c("opened_on", "date", "First day of its life."),
        _c("severity", "text", "Severity."),
        _c("severity_since", "date", "Day from which that severity holds."),
        _c("first_severity", "text", "Severity when it opened."),
        _c("severity_history", "jsonb", "Each change as {on, severity}."),
        _c("probability", "double precision", "Probability within horizon_days."),
        _c("horizon_days", "integer", "Days that the probability is about.", "days"),
        _c("expected_date", "date", "Day on which it is expected."),
        _c("value_at_risk", "numeric", "Expected cost of doing nothing until help could come.", "BRL"),
        _c("hours_at_risk", "double precision", "Expected hours of waiting for the material.", "hours"),
        _c("details", "jsonb", "Numbers of the message."),
        _c("inbox_rank", "bigint", "Place in the inbox: critical ones first, then by what is at stake."),
        _c("hours_rank", "bigint", "Place by the hours at risk."),
    ),
    ("item_id", "site_id", "cause"),
    ("analytics.mv_alert_lives", "analytics.alerts", "analytics.recommendations"),
)

MV_ALERT_CALIBRATION = _view(
    "mv_alert_calibration",
    "Stock-out alerts told at a probability and how many came true, by tenths, with the band of what chance allows.",
    "one row per tenth of probability",
    (
        _c("decile", "integer", "Tenth of the probability: 3 is 0.3 to 0.4."),
        _c("alerts", "integer", "Alerts scored, each run of days once."),
        _c("told", "double precision", "Mean probability that was told."),
        _c("came_true", "integer", "Alerts that came true."),
        _c("share", "double precision", "Share that came true."),
        _c("band_low", "double precision", "Smallest share that chance explains, 95 %."),
        _c("band_high", "double precision", "Largest share that chance explains, 95 %."),
        _c("inside", "boolean", "Whether the share lies within the band."),
    ),
    ("decile",),
    ("analytics.alert_scores",),
)

TABLES = (
    KPI_DEFINITIONS,
    MV_KPIS_LATEST,
    MV_FORECASTS_LATEST,
    MV_ITEM_SITES_LATEST,
    MV_RECOMMENDATIONS_LATEST,
    MV_ALERT_LIVES,
    MV_ALERTS_OPEN,
    MV_ALERT_CALIBRATION,
)
