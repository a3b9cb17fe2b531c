"""Landing feeds of the extract contract, as they arrived, with the register of files and the quarantine."""

from __future__ import annotations

from nova_resources.tables import Column, Grid, Index, Rule, Stage, Table

DEMAND_TYPES = ("PREVENTIVE", "CORRECTIVE", "BUILD", "INSPECTION")
SUPPLIER_TYPES = ("DOMESTIC", "IMPORT", "HYBRID")
ITEM_KINDS = ("MATERIAL", "SERVICE")
UNMET_DEMAND = ("BACKORDER", "LOST")

PROVENANCE = (
    Column("file_id", "bigint", "File that the row came in.", references="staging.files.file_id"),
    Column("source_line", "integer", "Line of the row in its file; the header is line 1.", minimum=1),
)


def text(name: str, description: str, *, required: bool = False, values: tuple[str, ...] | None = None) -> Column:
    """A text column of a feed."""
    return Column(name, "text", description, nullable=not required, values=values)


def day(name: str, description: str, *, required: bool = False) -> Column:
    """A date column of a feed."""
    return Column(name, "date", description, nullable=not required)


def number(
    name: str,
    description: str,
    *,
    required: bool = False,
    unit: str | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
) -> Column:
    """A decimal column of a feed, exact to four places."""
    return Column(
        name, "numeric(18,4)", description, nullable=not required, unit=unit, minimum=minimum, maximum=maximum
    )


def _feed(name: str, description: str, grain: str, columns: tuple[Column, ...], partition: str | None = None) -> Table:
    return Table(
        schema="staging",
        name=name,
        description=description,
        grain=grain,
        stage=Stage.STAGING,
        columns=columns + PROVENANCE,
        partition=partition,
        window=partition,
        grid=Grid.DAY if partition else Grid.NONE,
        indexes=(Index(("file_id",)),),
        owner="data@novacorrente.example",
        kinds=("postgres", "polars"),
    )


KNOWN_ON = day(
    "known_on",
    "Business date on which the row became known: the date in the file's name, else the row's own first date.",
    required=True,
)

REGIONS = _feed(
    "regions",
    "Regions that sites belong to, as landed.",
    "one row per line of a file",
    (
        text("region_code", "Code of the region in the ERP.", required=True),
        text("name", "Name of the region."),
        text("state_code", "Two-letter code of the Brazilian state."),
    ),
)

SITES = _feed(
    "sites",
    "Depots and tower bases that hold stock, as landed.",
    "one row per line of a file",
    (
        text("site_code", "Code of the site in the ERP.", required=True),
        text("name", "Name of the site."),
        text("region_code", "Region of the site."),
        text("site_type", "Kind of site, such as WAREHOUSE or TOWER_BASE."),
        Column("latitude", "numeric(9,6)", "Latitude.", nullable=True, unit="degrees", minimum=-90, maximum=90),
        Column("longitude", "numeric(9,6)", "Longitude.", nullable=True, unit="degrees", minimum=-180, maximum=180),
        Column("active", "boolean", "False once the site is closed.", nullable=True),
    ),
)

SUPPLIERS = _feed(
    "suppliers",
    "Suppliers, as landed.",
    "one row per line of a file",
    (
        text("supplier_code", "Code of the supplier in the ERP.", required=True),
        text("name", "Name of the supplier."),
        text("supplier_type", "Where the supplier delivers from.", values=SUPPLIER_TYPES),
        Column("active", "boolean", "False once nothing is bought there any more.", nullable=True),
        number("min_order_value", "Least that all lines of one order are worth together.", unit="BRL", minimum=0),
    ),
)

ITEMS = _feed(
    "items",
    "Materials and services, as landed.",
    "one row per line of a file",
    (
        text("item_code", "Code of the material in the ERP.", required=True),
        text("name", "Name of the material."),
        text("family", "Family of materials that are planned alike."),
        text("category", "Category within the family."),
        text("unit_measure", "Unit of measure, normalised (UN, M, M2, M3, KG …)."),
        number("unit_cost", "Standard cost of one unit.", unit="BRL", minimum=0),
        number("criticality", "How much a missing unit hurts, 0 to 10.", minimum=0, maximum=10),
        text("item_kind", "MATERIAL is stocked, SERVICE never is.", values=ITEM_KINDS),
        text("successor_code", "Code of the material that replaces this one."),
        Column("active", "boolean", "False once the material is discontinued.", nullable=True),
    ),
)

