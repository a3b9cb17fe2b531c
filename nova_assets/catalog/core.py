"""Conformed dimensions and facts: one meaning for each code, one row per grain, ready to be planned on."""

from __future__ import annotations

from nova_assets.catalog.staging import DEMAND_TYPES, ITEM_KINDS, SUPPLIER_TYPES
from nova_resources.tables import Column, Grid, Index, Reach, Rule, Stage, Table, Upstream

UNSPECIFIED = "UNSPECIFIED"
ORDER_STATUSES = ("PLACED", "PARTIAL", "RECEIVED", "CANCELLED")

_INFERRED = Column(
    "inferred", "boolean", "True for a placeholder: the code was used before any reference feed told it."
)


def item_id() -> Column:
    """Reference to the material."""
    return Column("item_id", "bigint", "Material.", references="core.dim_item.item_id")


def site_id() -> Column:
    """Reference to the site."""
    return Column("site_id", "bigint", "Site.", references="core.dim_site.site_id")


def supplier_id(*, nullable: bool = False) -> Column:
    """Reference to the supplier."""
    return Column("supplier_id", "bigint", "Supplier.", nullable=nullable, references="core.dim_supplier.supplier_id")


def quantity(name: str, description: str, *, nullable: bool = False, minimum: float | None = 0) -> Column:
    """A quantity in the material's unit of measure."""
    return Column(name, "numeric(18,4)", description, nullable=nullable, unit="units", minimum=minimum)


def _dimensions(columns: tuple[Column, ...]) -> list[str]:
    """Dimensions that the columns refer to: their rows must be there first."""
    return list(dict.fromkeys(column.references.rpartition(".")[0] for column in columns if column.references))


def _dimension(name: str, description: str, grain: str, columns: tuple[Column, ...], feed: str, *more: str) -> Table:
    sources = (*(f"staging.{source}" for source in (feed, *more)), *_dimensions(columns))
    upstream = tuple(Upstream(source, Reach.ALL) for source in sources)
    code = columns[1].name
    return Table(
        schema="core",
        name=name,
        description=description,
        grain=grain,
        stage=Stage.CORE,
        columns=columns,
        key=(columns[0].name,),
        indexes=(Index((code,), unique=True),),
        upstream=upstream,
        owner="data@novacorrente.example",
    )


DIM_CALENDAR = Table(
    schema="core",
    name="dim_calendar",
    description="Calendar of Brazil with national, state and optional holidays (field teams stop on Carnival too).",
    grain="one row per day",
    stage=Stage.CORE,
    columns=(
        Column("full_date", "date", "Day."),
        Column("date_id", "integer", "Day as YYYYMMDD."),
        Column("year", "smallint", "Calendar year."),
        Column("quarter", "smallint", "Quarter.", minimum=1, maximum=4),
        Column("month", "smallint", "Month.", minimum=1, maximum=12),
        Column("week_of_year", "smallint", "ISO week.", minimum=1, maximum=53),
        Column("weekday", "smallint", "Day of the week, Monday is 0.", minimum=0, maximum=6),
        Column("day_of_month", "smallint", "Day of the month.", minimum=1, maximum=31),
        Column("is_weekend", "boolean", "Saturday or Sunday."),
        Column("is_holiday", "boolean", "National public holiday."),
        Column("is_optional_holiday", "boolean", "National optional holiday, such as Carnival."),
        Column("holiday_name", "text", "Name of the national or optional holiday.", nullable=True),
        Column("state_holidays", "jsonb", "Public holidays of single states: state code to name."),
        Column("is_business_day", "boolean", "Neither weekend nor national public holiday."),
        Column("fiscal_year", "smallint", "Fiscal year (the calendar year in Brazil)."),
        Column("fiscal_quarter", "smallint", "Fiscal quarter.", minimum=1, maximum=4),
    ),
    key=("full_date",),
    indexes=(Index(("date_id",), unique=True),),
    owner="data@novacorrente.example",
    kinds=("postgres", "python"),
)

DIM_REGION = _dimension(
    "dim_region",
    "Regions.",
    "one row per region",
    (
        Column("region_id", "bigint", "Key: core.surrogate_key(region_code)."),
        Column("region_code", "text", "Code of the region in the ERP."),
        Column("name", "text", "Name of the region."),
        Column("state_code", "text", "Two-letter code of the Brazilian state.", nullable=True),
        _INFERRED,
    ),
    "regions",
    "sites",
    "external_daily",
)