ITEM_SOURCES = _feed(
    "item_sources",
    "Terms on which a supplier sells a material, as landed.",
    "one row per line of a file",
    (
        text("item_code", "Material.", required=True),
        text("supplier_code", "Supplier.", required=True),
        text("site_code", "Site that the terms hold for; empty for all sites."),
        number("unit_price", "Price of one unit.", unit="BRL", minimum=0),
        number("min_order_qty", "Smallest quantity of an order line.", minimum=0),
        number("order_multiple", "Orders are multiples of this quantity.", minimum=0),
        number("lead_time_days", "Lead time agreed with the supplier.", unit="days", minimum=0, maximum=3650),
        day("valid_from", "First day of the terms."),
        day("valid_to", "Last day of the terms."),
    ),
)

DEMAND = _feed(
    "demand",
    "Material requests of the field teams, as landed.",
    "one row per line of a file",
    (
        day("date", "Day on which the material was asked for.", required=True),
        text("item_code", "Material.", required=True),
        text("site_code", "Site that was asked.", required=True),
        number("quantity", "Quantity asked for.", required=True),
        number("fulfilled_quantity", "Quantity handed out.", minimum=0),
        text("demand_type", "Work that caused the demand.", values=DEMAND_TYPES),
        text("document_no", "Number of the request in the ERP."),
    ),
    partition="date",
)

INVENTORY = _feed(
    "inventory",
    "Stock of a material at a site at the close of a day, as landed.",
    "one row per line of a file",
    (
        day("date", "Day whose close the stock was taken at.", required=True),
        text("item_code", "Material.", required=True),
        text("site_code", "Site.", required=True),
        number("on_hand", "Quantity on the shelf.", required=True, minimum=0),
        number("reserved", "Quantity on the shelf that is promised already.", minimum=0),
        number("backorder", "Quantity owed to field teams.", minimum=0),
    ),
    partition="date",
)

PURCHASE_ORDERS = _feed(
    "purchase_orders",
    "Purchase order lines in the state in which each extract told them, as landed.",
    "one row per line of a file",
    (
        text("order_no", "Number of the purchase order.", required=True),
        text("line_no", "Line of the order.", required=True),
        text("item_code", "Material.", required=True),
        text("site_code", "Site that receives the material.", required=True),
        text("supplier_code", "Supplier.", required=True),
        day("requested_date", "Day on which the purchase was requested."),
        day("approved_date", "Day on which the request was approved."),
        day("order_date", "Day on which the order was placed.", required=True),
        day("expected_date", "Day on which the supplier promises delivery."),
        day("received_date", "Day on which the material arrived."),
        number("quantity", "Quantity ordered.", required=True, minimum=0),
        number("received_quantity", "Quantity received so far.", minimum=0),
        number("unit_price", "Price of one unit.", unit="BRL", minimum=0),
        text("status", "State of the line in the ERP."),
        KNOWN_ON,
    ),
    partition="known_on",
)

PLANNED_WORK = _feed(
    "planned_work",
    "Material that planned maintenance and builds will need, as landed.",
    "one row per line of a file",
    (
        day("date", "Day on which the work is planned.", required=True),
        text("item_code", "Material.", required=True),
        text("site_code", "Site that will hand the material out.", required=True),
        number("quantity", "Quantity that the work needs.", required=True, minimum=0),
        text("work_type", "Kind of work."),
        text("contract_code", "Maintenance contract."),
        KNOWN_ON,
    ),
    partition="known_on",
)

EXTERNAL_DAILY = _feed(
    "external_daily",
    "Daily series from outside the company (weather, currency, interest), as landed.",
    "one row per line of a file",
    (
        day("date", "Day of the observation.", required=True),
        text("series_code", "Series, such as RAIN_MM or USD_BRL.", required=True),
        Column("value", "numeric(18,6)", "Observed value, in the unit of the series.", nullable=False),
        text("region_code", "Region of the observation; empty for the whole country."),
    ),
    partition="date",
)