DIM_SITE = _dimension(
    "dim_site",
    "Sites that hold stock.",
    "one row per site",
    (
        Column("site_id", "bigint", "Key: core.surrogate_key(site_code)."),
        Column("site_code", "text", "Code of the site in the ERP."),
        Column("name", "text", "Name of the site."),
        Column("region_id", "bigint", "Region.", nullable=True, references="core.dim_region.region_id"),
        Column("site_type", "text", "Kind of site.", nullable=True),
        Column("latitude", "numeric(9,6)", "Latitude.", nullable=True, unit="degrees", minimum=-90, maximum=90),
        Column("longitude", "numeric(9,6)", "Longitude.", nullable=True, unit="degrees", minimum=-180, maximum=180),
        Column("active", "boolean", "False once the site is closed."),
        _INFERRED,
    ),
    "sites",
    "demand",
    "inventory",
    "purchase_orders",
    "planned_work",
    "item_sources",
)

DIM_SUPPLIER = _dimension(
    "dim_supplier",
    "Suppliers.",
    "one row per supplier",
    (
        Column("supplier_id", "bigint", "Key: core.surrogate_key(supplier_code)."),
        Column("supplier_code", "text", "Code of the supplier in the ERP."),
        Column("name", "text", "Name of the supplier."),
        Column("supplier_type", "text", "Where it delivers from.", nullable=True, values=SUPPLIER_TYPES),
        Column("active", "boolean", "False once nothing is bought there any more."),
        _INFERRED,
        Column(
            "min_order_value", "numeric(18,4)", "Least that one order is worth.", nullable=True, unit="BRL", minimum=0
        ),
    ),
    "suppliers",
    "purchase_orders",
    "item_sources",
)

DIM_ITEM = _dimension(
    "dim_item",
    "Materials and services.",
    "one row per material or service",
    (
        Column("item_id", "bigint", "Key: core.surrogate_key(item_code)."),
        Column("item_code", "text", "Code of the material in the ERP."),
        Column("name", "text", "Name of the material."),
        Column("family", "text", "Family of materials that are planned alike.", nullable=True),
        Column("category", "text", "Category within the family.", nullable=True),
        Column("unit_measure", "text", "Unit of measure."),
        Column("unit_cost", "numeric(18,4)", "Standard cost of one unit.", nullable=True, unit="BRL", minimum=0),
        Column("criticality", "numeric(4,2)", "How much a missing unit hurts.", nullable=True, minimum=0, maximum=10),
        Column("item_kind", "text", "MATERIAL is stocked, SERVICE never is.", values=ITEM_KINDS),
        Column("successor_code", "text", "Material that replaces this one.", nullable=True),
        Column("active", "boolean", "False once the material is discontinued."),
        _INFERRED,
    ),
    "items",
    "demand",
    "inventory",
    "purchase_orders",
    "planned_work",
    "item_sources",
)

ITEM_SOURCE = Table(
    schema="core",
    name="item_source",
    description="Who sells what, on which terms, from when to when.",
    grain="one row per material, supplier, site and first day of the terms",
    stage=Stage.CORE,
    columns=(
        item_id(),
        supplier_id(),
        Column("site_id", "bigint", "Site that the terms hold for; 0 for all sites."),
        Column("valid_from", "date", "First day of the terms; 1900-01-01 where the feed gives none."),
        Column("valid_to", "date", "Last day of the terms.", nullable=True),
        Column("unit_price", "numeric(18,4)", "Price of one unit.", nullable=True, unit="BRL", minimum=0),
        quantity("min_order_qty", "Smallest quantity of an order line.", nullable=True),
        quantity("order_multiple", "Orders are multiples of this quantity.", nullable=True),
        Column("lead_time_days", "numeric(9,2)", "Agreed lead time.", nullable=True, unit="days", minimum=0),
    ),
    key=("item_id", "supplier_id", "site_id", "valid_from"),
    indexes=(Index(("supplier_id", "item_id")),),
    rules=(Rule("terms_end_after_start", "valid_to >= valid_from", "Terms end on or after their first day."),),
    upstream=(
        Upstream("staging.item_sources", Reach.ALL),
        Upstream("core.dim_item", Reach.ALL),
        Upstream("core.dim_supplier", Reach.ALL),
    ),
    owner="data@novacorrente.example",
)


def _fact(
    name: str,
    description: str,
    grain: str,
    columns: tuple[Column, ...],
    key: tuple[str, ...],
    feed: str,
    *,
    window: str = "full_date",
    indexes: tuple[Index, ...] = (),
    rules: tuple[Rule, ...] = (),
    dimensions: tuple[str, ...] = (),
) -> Table:
    return Table(
        schema="core",
        name=name,
        description=description,
        grain=grain,
        stage=Stage.CORE,
        columns=columns,
        key=key,
        partition=window,
        window=window,
        grid=Grid.DAY,
        indexes=indexes,
        rules=rules,
        upstream=(
            Upstream(f"staging.{feed}", Reach.SAME),
            *(Upstream(dimension, Reach.ALL) for dimension in (*_dimensions(columns), *dimensions)),
        ),
        owner="data@novacorrente.example",
    )