PLANNING_RULES = _feed(
    "planning_rules",
    "Planning rules kept in the ERP, as landed.",
    "one row per line of a file",
    (
        text("item_code", "Scope: material."),
        text("family", "Scope: family of materials."),
        text("abc_class", "Scope: ABC class.", values=("A", "B", "C")),
        text("site_code", "Scope: site."),
        number("criticality_min", "Scope: criticality of at least this.", minimum=0, maximum=10),
        number("service_level", "Wanted probability of no stock-out per cycle.", minimum=0.5, maximum=0.9999),
        number("review_days", "Days between two looks at the stock.", unit="days", minimum=0),
        number("lead_time_days", "Lead time to plan with instead of the measured one.", unit="days", minimum=0),
        number("holding_rate_year", "Yearly cost of holding stock, share of its value.", minimum=0, maximum=5),
        number("holding_cost_unit_day", "Cost of holding one unit for a day.", unit="BRL", minimum=0),
        number("shortage_cost_unit", "Cost of one unit short.", unit="BRL", minimum=0),
        number("fixed_order_cost", "Cost of placing one order line.", unit="BRL", minimum=0),
        number("max_stock", "Most units on hand and on order together.", minimum=0),
        text("unmet_demand", "What becomes of demand that finds no stock.", values=UNMET_DEMAND),
    ),
)

FILES = Table(
    schema="staging",
    name="files",
    description="Register of landed files, every version of each, with its counts. Rows in = accepted + rejected.",
    grain="one row per version of a file",
    stage=Stage.STAGING,
    columns=(
        Column("file_id", "bigint", "Number of the file version.", identity=True),
        Column("feed", "text", "Feed of the contract that the file belongs to."),
        Column("path", "text", "Path below the landing folder, or the URL of a file landed from elsewhere."),
        Column("file_date", "date", "Business date in the file's name.", nullable=True),
        Column("part", "text", "Part in the file's name.", nullable=True),
        Column("checksum", "text", "BLAKE2b of the bytes and of the mapping that read them."),
        Column("size_bytes", "bigint", "Size.", unit="bytes", minimum=0),
        Column("modified_at", "timestamptz", "Last change of the file, where the file system tells it.", nullable=True),
        Column("format", "text", "How the file was written.", values=("csv", "parquet", "xlsx")),
        Column("dialect", "jsonb", "What was found out about a CSV: separator, decimal sign, encoding.", nullable=True),
        Column("mapping", "text", "Mapping that translated a foreign layout.", nullable=True),
        Column(
            "rows_in",
            "bigint",
            "Rows that the file holds for this feed; a mapping may choose and reshape them.",
            minimum=0,
        ),
        Column("rows_accepted", "bigint", "Rows that reached the feed's table.", minimum=0),
        Column("rows_rejected", "bigint", "Rows in quarantine.", minimum=0),
        Column("dates", "datemultirange", "Windows that the file touched.", nullable=True),
        Column(
            "status", "text", "LOADED is in force, REPLACED gave way to a newer version.", values=("LOADED", "REPLACED")
        ),
        Column("replaced_by", "bigint", "Version that replaced this one.", nullable=True),
        Column("run_id", "text", "Run that loaded the file."),
        Column("loaded_at", "timestamptz", "When the file was loaded.", default="now()"),
    ),
    key=("file_id",),
    indexes=(Index(("feed", "path"), unique=True, where="status = 'LOADED'"), Index(("feed", "file_date"))),
    rules=(Rule("rows_add_up", "rows_in = rows_accepted + rows_rejected", "Rows in = accepted + rejected."),),
    owner="data@novacorrente.example",
    kinds=("postgres", "polars"),
)

REJECTS = Table(
    schema="staging",
    name="rejects",
    description="Quarantine: every row that could not be taken, why, and the row itself.",
    grain="one row per refused line of a file",
    stage=Stage.STAGING,
    columns=(
        Column("file_id", "bigint", "File that the row came in.", references="staging.files.file_id"),
        Column("feed", "text", "Feed of the contract."),
        Column("line_no", "integer", "Line in the file; the header is line 1.", minimum=1),
        Column("reason_code", "text", "Why the row was refused, such as unreadable_date."),
        Column("column_name", "text", "Column at fault.", nullable=True),
        Column("detail", "text", "What was found there.", nullable=True),
        Column("raw", "text", "The row as it stood in the file."),
    ),
    indexes=(Index(("file_id", "line_no")), Index(("feed", "reason_code"))),
    owner="data@novacorrente.example",
    kinds=("postgres", "polars"),
)

FEEDS = (
    REGIONS,
    SITES,
    SUPPLIERS,
    ITEMS,
    ITEM_SOURCES,
    DEMAND,
    INVENTORY,
    PURCHASE_ORDERS,
    PLANNED_WORK,
    EXTERNAL_DAILY,
    PLANNING_RULES,
)

TABLES = (*FEEDS, FILES, REJECTS)