FACT_DEMAND_DAILY = _fact(
    "fact_demand_daily",
    "Demand of the field teams by day, whether it was met or not.",
    "one row per day, material, site and kind of demand; days without demand have no row",
    (
        Column("full_date", "date", "Business day."),
        item_id(),
        site_id(),
        Column("demand_type", "text", "Work that caused the demand.", values=(*DEMAND_TYPES, UNSPECIFIED)),
        quantity("quantity", "Quantity asked for."),
        quantity("fulfilled_quantity", "Quantity handed out, where the ERP tells it.", nullable=True),
        Column("movements", "integer", "Lines of the extract in this row.", minimum=1),
    ),
    ("item_id", "site_id", "full_date", "demand_type"),
    "demand",
    indexes=(Index(("full_date",), method="brin"),),
)

FACT_INVENTORY_DAILY = _fact(
    "fact_inventory_daily",
    "Stock at the close of each day.",
    "one row per day, material and site",
    (
        Column("full_date", "date", "Business day."),
        item_id(),
        site_id(),
        quantity("on_hand", "Quantity on the shelf."),
        quantity("reserved", "Quantity promised already."),
        quantity("backorder", "Quantity owed to field teams."),
    ),
    ("item_id", "site_id", "full_date"),
    "inventory",
    indexes=(Index(("full_date",), method="brin"),),
)

FACT_ORDERS = _fact(
    "fact_orders",
    "Purchase order lines, one version for each day on which an extract told something new about them.",
    "one row per order line and day on which it was told",
    (
        Column("known_on", "date", "Day on which this version became known."),
        Column("order_no", "text", "Purchase order."),
        Column("line_no", "text", "Line of the order."),
        item_id(),
        site_id(),
        supplier_id(),
        Column("requested_date", "date", "Day of the request.", nullable=True),
        Column("approved_date", "date", "Day of the approval.", nullable=True),
        Column("order_date", "date", "Day on which the order was placed."),
        Column("expected_date", "date", "Promised day of delivery.", nullable=True),
        Column("received_date", "date", "Day of arrival.", nullable=True),
        quantity("quantity", "Quantity ordered."),
        quantity("received_quantity", "Quantity received so far."),
        Column("unit_price", "numeric(18,4)", "Price of one unit.", nullable=True, unit="BRL", minimum=0),
        Column("status", "text", "State of the line.", values=ORDER_STATUSES),
    ),
    ("order_no", "line_no", "known_on"),
    "purchase_orders",
    window="known_on",
    indexes=(Index(("item_id", "site_id", "known_on")),),
)

FACT_PLANNED_WORK = _fact(
    "fact_planned_work",
    "Material that planned work will need, by the day on which the plan was told.",
    "one row per plan day, work day, material, site, kind of work and contract",
    (
        Column("known_on", "date", "Day on which this plan became known."),
        Column("full_date", "date", "Day of the work."),
        item_id(),
        site_id(),
        Column("work_type", "text", "Kind of work; UNSPECIFIED where the feed gives none."),
        Column("contract_code", "text", "Contract; empty where the feed gives none."),
        quantity("quantity", "Quantity that the work needs."),
    ),
    ("known_on", "full_date", "item_id", "site_id", "work_type", "contract_code"),
    "planned_work",
    window="known_on",
    indexes=(Index(("item_id", "site_id", "full_date")),),
)

FACT_EXTERNAL_DAILY = _fact(
    "fact_external_daily",
    "Daily series from outside the company.",
    "one row per day, series and region",
    (
        Column("full_date", "date", "Day of the observation."),
        Column("series_code", "text", "Series."),
        Column("region_id", "bigint", "Region; 0 for the whole country."),
        Column("value", "numeric(18,6)", "Observed value, in the unit of the series."),
    ),
    ("series_code", "region_id", "full_date"),
    "external_daily",
    dimensions=("core.dim_region",),
)

TABLES = (
    DIM_CALENDAR,
    DIM_REGION,
    DIM_SITE,
    DIM_SUPPLIER,
    DIM_ITEM,
    ITEM_SOURCE,
    FACT_DEMAND_DAILY,
    FACT_INVENTORY_DAILY,
    FACT_ORDERS,
    FACT_PLANNED_WORK,
    FACT_EXTERNAL_DAILY,
)
