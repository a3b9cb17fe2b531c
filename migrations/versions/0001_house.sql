-- The house: schemas, tables, functions, views and rights. Generated from the catalog; not edited by hand.

CREATE SCHEMA IF NOT EXISTS staging;
CREATE SCHEMA IF NOT EXISTS core;
CREATE SCHEMA IF NOT EXISTS analytics;
CREATE SCHEMA IF NOT EXISTS support;

CREATE TABLE staging.regions (
    region_code text NOT NULL,
    name text,
    state_code text,
    file_id bigint NOT NULL,
    source_line integer NOT NULL,
    CONSTRAINT regions_source_line_range CHECK (source_line >= 1)
);
CREATE INDEX regions_file_id_idx ON staging.regions USING btree (file_id);
COMMENT ON TABLE staging.regions IS 'Regions that sites belong to, as landed. Grain: one row per line of a file.';
COMMENT ON COLUMN staging.regions.region_code IS 'Code of the region in the ERP.';
COMMENT ON COLUMN staging.regions.name IS 'Name of the region.';
COMMENT ON COLUMN staging.regions.state_code IS 'Two-letter code of the Brazilian state.';
COMMENT ON COLUMN staging.regions.file_id IS 'File that the row came in.';
COMMENT ON COLUMN staging.regions.source_line IS 'Line of the row in its file; the header is line 1.';

CREATE TABLE staging.sites (
    site_code text NOT NULL,
    name text,
    region_code text,
    site_type text,
    latitude numeric(9,6),
    longitude numeric(9,6),
    active boolean,
    file_id bigint NOT NULL,
    source_line integer NOT NULL,
    CONSTRAINT sites_latitude_range CHECK (latitude >= -90 AND latitude <= 90),
    CONSTRAINT sites_longitude_range CHECK (longitude >= -180 AND longitude <= 180),
    CONSTRAINT sites_source_line_range CHECK (source_line >= 1)
);
CREATE INDEX sites_file_id_idx ON staging.sites USING btree (file_id);
COMMENT ON TABLE staging.sites IS 'Depots and tower bases that hold stock, as landed. Grain: one row per line of a file.';
COMMENT ON COLUMN staging.sites.site_code IS 'Code of the site in the ERP.';
COMMENT ON COLUMN staging.sites.name IS 'Name of the site.';
COMMENT ON COLUMN staging.sites.region_code IS 'Region of the site.';
COMMENT ON COLUMN staging.sites.site_type IS 'Kind of site, such as WAREHOUSE or TOWER_BASE.';
COMMENT ON COLUMN staging.sites.latitude IS 'Latitude. [degrees]';
COMMENT ON COLUMN staging.sites.longitude IS 'Longitude. [degrees]';
COMMENT ON COLUMN staging.sites.active IS 'False once the site is closed.';
COMMENT ON COLUMN staging.sites.file_id IS 'File that the row came in.';
COMMENT ON COLUMN staging.sites.source_line IS 'Line of the row in its file; the header is line 1.';

CREATE TABLE staging.suppliers (
    supplier_code text NOT NULL,
    name text,
    supplier_type text,
    active boolean,
    file_id bigint NOT NULL,
    source_line integer NOT NULL,
    CONSTRAINT suppliers_supplier_type_values CHECK (supplier_type IN ('DOMESTIC', 'IMPORT', 'HYBRID')),
    CONSTRAINT suppliers_source_line_range CHECK (source_line >= 1)
);
CREATE INDEX suppliers_file_id_idx ON staging.suppliers USING btree (file_id);
COMMENT ON TABLE staging.suppliers IS 'Suppliers, as landed. Grain: one row per line of a file.';
COMMENT ON COLUMN staging.suppliers.supplier_code IS 'Code of the supplier in the ERP.';
COMMENT ON COLUMN staging.suppliers.name IS 'Name of the supplier.';
COMMENT ON COLUMN staging.suppliers.supplier_type IS 'Where the supplier delivers from.';
COMMENT ON COLUMN staging.suppliers.active IS 'False once nothing is bought there any more.';
COMMENT ON COLUMN staging.suppliers.file_id IS 'File that the row came in.';
COMMENT ON COLUMN staging.suppliers.source_line IS 'Line of the row in its file; the header is line 1.';

CREATE TABLE staging.items (
    item_code text NOT NULL,
    name text,
    family text,
    category text,
    unit_measure text,
    unit_cost numeric(18,4),
    criticality numeric(18,4),
    item_kind text,
    successor_code text,
    active boolean,
    file_id bigint NOT NULL,
    source_line integer NOT NULL,
    CONSTRAINT items_unit_cost_range CHECK (unit_cost >= 0),
    CONSTRAINT items_criticality_range CHECK (criticality >= 0 AND criticality <= 10),
    CONSTRAINT items_item_kind_values CHECK (item_kind IN ('MATERIAL', 'SERVICE')),
    CONSTRAINT items_source_line_range CHECK (source_line >= 1)
);
CREATE INDEX items_file_id_idx ON staging.items USING btree (file_id);
COMMENT ON TABLE staging.items IS 'Materials and services, as landed. Grain: one row per line of a file.';
COMMENT ON COLUMN staging.items.item_code IS 'Code of the material in the ERP.';
COMMENT ON COLUMN staging.items.name IS 'Name of the material.';
COMMENT ON COLUMN staging.items.family IS 'Family of materials that are planned alike.';
COMMENT ON COLUMN staging.items.category IS 'Category within the family.';
COMMENT ON COLUMN staging.items.unit_measure IS 'Unit of measure, normalised (UN, M, M2, M3, KG …).';
COMMENT ON COLUMN staging.items.unit_cost IS 'Standard cost of one unit. [BRL]';
COMMENT ON COLUMN staging.items.criticality IS 'How much a missing unit hurts, 0 to 10.';
COMMENT ON COLUMN staging.items.item_kind IS 'MATERIAL is stocked, SERVICE never is.';
COMMENT ON COLUMN staging.items.successor_code IS 'Code of the material that replaces this one.';
COMMENT ON COLUMN staging.items.active IS 'False once the material is discontinued.';
COMMENT ON COLUMN staging.items.file_id IS 'File that the row came in.';
COMMENT ON COLUMN staging.items.source_line IS 'Line of the row in its file; the header is line 1.';

CREATE TABLE staging.item_sources (
    item_code text NOT NULL,
    supplier_code text NOT NULL,
    site_code text,
    unit_price numeric(18,4),
    min_order_qty numeric(18,4),
    order_multiple numeric(18,4),
    lead_time_days numeric(18,4),
    valid_from date,
    valid_to date,
    file_id bigint NOT NULL,
    source_line integer NOT NULL,
    CONSTRAINT item_sources_unit_price_range CHECK (unit_price >= 0),
    CONSTRAINT item_sources_min_order_qty_range CHECK (min_order_qty >= 0),
    CONSTRAINT item_sources_order_multiple_range CHECK (order_multiple >= 0),
    CONSTRAINT item_sources_lead_time_days_range CHECK (lead_time_days >= 0 AND lead_time_days <= 3650),
    CONSTRAINT item_sources_source_line_range CHECK (source_line >= 1)
);
CREATE INDEX item_sources_file_id_idx ON staging.item_sources USING btree (file_id);
COMMENT ON TABLE staging.item_sources IS 'Terms on which a supplier sells a material, as landed. Grain: one row per line of a file.';
COMMENT ON COLUMN staging.item_sources.item_code IS 'Material.';
COMMENT ON COLUMN staging.item_sources.supplier_code IS 'Supplier.';
COMMENT ON COLUMN staging.item_sources.site_code IS 'Site that the terms hold for; empty for all sites.';
COMMENT ON COLUMN staging.item_sources.unit_price IS 'Price of one unit. [BRL]';
COMMENT ON COLUMN staging.item_sources.min_order_qty IS 'Smallest quantity of an order line.';
COMMENT ON COLUMN staging.item_sources.order_multiple IS 'Orders are multiples of this quantity.';
COMMENT ON COLUMN staging.item_sources.lead_time_days IS 'Lead time agreed with the supplier. [days]';
COMMENT ON COLUMN staging.item_sources.valid_from IS 'First day of the terms.';
COMMENT ON COLUMN staging.item_sources.valid_to IS 'Last day of the terms.';
COMMENT ON COLUMN staging.item_sources.file_id IS 'File that the row came in.';
COMMENT ON COLUMN staging.item_sources.source_line IS 'Line of the row in its file; the header is line 1.';

CREATE TABLE staging.demand (
    date date NOT NULL,
    item_code text NOT NULL,
    site_code text NOT NULL,
    quantity numeric(18,4) NOT NULL,
    fulfilled_quantity numeric(18,4),
    demand_type text,
    document_no text,
    file_id bigint NOT NULL,
    source_line integer NOT NULL,
    CONSTRAINT demand_fulfilled_quantity_range CHECK (fulfilled_quantity >= 0),
    CONSTRAINT demand_demand_type_values CHECK (demand_type IN ('PREVENTIVE', 'CORRECTIVE', 'BUILD', 'INSPECTION')),
    CONSTRAINT demand_source_line_range CHECK (source_line >= 1)
) PARTITION BY RANGE (date);
CREATE INDEX demand_file_id_idx ON staging.demand USING btree (file_id);
COMMENT ON TABLE staging.demand IS 'Material requests of the field teams, as landed. Grain: one row per line of a file.';
COMMENT ON COLUMN staging.demand.date IS 'Day on which the material was asked for.';
COMMENT ON COLUMN staging.demand.item_code IS 'Material.';
COMMENT ON COLUMN staging.demand.site_code IS 'Site that was asked.';
COMMENT ON COLUMN staging.demand.quantity IS 'Quantity asked for.';
COMMENT ON COLUMN staging.demand.fulfilled_quantity IS 'Quantity handed out.';
COMMENT ON COLUMN staging.demand.demand_type IS 'Work that caused the demand.';
COMMENT ON COLUMN staging.demand.document_no IS 'Number of the request in the ERP.';
COMMENT ON COLUMN staging.demand.file_id IS 'File that the row came in.';
COMMENT ON COLUMN staging.demand.source_line IS 'Line of the row in its file; the header is line 1.';

CREATE TABLE staging.inventory (
    date date NOT NULL,
    item_code text NOT NULL,
    site_code text NOT NULL,
    on_hand numeric(18,4) NOT NULL,
    reserved numeric(18,4),
    backorder numeric(18,4),
    file_id bigint NOT NULL,
    source_line integer NOT NULL,
    CONSTRAINT inventory_on_hand_range CHECK (on_hand >= 0),
    CONSTRAINT inventory_reserved_range CHECK (reserved >= 0),
    CONSTRAINT inventory_backorder_range CHECK (backorder >= 0),
    CONSTRAINT inventory_source_line_range CHECK (source_line >= 1)
) PARTITION BY RANGE (date);
CREATE INDEX inventory_file_id_idx ON staging.inventory USING btree (file_id);
COMMENT ON TABLE staging.inventory IS 'Stock of a material at a site at the close of a day, as landed. Grain: one row per line of a file.';
COMMENT ON COLUMN staging.inventory.date IS 'Day whose close the stock was taken at.';
COMMENT ON COLUMN staging.inventory.item_code IS 'Material.';
COMMENT ON COLUMN staging.inventory.site_code IS 'Site.';
COMMENT ON COLUMN staging.inventory.on_hand IS 'Quantity on the shelf.';
COMMENT ON COLUMN staging.inventory.reserved IS 'Quantity on the shelf that is promised already.';
COMMENT ON COLUMN staging.inventory.backorder IS 'Quantity owed to field teams.';
COMMENT ON COLUMN staging.inventory.file_id IS 'File that the row came in.';
COMMENT ON COLUMN staging.inventory.source_line IS 'Line of the row in its file; the header is line 1.';

CREATE TABLE staging.purchase_orders (
    order_no text NOT NULL,
    line_no text NOT NULL,
    item_code text NOT NULL,
    site_code text NOT NULL,
    supplier_code text NOT NULL,
    requested_date date,
    approved_date date,
    order_date date NOT NULL,
    expected_date date,
    received_date date,
    quantity numeric(18,4) NOT NULL,
    received_quantity numeric(18,4),
    unit_price numeric(18,4),
    status text,
    known_on date NOT NULL,
    file_id bigint NOT NULL,
    source_line integer NOT NULL,
    CONSTRAINT purchase_orders_quantity_range CHECK (quantity >= 0),
    CONSTRAINT purchase_orders_received_quantity_range CHECK (received_quantity >= 0),
    CONSTRAINT purchase_orders_unit_price_range CHECK (unit_price >= 0),
    CONSTRAINT purchase_orders_source_line_range CHECK (source_line >= 1)
) PARTITION BY RANGE (known_on);
CREATE INDEX purchase_orders_file_id_idx ON staging.purchase_orders USING btree (file_id);
COMMENT ON TABLE staging.purchase_orders IS 'Purchase order lines in the state in which each extract told them, as landed. Grain: one row per line of a file.';
COMMENT ON COLUMN staging.purchase_orders.order_no IS 'Number of the purchase order.';
COMMENT ON COLUMN staging.purchase_orders.line_no IS 'Line of the order.';
COMMENT ON COLUMN staging.purchase_orders.item_code IS 'Material.';
COMMENT ON COLUMN staging.purchase_orders.site_code IS 'Site that receives the material.';
COMMENT ON COLUMN staging.purchase_orders.supplier_code IS 'Supplier.';
COMMENT ON COLUMN staging.purchase_orders.requested_date IS 'Day on which the purchase was requested.';
COMMENT ON COLUMN staging.purchase_orders.approved_date IS 'Day on which the request was approved.';
COMMENT ON COLUMN staging.purchase_orders.order_date IS 'Day on which the order was placed.';
COMMENT ON COLUMN staging.purchase_orders.expected_date IS 'Day on which the supplier promises delivery.';
COMMENT ON COLUMN staging.purchase_orders.received_date IS 'Day on which the material arrived.';
COMMENT ON COLUMN staging.purchase_orders.quantity IS 'Quantity ordered.';
COMMENT ON COLUMN staging.purchase_orders.received_quantity IS 'Quantity received so far.';
COMMENT ON COLUMN staging.purchase_orders.unit_price IS 'Price of one unit. [BRL]';
COMMENT ON COLUMN staging.purchase_orders.status IS 'State of the line in the ERP.';
COMMENT ON COLUMN staging.purchase_orders.known_on IS 'Business date on which the row became known: the date in the file''s name, else the row''s own first date.';
COMMENT ON COLUMN staging.purchase_orders.file_id IS 'File that the row came in.';
COMMENT ON COLUMN staging.purchase_orders.source_line IS 'Line of the row in its file; the header is line 1.';

CREATE TABLE staging.planned_work (
    date date NOT NULL,
    item_code text NOT NULL,
    site_code text NOT NULL,
    quantity numeric(18,4) NOT NULL,
    work_type text,
    contract_code text,
    known_on date NOT NULL,
    file_id bigint NOT NULL,
    source_line integer NOT NULL,
    CONSTRAINT planned_work_quantity_range CHECK (quantity >= 0),
    CONSTRAINT planned_work_source_line_range CHECK (source_line >= 1)
) PARTITION BY RANGE (known_on);
CREATE INDEX planned_work_file_id_idx ON staging.planned_work USING btree (file_id);
COMMENT ON TABLE staging.planned_work IS 'Material that planned maintenance and builds will need, as landed. Grain: one row per line of a file.';
COMMENT ON COLUMN staging.planned_work.date IS 'Day on which the work is planned.';
COMMENT ON COLUMN staging.planned_work.item_code IS 'Material.';
COMMENT ON COLUMN staging.planned_work.site_code IS 'Site that will hand the material out.';
COMMENT ON COLUMN staging.planned_work.quantity IS 'Quantity that the work needs.';
COMMENT ON COLUMN staging.planned_work.work_type IS 'Kind of work.';
COMMENT ON COLUMN staging.planned_work.contract_code IS 'Maintenance contract.';
COMMENT ON COLUMN staging.planned_work.known_on IS 'Business date on which the row became known: the date in the file''s name, else the row''s own first date.';
COMMENT ON COLUMN staging.planned_work.file_id IS 'File that the row came in.';
COMMENT ON COLUMN staging.planned_work.source_line IS 'Line of the row in its file; the header is line 1.';

CREATE TABLE staging.external_daily (
    date date NOT NULL,
    series_code text NOT NULL,
    value numeric(18,6) NOT NULL,
    region_code text,
    file_id bigint NOT NULL,
    source_line integer NOT NULL,
    CONSTRAINT external_daily_source_line_range CHECK (source_line >= 1)
) PARTITION BY RANGE (date);
CREATE INDEX external_daily_file_id_idx ON staging.external_daily USING btree (file_id);
COMMENT ON TABLE staging.external_daily IS 'Daily series from outside the company (weather, currency, interest), as landed. Grain: one row per line of a file.';
COMMENT ON COLUMN staging.external_daily.date IS 'Day of the observation.';
COMMENT ON COLUMN staging.external_daily.series_code IS 'Series, such as RAIN_MM or USD_BRL.';
COMMENT ON COLUMN staging.external_daily.value IS 'Observed value, in the unit of the series.';
COMMENT ON COLUMN staging.external_daily.region_code IS 'Region of the observation; empty for the whole country.';
COMMENT ON COLUMN staging.external_daily.file_id IS 'File that the row came in.';
COMMENT ON COLUMN staging.external_daily.source_line IS 'Line of the row in its file; the header is line 1.';

CREATE TABLE staging.planning_rules (
    item_code text,
    family text,
    abc_class text,
    site_code text,
    criticality_min numeric(18,4),
    service_level numeric(18,4),
    review_days numeric(18,4),
    lead_time_days numeric(18,4),
    holding_rate_year numeric(18,4),
    holding_cost_unit_day numeric(18,4),
    shortage_cost_unit numeric(18,4),
    fixed_order_cost numeric(18,4),
    unmet_demand text,
    file_id bigint NOT NULL,
    source_line integer NOT NULL,
    CONSTRAINT planning_rules_abc_class_values CHECK (abc_class IN ('A', 'B', 'C')),
    CONSTRAINT planning_rules_criticality_min_range CHECK (criticality_min >= 0 AND criticality_min <= 10),
    CONSTRAINT planning_rules_service_level_range CHECK (service_level >= 0.5 AND service_level <= 0.9999),
    CONSTRAINT planning_rules_review_days_range CHECK (review_days >= 0),
    CONSTRAINT planning_rules_lead_time_days_range CHECK (lead_time_days >= 0),
    CONSTRAINT planning_rules_holding_rate_year_range CHECK (holding_rate_year >= 0 AND holding_rate_year <= 5),
    CONSTRAINT planning_rules_holding_cost_unit_day_range CHECK (holding_cost_unit_day >= 0),
    CONSTRAINT planning_rules_shortage_cost_unit_range CHECK (shortage_cost_unit >= 0),
    CONSTRAINT planning_rules_fixed_order_cost_range CHECK (fixed_order_cost >= 0),
    CONSTRAINT planning_rules_unmet_demand_values CHECK (unmet_demand IN ('BACKORDER', 'LOST')),
    CONSTRAINT planning_rules_source_line_range CHECK (source_line >= 1)
);
CREATE INDEX planning_rules_file_id_idx ON staging.planning_rules USING btree (file_id);
COMMENT ON TABLE staging.planning_rules IS 'Planning rules kept in the ERP, as landed. Grain: one row per line of a file.';
COMMENT ON COLUMN staging.planning_rules.item_code IS 'Scope: material.';
COMMENT ON COLUMN staging.planning_rules.family IS 'Scope: family of materials.';
COMMENT ON COLUMN staging.planning_rules.abc_class IS 'Scope: ABC class.';
COMMENT ON COLUMN staging.planning_rules.site_code IS 'Scope: site.';
COMMENT ON COLUMN staging.planning_rules.criticality_min IS 'Scope: criticality of at least this.';
COMMENT ON COLUMN staging.planning_rules.service_level IS 'Wanted probability of no stock-out per cycle.';
COMMENT ON COLUMN staging.planning_rules.review_days IS 'Days between two looks at the stock. [days]';
COMMENT ON COLUMN staging.planning_rules.lead_time_days IS 'Lead time to plan with instead of the measured one. [days]';
COMMENT ON COLUMN staging.planning_rules.holding_rate_year IS 'Yearly cost of holding stock, share of its value.';
COMMENT ON COLUMN staging.planning_rules.holding_cost_unit_day IS 'Cost of holding one unit for a day. [BRL]';
COMMENT ON COLUMN staging.planning_rules.shortage_cost_unit IS 'Cost of one unit short. [BRL]';
COMMENT ON COLUMN staging.planning_rules.fixed_order_cost IS 'Cost of placing one order line. [BRL]';
COMMENT ON COLUMN staging.planning_rules.unmet_demand IS 'What becomes of demand that finds no stock.';
COMMENT ON COLUMN staging.planning_rules.file_id IS 'File that the row came in.';
COMMENT ON COLUMN staging.planning_rules.source_line IS 'Line of the row in its file; the header is line 1.';

CREATE TABLE staging.files (
    file_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    feed text NOT NULL,
    path text NOT NULL,
    file_date date,
    part text,
    checksum text NOT NULL,
    size_bytes bigint NOT NULL,
    modified_at timestamptz,
    format text NOT NULL,
    dialect jsonb,
    mapping text,
    rows_in bigint NOT NULL,
    rows_accepted bigint NOT NULL,
    rows_rejected bigint NOT NULL,
    dates datemultirange,
    status text NOT NULL,
    replaced_by bigint,
    run_id text NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT files_pkey PRIMARY KEY (file_id),
    CONSTRAINT files_size_bytes_range CHECK (size_bytes >= 0),
    CONSTRAINT files_format_values CHECK (format IN ('csv', 'parquet', 'xlsx')),
    CONSTRAINT files_rows_in_range CHECK (rows_in >= 0),
    CONSTRAINT files_rows_accepted_range CHECK (rows_accepted >= 0),
    CONSTRAINT files_rows_rejected_range CHECK (rows_rejected >= 0),
    CONSTRAINT files_status_values CHECK (status IN ('LOADED', 'REPLACED')),
    CONSTRAINT files_rows_add_up CHECK (rows_in = rows_accepted + rows_rejected)
);
CREATE UNIQUE INDEX files_feed_path_key ON staging.files USING btree (feed, path) WHERE status = 'LOADED';
CREATE INDEX files_feed_file_date_idx ON staging.files USING btree (feed, file_date);
COMMENT ON TABLE staging.files IS 'Register of landed files, every version of each, with its counts. Rows in = accepted + rejected. Grain: one row per version of a file.';
COMMENT ON COLUMN staging.files.file_id IS 'Number of the file version.';
COMMENT ON COLUMN staging.files.feed IS 'Feed of the contract that the file belongs to.';
COMMENT ON COLUMN staging.files.path IS 'Path below the landing folder, or the URL of a file landed from elsewhere.';
COMMENT ON COLUMN staging.files.file_date IS 'Business date in the file''s name.';
COMMENT ON COLUMN staging.files.part IS 'Part in the file''s name.';
COMMENT ON COLUMN staging.files.checksum IS 'BLAKE2b of the bytes and of the mapping that read them.';
COMMENT ON COLUMN staging.files.size_bytes IS 'Size. [bytes]';
COMMENT ON COLUMN staging.files.modified_at IS 'Last change of the file, where the file system tells it.';
COMMENT ON COLUMN staging.files.format IS 'How the file was written.';
COMMENT ON COLUMN staging.files.dialect IS 'What was found out about a CSV: separator, decimal sign, encoding.';
COMMENT ON COLUMN staging.files.mapping IS 'Mapping that translated a foreign layout.';
COMMENT ON COLUMN staging.files.rows_in IS 'Rows that the file holds for this feed; a mapping may choose and reshape them.';
COMMENT ON COLUMN staging.files.rows_accepted IS 'Rows that reached the feed''s table.';
COMMENT ON COLUMN staging.files.rows_rejected IS 'Rows in quarantine.';
COMMENT ON COLUMN staging.files.dates IS 'Windows that the file touched.';
COMMENT ON COLUMN staging.files.status IS 'LOADED is in force, REPLACED gave way to a newer version.';
COMMENT ON COLUMN staging.files.replaced_by IS 'Version that replaced this one.';
COMMENT ON COLUMN staging.files.run_id IS 'Run that loaded the file.';
COMMENT ON COLUMN staging.files.loaded_at IS 'When the file was loaded.';

CREATE TABLE staging.rejects (
    file_id bigint NOT NULL,
    feed text NOT NULL,
    line_no integer NOT NULL,
    reason_code text NOT NULL,
    column_name text,
    detail text,
    raw text NOT NULL,
    CONSTRAINT rejects_line_no_range CHECK (line_no >= 1)
);
CREATE INDEX rejects_file_id_line_no_idx ON staging.rejects USING btree (file_id, line_no);
CREATE INDEX rejects_feed_reason_code_idx ON staging.rejects USING btree (feed, reason_code);
COMMENT ON TABLE staging.rejects IS 'Quarantine: every row that could not be taken, why, and the row itself. Grain: one row per refused line of a file.';
COMMENT ON COLUMN staging.rejects.file_id IS 'File that the row came in.';
COMMENT ON COLUMN staging.rejects.feed IS 'Feed of the contract.';
COMMENT ON COLUMN staging.rejects.line_no IS 'Line in the file; the header is line 1.';
COMMENT ON COLUMN staging.rejects.reason_code IS 'Why the row was refused, such as unreadable_date.';
COMMENT ON COLUMN staging.rejects.column_name IS 'Column at fault.';
COMMENT ON COLUMN staging.rejects.detail IS 'What was found there.';
COMMENT ON COLUMN staging.rejects.raw IS 'The row as it stood in the file.';

CREATE TABLE core.dim_calendar (
    full_date date NOT NULL,
    date_id integer NOT NULL,
    year smallint NOT NULL,
    quarter smallint NOT NULL,
    month smallint NOT NULL,
    week_of_year smallint NOT NULL,
    weekday smallint NOT NULL,
    day_of_month smallint NOT NULL,
    is_weekend boolean NOT NULL,
    is_holiday boolean NOT NULL,
    is_optional_holiday boolean NOT NULL,
    holiday_name text,
    state_holidays jsonb NOT NULL,
    is_business_day boolean NOT NULL,
    fiscal_year smallint NOT NULL,
    fiscal_quarter smallint NOT NULL,
    CONSTRAINT dim_calendar_pkey PRIMARY KEY (full_date),
    CONSTRAINT dim_calendar_quarter_range CHECK (quarter >= 1 AND quarter <= 4),
    CONSTRAINT dim_calendar_month_range CHECK (month >= 1 AND month <= 12),
    CONSTRAINT dim_calendar_week_of_year_range CHECK (week_of_year >= 1 AND week_of_year <= 53),
    CONSTRAINT dim_calendar_weekday_range CHECK (weekday >= 0 AND weekday <= 6),
    CONSTRAINT dim_calendar_day_of_month_range CHECK (day_of_month >= 1 AND day_of_month <= 31),
    CONSTRAINT dim_calendar_fiscal_quarter_range CHECK (fiscal_quarter >= 1 AND fiscal_quarter <= 4)
);
CREATE UNIQUE INDEX dim_calendar_date_id_key ON core.dim_calendar USING btree (date_id);
COMMENT ON TABLE core.dim_calendar IS 'Calendar of Brazil with national, state and optional holidays (field teams stop on Carnival too). Grain: one row per day.';
COMMENT ON COLUMN core.dim_calendar.full_date IS 'Day.';
COMMENT ON COLUMN core.dim_calendar.date_id IS 'Day as YYYYMMDD.';
COMMENT ON COLUMN core.dim_calendar.year IS 'Calendar year.';
COMMENT ON COLUMN core.dim_calendar.quarter IS 'Quarter.';
COMMENT ON COLUMN core.dim_calendar.month IS 'Month.';
COMMENT ON COLUMN core.dim_calendar.week_of_year IS 'ISO week.';
COMMENT ON COLUMN core.dim_calendar.weekday IS 'Day of the week, Monday is 0.';
COMMENT ON COLUMN core.dim_calendar.day_of_month IS 'Day of the month.';
COMMENT ON COLUMN core.dim_calendar.is_weekend IS 'Saturday or Sunday.';
COMMENT ON COLUMN core.dim_calendar.is_holiday IS 'National public holiday.';
COMMENT ON COLUMN core.dim_calendar.is_optional_holiday IS 'National optional holiday, such as Carnival.';
COMMENT ON COLUMN core.dim_calendar.holiday_name IS 'Name of the national or optional holiday.';
COMMENT ON COLUMN core.dim_calendar.state_holidays IS 'Public holidays of single states: state code to name.';
COMMENT ON COLUMN core.dim_calendar.is_business_day IS 'Neither weekend nor national public holiday.';
COMMENT ON COLUMN core.dim_calendar.fiscal_year IS 'Fiscal year (the calendar year in Brazil).';
COMMENT ON COLUMN core.dim_calendar.fiscal_quarter IS 'Fiscal quarter.';

CREATE TABLE core.dim_region (
    region_id bigint NOT NULL,
    region_code text NOT NULL,
    name text NOT NULL,
    state_code text,
    inferred boolean NOT NULL,
    CONSTRAINT dim_region_pkey PRIMARY KEY (region_id)
);
CREATE UNIQUE INDEX dim_region_region_code_key ON core.dim_region USING btree (region_code);
COMMENT ON TABLE core.dim_region IS 'Regions. Grain: one row per region.';
COMMENT ON COLUMN core.dim_region.region_id IS 'Key: core.surrogate_key(region_code).';
COMMENT ON COLUMN core.dim_region.region_code IS 'Code of the region in the ERP.';
COMMENT ON COLUMN core.dim_region.name IS 'Name of the region.';
COMMENT ON COLUMN core.dim_region.state_code IS 'Two-letter code of the Brazilian state.';
COMMENT ON COLUMN core.dim_region.inferred IS 'True for a placeholder: the code was used before any reference feed told it.';

CREATE TABLE core.dim_site (
    site_id bigint NOT NULL,
    site_code text NOT NULL,
    name text NOT NULL,
    region_id bigint,
    site_type text,
    latitude numeric(9,6),
    longitude numeric(9,6),
    active boolean NOT NULL,
    inferred boolean NOT NULL,
    CONSTRAINT dim_site_pkey PRIMARY KEY (site_id),
    CONSTRAINT dim_site_latitude_range CHECK (latitude >= -90 AND latitude <= 90),
    CONSTRAINT dim_site_longitude_range CHECK (longitude >= -180 AND longitude <= 180)
);
CREATE UNIQUE INDEX dim_site_site_code_key ON core.dim_site USING btree (site_code);
COMMENT ON TABLE core.dim_site IS 'Sites that hold stock. Grain: one row per site.';
COMMENT ON COLUMN core.dim_site.site_id IS 'Key: core.surrogate_key(site_code).';
COMMENT ON COLUMN core.dim_site.site_code IS 'Code of the site in the ERP.';
COMMENT ON COLUMN core.dim_site.name IS 'Name of the site.';
COMMENT ON COLUMN core.dim_site.region_id IS 'Region.';
COMMENT ON COLUMN core.dim_site.site_type IS 'Kind of site.';
COMMENT ON COLUMN core.dim_site.latitude IS 'Latitude. [degrees]';
COMMENT ON COLUMN core.dim_site.longitude IS 'Longitude. [degrees]';
COMMENT ON COLUMN core.dim_site.active IS 'False once the site is closed.';
COMMENT ON COLUMN core.dim_site.inferred IS 'True for a placeholder: the code was used before any reference feed told it.';

CREATE TABLE core.dim_supplier (
    supplier_id bigint NOT NULL,
    supplier_code text NOT NULL,
    name text NOT NULL,
    supplier_type text,
    active boolean NOT NULL,
    inferred boolean NOT NULL,
    CONSTRAINT dim_supplier_pkey PRIMARY KEY (supplier_id),
    CONSTRAINT dim_supplier_supplier_type_values CHECK (supplier_type IN ('DOMESTIC', 'IMPORT', 'HYBRID'))
);
CREATE UNIQUE INDEX dim_supplier_supplier_code_key ON core.dim_supplier USING btree (supplier_code);
COMMENT ON TABLE core.dim_supplier IS 'Suppliers. Grain: one row per supplier.';
COMMENT ON COLUMN core.dim_supplier.supplier_id IS 'Key: core.surrogate_key(supplier_code).';
COMMENT ON COLUMN core.dim_supplier.supplier_code IS 'Code of the supplier in the ERP.';
COMMENT ON COLUMN core.dim_supplier.name IS 'Name of the supplier.';
COMMENT ON COLUMN core.dim_supplier.supplier_type IS 'Where it delivers from.';
COMMENT ON COLUMN core.dim_supplier.active IS 'False once nothing is bought there any more.';
COMMENT ON COLUMN core.dim_supplier.inferred IS 'True for a placeholder: the code was used before any reference feed told it.';

CREATE TABLE core.dim_item (
    item_id bigint NOT NULL,
    item_code text NOT NULL,
    name text NOT NULL,
    family text,
    category text,
    unit_measure text NOT NULL,
    unit_cost numeric(18,4),
    criticality numeric(4,2),
    item_kind text NOT NULL,
    successor_code text,
    active boolean NOT NULL,
    inferred boolean NOT NULL,
    CONSTRAINT dim_item_pkey PRIMARY KEY (item_id),
    CONSTRAINT dim_item_unit_cost_range CHECK (unit_cost >= 0),
    CONSTRAINT dim_item_criticality_range CHECK (criticality >= 0 AND criticality <= 10),
    CONSTRAINT dim_item_item_kind_values CHECK (item_kind IN ('MATERIAL', 'SERVICE'))
);
CREATE UNIQUE INDEX dim_item_item_code_key ON core.dim_item USING btree (item_code);
COMMENT ON TABLE core.dim_item IS 'Materials and services. Grain: one row per material or service.';
COMMENT ON COLUMN core.dim_item.item_id IS 'Key: core.surrogate_key(item_code).';
COMMENT ON COLUMN core.dim_item.item_code IS 'Code of the material in the ERP.';
COMMENT ON COLUMN core.dim_item.name IS 'Name of the material.';
COMMENT ON COLUMN core.dim_item.family IS 'Family of materials that are planned alike.';
COMMENT ON COLUMN core.dim_item.category IS 'Category within the family.';
COMMENT ON COLUMN core.dim_item.unit_measure IS 'Unit of measure.';
COMMENT ON COLUMN core.dim_item.unit_cost IS 'Standard cost of one unit. [BRL]';
COMMENT ON COLUMN core.dim_item.criticality IS 'How much a missing unit hurts.';
COMMENT ON COLUMN core.dim_item.item_kind IS 'MATERIAL is stocked, SERVICE never is.';
COMMENT ON COLUMN core.dim_item.successor_code IS 'Material that replaces this one.';
COMMENT ON COLUMN core.dim_item.active IS 'False once the material is discontinued.';
COMMENT ON COLUMN core.dim_item.inferred IS 'True for a placeholder: the code was used before any reference feed told it.';

CREATE TABLE core.item_source (
    item_id bigint NOT NULL,
    supplier_id bigint NOT NULL,
    site_id bigint NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    unit_price numeric(18,4),
    min_order_qty numeric(18,4),
    order_multiple numeric(18,4),
    lead_time_days numeric(9,2),
    CONSTRAINT item_source_pkey PRIMARY KEY (item_id, supplier_id, site_id, valid_from),
    CONSTRAINT item_source_unit_price_range CHECK (unit_price >= 0),
    CONSTRAINT item_source_min_order_qty_range CHECK (min_order_qty >= 0),
    CONSTRAINT item_source_order_multiple_range CHECK (order_multiple >= 0),
    CONSTRAINT item_source_lead_time_days_range CHECK (lead_time_days >= 0),
    CONSTRAINT item_source_terms_end_after_start CHECK (valid_to >= valid_from)
);
COMMENT ON TABLE core.item_source IS 'Who sells what, on which terms, from when to when. Grain: one row per material, supplier, site and first day of the terms.';
COMMENT ON COLUMN core.item_source.item_id IS 'Material.';
COMMENT ON COLUMN core.item_source.supplier_id IS 'Supplier.';
COMMENT ON COLUMN core.item_source.site_id IS 'Site that the terms hold for; 0 for all sites.';
COMMENT ON COLUMN core.item_source.valid_from IS 'First day of the terms; 1900-01-01 where the feed gives none.';
COMMENT ON COLUMN core.item_source.valid_to IS 'Last day of the terms.';
COMMENT ON COLUMN core.item_source.unit_price IS 'Price of one unit. [BRL]';
COMMENT ON COLUMN core.item_source.min_order_qty IS 'Smallest quantity of an order line. [units]';
COMMENT ON COLUMN core.item_source.order_multiple IS 'Orders are multiples of this quantity. [units]';
COMMENT ON COLUMN core.item_source.lead_time_days IS 'Agreed lead time. [days]';

CREATE TABLE core.fact_demand_daily (
    full_date date NOT NULL,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    demand_type text NOT NULL,
    quantity numeric(18,4) NOT NULL,
    fulfilled_quantity numeric(18,4),
    movements integer NOT NULL,
    CONSTRAINT fact_demand_daily_pkey PRIMARY KEY (item_id, site_id, full_date, demand_type),
    CONSTRAINT fact_demand_daily_demand_type_values CHECK (demand_type IN ('PREVENTIVE', 'CORRECTIVE', 'BUILD', 'INSPECTION', 'UNSPECIFIED')),
    CONSTRAINT fact_demand_daily_quantity_range CHECK (quantity >= 0),
    CONSTRAINT fact_demand_daily_fulfilled_quantity_range CHECK (fulfilled_quantity >= 0),
    CONSTRAINT fact_demand_daily_movements_range CHECK (movements >= 1)
) PARTITION BY RANGE (full_date);
CREATE INDEX fact_demand_daily_full_date_idx ON core.fact_demand_daily USING brin (full_date);
COMMENT ON TABLE core.fact_demand_daily IS 'Demand of the field teams by day, whether it was met or not. Grain: one row per day, material, site and kind of demand; days without demand have no row.';
COMMENT ON COLUMN core.fact_demand_daily.full_date IS 'Business day.';
COMMENT ON COLUMN core.fact_demand_daily.item_id IS 'Material.';
COMMENT ON COLUMN core.fact_demand_daily.site_id IS 'Site.';
COMMENT ON COLUMN core.fact_demand_daily.demand_type IS 'Work that caused the demand.';
COMMENT ON COLUMN core.fact_demand_daily.quantity IS 'Quantity asked for. [units]';
COMMENT ON COLUMN core.fact_demand_daily.fulfilled_quantity IS 'Quantity handed out, where the ERP tells it. [units]';
COMMENT ON COLUMN core.fact_demand_daily.movements IS 'Lines of the extract in this row.';

CREATE TABLE core.fact_inventory_daily (
    full_date date NOT NULL,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    on_hand numeric(18,4) NOT NULL,
    reserved numeric(18,4) NOT NULL,
    backorder numeric(18,4) NOT NULL,
    CONSTRAINT fact_inventory_daily_pkey PRIMARY KEY (item_id, site_id, full_date),
    CONSTRAINT fact_inventory_daily_on_hand_range CHECK (on_hand >= 0),
    CONSTRAINT fact_inventory_daily_reserved_range CHECK (reserved >= 0),
    CONSTRAINT fact_inventory_daily_backorder_range CHECK (backorder >= 0)
) PARTITION BY RANGE (full_date);
CREATE INDEX fact_inventory_daily_full_date_idx ON core.fact_inventory_daily USING brin (full_date);
COMMENT ON TABLE core.fact_inventory_daily IS 'Stock at the close of each day. Grain: one row per day, material and site.';
COMMENT ON COLUMN core.fact_inventory_daily.full_date IS 'Business day.';
COMMENT ON COLUMN core.fact_inventory_daily.item_id IS 'Material.';
COMMENT ON COLUMN core.fact_inventory_daily.site_id IS 'Site.';
COMMENT ON COLUMN core.fact_inventory_daily.on_hand IS 'Quantity on the shelf. [units]';
COMMENT ON COLUMN core.fact_inventory_daily.reserved IS 'Quantity promised already. [units]';
COMMENT ON COLUMN core.fact_inventory_daily.backorder IS 'Quantity owed to field teams. [units]';

CREATE TABLE core.fact_orders (
    known_on date NOT NULL,
    order_no text NOT NULL,
    line_no text NOT NULL,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    supplier_id bigint NOT NULL,
    requested_date date,
    approved_date date,
    order_date date NOT NULL,
    expected_date date,
    received_date date,
    quantity numeric(18,4) NOT NULL,
    received_quantity numeric(18,4) NOT NULL,
    unit_price numeric(18,4),
    status text NOT NULL,
    CONSTRAINT fact_orders_pkey PRIMARY KEY (order_no, line_no, known_on),
    CONSTRAINT fact_orders_quantity_range CHECK (quantity >= 0),
    CONSTRAINT fact_orders_received_quantity_range CHECK (received_quantity >= 0),
    CONSTRAINT fact_orders_unit_price_range CHECK (unit_price >= 0),
    CONSTRAINT fact_orders_status_values CHECK (status IN ('PLACED', 'PARTIAL', 'RECEIVED', 'CANCELLED'))
) PARTITION BY RANGE (known_on);
CREATE INDEX fact_orders_item_id_site_id_known_on_idx ON core.fact_orders USING btree (item_id, site_id, known_on);
COMMENT ON TABLE core.fact_orders IS 'Purchase order lines, one version for each day on which an extract told something new about them. Grain: one row per order line and day on which it was told.';
COMMENT ON COLUMN core.fact_orders.known_on IS 'Day on which this version became known.';
COMMENT ON COLUMN core.fact_orders.order_no IS 'Purchase order.';
COMMENT ON COLUMN core.fact_orders.line_no IS 'Line of the order.';
COMMENT ON COLUMN core.fact_orders.item_id IS 'Material.';
COMMENT ON COLUMN core.fact_orders.site_id IS 'Site.';
COMMENT ON COLUMN core.fact_orders.supplier_id IS 'Supplier.';
COMMENT ON COLUMN core.fact_orders.requested_date IS 'Day of the request.';
COMMENT ON COLUMN core.fact_orders.approved_date IS 'Day of the approval.';
COMMENT ON COLUMN core.fact_orders.order_date IS 'Day on which the order was placed.';
COMMENT ON COLUMN core.fact_orders.expected_date IS 'Promised day of delivery.';
COMMENT ON COLUMN core.fact_orders.received_date IS 'Day of arrival.';
COMMENT ON COLUMN core.fact_orders.quantity IS 'Quantity ordered. [units]';
COMMENT ON COLUMN core.fact_orders.received_quantity IS 'Quantity received so far. [units]';
COMMENT ON COLUMN core.fact_orders.unit_price IS 'Price of one unit. [BRL]';
COMMENT ON COLUMN core.fact_orders.status IS 'State of the line.';

CREATE TABLE core.fact_planned_work (
    known_on date NOT NULL,
    full_date date NOT NULL,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    work_type text NOT NULL,
    contract_code text NOT NULL,
    quantity numeric(18,4) NOT NULL,
    CONSTRAINT fact_planned_work_pkey PRIMARY KEY (known_on, full_date, item_id, site_id, work_type, contract_code),
    CONSTRAINT fact_planned_work_quantity_range CHECK (quantity >= 0)
) PARTITION BY RANGE (known_on);
CREATE INDEX fact_planned_work_item_id_site_id_full_date_idx ON core.fact_planned_work USING btree (item_id, site_id, full_date);
COMMENT ON TABLE core.fact_planned_work IS 'Material that planned work will need, by the day on which the plan was told. Grain: one row per plan day, work day, material, site, kind of work and contract.';
COMMENT ON COLUMN core.fact_planned_work.known_on IS 'Day on which this plan became known.';
COMMENT ON COLUMN core.fact_planned_work.full_date IS 'Day of the work.';
COMMENT ON COLUMN core.fact_planned_work.item_id IS 'Material.';
COMMENT ON COLUMN core.fact_planned_work.site_id IS 'Site.';
COMMENT ON COLUMN core.fact_planned_work.work_type IS 'Kind of work; UNSPECIFIED where the feed gives none.';
COMMENT ON COLUMN core.fact_planned_work.contract_code IS 'Contract; empty where the feed gives none.';
COMMENT ON COLUMN core.fact_planned_work.quantity IS 'Quantity that the work needs. [units]';

CREATE TABLE core.fact_external_daily (
    full_date date NOT NULL,
    series_code text NOT NULL,
    region_id bigint NOT NULL,
    value numeric(18,6) NOT NULL,
    CONSTRAINT fact_external_daily_pkey PRIMARY KEY (series_code, region_id, full_date)
) PARTITION BY RANGE (full_date);
COMMENT ON TABLE core.fact_external_daily IS 'Daily series from outside the company. Grain: one row per day, series and region.';
COMMENT ON COLUMN core.fact_external_daily.full_date IS 'Day of the observation.';
COMMENT ON COLUMN core.fact_external_daily.series_code IS 'Series.';
COMMENT ON COLUMN core.fact_external_daily.region_id IS 'Region; 0 for the whole country.';
COMMENT ON COLUMN core.fact_external_daily.value IS 'Observed value, in the unit of the series.';

CREATE TABLE analytics.demand_classes (
    as_of date NOT NULL,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    demand_class text NOT NULL,
    abc_class text NOT NULL,
    events integer NOT NULL,
    total_quantity numeric(18,4) NOT NULL,
    adi double precision,
    cv2 double precision,
    first_date date NOT NULL,
    last_demand_date date,
    days_observed integer NOT NULL,
    days_stocked_out integer NOT NULL,
    value_365 numeric(18,4) NOT NULL,
    CONSTRAINT demand_classes_pkey PRIMARY KEY (as_of, item_id, site_id),
    CONSTRAINT demand_classes_demand_class_values CHECK (demand_class IN ('smooth', 'erratic', 'intermittent', 'lumpy', 'new', 'single_event', 'dead', 'none')),
    CONSTRAINT demand_classes_abc_class_values CHECK (abc_class IN ('A', 'B', 'C')),
    CONSTRAINT demand_classes_events_range CHECK (events >= 0),
    CONSTRAINT demand_classes_total_quantity_range CHECK (total_quantity >= 0),
    CONSTRAINT demand_classes_adi_range CHECK (adi >= 1),
    CONSTRAINT demand_classes_cv2_range CHECK (cv2 >= 0),
    CONSTRAINT demand_classes_days_observed_range CHECK (days_observed >= 1),
    CONSTRAINT demand_classes_days_stocked_out_range CHECK (days_stocked_out >= 0)
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.demand_classes IS 'How each material moves at each site: demand class (ADI 1.32, CV2 0.49), ABC class, events and stock-outs. Grain: one row per day, material and site that has been stocked or asked for.';
COMMENT ON COLUMN analytics.demand_classes.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.demand_classes.item_id IS 'Material.';
COMMENT ON COLUMN analytics.demand_classes.site_id IS 'Site.';
COMMENT ON COLUMN analytics.demand_classes.demand_class IS 'Class of the demand pattern.';
COMMENT ON COLUMN analytics.demand_classes.abc_class IS 'Class by value of demand in 365 days: 80 %, 95 %, rest.';
COMMENT ON COLUMN analytics.demand_classes.events IS 'Days with demand.';
COMMENT ON COLUMN analytics.demand_classes.total_quantity IS 'Demand since the first date. [units]';
COMMENT ON COLUMN analytics.demand_classes.adi IS 'Average days between demands. [days]';
COMMENT ON COLUMN analytics.demand_classes.cv2 IS 'Squared coefficient of variation of the demand sizes.';
COMMENT ON COLUMN analytics.demand_classes.first_date IS 'First day in stock or with demand.';
COMMENT ON COLUMN analytics.demand_classes.last_demand_date IS 'Last day with demand.';
COMMENT ON COLUMN analytics.demand_classes.days_observed IS 'Days from the first date to the as-of.';
COMMENT ON COLUMN analytics.demand_classes.days_stocked_out IS 'Days of them that closed without stock.';
COMMENT ON COLUMN analytics.demand_classes.value_365 IS 'Demand of the last 365 days at standard cost. [BRL]';

CREATE TABLE analytics.features_store (
    as_of date NOT NULL,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    schema_version integer NOT NULL,
    features jsonb NOT NULL,
    CONSTRAINT features_store_pkey PRIMARY KEY (as_of, item_id, site_id),
    CONSTRAINT features_store_schema_version_range CHECK (schema_version >= 1)
) PARTITION BY RANGE (as_of);
CREATE INDEX features_store_features_idx ON analytics.features_store USING gin (features);
COMMENT ON TABLE analytics.features_store IS 'Features of each item-site as JSONB: recency, intermittency, rates, calendar, weather, currency, planned work. Grain: one row per day, material and site.';
COMMENT ON COLUMN analytics.features_store.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.features_store.item_id IS 'Material.';
COMMENT ON COLUMN analytics.features_store.site_id IS 'Site.';
COMMENT ON COLUMN analytics.features_store.schema_version IS 'Version of the set of features.';
COMMENT ON COLUMN analytics.features_store.features IS 'Feature name to value.';

CREATE TABLE analytics.lead_time_profiles (
    as_of date NOT NULL,
    item_id bigint NOT NULL,
    supplier_id bigint NOT NULL,
    stage text NOT NULL,
    receipts integer NOT NULL,
    open_orders integer NOT NULL,
    mean_days double precision NOT NULL,
    sd_days double precision NOT NULL,
    quantile_levels double precision[] NOT NULL,
    quantile_values double precision[] NOT NULL,
    borrowed_share double precision NOT NULL,
    pooled_level text,
    on_time_share double precision,
    CONSTRAINT lead_time_profiles_pkey PRIMARY KEY (as_of, item_id, supplier_id, stage),
    CONSTRAINT lead_time_profiles_stage_values CHECK (stage IN ('REQUEST_TO_ORDER', 'ORDER_TO_RECEIPT', 'REQUEST_TO_RECEIPT')),
    CONSTRAINT lead_time_profiles_receipts_range CHECK (receipts >= 0),
    CONSTRAINT lead_time_profiles_open_orders_range CHECK (open_orders >= 0),
    CONSTRAINT lead_time_profiles_mean_days_range CHECK (mean_days >= 0),
    CONSTRAINT lead_time_profiles_sd_days_range CHECK (sd_days >= 0),
    CONSTRAINT lead_time_profiles_borrowed_share_range CHECK (borrowed_share >= 0 AND borrowed_share <= 1),
    CONSTRAINT lead_time_profiles_on_time_share_range CHECK (on_time_share >= 0 AND on_time_share <= 1)
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.lead_time_profiles IS 'Lead-time distributions by stage for each material and supplier, pooled where receipts are few; open orders count as censored. Grain: one row per day, material, supplier and stage.';
COMMENT ON COLUMN analytics.lead_time_profiles.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.lead_time_profiles.item_id IS 'Material.';
COMMENT ON COLUMN analytics.lead_time_profiles.supplier_id IS 'Supplier.';
COMMENT ON COLUMN analytics.lead_time_profiles.stage IS 'Stretch of the order''s way that is timed.';
COMMENT ON COLUMN analytics.lead_time_profiles.receipts IS 'Completed stretches observed for the pair.';
COMMENT ON COLUMN analytics.lead_time_profiles.open_orders IS 'Orders still on the way (censored).';
COMMENT ON COLUMN analytics.lead_time_profiles.mean_days IS 'Mean. [days]';
COMMENT ON COLUMN analytics.lead_time_profiles.sd_days IS 'Standard deviation. [days]';
COMMENT ON COLUMN analytics.lead_time_profiles.quantile_levels IS 'Probabilities of the quantile grid, ascending.';
COMMENT ON COLUMN analytics.lead_time_profiles.quantile_values IS 'Lead time at each level. [days]';
COMMENT ON COLUMN analytics.lead_time_profiles.borrowed_share IS 'Weight of the evidence that came from similar pairs.';
COMMENT ON COLUMN analytics.lead_time_profiles.pooled_level IS 'Nearest pool that evidence was borrowed from; ''agreed'' is the supplier''s promise.';
COMMENT ON COLUMN analytics.lead_time_profiles.on_time_share IS 'Receipts on or before the promised day.';

CREATE TABLE analytics.backtests (
    as_of date NOT NULL,
    target text NOT NULL,
    model text NOT NULL,
    demand_class text NOT NULL,
    family text NOT NULL,
    origins integer NOT NULL,
    series integer NOT NULL,
    mean_demand double precision NOT NULL,
    pinball double precision,
    pinball_se double precision,
    coverage_50 double precision NOT NULL,
    coverage_90 double precision NOT NULL,
    coverage_95 double precision NOT NULL,
    coverage_99 double precision NOT NULL,
    bias double precision,
    wape double precision,
    rmsse double precision,
    CONSTRAINT backtests_pkey PRIMARY KEY (as_of, target, model, demand_class, family),
    CONSTRAINT backtests_target_values CHECK (target IN ('PROTECTION', 'D30', 'D60', 'D90')),
    CONSTRAINT backtests_origins_range CHECK (origins >= 1),
    CONSTRAINT backtests_series_range CHECK (series >= 1),
    CONSTRAINT backtests_coverage_50_range CHECK (coverage_50 >= 0 AND coverage_50 <= 1),
    CONSTRAINT backtests_coverage_90_range CHECK (coverage_90 >= 0 AND coverage_90 <= 1),
    CONSTRAINT backtests_coverage_95_range CHECK (coverage_95 >= 0 AND coverage_95 <= 1),
    CONSTRAINT backtests_coverage_99_range CHECK (coverage_99 >= 0 AND coverage_99 <= 1)
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.backtests IS 'Rolling-origin scores of every model against zero and naive on the sum of demand, by class and family. Grain: one row per month, target, model, demand class and family (''*'' is all of them).';
COMMENT ON COLUMN analytics.backtests.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.backtests.target IS 'Sum that was forecast.';
COMMENT ON COLUMN analytics.backtests.model IS 'Model.';
COMMENT ON COLUMN analytics.backtests.demand_class IS 'Demand class at the origin, or ''*''.';
COMMENT ON COLUMN analytics.backtests.family IS 'Family, or ''*''.';
COMMENT ON COLUMN analytics.backtests.origins IS 'Origins scored.';
COMMENT ON COLUMN analytics.backtests.series IS 'Item-sites scored, summed over origins.';
COMMENT ON COLUMN analytics.backtests.mean_demand IS 'Mean of the actual sums. [units]';
COMMENT ON COLUMN analytics.backtests.pinball IS 'Mean pinball loss over .5 .8 .9 .95 .99, twice, over mean demand.';
COMMENT ON COLUMN analytics.backtests.pinball_se IS 'Standard error over series of its distance to the best pinball; NULL in small cells.';
COMMENT ON COLUMN analytics.backtests.coverage_50 IS 'Share of actual sums at or below the median.';
COMMENT ON COLUMN analytics.backtests.coverage_90 IS 'Share at or below the 0.9 quantile.';
COMMENT ON COLUMN analytics.backtests.coverage_95 IS 'Share at or below the 0.95 quantile.';
COMMENT ON COLUMN analytics.backtests.coverage_99 IS 'Share at or below the 0.99 quantile.';
COMMENT ON COLUMN analytics.backtests.bias IS 'Sum of mean forecasts over sum of actuals, less 1.';
COMMENT ON COLUMN analytics.backtests.wape IS 'Sum of absolute errors of the mean over sum of actuals.';
COMMENT ON COLUMN analytics.backtests.rmsse IS 'Root mean squared scaled error of the mean.';

CREATE TABLE analytics.model_selection (
    as_of date NOT NULL,
    target text NOT NULL,
    demand_class text NOT NULL,
    family text NOT NULL,
    model text NOT NULL,
    gain_over_naive double precision,
    gain_over_zero double precision,
    evidence jsonb NOT NULL,
    CONSTRAINT model_selection_pkey PRIMARY KEY (as_of, target, demand_class, family),
    CONSTRAINT model_selection_target_values CHECK (target IN ('PROTECTION', 'D30', 'D60', 'D90'))
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.model_selection IS 'Model in force for each target, demand class and family, with the evidence that chose it. Grain: one row per month, target, demand class and family (''*'' is all of them).';
COMMENT ON COLUMN analytics.model_selection.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.model_selection.target IS 'Sum that is forecast.';
COMMENT ON COLUMN analytics.model_selection.demand_class IS 'Demand class, or ''*''.';
COMMENT ON COLUMN analytics.model_selection.family IS 'Family, or ''*''.';
COMMENT ON COLUMN analytics.model_selection.model IS 'Chosen model.';
COMMENT ON COLUMN analytics.model_selection.gain_over_naive IS '1 - pinball over the naive model''s.';
COMMENT ON COLUMN analytics.model_selection.gain_over_zero IS '1 - pinball over the zero forecast''s.';
COMMENT ON COLUMN analytics.model_selection.evidence IS 'Scores of all models, origins, series and the rule that decided.';

CREATE TABLE analytics.forecasts (
    as_of date NOT NULL,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    target text NOT NULL,
    horizon_days double precision NOT NULL,
    model text NOT NULL,
    mean double precision NOT NULL,
    quantile_levels double precision[] NOT NULL,
    quantile_values double precision[] NOT NULL,
    borrowed_share double precision NOT NULL,
    CONSTRAINT forecasts_pkey PRIMARY KEY (as_of, item_id, site_id, target),
    CONSTRAINT forecasts_target_values CHECK (target IN ('PROTECTION', 'D30', 'D60', 'D90')),
    CONSTRAINT forecasts_horizon_days_range CHECK (horizon_days >= 0),
    CONSTRAINT forecasts_mean_range CHECK (mean >= 0),
    CONSTRAINT forecasts_borrowed_share_range CHECK (borrowed_share >= 0 AND borrowed_share <= 1)
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.forecasts IS 'Distribution of the sum of demand over the protection period and the next 30, 60 and 90 days. Grain: one row per day, material, site and target.';
COMMENT ON COLUMN analytics.forecasts.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.forecasts.item_id IS 'Material.';
COMMENT ON COLUMN analytics.forecasts.site_id IS 'Site.';
COMMENT ON COLUMN analytics.forecasts.target IS 'Sum that is forecast.';
COMMENT ON COLUMN analytics.forecasts.horizon_days IS 'Days summed (the mean where they are random). [days]';
COMMENT ON COLUMN analytics.forecasts.model IS 'Model that made the forecast.';
COMMENT ON COLUMN analytics.forecasts.mean IS 'Mean of the sum. [units]';
COMMENT ON COLUMN analytics.forecasts.quantile_levels IS 'Probabilities of the quantile grid, ascending.';
COMMENT ON COLUMN analytics.forecasts.quantile_values IS 'Sum at each level, never falling. [units]';
COMMENT ON COLUMN analytics.forecasts.borrowed_share IS 'Weight of the evidence that came from similar series.';

CREATE TABLE analytics.forecast_paths (
    as_of date NOT NULL,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    model text NOT NULL,
    step_days integer NOT NULL,
    mean double precision[] NOT NULL,
    p05 double precision[] NOT NULL,
    p25 double precision[] NOT NULL,
    p50 double precision[] NOT NULL,
    p75 double precision[] NOT NULL,
    p95 double precision[] NOT NULL,
    CONSTRAINT forecast_paths_pkey PRIMARY KEY (as_of, item_id, site_id),
    CONSTRAINT forecast_paths_step_days_range CHECK (step_days >= 1)
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.forecast_paths IS 'Forecast by step for charts: 13 weeks, each week''s own quantiles (never to be added up). Grain: one row per day, material and site.';
COMMENT ON COLUMN analytics.forecast_paths.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.forecast_paths.item_id IS 'Material.';
COMMENT ON COLUMN analytics.forecast_paths.site_id IS 'Site.';
COMMENT ON COLUMN analytics.forecast_paths.model IS 'Model that made the forecast.';
COMMENT ON COLUMN analytics.forecast_paths.step_days IS 'Days in a step. [days]';
COMMENT ON COLUMN analytics.forecast_paths.mean IS 'Mean by step. [units]';
COMMENT ON COLUMN analytics.forecast_paths.p05 IS '0.05 quantile by step. [units]';
COMMENT ON COLUMN analytics.forecast_paths.p25 IS '0.25 quantile by step. [units]';
COMMENT ON COLUMN analytics.forecast_paths.p50 IS 'Median by step. [units]';
COMMENT ON COLUMN analytics.forecast_paths.p75 IS '0.75 quantile by step. [units]';
COMMENT ON COLUMN analytics.forecast_paths.p95 IS '0.95 quantile by step. [units]';

CREATE TABLE analytics.stock_policies (
    as_of date NOT NULL,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    supplier_id bigint,
    service_level double precision NOT NULL,
    review_days double precision NOT NULL,
    lead_time_days double precision NOT NULL,
    protection_days double precision NOT NULL,
    reorder_point double precision NOT NULL,
    safety_stock double precision NOT NULL,
    order_up_to double precision NOT NULL,
    min_order_qty numeric(18,4) NOT NULL,
    order_multiple numeric(18,4) NOT NULL,
    unit_cost numeric(18,4),
    holding_cost_unit_day double precision,
    shortage_cost_unit double precision,
    unmet_demand text NOT NULL,
    terms jsonb NOT NULL,
    CONSTRAINT stock_policies_pkey PRIMARY KEY (as_of, item_id, site_id),
    CONSTRAINT stock_policies_service_level_range CHECK (service_level >= 0 AND service_level <= 1),
    CONSTRAINT stock_policies_review_days_range CHECK (review_days >= 0),
    CONSTRAINT stock_policies_lead_time_days_range CHECK (lead_time_days >= 0),
    CONSTRAINT stock_policies_protection_days_range CHECK (protection_days >= 0),
    CONSTRAINT stock_policies_reorder_point_range CHECK (reorder_point >= 0),
    CONSTRAINT stock_policies_order_up_to_range CHECK (order_up_to >= 0),
    CONSTRAINT stock_policies_min_order_qty_range CHECK (min_order_qty >= 0),
    CONSTRAINT stock_policies_order_multiple_range CHECK (order_multiple >= 0),
    CONSTRAINT stock_policies_unit_cost_range CHECK (unit_cost >= 0),
    CONSTRAINT stock_policies_holding_cost_unit_day_range CHECK (holding_cost_unit_day >= 0),
    CONSTRAINT stock_policies_shortage_cost_unit_range CHECK (shortage_cost_unit >= 0),
    CONSTRAINT stock_policies_unmet_demand_values CHECK (unmet_demand IN ('BACKORDER', 'LOST'))
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.stock_policies IS 'Reorder point, safety stock and order-up-to level of each item-site, from the quantiles of protection demand. Grain: one row per day, material and site.';
COMMENT ON COLUMN analytics.stock_policies.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.stock_policies.item_id IS 'Material.';
COMMENT ON COLUMN analytics.stock_policies.site_id IS 'Site.';
COMMENT ON COLUMN analytics.stock_policies.supplier_id IS 'Supplier.';
COMMENT ON COLUMN analytics.stock_policies.service_level IS 'Probability of no stock-out that the policy aims at.';
COMMENT ON COLUMN analytics.stock_policies.review_days IS 'Days between two looks. [days]';
COMMENT ON COLUMN analytics.stock_policies.lead_time_days IS 'Mean lead time planned with. [days]';
COMMENT ON COLUMN analytics.stock_policies.protection_days IS 'Lead time + review. [days]';
COMMENT ON COLUMN analytics.stock_policies.reorder_point IS 'Position below which to order. [units]';
COMMENT ON COLUMN analytics.stock_policies.safety_stock IS 'Reorder point less mean protection demand. [units]';
COMMENT ON COLUMN analytics.stock_policies.order_up_to IS 'Position to order up to. [units]';
COMMENT ON COLUMN analytics.stock_policies.min_order_qty IS 'Smallest order line. [units]';
COMMENT ON COLUMN analytics.stock_policies.order_multiple IS 'Multiple of order lines. [units]';
COMMENT ON COLUMN analytics.stock_policies.unit_cost IS 'Cost of one unit. [BRL]';
COMMENT ON COLUMN analytics.stock_policies.holding_cost_unit_day IS 'Holding a unit for a day. [BRL]';
COMMENT ON COLUMN analytics.stock_policies.shortage_cost_unit IS 'One unit short. [BRL]';
COMMENT ON COLUMN analytics.stock_policies.unmet_demand IS 'What becomes of unmet demand.';
COMMENT ON COLUMN analytics.stock_policies.terms IS 'Where each parameter came from: rule, scope, feed or default.';

CREATE TABLE analytics.recommendations (
    as_of date NOT NULL,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    action text NOT NULL,
    order_ref text NOT NULL,
    supplier_id bigint,
    quantity double precision NOT NULL,
    order_by date,
    arrive_by date,
    priority text NOT NULL,
    position double precision NOT NULL,
    on_hand numeric(18,4) NOT NULL,
    on_order numeric(18,4) NOT NULL,
    on_order_late numeric(18,4) NOT NULL,
    reserved numeric(18,4) NOT NULL,
    backorder numeric(18,4) NOT NULL,
    stockout_probability double precision NOT NULL,
    stockout_probability_after double precision NOT NULL,
    expected_shortage double precision NOT NULL,
    expected_shortage_after double precision NOT NULL,
    spend numeric(18,4) NOT NULL,
    avoided_cost numeric(18,4) NOT NULL,
    value_per_spend double precision,
    terms jsonb NOT NULL,
    flips jsonb NOT NULL,
    CONSTRAINT recommendations_pkey PRIMARY KEY (as_of, item_id, site_id, action, order_ref),
    CONSTRAINT recommendations_action_values CHECK (action IN ('REORDER', 'EXPEDITE', 'HOLD', 'REALLOCATE', 'REDUCE', 'SUBSTITUTE')),
    CONSTRAINT recommendations_quantity_range CHECK (quantity >= 0),
    CONSTRAINT recommendations_priority_values CHECK (priority IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    CONSTRAINT recommendations_on_hand_range CHECK (on_hand >= 0),
    CONSTRAINT recommendations_on_order_range CHECK (on_order >= 0),
    CONSTRAINT recommendations_on_order_late_range CHECK (on_order_late >= 0),
    CONSTRAINT recommendations_reserved_range CHECK (reserved >= 0),
    CONSTRAINT recommendations_backorder_range CHECK (backorder >= 0),
    CONSTRAINT recommendations_stockout_probability_range CHECK (stockout_probability >= 0 AND stockout_probability <= 1),
    CONSTRAINT recommendations_stockout_probability_after_range CHECK (stockout_probability_after >= 0 AND stockout_probability_after <= 1)
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.recommendations IS 'What to do about each item-site today, how much of it, by when, and every number that this came from. Grain: one row per day, material, site, action and order concerned ('''' where none is).';
COMMENT ON COLUMN analytics.recommendations.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.recommendations.item_id IS 'Material.';
COMMENT ON COLUMN analytics.recommendations.site_id IS 'Site.';
COMMENT ON COLUMN analytics.recommendations.action IS 'What to do.';
COMMENT ON COLUMN analytics.recommendations.order_ref IS 'Order line to expedite as order_no/line_no, or ''''.';
COMMENT ON COLUMN analytics.recommendations.supplier_id IS 'Supplier.';
COMMENT ON COLUMN analytics.recommendations.quantity IS 'How much. [units]';
COMMENT ON COLUMN analytics.recommendations.order_by IS 'Last day to act.';
COMMENT ON COLUMN analytics.recommendations.arrive_by IS 'Day on which the material should arrive.';
COMMENT ON COLUMN analytics.recommendations.priority IS 'How urgent.';
COMMENT ON COLUMN analytics.recommendations.position IS 'On hand + on order in the window - reserved - backorder. [units]';
COMMENT ON COLUMN analytics.recommendations.on_hand IS 'Quantity on the shelf. [units]';
COMMENT ON COLUMN analytics.recommendations.on_order IS 'Open orders expected inside the protection period. [units]';
COMMENT ON COLUMN analytics.recommendations.on_order_late IS 'Open orders past their promised day, left out of the position. [units]';
COMMENT ON COLUMN analytics.recommendations.reserved IS 'Quantity promised already. [units]';
COMMENT ON COLUMN analytics.recommendations.backorder IS 'Quantity owed. [units]';
COMMENT ON COLUMN analytics.recommendations.stockout_probability IS 'Probability of a stock-out in the protection period, without acting.';
COMMENT ON COLUMN analytics.recommendations.stockout_probability_after IS 'The same after acting.';
COMMENT ON COLUMN analytics.recommendations.expected_shortage IS 'Expected units short without acting. [units]';
COMMENT ON COLUMN analytics.recommendations.expected_shortage_after IS 'The same after acting. [units]';
COMMENT ON COLUMN analytics.recommendations.spend IS 'Cost of the material to buy. [BRL]';
COMMENT ON COLUMN analytics.recommendations.avoided_cost IS 'Expected shortage cost avoided, less the holding cost added. [BRL]';
COMMENT ON COLUMN analytics.recommendations.value_per_spend IS 'Avoided cost over spend.';
COMMENT ON COLUMN analytics.recommendations.terms IS 'Inputs, dates, model, rule and formula terms of the decision.';
COMMENT ON COLUMN analytics.recommendations.flips IS 'Smallest change of each input that would turn the decision.';

CREATE TABLE analytics.alerts (
    as_of date NOT NULL,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    cause text NOT NULL,
    severity text NOT NULL,
    probability double precision,
    expected_date date,
    value_at_risk numeric(18,4) NOT NULL,
    details jsonb NOT NULL,
    CONSTRAINT alerts_pkey PRIMARY KEY (as_of, item_id, site_id, cause),
    CONSTRAINT alerts_cause_values CHECK (cause IN ('STOCKOUT_RISK', 'STOCKED_OUT', 'LATE_ORDER', 'DEMAND_SPIKE', 'LEAD_TIME_DRIFT', 'EXCESS', 'DATA_QUALITY')),
    CONSTRAINT alerts_severity_values CHECK (severity IN ('NORMAL', 'WARNING', 'CRITICAL')),
    CONSTRAINT alerts_probability_range CHECK (probability >= 0 AND probability <= 1)
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.alerts IS 'What needs a person''s attention on the date, one per material, site and cause, with what is at stake. Grain: one row per day, material, site and cause.';
COMMENT ON COLUMN analytics.alerts.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.alerts.item_id IS 'Material.';
COMMENT ON COLUMN analytics.alerts.site_id IS 'Site.';
COMMENT ON COLUMN analytics.alerts.cause IS 'What is wrong.';
COMMENT ON COLUMN analytics.alerts.severity IS 'How bad it is.';
COMMENT ON COLUMN analytics.alerts.probability IS 'Probability that it comes true.';
COMMENT ON COLUMN analytics.alerts.expected_date IS 'Day on which it is expected.';
COMMENT ON COLUMN analytics.alerts.value_at_risk IS 'What is at stake. [BRL]';
COMMENT ON COLUMN analytics.alerts.details IS 'Numbers that the message is made of.';

CREATE TABLE analytics.kpis_daily (
    as_of date NOT NULL,
    kpi_code text NOT NULL,
    dimension text NOT NULL,
    member text NOT NULL,
    numerator numeric(24,6) NOT NULL,
    denominator numeric(24,6),
    value numeric(24,10),
    CONSTRAINT kpis_daily_pkey PRIMARY KEY (as_of, kpi_code, dimension, member),
    CONSTRAINT kpis_daily_dimension_values CHECK (dimension IN ('company', 'region', 'family', 'abc', 'site'))
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.kpis_daily IS 'Key figures by day with numerator and denominator, for the company and by region, family, ABC class and site. Grain: one row per day, key figure, dimension and member (''*'' for the company).';
COMMENT ON COLUMN analytics.kpis_daily.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.kpis_daily.kpi_code IS 'Key figure of the KPI dictionary.';
COMMENT ON COLUMN analytics.kpis_daily.dimension IS 'What the figure is cut by.';
COMMENT ON COLUMN analytics.kpis_daily.member IS 'Member of the dimension, or ''*''.';
COMMENT ON COLUMN analytics.kpis_daily.numerator IS 'Numerator of the definition.';
COMMENT ON COLUMN analytics.kpis_daily.denominator IS 'Denominator; NULL where the figure is a plain sum.';
COMMENT ON COLUMN analytics.kpis_daily.value IS 'Numerator over denominator; NULL where that is undefined.';

CREATE TABLE analytics.calibration (
    as_of date NOT NULL,
    target text NOT NULL,
    demand_class text NOT NULL,
    level double precision NOT NULL,
    forecast_as_of date NOT NULL,
    series integer NOT NULL,
    at_or_below integer NOT NULL,
    pinball double precision NOT NULL,
    CONSTRAINT calibration_pkey PRIMARY KEY (as_of, target, demand_class, level),
    CONSTRAINT calibration_target_values CHECK (target IN ('PROTECTION', 'D30', 'D60', 'D90')),
    CONSTRAINT calibration_level_range CHECK (level >= 0 AND level <= 1),
    CONSTRAINT calibration_series_range CHECK (series >= 1),
    CONSTRAINT calibration_at_or_below_range CHECK (at_or_below >= 0),
    CONSTRAINT calibration_covered_within_series CHECK (at_or_below <= series)
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.calibration IS 'Score of the forecasts whose period ended on the date: how many actual sums fell at or below each quantile. Grain: one row per day, target, demand class and level.';
COMMENT ON COLUMN analytics.calibration.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.calibration.target IS 'Sum that was forecast.';
COMMENT ON COLUMN analytics.calibration.demand_class IS 'Demand class when the forecast was made.';
COMMENT ON COLUMN analytics.calibration.level IS 'Probability of the quantile.';
COMMENT ON COLUMN analytics.calibration.forecast_as_of IS 'Date that the forecast stood on.';
COMMENT ON COLUMN analytics.calibration.series IS 'Item-sites scored.';
COMMENT ON COLUMN analytics.calibration.at_or_below IS 'Actual sums at or below the quantile.';
COMMENT ON COLUMN analytics.calibration.pinball IS 'Mean pinball loss at the level. [units]';

CREATE TABLE analytics.decision_replay (
    as_of date NOT NULL,
    decided_on date NOT NULL,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    action text NOT NULL,
    order_ref text NOT NULL,
    actual_demand numeric(18,4) NOT NULL,
    shortage_without double precision NOT NULL,
    shortage_with double precision NOT NULL,
    cost_without numeric(18,4) NOT NULL,
    cost_with numeric(18,4) NOT NULL,
    CONSTRAINT decision_replay_pkey PRIMARY KEY (as_of, decided_on, item_id, site_id, action, order_ref),
    CONSTRAINT decision_replay_action_values CHECK (action IN ('REORDER', 'EXPEDITE', 'HOLD', 'REALLOCATE', 'REDUCE', 'SUBSTITUTE')),
    CONSTRAINT decision_replay_actual_demand_range CHECK (actual_demand >= 0)
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.decision_replay IS 'Outcome of each recommendation once its protection period is over, against doing nothing. Grain: one row per day, decision date, material, site, action and order concerned.';
COMMENT ON COLUMN analytics.decision_replay.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.decision_replay.decided_on IS 'Date of the recommendation.';
COMMENT ON COLUMN analytics.decision_replay.item_id IS 'Material.';
COMMENT ON COLUMN analytics.decision_replay.site_id IS 'Site.';
COMMENT ON COLUMN analytics.decision_replay.action IS 'What was recommended.';
COMMENT ON COLUMN analytics.decision_replay.order_ref IS 'Order line concerned, or ''''.';
COMMENT ON COLUMN analytics.decision_replay.actual_demand IS 'Demand in the protection period. [units]';
COMMENT ON COLUMN analytics.decision_replay.shortage_without IS 'Units short had nothing been done. [units]';
COMMENT ON COLUMN analytics.decision_replay.shortage_with IS 'Units short with the recommendation. [units]';
COMMENT ON COLUMN analytics.decision_replay.cost_without IS 'Shortage and holding cost had nothing been done. [BRL]';
COMMENT ON COLUMN analytics.decision_replay.cost_with IS 'The same with the recommendation. [BRL]';

CREATE TABLE analytics.scenarios (
    as_of date NOT NULL,
    scenario_code text NOT NULL,
    dimension text NOT NULL,
    member text NOT NULL,
    service_level double precision,
    item_sites integer NOT NULL,
    stock_value numeric(18,4) NOT NULL,
    expected_shortage double precision NOT NULL,
    holding_cost_year numeric(18,4) NOT NULL,
    parameters jsonb NOT NULL,
    CONSTRAINT scenarios_pkey PRIMARY KEY (as_of, scenario_code, dimension, member),
    CONSTRAINT scenarios_dimension_values CHECK (dimension IN ('company', 'region', 'family', 'abc', 'site')),
    CONSTRAINT scenarios_service_level_range CHECK (service_level >= 0 AND service_level <= 1),
    CONSTRAINT scenarios_item_sites_range CHECK (item_sites >= 0)
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.scenarios IS 'Stock, cost and expected shortage at other service levels: the curve of service against stock. Grain: one row per day, scenario, dimension and member.';
COMMENT ON COLUMN analytics.scenarios.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.scenarios.scenario_code IS 'Scenario, such as service_0.95 or a recorded what-if.';
COMMENT ON COLUMN analytics.scenarios.dimension IS 'What the figure is cut by.';
COMMENT ON COLUMN analytics.scenarios.member IS 'Member of the dimension, or ''*''.';
COMMENT ON COLUMN analytics.scenarios.service_level IS 'Service level of the scenario.';
COMMENT ON COLUMN analytics.scenarios.item_sites IS 'Item-sites in the figure.';
COMMENT ON COLUMN analytics.scenarios.stock_value IS 'Value of the order-up-to levels. [BRL]';
COMMENT ON COLUMN analytics.scenarios.expected_shortage IS 'Expected units short per protection period. [units]';
COMMENT ON COLUMN analytics.scenarios.holding_cost_year IS 'Holding cost per year of the safety stocks. [BRL]';
COMMENT ON COLUMN analytics.scenarios.parameters IS 'What the scenario changes.';

CREATE TABLE analytics.kpi_definitions (
    kpi_code text NOT NULL,
    position integer NOT NULL,
    name_pt text NOT NULL,
    name_en text NOT NULL,
    numerator text NOT NULL,
    denominator text,
    basis text NOT NULL,
    null_rule text NOT NULL,
    unit text NOT NULL,
    lower_is_better boolean NOT NULL,
    target double precision,
    CONSTRAINT kpi_definitions_pkey PRIMARY KEY (kpi_code),
    CONSTRAINT kpi_definitions_position_range CHECK (position >= 0),
    CONSTRAINT kpi_definitions_unit_values CHECK (unit IN ('share', 'BRL', 'units', 'days')),
    CONSTRAINT kpi_definitions_target_range CHECK (target >= 0 AND target <= 1)
);
COMMENT ON TABLE analytics.kpi_definitions IS 'KPI dictionary: the one definition of each key figure, with its names and target. Grain: one row per key figure.';
COMMENT ON COLUMN analytics.kpi_definitions.kpi_code IS 'Code.';
COMMENT ON COLUMN analytics.kpi_definitions.position IS 'Order on screens.';
COMMENT ON COLUMN analytics.kpi_definitions.name_pt IS 'Name in Portuguese.';
COMMENT ON COLUMN analytics.kpi_definitions.name_en IS 'Name in English.';
COMMENT ON COLUMN analytics.kpi_definitions.numerator IS 'What is counted.';
COMMENT ON COLUMN analytics.kpi_definitions.denominator IS 'Out of what; NULL for a plain sum.';
COMMENT ON COLUMN analytics.kpi_definitions.basis IS 'Time basis.';
COMMENT ON COLUMN analytics.kpi_definitions.null_rule IS 'What happens where it is undefined.';
COMMENT ON COLUMN analytics.kpi_definitions.unit IS 'Unit of the value.';
COMMENT ON COLUMN analytics.kpi_definitions.lower_is_better IS 'Whether a fall is good news.';
COMMENT ON COLUMN analytics.kpi_definitions.target IS 'Target of the company.';

CREATE TABLE support.users (
    user_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    username text NOT NULL,
    display_name text NOT NULL,
    email text,
    password_hash text NOT NULL,
    role text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    demo boolean NOT NULL DEFAULT false,
    locale text NOT NULL DEFAULT 'pt-BR',
    failed_logins integer NOT NULL DEFAULT 0,
    blocked_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    password_changed_at timestamptz NOT NULL DEFAULT now(),
    last_login_at timestamptz,
    CONSTRAINT users_pkey PRIMARY KEY (user_id),
    CONSTRAINT users_role_values CHECK (role IN ('ADMIN', 'ANALYST', 'VIEWER')),
    CONSTRAINT users_locale_values CHECK (locale IN ('pt-BR', 'en')),
    CONSTRAINT users_failed_logins_range CHECK (failed_logins >= 0)
);
CREATE UNIQUE INDEX users_username_key ON support.users USING btree (username);
COMMENT ON TABLE support.users IS 'People who may sign in. Grain: one row per person.';
COMMENT ON COLUMN support.users.user_id IS 'Key.';
COMMENT ON COLUMN support.users.username IS 'Name to sign in with, lower case.';
COMMENT ON COLUMN support.users.display_name IS 'Name on screens.';
COMMENT ON COLUMN support.users.email IS 'E-mail address.';
COMMENT ON COLUMN support.users.password_hash IS 'bcrypt hash of the password.';
COMMENT ON COLUMN support.users.role IS 'What the person may do.';
COMMENT ON COLUMN support.users.active IS 'False once the account is closed.';
COMMENT ON COLUMN support.users.demo IS 'True for an account of the demonstration.';
COMMENT ON COLUMN support.users.locale IS 'Language of the screens.';
COMMENT ON COLUMN support.users.failed_logins IS 'Wrong passwords since the last right one.';
COMMENT ON COLUMN support.users.blocked_until IS 'No password is checked before this moment.';
COMMENT ON COLUMN support.users.created_at IS 'When the account was made.';
COMMENT ON COLUMN support.users.password_changed_at IS 'When the password was last set.';
COMMENT ON COLUMN support.users.last_login_at IS 'When the person last signed in.';

CREATE TABLE support.sessions (
    session_hash bytea NOT NULL,
    user_id bigint NOT NULL CONSTRAINT sessions_user_id_fkey REFERENCES support.users (user_id),
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    ip text,
    user_agent text,
    CONSTRAINT sessions_pkey PRIMARY KEY (session_hash)
);
CREATE INDEX sessions_user_id_idx ON support.sessions USING btree (user_id);
COMMENT ON TABLE support.sessions IS 'Signed-in sessions. The browser holds a random id; only its hash is here. Grain: one row per sign-in.';
COMMENT ON COLUMN support.sessions.session_hash IS 'SHA-256 of the session id.';
COMMENT ON COLUMN support.sessions.user_id IS 'Who is signed in.';
COMMENT ON COLUMN support.sessions.created_at IS 'When the session began.';
COMMENT ON COLUMN support.sessions.last_seen_at IS 'Last request.';
COMMENT ON COLUMN support.sessions.expires_at IS 'When the session ends whatever happens.';
COMMENT ON COLUMN support.sessions.revoked_at IS 'When it was ended.';
COMMENT ON COLUMN support.sessions.ip IS 'Address of the browser.';
COMMENT ON COLUMN support.sessions.user_agent IS 'Browser.';

CREATE TABLE support.setup_tokens (
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT setup_tokens_pkey PRIMARY KEY (token_hash)
);
COMMENT ON TABLE support.setup_tokens IS 'One-time links that create the first ADMIN. Grain: one row per link.';
COMMENT ON COLUMN support.setup_tokens.token_hash IS 'SHA-256 of the token in the link.';
COMMENT ON COLUMN support.setup_tokens.created_at IS 'When the link was made.';
COMMENT ON COLUMN support.setup_tokens.expires_at IS 'When it stops working.';
COMMENT ON COLUMN support.setup_tokens.used_at IS 'When it was used.';

CREATE TABLE support.api_tokens (
    token_hash bytea NOT NULL,
    user_id bigint NOT NULL CONSTRAINT api_tokens_user_id_fkey REFERENCES support.users (user_id),
    label text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT api_tokens_pkey PRIMARY KEY (token_hash)
);
COMMENT ON TABLE support.api_tokens IS 'Tokens of other systems for the REST API; only hashes. Grain: one row per token.';
COMMENT ON COLUMN support.api_tokens.token_hash IS 'SHA-256 of the token.';
COMMENT ON COLUMN support.api_tokens.user_id IS 'Whose rights the token has.';
COMMENT ON COLUMN support.api_tokens.label IS 'What the token is for.';
COMMENT ON COLUMN support.api_tokens.created_at IS 'When it was made.';
COMMENT ON COLUMN support.api_tokens.expires_at IS 'When it stops working.';
COMMENT ON COLUMN support.api_tokens.last_used_at IS 'Last use.';
COMMENT ON COLUMN support.api_tokens.revoked_at IS 'When it was withdrawn.';

CREATE TABLE support.login_attempts (
    attempt_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    username text NOT NULL,
    source text,
    succeeded boolean NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT login_attempts_pkey PRIMARY KEY (attempt_id)
);
CREATE INDEX login_attempts_username_at_idx ON support.login_attempts USING btree (username, at);
CREATE INDEX login_attempts_source_at_idx ON support.login_attempts USING btree (source, at);
COMMENT ON TABLE support.login_attempts IS 'Attempts to sign in, for unknown names too, so that guessing slows down whatever is guessed. Grain: one row per attempt.';
COMMENT ON COLUMN support.login_attempts.attempt_id IS 'Key.';
COMMENT ON COLUMN support.login_attempts.username IS 'Name that was given, lower case.';
COMMENT ON COLUMN support.login_attempts.source IS 'Address that it came from.';
COMMENT ON COLUMN support.login_attempts.succeeded IS 'Whether the password was right.';
COMMENT ON COLUMN support.login_attempts.at IS 'When.';

CREATE TABLE support.audit_logs (
    audit_id bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    action text NOT NULL,
    entity text,
    outcome text NOT NULL,
    details jsonb NOT NULL,
    ip text,
    user_agent text,
    previous_hash bytea NOT NULL,
    row_hash bytea NOT NULL,
    CONSTRAINT audit_logs_pkey PRIMARY KEY (audit_id),
    CONSTRAINT audit_logs_outcome_values CHECK (outcome IN ('DONE', 'REFUSED', 'FAILED'))
);
CREATE INDEX audit_logs_actor_at_idx ON support.audit_logs USING btree (actor, at);
CREATE INDEX audit_logs_action_at_idx ON support.audit_logs USING btree (action, at);
COMMENT ON TABLE support.audit_logs IS 'Who did or was refused what, when and from where. Append-only; each row carries the hash of the one before. Grain: one row per event.';
COMMENT ON COLUMN support.audit_logs.audit_id IS 'Number in the chain, without gaps.';
COMMENT ON COLUMN support.audit_logs.at IS 'When.';
COMMENT ON COLUMN support.audit_logs.actor IS 'Who: a user name, or the process.';
COMMENT ON COLUMN support.audit_logs.action IS 'What, such as login.succeeded or export.downloaded.';
COMMENT ON COLUMN support.audit_logs.entity IS 'What it concerned.';
COMMENT ON COLUMN support.audit_logs.outcome IS 'Whether it was done.';
COMMENT ON COLUMN support.audit_logs.details IS 'Everything else, without secrets.';
COMMENT ON COLUMN support.audit_logs.ip IS 'Address.';
COMMENT ON COLUMN support.audit_logs.user_agent IS 'Browser.';
COMMENT ON COLUMN support.audit_logs.previous_hash IS 'Hash of the row before.';
COMMENT ON COLUMN support.audit_logs.row_hash IS 'SHA-256 over this row and the hash before.';

CREATE TABLE support.audit_head (
    only_row boolean NOT NULL DEFAULT true,
    audit_id bigint NOT NULL,
    row_hash bytea NOT NULL,
    CONSTRAINT audit_head_pkey PRIMARY KEY (only_row)
);
COMMENT ON TABLE support.audit_head IS 'Head of the audit chain: last number and hash; locked while a row is added. Grain: exactly one row.';
COMMENT ON COLUMN support.audit_head.only_row IS 'Always true.';
COMMENT ON COLUMN support.audit_head.audit_id IS 'Last number given.';
COMMENT ON COLUMN support.audit_head.row_hash IS 'Hash of the last row.';

CREATE TABLE support.overrides (
    override_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    field text NOT NULL,
    target text,
    value double precision NOT NULL,
    reason text NOT NULL,
    created_by bigint NOT NULL CONSTRAINT overrides_created_by_fkey REFERENCES support.users (user_id),
    created_at timestamptz NOT NULL DEFAULT now(),
    valid_until date NOT NULL,
    withdrawn_at timestamptz,
    CONSTRAINT overrides_pkey PRIMARY KEY (override_id),
    CONSTRAINT overrides_field_values CHECK (field IN ('FORECAST', 'SAFETY_STOCK', 'LEAD_TIME', 'QUANTITY')),
    CONSTRAINT overrides_value_range CHECK (value >= 0)
);
CREATE INDEX overrides_item_id_site_id_idx ON support.overrides USING btree (item_id, site_id);
COMMENT ON TABLE support.overrides IS 'What planners put in the place of a computed number, kept apart from it, with reason and expiry. Grain: one row per override.';
COMMENT ON COLUMN support.overrides.override_id IS 'Key.';
COMMENT ON COLUMN support.overrides.item_id IS 'Material.';
COMMENT ON COLUMN support.overrides.site_id IS 'Site.';
COMMENT ON COLUMN support.overrides.field IS 'Number that is overridden.';
COMMENT ON COLUMN support.overrides.target IS 'Which sum, for a forecast.';
COMMENT ON COLUMN support.overrides.value IS 'The planner''s number.';
COMMENT ON COLUMN support.overrides.reason IS 'Why.';
COMMENT ON COLUMN support.overrides.created_by IS 'Who.';
COMMENT ON COLUMN support.overrides.created_at IS 'When.';
COMMENT ON COLUMN support.overrides.valid_until IS 'Last day on which it counts.';
COMMENT ON COLUMN support.overrides.withdrawn_at IS 'When it was taken back.';

CREATE TABLE support.alert_states (
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    cause text NOT NULL,
    read_at timestamptz,
    snoozed_until date,
    owner_id bigint CONSTRAINT alert_states_owner_id_fkey REFERENCES support.users (user_id),
    note text,
    updated_by bigint NOT NULL CONSTRAINT alert_states_updated_by_fkey REFERENCES support.users (user_id),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT alert_states_pkey PRIMARY KEY (item_id, site_id, cause)
);
COMMENT ON TABLE support.alert_states IS 'What people did about an alert; the pipeline never writes here. Grain: one row per material, site and cause.';
COMMENT ON COLUMN support.alert_states.item_id IS 'Material.';
COMMENT ON COLUMN support.alert_states.site_id IS 'Site.';
COMMENT ON COLUMN support.alert_states.cause IS 'Cause of the alert.';
COMMENT ON COLUMN support.alert_states.read_at IS 'When it was read.';
COMMENT ON COLUMN support.alert_states.snoozed_until IS 'Day until which it stays quiet.';
COMMENT ON COLUMN support.alert_states.owner_id IS 'Who takes care of it.';
COMMENT ON COLUMN support.alert_states.note IS 'Remark.';
COMMENT ON COLUMN support.alert_states.updated_by IS 'Who changed it last.';
COMMENT ON COLUMN support.alert_states.updated_at IS 'When.';

CREATE TABLE support.recommendation_states (
    as_of date NOT NULL,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    action text NOT NULL,
    order_ref text NOT NULL,
    state text NOT NULL,
    quantity double precision,
    reason text,
    version integer NOT NULL DEFAULT 1,
    updated_by bigint NOT NULL CONSTRAINT recommendation_states_updated_by_fkey REFERENCES support.users (user_id),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT recommendation_states_pkey PRIMARY KEY (as_of, item_id, site_id, action, order_ref),
    CONSTRAINT recommendation_states_state_values CHECK (state IN ('APPROVED', 'ADJUSTED', 'REJECTED', 'EXPORTED', 'RECEIVED')),
    CONSTRAINT recommendation_states_quantity_range CHECK (quantity >= 0),
    CONSTRAINT recommendation_states_version_range CHECK (version >= 1)
);
COMMENT ON TABLE support.recommendation_states IS 'What people decided about a recommendation; the pipeline never writes here. Grain: one row per recommendation that somebody acted on.';
COMMENT ON COLUMN support.recommendation_states.as_of IS 'Date of the recommendation.';
COMMENT ON COLUMN support.recommendation_states.item_id IS 'Material.';
COMMENT ON COLUMN support.recommendation_states.site_id IS 'Site.';
COMMENT ON COLUMN support.recommendation_states.action IS 'Action recommended.';
COMMENT ON COLUMN support.recommendation_states.order_ref IS 'Order concerned, or ''''.';
COMMENT ON COLUMN support.recommendation_states.state IS 'Decision.';
COMMENT ON COLUMN support.recommendation_states.quantity IS 'Quantity decided.';
COMMENT ON COLUMN support.recommendation_states.reason IS 'Why, where it departs from the recommendation.';
COMMENT ON COLUMN support.recommendation_states.version IS 'Grows by one with each change (optimistic locking).';
COMMENT ON COLUMN support.recommendation_states.updated_by IS 'Who decided.';
COMMENT ON COLUMN support.recommendation_states.updated_at IS 'When.';

CREATE TABLE support.saved_views (
    view_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    user_id bigint NOT NULL CONSTRAINT saved_views_user_id_fkey REFERENCES support.users (user_id),
    screen text NOT NULL,
    name text NOT NULL,
    query text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT saved_views_pkey PRIMARY KEY (view_id)
);
CREATE UNIQUE INDEX saved_views_user_id_screen_name_key ON support.saved_views USING btree (user_id, screen, name);
COMMENT ON TABLE support.saved_views IS 'Filters that a person keeps under a name. Grain: one row per saved view.';
COMMENT ON COLUMN support.saved_views.view_id IS 'Key.';
COMMENT ON COLUMN support.saved_views.user_id IS 'Whose view.';
COMMENT ON COLUMN support.saved_views.screen IS 'Screen.';
COMMENT ON COLUMN support.saved_views.name IS 'Name.';
COMMENT ON COLUMN support.saved_views.query IS 'Query string of the URL.';
COMMENT ON COLUMN support.saved_views.created_at IS 'When.';

CREATE TABLE support.comments (
    comment_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    item_id bigint NOT NULL,
    site_id bigint,
    body text NOT NULL,
    created_by bigint NOT NULL CONSTRAINT comments_created_by_fkey REFERENCES support.users (user_id),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT comments_pkey PRIMARY KEY (comment_id)
);
CREATE INDEX comments_item_id_site_id_idx ON support.comments USING btree (item_id, site_id);
COMMENT ON TABLE support.comments IS 'Remarks of people on a material at a site. Grain: one row per comment.';
COMMENT ON COLUMN support.comments.comment_id IS 'Key.';
COMMENT ON COLUMN support.comments.item_id IS 'Material.';
COMMENT ON COLUMN support.comments.site_id IS 'Site.';
COMMENT ON COLUMN support.comments.body IS 'Text.';
COMMENT ON COLUMN support.comments.created_by IS 'Who.';
COMMENT ON COLUMN support.comments.created_at IS 'When.';

CREATE TABLE support.planning_rules (
    rule_id bigint NOT NULL,
    item_code text,
    family text,
    abc_class text,
    site_code text,
    criticality_min numeric(18,4),
    specificity integer NOT NULL,
    service_level numeric(18,4),
    review_days numeric(18,4),
    lead_time_days numeric(18,4),
    holding_rate_year numeric(18,4),
    holding_cost_unit_day numeric(18,4),
    shortage_cost_unit numeric(18,4),
    fixed_order_cost numeric(18,4),
    unmet_demand text,
    CONSTRAINT planning_rules_pkey PRIMARY KEY (rule_id),
    CONSTRAINT planning_rules_abc_class_values CHECK (abc_class IN ('A', 'B', 'C')),
    CONSTRAINT planning_rules_specificity_range CHECK (specificity >= 0),
    CONSTRAINT planning_rules_service_level_range CHECK (service_level >= 0.5 AND service_level <= 0.9999),
    CONSTRAINT planning_rules_review_days_range CHECK (review_days >= 0),
    CONSTRAINT planning_rules_lead_time_days_range CHECK (lead_time_days >= 0),
    CONSTRAINT planning_rules_holding_rate_year_range CHECK (holding_rate_year >= 0),
    CONSTRAINT planning_rules_holding_cost_unit_day_range CHECK (holding_cost_unit_day >= 0),
    CONSTRAINT planning_rules_shortage_cost_unit_range CHECK (shortage_cost_unit >= 0),
    CONSTRAINT planning_rules_fixed_order_cost_range CHECK (fixed_order_cost >= 0),
    CONSTRAINT planning_rules_unmet_demand_values CHECK (unmet_demand IN ('BACKORDER', 'LOST'))
);
COMMENT ON TABLE support.planning_rules IS 'Planning rules in force; for each parameter the most specific rule that gives it wins. Grain: one row per rule.';
COMMENT ON COLUMN support.planning_rules.rule_id IS 'Key: core.surrogate_key of the scope.';
COMMENT ON COLUMN support.planning_rules.item_code IS 'Scope: material.';
COMMENT ON COLUMN support.planning_rules.family IS 'Scope: family.';
COMMENT ON COLUMN support.planning_rules.abc_class IS 'Scope: ABC class.';
COMMENT ON COLUMN support.planning_rules.site_code IS 'Scope: site.';
COMMENT ON COLUMN support.planning_rules.criticality_min IS 'Scope: criticality of at least this.';
COMMENT ON COLUMN support.planning_rules.specificity IS 'How narrow the scope is; wins over smaller.';
COMMENT ON COLUMN support.planning_rules.service_level IS 'Wanted probability of no stock-out.';
COMMENT ON COLUMN support.planning_rules.review_days IS 'Days between two looks. [days]';
COMMENT ON COLUMN support.planning_rules.lead_time_days IS 'Lead time to plan with. [days]';
COMMENT ON COLUMN support.planning_rules.holding_rate_year IS 'Yearly holding cost, share of value.';
COMMENT ON COLUMN support.planning_rules.holding_cost_unit_day IS 'Holding a unit for a day. [BRL]';
COMMENT ON COLUMN support.planning_rules.shortage_cost_unit IS 'One unit short. [BRL]';
COMMENT ON COLUMN support.planning_rules.fixed_order_cost IS 'One order line. [BRL]';
COMMENT ON COLUMN support.planning_rules.unmet_demand IS 'What becomes of unmet demand.';

CREATE TABLE support.materializations (
    materialization_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    table_name text NOT NULL,
    windows datemultirange,
    run_id text NOT NULL,
    code_version text NOT NULL,
    rows bigint NOT NULL,
    mode text NOT NULL,
    inputs_seen bigint,
    details jsonb NOT NULL DEFAULT '{}',
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT materializations_pkey PRIMARY KEY (materialization_id),
    CONSTRAINT materializations_rows_range CHECK (rows >= 0),
    CONSTRAINT materializations_mode_values CHECK (mode IN ('SWAP', 'REPLACE', 'APPEND', 'REFRESH'))
);
CREATE INDEX materializations_table_name_materialization_id_idx ON support.materializations USING btree (table_name, materialization_id);
CREATE INDEX materializations_windows_idx ON support.materializations USING gist (windows);
COMMENT ON TABLE support.materializations IS 'The ledger: every publish of a window, written in the transaction that published it. Grain: one row per publish.';
COMMENT ON COLUMN support.materializations.materialization_id IS 'Key, in order of publish.';
COMMENT ON COLUMN support.materializations.table_name IS 'Table, as schema.name.';
COMMENT ON COLUMN support.materializations.windows IS 'Business dates that were written; NULL for a table without windows.';
COMMENT ON COLUMN support.materializations.run_id IS 'Run that wrote it.';
COMMENT ON COLUMN support.materializations.code_version IS 'Version of the code that computed it.';
COMMENT ON COLUMN support.materializations.rows IS 'Rows written.';
COMMENT ON COLUMN support.materializations.mode IS 'How it was published.';
COMMENT ON COLUMN support.materializations.inputs_seen IS 'Newest entry that the inputs could hold when read; NULL where only this entry''s own place tells.';
COMMENT ON COLUMN support.materializations.details IS 'Sources, models, seeds and anything else that reproduces it.';
COMMENT ON COLUMN support.materializations.at IS 'When.';

-- Tokens of other systems for the REST API: the rights of the person who made them, for a year at most.

CREATE FUNCTION support.create_api_token(p_session bytea, p_token bytea, p_label text, p_valid interval)
RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
    ends timestamptz := now() + p_valid;
BEGIN
    IF octet_length(p_token) IS DISTINCT FROM 32 OR trim(coalesce(p_label, '')) = '' OR ends IS NULL
        OR ends NOT BETWEEN now() AND now() + interval '366 days'
    THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    INSERT INTO support.api_tokens (token_hash, user_id, label, expires_at)
    VALUES (p_token, person.user_id, left(trim(p_label), 100), ends);
    PERFORM support.append_audit(
        person.username, 'api_token.created', left(trim(p_label), 100), 'DONE',
        jsonb_build_object('token_id', left(encode(p_token, 'hex'), 16), 'expires_at', ends));
    RETURN ends;
END $$;

CREATE FUNCTION support.check_api_token(p_token bytea)
RETURNS TABLE (user_id bigint, username text, display_name text, role text, locale text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    SELECT u.user_id, u.username, u.display_name, u.role, u.locale
    FROM support.api_tokens t
    JOIN support.users u ON u.user_id = t.user_id
    WHERE t.token_hash = p_token AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp() AND u.active;
    IF FOUND THEN
        UPDATE support.api_tokens t SET last_used_at = clock_timestamp()
        WHERE t.token_hash = p_token
          AND (t.last_used_at IS NULL OR t.last_used_at < clock_timestamp() - interval '1 minute');
    END IF;
END $$;

CREATE FUNCTION support.revoke_api_token(p_session bytea, p_token_id text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER'], true);
    what text;
BEGIN
    UPDATE support.api_tokens t SET revoked_at = clock_timestamp()
    WHERE left(encode(t.token_hash, 'hex'), 16) = p_token_id AND t.revoked_at IS NULL
      AND (person.role = 'ADMIN' OR t.user_id = person.user_id)
    RETURNING t.label INTO what;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'token_unknown' USING ERRCODE = 'NV404';
    END IF;
    PERFORM support.append_audit(
        person.username, 'api_token.revoked', what, 'DONE', jsonb_build_object('token_id', p_token_id));
END $$;

CREATE FUNCTION support.api_tokens_list(p_session bytea) RETURNS TABLE (
    token_id text, username text, label text, created_at timestamptz, expires_at timestamptz, last_used_at timestamptz
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER'], true);
BEGIN
    RETURN QUERY
    SELECT
        left(encode(t.token_hash, 'hex'), 16), u.username, t.label, t.created_at, t.expires_at, t.last_used_at
    FROM support.api_tokens t
    JOIN support.users u ON u.user_id = t.user_id
    WHERE t.revoked_at IS NULL AND t.expires_at > clock_timestamp()
      AND (person.role = 'ADMIN' OR t.user_id = person.user_id)
    ORDER BY t.created_at DESC;
END $$;

-- The audit trail: one chain of rows, each carrying the hash of the one before. Numbers and hashes are given while the head
-- row is locked; numbering outside of that lock breaks the chain as soon as two write at once.
-- The owner of the database can still rewrite everything: compare audit_verify with a head kept elsewhere.

INSERT INTO support.audit_head (audit_id, row_hash) VALUES (0, sha256(''));

CREATE FUNCTION support.audit_hash(p_row support.audit_logs) RETURNS bytea
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        p_row.audit_id, to_char(p_row.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        p_row.actor, p_row.action, p_row.entity, p_row.outcome, p_row.details, p_row.ip, p_row.user_agent,
        encode(p_row.previous_hash, 'hex')
    )::text, 'UTF8'))
$$;

-- Every function that changes something calls this last: the head stays locked until the transaction ends.
CREATE FUNCTION support.append_audit(
    p_actor text, p_action text, p_entity text, p_outcome text, p_details jsonb DEFAULT '{}',
    p_source text DEFAULT NULL, p_user_agent text DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    head support.audit_head;
    event support.audit_logs;
BEGIN
    SELECT * INTO STRICT head FROM support.audit_head FOR UPDATE;
    event := ROW(
        head.audit_id + 1, clock_timestamp(), left(p_actor, 100), left(p_action, 100), left(p_entity, 400), p_outcome,
        coalesce(p_details, '{}'), left(p_source, 100), left(p_user_agent, 400), head.row_hash, NULL
    );
    event.row_hash := support.audit_hash(event);
    INSERT INTO support.audit_logs SELECT event.*;
    UPDATE support.audit_head SET audit_id = event.audit_id, row_hash = event.row_hash;
    RETURN event.audit_id;
END $$;

CREATE FUNCTION support.refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'audit_is_append_only' USING ERRCODE = 'NV403';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON support.audit_logs
FOR EACH STATEMENT EXECUTE FUNCTION support.refuse_change();

-- An event that only the app can see (a refused page, a download). The actor is whoever owns the session, never a claim.
CREATE FUNCTION support.audit(
    p_session bytea, p_action text, p_entity text, p_outcome text, p_details jsonb, p_source text, p_user_agent text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    actor text;
BEGIN
    SELECT u.username INTO actor FROM support.live_session(p_session) AS u;
    IF actor IS NULL THEN
        actor := CASE
            WHEN p_session IS NOT NULL THEN 'anonymous'
            WHEN session_user = 'nova_etl' THEN 'pipeline'
            WHEN pg_has_role(session_user, 'nova_owner', 'MEMBER') THEN 'cli'
            ELSE 'anonymous'
        END;
    END IF;
    RETURN support.append_audit(actor, p_action, p_entity, p_outcome, p_details, p_source, p_user_agent);
END $$;

CREATE FUNCTION support.audit_list(
    p_session bytea, p_from timestamptz, p_to timestamptz, p_actor text, p_action text, p_limit integer
) RETURNS TABLE (
    audit_id bigint, at timestamptz, actor text, action text, entity text, outcome text, details jsonb, ip text,
    user_agent text
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM support.acting(p_session, ARRAY['ADMIN'], true);
    RETURN QUERY
    SELECT l.audit_id, l.at, l.actor, l.action, l.entity, l.outcome, l.details, l.ip, l.user_agent
    FROM support.audit_logs l
    WHERE (p_from IS NULL OR l.at >= p_from) AND (p_to IS NULL OR l.at < p_to)
      AND (p_actor IS NULL OR l.actor = p_actor) AND (p_action IS NULL OR starts_with(l.action, p_action))
    ORDER BY l.audit_id DESC
    LIMIT least(coalesce(p_limit, 200), 10000);
END $$;

-- Walks the whole chain; `problem` is NULL, row_missing, link_broken, row_changed, head_differs or known_differs.
CREATE FUNCTION support.audit_verify(p_known_id bigint DEFAULT NULL, p_known_hash text DEFAULT NULL)
RETURNS TABLE (rows_checked bigint, head_id bigint, head_hash text, problem text, problem_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    head support.audit_head;
    last_id bigint;
    last_hash bytea;
BEGIN
    SELECT * INTO STRICT head FROM support.audit_head;
    SELECT count(*) INTO rows_checked FROM support.audit_logs;
    head_id := head.audit_id;
    head_hash := encode(head.row_hash, 'hex');
    SELECT c.fault, c.audit_id INTO problem, problem_id
    FROM (
        SELECT l.audit_id, CASE
            WHEN l.audit_id <> row_number() OVER chain THEN 'row_missing'
            WHEN l.previous_hash <> coalesce(lag(l.row_hash) OVER chain, sha256('')) THEN 'link_broken'
            WHEN l.row_hash <> support.audit_hash(l) THEN 'row_changed'
        END AS fault
        FROM support.audit_logs l
        WINDOW chain AS (ORDER BY l.audit_id)
    ) AS c
    WHERE c.fault IS NOT NULL
    ORDER BY c.audit_id
    LIMIT 1;
    IF problem IS NULL THEN
        SELECT l.audit_id, l.row_hash INTO last_id, last_hash
        FROM support.audit_logs l ORDER BY l.audit_id DESC LIMIT 1;
        IF (coalesce(last_id, 0), coalesce(last_hash, sha256(''))) <> (head.audit_id, head.row_hash) THEN
            problem := 'head_differs';
            problem_id := coalesce(last_id, 0);
        ELSIF p_known_id > 0 AND NOT EXISTS (
            SELECT FROM support.audit_logs l
            WHERE l.audit_id = p_known_id AND encode(l.row_hash, 'hex') = lower(p_known_hash)
        ) THEN
            problem := 'known_differs';
            problem_id := p_known_id;
        END IF;
    END IF;
    RETURN NEXT;
END $$;

-- What planners decide about recommendations and alerts, and the numbers that they override. ANALYST and ADMIN only.
-- Each row that two people may change carries a version: whoever saw an older one is refused with NV409.

CREATE FUNCTION support.planner(p_session bytea) RETURNS support.users
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN support.acting(p_session, ARRAY['ADMIN', 'ANALYST']);
END $$;

CREATE FUNCTION support.item_site(p_item_id bigint, p_site_id bigint) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    codes text;
BEGIN
    SELECT i.item_code || ' @ ' || s.site_code INTO codes
    FROM core.dim_item i, core.dim_site s WHERE i.item_id = p_item_id AND s.site_id = p_site_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'item_site_unknown' USING ERRCODE = 'NV404';
    END IF;
    RETURN codes;
END $$;

-- APPROVED, ADJUSTED and REJECTED may follow each other until the order is EXPORTED; then it can only be RECEIVED.
CREATE FUNCTION support.require_transition(p_before text, p_after text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    allowed boolean;
BEGIN
    IF p_after IS NULL OR p_after NOT IN ('APPROVED', 'ADJUSTED', 'REJECTED', 'EXPORTED', 'RECEIVED') THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    allowed := CASE p_after
        WHEN 'EXPORTED' THEN coalesce(p_before, '') IN ('APPROVED', 'ADJUSTED')
        WHEN 'RECEIVED' THEN coalesce(p_before, '') = 'EXPORTED'
        ELSE coalesce(p_before, 'APPROVED') IN ('APPROVED', 'ADJUSTED', 'REJECTED')
    END;
    IF NOT allowed THEN
        RAISE EXCEPTION 'state_refused' USING ERRCODE = 'NV409', DETAIL = coalesce(p_before, 'none') || ' to ' || p_after;
    END IF;
END $$;

CREATE FUNCTION support.require_version(p_found integer, p_expected integer) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_expected IS DISTINCT FROM coalesce(p_found, 0) THEN
        RAISE EXCEPTION 'version_conflict' USING ERRCODE = 'NV409', DETAIL = 'version ' || coalesce(p_found, 0);
    END IF;
END $$;

CREATE FUNCTION support.decide_recommendation(
    p_session bytea, p_as_of date, p_item_id bigint, p_site_id bigint, p_action text, p_order_ref text, p_state text,
    p_quantity double precision, p_reason text, p_expected_version integer
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
    before support.recommendation_states;
    advised double precision;
    quantity double precision;
    reason text := nullif(trim(p_reason), '');
    new_version integer;
BEGIN
    SELECT r.quantity INTO advised FROM analytics.recommendations r
    WHERE r.as_of = p_as_of AND r.item_id = p_item_id AND r.site_id = p_site_id AND r.action = p_action
      AND r.order_ref = p_order_ref;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'recommendation_unknown' USING ERRCODE = 'NV404';
    END IF;
    SELECT * INTO before FROM support.recommendation_states s
    WHERE s.as_of = p_as_of AND s.item_id = p_item_id AND s.site_id = p_site_id AND s.action = p_action
      AND s.order_ref = p_order_ref
    FOR UPDATE;
    PERFORM support.require_version(before.version, p_expected_version);
    PERFORM support.require_transition(before.state, p_state);
    IF (p_state IN ('ADJUSTED', 'REJECTED') AND reason IS NULL) OR (p_state = 'ADJUSTED' AND p_quantity IS NULL)
        OR p_quantity < 0 OR p_quantity IN ('NaN', 'Infinity')
    THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    quantity := CASE p_state
        WHEN 'APPROVED' THEN advised
        WHEN 'REJECTED' THEN 0
        ELSE coalesce(p_quantity, before.quantity)
    END;
    INSERT INTO support.recommendation_states AS s (
        as_of, item_id, site_id, action, order_ref, state, quantity, reason, version, updated_by, updated_at)
    VALUES (
        p_as_of, p_item_id, p_site_id, p_action, p_order_ref, p_state, quantity, coalesce(reason, before.reason), 1,
        person.user_id, clock_timestamp())
    ON CONFLICT ON CONSTRAINT recommendation_states_pkey DO UPDATE SET
        state = excluded.state, quantity = excluded.quantity, reason = excluded.reason, version = s.version + 1,
        updated_by = excluded.updated_by, updated_at = excluded.updated_at
    WHERE s.version = p_expected_version
    RETURNING s.version INTO new_version;
    IF new_version IS NULL THEN
        -- Two first decisions at once: this one came second.
        RAISE EXCEPTION 'version_conflict' USING ERRCODE = 'NV409';
    END IF;
    PERFORM support.append_audit(
        person.username, 'recommendation.' || lower(p_state), support.item_site(p_item_id, p_site_id), 'DONE',
        jsonb_build_object(
            'as_of', p_as_of, 'action', p_action, 'order_ref', p_order_ref, 'advised', advised, 'quantity', quantity,
            'reason', reason, 'version', new_version));
    RETURN new_version;
END $$;

CREATE FUNCTION support.withdraw_decision(
    p_session bytea, p_as_of date, p_item_id bigint, p_site_id bigint, p_action text, p_order_ref text,
    p_expected_version integer
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
    before support.recommendation_states;
BEGIN
    SELECT * INTO before FROM support.recommendation_states s
    WHERE s.as_of = p_as_of AND s.item_id = p_item_id AND s.site_id = p_site_id AND s.action = p_action
      AND s.order_ref = p_order_ref
    FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'decision_unknown' USING ERRCODE = 'NV404';
    END IF;
    PERFORM support.require_version(before.version, p_expected_version);
    IF before.state IN ('EXPORTED', 'RECEIVED') THEN
        RAISE EXCEPTION 'state_refused' USING ERRCODE = 'NV409', DETAIL = before.state;
    END IF;
    DELETE FROM support.recommendation_states s
    WHERE s.as_of = p_as_of AND s.item_id = p_item_id AND s.site_id = p_site_id AND s.action = p_action
      AND s.order_ref = p_order_ref;
    PERFORM support.append_audit(
        person.username, 'recommendation.withdrawn', support.item_site(p_item_id, p_site_id), 'DONE',
        jsonb_build_object(
            'as_of', p_as_of, 'action', p_action, 'order_ref', p_order_ref, 'state', before.state,
            'quantity', before.quantity, 'version', before.version));
END $$;

-- The whole state of an alert: read or not, quiet until, in whose care, with what remark.
CREATE FUNCTION support.set_alert_state(
    p_session bytea, p_item_id bigint, p_site_id bigint, p_cause text, p_read boolean, p_snoozed_until date,
    p_owner text DEFAULT NULL, p_note text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
    keeper support.users;
    entity text := support.item_site(p_item_id, p_site_id);
BEGIN
    IF p_owner IS NOT NULL THEN
        keeper := support.known_user(p_owner);
    END IF;
    INSERT INTO support.alert_states AS s (
        item_id, site_id, cause, read_at, snoozed_until, owner_id, note, updated_by, updated_at)
    VALUES (
        p_item_id, p_site_id, p_cause, CASE WHEN p_read THEN clock_timestamp() END, p_snoozed_until, keeper.user_id,
        left(nullif(trim(p_note), ''), 1000), person.user_id, clock_timestamp())
    ON CONFLICT ON CONSTRAINT alert_states_pkey DO UPDATE SET
        read_at = CASE WHEN p_read THEN coalesce(s.read_at, excluded.read_at) END,
        snoozed_until = excluded.snoozed_until, owner_id = excluded.owner_id, note = excluded.note,
        updated_by = excluded.updated_by, updated_at = excluded.updated_at;
    PERFORM support.append_audit(
        person.username, 'alert.state_set', entity, 'DONE',
        jsonb_build_object(
            'cause', p_cause, 'read', p_read, 'snoozed_until', p_snoozed_until, 'owner', keeper.username,
            'note', p_note));
END $$;

CREATE FUNCTION support.add_override(
    p_session bytea, p_item_id bigint, p_site_id bigint, p_field text, p_target text, p_value double precision,
    p_reason text, p_valid_until date
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
    entity text := support.item_site(p_item_id, p_site_id);
    id bigint;
BEGIN
    IF p_field IS NULL OR p_field NOT IN ('FORECAST', 'SAFETY_STOCK', 'LEAD_TIME', 'QUANTITY')
        OR p_value IS NULL OR p_value < 0 OR p_value IN ('NaN', 'Infinity') OR trim(coalesce(p_reason, '')) = ''
        OR p_valid_until IS NULL OR p_valid_until < (now() AT TIME ZONE 'America/Bahia')::date
    THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    INSERT INTO support.overrides (item_id, site_id, field, target, value, reason, created_by, valid_until)
    VALUES (p_item_id, p_site_id, p_field, p_target, p_value, left(trim(p_reason), 1000), person.user_id, p_valid_until)
    RETURNING override_id INTO id;
    PERFORM support.append_audit(
        person.username, 'override.added', entity, 'DONE',
        jsonb_build_object(
            'override_id', id, 'field', p_field, 'target', p_target, 'value', p_value, 'reason', p_reason,
            'valid_until', p_valid_until));
    RETURN id;
END $$;

CREATE FUNCTION support.withdraw_override(p_session bytea, p_override_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
    gone support.overrides;
BEGIN
    UPDATE support.overrides o SET withdrawn_at = clock_timestamp()
    WHERE o.override_id = p_override_id AND o.withdrawn_at IS NULL
    RETURNING * INTO gone;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'override_unknown' USING ERRCODE = 'NV404';
    END IF;
    PERFORM support.append_audit(
        person.username, 'override.withdrawn', support.item_site(gone.item_id, gone.site_id), 'DONE',
        jsonb_build_object('override_id', p_override_id, 'field', gone.field, 'value', gone.value));
END $$;

-- Signing in. An attempt counts as failed from its begin until finish_login says otherwise, so that many at once are
-- counted too. From the 5th failure in a row the name waits 30 s, then twice as long each time, 15 min at most. An address
-- that a person signed in from in the last 30 days is judged by its own failures only: guessing from elsewhere does
-- not lock him out. Unknown names wait exactly like known ones.

CREATE FUNCTION support.login_wait(p_username text, p_source text) RETURNS integer
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    trusted boolean;
    failures integer;
    last_at timestamptz;
    wait interval := '0';
BEGIN
    trusted := EXISTS (
        SELECT FROM support.login_attempts a
        WHERE a.username = p_username AND a.source = p_source AND a.succeeded AND a.at > now() - interval '30 days');
    SELECT count(*), max(a.at) INTO failures, last_at
    FROM support.login_attempts a
    WHERE a.username = p_username AND NOT a.succeeded AND a.at > now() - interval '1 day'
      AND (NOT trusted OR a.source = p_source)
      AND a.attempt_id > coalesce((
          SELECT max(s.attempt_id) FROM support.login_attempts s
          WHERE s.username = p_username AND s.succeeded AND (NOT trusted OR s.source = p_source)), 0);
    IF failures >= 5 THEN
        wait := least(interval '15 minutes', interval '30 seconds' * 2 ^ least(failures - 5, 10))
            - (clock_timestamp() - last_at);
    END IF;
    -- One address that tries many names.
    IF NOT trusted AND (
        SELECT count(*) FROM support.login_attempts a
        WHERE a.source = p_source AND NOT a.succeeded AND a.at > now() - interval '15 minutes'
    ) >= 50 THEN
        wait := greatest(wait, interval '1 minute');
    END IF;
    RETURN greatest(0, ceil(extract(epoch FROM wait)))::integer;
END $$;

CREATE FUNCTION support.begin_login(p_username text, p_source text)
RETURNS TABLE (password_hash text, wait_seconds integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := left(lower(trim(p_username)), 100);
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('nova.login.' || name, 0));
    wait_seconds := support.login_wait(name, p_source);
    IF wait_seconds = 0 THEN
        SELECT u.password_hash INTO password_hash FROM support.users u WHERE u.username = name AND u.active;
        INSERT INTO support.login_attempts (username, source, succeeded, at)
        VALUES (name, left(p_source, 100), false, clock_timestamp());
        UPDATE support.users u SET
            failed_logins = u.failed_logins + 1,
            blocked_until = clock_timestamp() + make_interval(secs => nullif(support.login_wait(name, p_source), 0))
        WHERE u.username = name;
    END IF;
    RETURN NEXT;
END $$;

CREATE FUNCTION support.finish_login(
    p_username text, p_source text, p_user_agent text, p_succeeded boolean, p_session bytea
) RETURNS TABLE (user_id bigint, username text, display_name text, role text, locale text, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := left(lower(trim(p_username)), 100);
    person support.users;
    ends timestamptz := clock_timestamp() + interval '8 hours';
BEGIN
    SELECT * INTO person FROM support.users u WHERE u.username = name AND u.active FOR UPDATE;
    IF NOT p_succeeded OR person.user_id IS NULL THEN
        PERFORM support.append_audit(
            CASE WHEN person.user_id IS NULL THEN 'anonymous' ELSE name END, 'login.failed', name, 'REFUSED', '{}',
            p_source, p_user_agent);
        RETURN;
    END IF;
    IF octet_length(p_session) IS DISTINCT FROM 32 THEN
        RAISE EXCEPTION 'session_hash_invalid' USING ERRCODE = 'NV422';
    END IF;
    INSERT INTO support.login_attempts (username, source, succeeded, at)
    VALUES (name, left(p_source, 100), true, clock_timestamp());
    DELETE FROM support.login_attempts a WHERE a.at < now() - interval '31 days';
    UPDATE support.users u SET failed_logins = 0, blocked_until = NULL, last_login_at = clock_timestamp()
    WHERE u.user_id = person.user_id;
    INSERT INTO support.sessions (session_hash, user_id, created_at, last_seen_at, expires_at, ip, user_agent)
    VALUES (
        p_session, person.user_id, clock_timestamp(), clock_timestamp(), ends, left(p_source, 100),
        left(p_user_agent, 400));
    DELETE FROM support.sessions s WHERE s.expires_at < now() - interval '30 days';
    PERFORM support.append_audit(name, 'login.succeeded', name, 'DONE', '{}', p_source, p_user_agent);
    RETURN QUERY SELECT person.user_id, person.username, person.display_name, person.role, person.locale, ends;
END $$;

-- Monthly partitions and the swap of a closed month. nova_etl owns no table: these functions, owned by nova_owner, do for
-- it what needs ownership, on tables of our own schemas only.

CREATE FUNCTION support.partitioned_table(
    p_table regclass, OUT schema_name name, OUT table_name name, OUT column_name name
) LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT n.nspname, c.relname, a.attname INTO schema_name, table_name, column_name
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_partitioned_table p ON p.partrelid = c.oid
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
    WHERE c.oid = p_table AND c.relkind = 'p' AND n.nspname IN ('staging', 'core', 'analytics');
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is no partitioned table of the platform', p_table USING ERRCODE = 'NV404';
    END IF;
END $$;

CREATE FUNCTION support.ensure_partitions(p_table regclass, p_from date, p_to date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent record;
    month date;
    partition text;
    created integer := 0;
BEGIN
    IF p_from < DATE '1990-01-01' OR p_to > DATE '2200-01-01' THEN
        RAISE EXCEPTION 'no partitions outside 1990 to 2200: % to %', p_from, p_to USING ERRCODE = 'NV422';
    END IF;
    SELECT * INTO parent FROM support.partitioned_table(p_table);
    PERFORM pg_advisory_xact_lock(hashtextextended('nova.partitions.' || p_table::oid, 0));
    FOR month IN
        SELECT m::date FROM generate_series(date_trunc('month', p_from::timestamp), (p_to - 1)::timestamp, '1 month') m
    LOOP
        partition := format('%I.%I', parent.schema_name, parent.table_name || to_char(month, '_YYYYMM'));
        CONTINUE WHEN to_regclass(partition) IS NOT NULL;
        -- CREATE TABLE … PARTITION OF would lock readers of the whole table out; ATTACH does not.
        EXECUTE format(
            'CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', partition, p_table);
        EXECUTE format(
            'ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
            p_table, partition, month, (month + interval '1 month')::date);
        created := created + 1;
    END LOOP;
    RETURN created;
END $$;

-- An empty table for the month's new rows, without constraints so that the checks can count what breaks them.
-- Its columns are spelled out: LIKE would hold a lock on the parent, on which two swaps could wait for each other.
CREATE FUNCTION support.begin_swap(p_table regclass, p_month date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent record;
    aside text;
    columns text;
BEGIN
    SELECT * INTO parent FROM support.partitioned_table(p_table);
    aside := parent.table_name || to_char(p_month, '_YYYYMM') || '_aside';
    SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum) INTO columns
    FROM pg_attribute WHERE attrelid = p_table AND attnum > 0 AND NOT attisdropped;
    EXECUTE format('CREATE TABLE %I.%I (%s)', parent.schema_name, aside, columns);
    EXECUTE format('GRANT SELECT, INSERT ON %I.%I TO nova_etl', parent.schema_name, aside);
    RETURN aside;
END $$;

-- Constraints and indexes of the parent, and the bounds that let ATTACH skip its scan; all before any reader is held up.
CREATE FUNCTION support.seal_swap(p_table regclass, p_month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent record;
    aside text;
    clauses text;
    index_text text;
BEGIN
    SELECT * INTO parent FROM support.partitioned_table(p_table);
    aside := format('%I.%I', parent.schema_name, parent.table_name || to_char(p_month, '_YYYYMM') || '_aside');
    SELECT string_agg(clause, ', ') INTO clauses FROM (
        SELECT format('ALTER COLUMN %I SET NOT NULL', attname) AS clause
        FROM pg_attribute WHERE attrelid = p_table AND attnum > 0 AND attnotnull AND NOT attisdropped
        UNION ALL
        SELECT format('ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE conrelid = p_table AND contype = 'c'
        UNION ALL
        SELECT format('ADD %s', pg_get_constraintdef(oid))
        FROM pg_constraint WHERE conrelid = p_table AND contype = 'p'
        UNION ALL
        SELECT format(
            'ADD CONSTRAINT swap_bounds CHECK (%1$I >= %2$L AND %1$I < %3$L)',
            parent.column_name, p_month, (p_month + interval '1 month')::date)
    ) AS parts;
    EXECUTE format('ALTER TABLE %s %s', aside, clauses);
    FOR index_text IN
        SELECT CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX ON ' || aside
            || substring(pg_get_indexdef(i.indexrelid) FROM ' USING .*')
        FROM pg_index i
        WHERE i.indrelid = p_table
          AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = p_table)
    LOOP
        EXECUTE 'CREATE ' || index_text;
    END LOOP;
    EXECUTE format('ANALYZE %s', aside);
END $$;

-- The only step that holds readers up, for milliseconds. It gives up after the lock_timeout, so that readers queueing
-- behind it while a long one finishes are not kept waiting; the caller tries again.
CREATE FUNCTION support.finish_swap(p_table regclass, p_month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    parent record;
    partition text;
    aside text;
BEGIN
    SELECT * INTO parent FROM support.partitioned_table(p_table);
    partition := parent.table_name || to_char(p_month, '_YYYYMM');
    aside := format('%I.%I', parent.schema_name, partition || '_aside');
    IF EXISTS (
        SELECT FROM pg_inherits
        WHERE inhparent = p_table AND inhrelid = to_regclass(format('%I.%I', parent.schema_name, partition))
    ) THEN
        EXECUTE format('ALTER TABLE %s DETACH PARTITION %I.%I', p_table, parent.schema_name, partition);
        EXECUTE format('DROP TABLE %I.%I', parent.schema_name, partition);
    END IF;
    EXECUTE format('REVOKE ALL ON %s FROM nova_etl', aside);
    EXECUTE format('ALTER TABLE %s RENAME TO %I', aside, partition);
    EXECUTE format(
        'ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)',
        p_table, parent.schema_name, partition, p_month, (p_month + interval '1 month')::date);
    EXECUTE format('ALTER TABLE %I.%I DROP CONSTRAINT swap_bounds', parent.schema_name, partition);
END $$;

-- Statistics of a table or a partition that was just filled: autovacuum comes minutes later, and until then the planner
-- takes a condition on it for one that hardly any row meets.
CREATE FUNCTION support.analyze_table(p_table regclass) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = p_table AND c.relkind IN ('r', 'p')
      AND (n.nspname IN ('staging', 'core', 'analytics') OR p_table = to_regclass('support.planning_rules'));
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is no table that the pipeline writes', p_table USING ERRCODE = 'NV404';
    END IF;
    EXECUTE format('ANALYZE %s', p_table);
END $$;

-- Recompute a materialized view without holding its readers up (the first time there is nothing to read). Returns its rows.
CREATE FUNCTION support.refresh_view(p_view regclass) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    populated boolean;
    rows bigint;
BEGIN
    SELECT c.relispopulated INTO populated
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = p_view AND c.relkind = 'm' AND n.nspname = 'analytics';
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is no materialized view of the platform', p_view USING ERRCODE = 'NV404';
    END IF;
    EXECUTE format('REFRESH MATERIALIZED VIEW %s %s', CASE WHEN populated THEN 'CONCURRENTLY' ELSE '' END, p_view);
    EXECUTE format('SELECT count(*) FROM %s', p_view) INTO rows;
    RETURN rows;
END $$;

-- Comments on a material at a site, and the views that a person keeps under a name.

CREATE FUNCTION support.add_comment(p_session bytea, p_item_id bigint, p_site_id bigint, p_body text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
    item text;
    id bigint;
BEGIN
    SELECT i.item_code INTO item FROM core.dim_item i WHERE i.item_id = p_item_id;
    IF NOT FOUND OR (p_site_id IS NOT NULL AND NOT EXISTS (SELECT FROM core.dim_site s WHERE s.site_id = p_site_id)) THEN
        RAISE EXCEPTION 'item_site_unknown' USING ERRCODE = 'NV404';
    END IF;
    IF length(trim(coalesce(p_body, ''))) NOT BETWEEN 1 AND 4000 THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    INSERT INTO support.comments (item_id, site_id, body, created_by)
    VALUES (p_item_id, p_site_id, trim(p_body), person.user_id)
    RETURNING comment_id INTO id;
    PERFORM support.append_audit(
        person.username, 'comment.added', item, 'DONE', jsonb_build_object('comment_id', id, 'site_id', p_site_id));
    RETURN id;
END $$;

CREATE FUNCTION support.save_view(p_session bytea, p_screen text, p_name text, p_query text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
    id bigint;
BEGIN
    IF length(trim(coalesce(p_name, ''))) NOT BETWEEN 1 AND 80 OR trim(coalesce(p_screen, '')) = ''
        OR length(p_query) > 4000
    THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    INSERT INTO support.saved_views AS v (user_id, screen, name, query)
    VALUES (person.user_id, p_screen, trim(p_name), coalesce(p_query, ''))
    ON CONFLICT (user_id, screen, name) DO UPDATE SET query = excluded.query
    RETURNING v.view_id INTO id;
    PERFORM support.append_audit(
        person.username, 'view.saved', p_screen, 'DONE', jsonb_build_object('view_id', id, 'name', trim(p_name)));
    RETURN id;
END $$;

CREATE FUNCTION support.delete_view(p_session bytea, p_view_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
    gone support.saved_views;
BEGIN
    DELETE FROM support.saved_views v WHERE v.view_id = p_view_id AND v.user_id = person.user_id RETURNING * INTO gone;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'view_unknown' USING ERRCODE = 'NV404';
    END IF;
    PERFORM support.append_audit(
        person.username, 'view.deleted', gone.screen, 'DONE',
        jsonb_build_object('view_id', p_view_id, 'name', gone.name));
END $$;

CREATE FUNCTION support.saved_views_list(p_session bytea, p_screen text)
RETURNS TABLE (view_id bigint, name text, query text, created_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
BEGIN
    RETURN QUERY
    SELECT v.view_id, v.name, v.query, v.created_at
    FROM support.saved_views v
    WHERE v.user_id = person.user_id AND v.screen = p_screen
    ORDER BY v.name;
END $$;

-- Sessions: the browser's random id is known here by its SHA-256 only. Idle for 30 minutes or 8 hours old: dead, whatever
-- the browser still sends. Rights are read anew at every call, so that a change counts at once.

CREATE FUNCTION support.live_session(p_session bytea) RETURNS support.users
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT u
    FROM support.sessions s
    JOIN support.users u ON u.user_id = s.user_id
    WHERE s.session_hash = p_session AND s.revoked_at IS NULL AND u.active
      AND s.expires_at > clock_timestamp() AND s.last_seen_at > clock_timestamp() - interval '30 minutes'
$$;

-- Who acts, if he may: the third gate, beneath the app's two. Without a session only the owner of the database acts
-- (the command line), and only where `p_cli` allows it.
CREATE FUNCTION support.acting(p_session bytea, p_roles text[], p_cli boolean DEFAULT false) RETURNS support.users
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users;
BEGIN
    IF p_session IS NULL AND p_cli AND pg_has_role(session_user, 'nova_owner', 'MEMBER') THEN
        person.username := 'cli';
        person.role := 'ADMIN';
        RETURN person;
    END IF;
    person := support.live_session(p_session);
    IF person.user_id IS NULL THEN
        RAISE EXCEPTION 'no_live_session' USING ERRCODE = 'NV401';
    END IF;
    IF person.role <> ALL (p_roles) THEN
        RAISE EXCEPTION 'role_refused' USING ERRCODE = 'NV403', DETAIL = person.role;
    END IF;
    RETURN person;
END $$;

CREATE FUNCTION support.check_session(p_session bytea) RETURNS TABLE (
    user_id bigint, username text, display_name text, role text, locale text, created_at timestamptz,
    expires_at timestamptz, last_seen_at timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.live_session(p_session);
BEGIN
    IF person.user_id IS NULL THEN
        RETURN;
    END IF;
    UPDATE support.sessions s SET last_seen_at = clock_timestamp()
    WHERE s.session_hash = p_session AND s.last_seen_at < clock_timestamp() - interval '1 minute';
    RETURN QUERY
    SELECT
        person.user_id, person.username, person.display_name, person.role, person.locale,
        s.created_at, s.expires_at, s.last_seen_at
    FROM support.sessions s WHERE s.session_hash = p_session;
END $$;

CREATE FUNCTION support.end_session(p_session bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    who text;
BEGIN
    UPDATE support.sessions s SET revoked_at = clock_timestamp()
    FROM support.users u
    WHERE s.session_hash = p_session AND s.revoked_at IS NULL AND u.user_id = s.user_id
    RETURNING u.username INTO who;
    IF FOUND THEN
        PERFORM support.append_audit(who, 'session.ended', who, 'DONE');
    END IF;
END $$;

-- Ends every session of a person but the calling one; returns how many there were.
CREATE FUNCTION support.close_sessions(p_user_id bigint, p_but bytea) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended integer;
BEGIN
    UPDATE support.sessions s SET revoked_at = clock_timestamp()
    WHERE s.user_id = p_user_id AND s.revoked_at IS NULL AND s.session_hash IS DISTINCT FROM p_but;
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END $$;

CREATE FUNCTION support.revoke_sessions(p_session bytea, p_username text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users;
    target support.users := support.known_user(p_username);
    ended integer;
BEGIN
    person := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER'], true);
    IF person.role <> 'ADMIN' AND target.user_id <> person.user_id THEN
        RAISE EXCEPTION 'role_refused' USING ERRCODE = 'NV403', DETAIL = person.role;
    END IF;
    ended := support.close_sessions(target.user_id, p_session);
    PERFORM support.append_audit(
        person.username, 'session.revoked', target.username, 'DONE', jsonb_build_object('sessions', ended));
    RETURN ended;
END $$;

-- Only the beginning of a hash is shown: the whole of it would serve as the session.
CREATE FUNCTION support.sessions_list(p_session bytea) RETURNS TABLE (
    session_id text, username text, created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz, ip text,
    user_agent text, is_own boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER'], true);
BEGIN
    RETURN QUERY
    SELECT
        left(encode(s.session_hash, 'hex'), 16), u.username, s.created_at, s.last_seen_at, s.expires_at, s.ip,
        s.user_agent, s.session_hash IS NOT DISTINCT FROM p_session
    FROM support.sessions s
    JOIN support.users u ON u.user_id = s.user_id
    WHERE (person.role = 'ADMIN' OR s.user_id = person.user_id) AND (support.live_session(s.session_hash)).user_id = u.user_id
    ORDER BY s.last_seen_at DESC;
END $$;

-- The id of a code: the first 52 bits of its MD5, so that any load order gives the same ids and a float64 holds them.
-- Written for spread, not for secrecy: among 100,000 codes two share an id with probability 1e-6, which the unique index refuses.

CREATE FUNCTION core.surrogate_key(p_code text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ('x' || substr(md5(p_code), 1, 13))::bit(52)::bigint;

-- People and the one-time link that creates the first ADMIN. The last active ADMIN can be neither demoted nor closed.

CREATE FUNCTION support.known_user(p_username text) RETURNS support.users
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users;
BEGIN
    SELECT * INTO person FROM support.users u WHERE u.username = lower(trim(p_username));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'user_unknown' USING ERRCODE = 'NV404', DETAIL = coalesce(p_username, '');
    END IF;
    RETURN person;
END $$;

CREATE FUNCTION support.insert_user(
    p_username text, p_display_name text, p_email text, p_password_hash text, p_role text, p_locale text
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := lower(trim(p_username));
    id bigint;
BEGIN
    IF name !~ '^[a-z0-9][a-z0-9._@-]{1,63}$' OR name IN ('cli', 'pipeline', 'anonymous') THEN
        RAISE EXCEPTION 'username_invalid' USING ERRCODE = 'NV422';
    END IF;
    PERFORM support.require_hash(p_password_hash);
    IF p_role NOT IN ('ADMIN', 'ANALYST', 'VIEWER') OR p_locale NOT IN ('pt-BR', 'en') THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    INSERT INTO support.users (username, display_name, email, password_hash, role, locale)
    VALUES (
        name, coalesce(nullif(trim(p_display_name), ''), name), nullif(trim(p_email), ''), p_password_hash, p_role,
        p_locale)
    ON CONFLICT DO NOTHING
    RETURNING user_id INTO id;
    IF id IS NULL THEN
        RAISE EXCEPTION 'user_exists' USING ERRCODE = 'NV409', DETAIL = name;
    END IF;
    RETURN id;
END $$;

-- A password in clear must never get here by mistake.
CREATE FUNCTION support.require_hash(p_password_hash text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_password_hash IS NULL OR p_password_hash !~ '^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}$' THEN
        RAISE EXCEPTION 'password_hash_invalid' USING ERRCODE = 'NV422';
    END IF;
END $$;

-- Called with the table locked, after the change.
CREATE FUNCTION support.require_admin_left() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM support.users u WHERE u.role = 'ADMIN' AND u.active) THEN
        RAISE EXCEPTION 'last_admin' USING ERRCODE = 'NV409';
    END IF;
END $$;

-- A demonstration account is nobody's administrator: the link works beside it.
CREATE FUNCTION support.create_setup_token(p_token bytea, p_valid interval DEFAULT '24 hours') RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM support.users u WHERE u.role = 'ADMIN' AND u.active AND NOT u.demo) THEN
        RETURN false;
    END IF;
    DELETE FROM support.setup_tokens t WHERE t.used_at IS NULL;
    INSERT INTO support.setup_tokens (token_hash, expires_at) VALUES (p_token, now() + p_valid);
    PERFORM support.append_audit('cli', 'setup.link_created', NULL, 'DONE');
    RETURN true;
END $$;

CREATE FUNCTION support.setup_open(p_token bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM support.setup_tokens t
        WHERE t.token_hash = p_token AND t.used_at IS NULL AND t.expires_at > clock_timestamp()
    ) AND NOT EXISTS (SELECT FROM support.users u WHERE u.role = 'ADMIN' AND u.active AND NOT u.demo)
$$;

CREATE FUNCTION support.create_first_admin(
    p_token bytea, p_username text, p_display_name text, p_password_hash text, p_source text, p_user_agent text
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := lower(trim(p_username));
BEGIN
    LOCK TABLE support.users IN SHARE ROW EXCLUSIVE MODE;
    IF NOT support.setup_open(p_token) THEN
        PERFORM support.append_audit('anonymous', 'setup.redeemed', NULL, 'REFUSED', '{}', p_source, p_user_agent);
        RETURN false;
    END IF;
    PERFORM support.insert_user(name, p_display_name, NULL, p_password_hash, 'ADMIN', 'pt-BR');
    UPDATE support.setup_tokens t SET used_at = clock_timestamp() WHERE t.token_hash = p_token;
    PERFORM support.append_audit(name, 'setup.redeemed', name, 'DONE', '{}', p_source, p_user_agent);
    RETURN true;
END $$;

CREATE FUNCTION support.create_user(
    p_session bytea, p_username text, p_display_name text, p_email text, p_password_hash text, p_role text,
    p_locale text DEFAULT 'pt-BR', p_demo boolean DEFAULT false
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN'], true);
    id bigint;
BEGIN
    id := support.insert_user(p_username, p_display_name, p_email, p_password_hash, p_role, p_locale);
    UPDATE support.users u SET demo = p_demo WHERE u.user_id = id AND p_demo;
    PERFORM support.append_audit(
        person.username, 'user.created', lower(trim(p_username)), 'DONE', jsonb_build_object('role', p_role));
    RETURN id;
END $$;

CREATE FUNCTION support.set_password(p_session bytea, p_username text, p_password_hash text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER'], true);
    target support.users := support.known_user(p_username);
BEGIN
    IF person.role <> 'ADMIN' AND target.user_id <> person.user_id THEN
        RAISE EXCEPTION 'role_refused' USING ERRCODE = 'NV403', DETAIL = person.role;
    END IF;
    PERFORM support.require_hash(p_password_hash);
    UPDATE support.users u SET
        password_hash = p_password_hash, password_changed_at = clock_timestamp(), failed_logins = 0, blocked_until = NULL
    WHERE u.user_id = target.user_id;
    PERFORM support.close_sessions(target.user_id, p_session);
    PERFORM support.append_audit(person.username, 'user.password_set', target.username, 'DONE');
END $$;

CREATE FUNCTION support.set_role(p_session bytea, p_username text, p_role text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN'], true);
    target support.users;
BEGIN
    IF p_role IS NULL OR p_role NOT IN ('ADMIN', 'ANALYST', 'VIEWER') THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    LOCK TABLE support.users IN SHARE ROW EXCLUSIVE MODE;
    target := support.known_user(p_username);
    UPDATE support.users u SET role = p_role WHERE u.user_id = target.user_id;
    PERFORM support.require_admin_left();
    PERFORM support.append_audit(
        person.username, 'user.role_set', target.username, 'DONE',
        jsonb_build_object('before', target.role, 'after', p_role));
END $$;

CREATE FUNCTION support.set_active(p_session bytea, p_username text, p_active boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN'], true);
    target support.users;
BEGIN
    LOCK TABLE support.users IN SHARE ROW EXCLUSIVE MODE;
    target := support.known_user(p_username);
    UPDATE support.users u SET active = p_active WHERE u.user_id = target.user_id;
    PERFORM support.require_admin_left();
    IF NOT p_active THEN
        PERFORM support.close_sessions(target.user_id, NULL);
        UPDATE support.api_tokens t SET revoked_at = clock_timestamp()
        WHERE t.user_id = target.user_id AND t.revoked_at IS NULL;
    END IF;
    PERFORM support.append_audit(
        person.username, CASE WHEN p_active THEN 'user.opened' ELSE 'user.closed' END, target.username, 'DONE');
END $$;

CREATE FUNCTION support.set_locale(p_session bytea, p_locale text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
BEGIN
    IF p_locale IS NULL OR p_locale NOT IN ('pt-BR', 'en') THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    UPDATE support.users u SET locale = p_locale WHERE u.user_id = person.user_id;
    PERFORM support.append_audit(
        person.username, 'user.locale_set', person.username, 'DONE', jsonb_build_object('locale', p_locale));
END $$;

CREATE FUNCTION support.users_list(p_session bytea) RETURNS TABLE (
    user_id bigint, username text, display_name text, email text, role text, active boolean, locale text,
    failed_logins integer, blocked_until timestamptz, created_at timestamptz, last_login_at timestamptz,
    live_sessions bigint
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM support.acting(p_session, ARRAY['ADMIN'], true);
    RETURN QUERY
    SELECT
        u.user_id, u.username, u.display_name, u.email, u.role, u.active, u.locale, u.failed_logins, u.blocked_until,
        u.created_at, u.last_login_at,
        (
            SELECT count(*) FROM support.sessions s
            WHERE s.user_id = u.user_id AND (support.live_session(s.session_hash)).user_id IS NOT NULL
        )
    FROM support.users u
    ORDER BY u.username;
END $$;

-- Names for "decided by" on screens; nothing else about people is open to every reader.
CREATE FUNCTION support.people() RETURNS TABLE (user_id bigint, username text, display_name text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT u.user_id, u.username, u.display_name FROM support.users u
$$;

CREATE MATERIALIZED VIEW analytics.mv_kpis_latest AS
-- analytics.mv_kpis_latest: key figures of the latest day, of the day before, of 30 days before, and 90 days of trend.
-- Grain: one row per key figure, dimension and member that has a row on the latest day. No parameters.
WITH latest AS (
    SELECT max(as_of) AS as_of FROM analytics.kpis_daily
),
recent AS (
    SELECT k.*, latest.as_of AS latest
    FROM analytics.kpis_daily AS k
    JOIN latest ON k.as_of > latest.as_of - 90 AND k.as_of <= latest.as_of
)
SELECT kpi_code, dimension, member, latest AS as_of,
       min(numerator) FILTER (WHERE as_of = latest) AS numerator,
       min(denominator) FILTER (WHERE as_of = latest) AS denominator,
       min(value) FILTER (WHERE as_of = latest) AS value,
       min(value) FILTER (WHERE as_of = latest - 1) AS value_previous,
       min(value) FILTER (WHERE as_of = latest - 30) AS value_30,
       array_agg(value::double precision ORDER BY as_of) AS trend
FROM recent
GROUP BY kpi_code, dimension, member, latest
HAVING bool_or(as_of = latest)
WITH NO DATA;
CREATE UNIQUE INDEX mv_kpis_latest_pkey ON analytics.mv_kpis_latest (kpi_code, dimension, member);
COMMENT ON MATERIALIZED VIEW analytics.mv_kpis_latest IS 'Key figures of the latest day beside those of the day before and 30 days before, with 90 days of trend. Grain: one row per key figure, dimension and member.';
COMMENT ON COLUMN analytics.mv_kpis_latest.kpi_code IS 'Key figure.';
COMMENT ON COLUMN analytics.mv_kpis_latest.dimension IS 'Cut: company, region, family, abc, site.';
COMMENT ON COLUMN analytics.mv_kpis_latest.member IS 'Member of the dimension, or ''*''.';
COMMENT ON COLUMN analytics.mv_kpis_latest.as_of IS 'Day of the value.';
COMMENT ON COLUMN analytics.mv_kpis_latest.numerator IS 'Numerator.';
COMMENT ON COLUMN analytics.mv_kpis_latest.denominator IS 'Denominator.';
COMMENT ON COLUMN analytics.mv_kpis_latest.value IS 'Value of the day.';
COMMENT ON COLUMN analytics.mv_kpis_latest.value_previous IS 'Value of the day before.';
COMMENT ON COLUMN analytics.mv_kpis_latest.value_30 IS 'Value 30 days before.';
COMMENT ON COLUMN analytics.mv_kpis_latest.trend IS 'Values of the last 90 days, oldest first.';

CREATE MATERIALIZED VIEW analytics.mv_forecasts_latest AS
-- analytics.mv_forecasts_latest: latest forecast sums with the quantiles that screens show.
-- Grain: one row per material, site and target. No parameters.
SELECT item_id, site_id, target, as_of, horizon_days, model, mean,
       quantile_values[array_position(quantile_levels, 0.05)] AS p05,
       quantile_values[array_position(quantile_levels, 0.25)] AS p25,
       quantile_values[array_position(quantile_levels, 0.5)] AS p50,
       quantile_values[array_position(quantile_levels, 0.75)] AS p75,
       quantile_values[array_position(quantile_levels, 0.9)] AS p90,
       quantile_values[array_position(quantile_levels, 0.95)] AS p95,
       quantile_values[array_position(quantile_levels, 0.99)] AS p99,
       borrowed_share
FROM analytics.forecasts
WHERE as_of = (SELECT max(as_of) FROM analytics.forecasts)
WITH NO DATA;
CREATE UNIQUE INDEX mv_forecasts_latest_pkey ON analytics.mv_forecasts_latest (item_id, site_id, target);
COMMENT ON MATERIALIZED VIEW analytics.mv_forecasts_latest IS 'Latest forecast sums with the quantiles that screens show. Grain: one row per material, site and target.';
COMMENT ON COLUMN analytics.mv_forecasts_latest.item_id IS 'Material.';
COMMENT ON COLUMN analytics.mv_forecasts_latest.site_id IS 'Site.';
COMMENT ON COLUMN analytics.mv_forecasts_latest.target IS 'Sum that is forecast.';
COMMENT ON COLUMN analytics.mv_forecasts_latest.as_of IS 'Date that the forecast stands on.';
COMMENT ON COLUMN analytics.mv_forecasts_latest.horizon_days IS 'Days summed. [days]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.model IS 'Model.';
COMMENT ON COLUMN analytics.mv_forecasts_latest.mean IS 'Mean of the sum. [units]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.p05 IS '0.05 quantile. [units]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.p25 IS '0.25 quantile. [units]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.p50 IS 'Median. [units]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.p75 IS '0.75 quantile. [units]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.p90 IS '0.90 quantile. [units]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.p95 IS '0.95 quantile. [units]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.p99 IS '0.99 quantile. [units]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.borrowed_share IS 'Weight of borrowed evidence.';

CREATE MATERIALIZED VIEW analytics.mv_item_sites_latest AS
-- analytics.mv_item_sites_latest: everything that the material list and the header of its detail show.
-- Grain: one row per material and site, on the latest date for which policies exist. No parameters.
-- Quantities of stock are NULL where the position is not known (no recent inventory row).
WITH latest AS (
    SELECT max(as_of) AS as_of FROM analytics.stock_policies
),
decisions AS (
    SELECT DISTINCT ON (item_id, site_id) r.*
    FROM analytics.recommendations AS r
    JOIN latest USING (as_of)
    ORDER BY item_id, site_id,
             array_position(ARRAY['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'], priority),
             array_position(ARRAY['EXPEDITE', 'REORDER', 'REALLOCATE', 'SUBSTITUTE', 'REDUCE', 'HOLD'], action),
             order_ref
),
demand AS (
    SELECT item_id, site_id, (latest.as_of - full_date) / 7 AS weeks_ago, sum(quantity) AS quantity
    FROM core.fact_demand_daily
    JOIN latest ON full_date > latest.as_of - 365 AND full_date <= latest.as_of
    GROUP BY item_id, site_id, weeks_ago
),
years AS (
    SELECT item_id, site_id, sum(quantity) AS demand_365
    FROM demand
    GROUP BY item_id, site_id
),
trends AS (
    SELECT c.item_id, c.site_id,
           array_agg(coalesce(d.quantity, 0)::double precision ORDER BY week.ago DESC) AS demand_trend
    FROM analytics.demand_classes AS c
    JOIN latest USING (as_of)
    CROSS JOIN generate_series(0, 25) AS week (ago)
    LEFT JOIN demand AS d ON d.item_id = c.item_id AND d.site_id = c.site_id AND d.weeks_ago = week.ago
    GROUP BY c.item_id, c.site_id
)
SELECT c.item_id, c.site_id, c.as_of,
       i.item_code, i.name AS item_name, i.family, i.unit_measure, i.unit_cost, i.criticality, i.active AS item_active,
       s.site_code, s.name AS site_name, r.region_code, r.name AS region_name, r.state_code, s.latitude, s.longitude,
       c.demand_class, c.abc_class,
       d.on_hand, d.on_order, d.reserved, d.backorder, d.position,
       p.reorder_point, p.safety_stock, p.order_up_to,
       f.mean AS mean_30,
       d.on_hand::double precision * 30 / nullif(f.mean, 0) AS coverage_days,
       d.stockout_probability, d.action, d.priority,
       d.on_hand * i.unit_cost AS stock_value,
       coalesce(y.demand_365, 0) AS demand_365,
       t.demand_trend
FROM analytics.demand_classes AS c
JOIN latest ON latest.as_of = c.as_of
JOIN core.dim_item AS i ON i.item_id = c.item_id
JOIN core.dim_site AS s ON s.site_id = c.site_id
LEFT JOIN core.dim_region AS r ON r.region_id = s.region_id
LEFT JOIN decisions AS d ON d.item_id = c.item_id AND d.site_id = c.site_id
LEFT JOIN analytics.stock_policies AS p
       ON p.as_of = c.as_of AND p.item_id = c.item_id AND p.site_id = c.site_id
LEFT JOIN analytics.forecasts AS f
       ON f.as_of = c.as_of AND f.item_id = c.item_id AND f.site_id = c.site_id AND f.target = 'D30'
LEFT JOIN years AS y ON y.item_id = c.item_id AND y.site_id = c.site_id
LEFT JOIN trends AS t ON t.item_id = c.item_id AND t.site_id = c.site_id
WITH NO DATA;
CREATE UNIQUE INDEX mv_item_sites_latest_pkey ON analytics.mv_item_sites_latest (item_id, site_id);
CREATE INDEX mv_item_sites_latest_item_code_site_code_idx ON analytics.mv_item_sites_latest USING btree (item_code, site_code);
COMMENT ON MATERIALIZED VIEW analytics.mv_item_sites_latest IS 'One line per material and site with everything the list and the detail header show. Grain: one row per material and site.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.item_id IS 'Material.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.site_id IS 'Site.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.as_of IS 'Date that the line stands on.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.item_code IS 'Code of the material.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.item_name IS 'Name of the material.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.family IS 'Family.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.unit_measure IS 'Unit of measure.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.unit_cost IS 'Standard cost. [BRL]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.criticality IS 'Criticality 0 to 10.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.item_active IS 'Material in use.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.site_code IS 'Code of the site.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.site_name IS 'Name of the site.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.region_code IS 'Region.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.region_name IS 'Name of the region.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.state_code IS 'State.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.latitude IS 'Latitude. [degrees]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.longitude IS 'Longitude. [degrees]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.demand_class IS 'Demand class.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.abc_class IS 'ABC class.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.on_hand IS 'Quantity on the shelf. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.on_order IS 'Open orders inside the protection period. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.reserved IS 'Promised already. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.backorder IS 'Owed. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.position IS 'Inventory position. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.reorder_point IS 'Reorder point. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.safety_stock IS 'Safety stock. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.order_up_to IS 'Order-up-to level. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.mean_30 IS 'Mean forecast of 30 days. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.coverage_days IS 'On hand over mean daily forecast. [days]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.stockout_probability IS 'Probability of a stock-out without acting.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.action IS 'Recommended action of the highest priority.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.priority IS 'Its priority.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.stock_value IS 'On hand at standard cost. [BRL]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.demand_365 IS 'Demand of 365 days. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.demand_trend IS 'Demand of the last 26 weeks, oldest first. [units]';

CREATE MATERIALIZED VIEW analytics.mv_alerts_open AS
-- analytics.mv_alerts_open: alerts of the latest day and since when each has stood without a break.
-- Grain: one row per material, site and cause that has an alert on the latest day. No parameters.
-- Days count as neighbours when no other day between them was judged (a history may hold month-ends only).
WITH judged AS (
    SELECT as_of, row_number() OVER (ORDER BY as_of) AS turn
    FROM (SELECT DISTINCT as_of FROM analytics.recommendations) AS days
),
runs AS (
    SELECT a.item_id, a.site_id, a.cause, a.as_of,
           judged.turn - row_number() OVER (PARTITION BY a.item_id, a.site_id, a.cause ORDER BY a.as_of) AS run
    FROM analytics.alerts AS a
    JOIN judged USING (as_of)
),
opened AS (
    SELECT item_id, site_id, cause, min(as_of) AS opened_on, max(as_of) AS as_of
    FROM runs
    GROUP BY item_id, site_id, cause, run
)
SELECT a.item_id, a.site_id, a.cause, a.as_of, o.opened_on, a.severity, a.probability, a.expected_date,
       a.value_at_risk, a.details
FROM opened AS o
JOIN analytics.alerts AS a USING (item_id, site_id, cause, as_of)
WHERE o.as_of = (SELECT max(as_of) FROM judged)
WITH NO DATA;
CREATE UNIQUE INDEX mv_alerts_open_pkey ON analytics.mv_alerts_open (item_id, site_id, cause);
COMMENT ON MATERIALIZED VIEW analytics.mv_alerts_open IS 'Alerts of the latest day with the first day of the unbroken run of days on which each has stood. Grain: one row per material, site and cause.';
COMMENT ON COLUMN analytics.mv_alerts_open.item_id IS 'Material.';
COMMENT ON COLUMN analytics.mv_alerts_open.site_id IS 'Site.';
COMMENT ON COLUMN analytics.mv_alerts_open.cause IS 'Cause.';
COMMENT ON COLUMN analytics.mv_alerts_open.as_of IS 'Latest day.';
COMMENT ON COLUMN analytics.mv_alerts_open.opened_on IS 'First day of the unbroken run.';
COMMENT ON COLUMN analytics.mv_alerts_open.severity IS 'Severity.';
COMMENT ON COLUMN analytics.mv_alerts_open.probability IS 'Probability.';
COMMENT ON COLUMN analytics.mv_alerts_open.expected_date IS 'Day on which it is expected.';
COMMENT ON COLUMN analytics.mv_alerts_open.value_at_risk IS 'What is at stake. [BRL]';
COMMENT ON COLUMN analytics.mv_alerts_open.details IS 'Numbers of the message.';

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA staging TO nova_etl, nova_app;
GRANT USAGE ON SCHEMA core TO nova_etl, nova_app, nova_ro;
GRANT USAGE ON SCHEMA analytics TO nova_etl, nova_app, nova_ro;
GRANT USAGE ON SCHEMA support TO nova_etl, nova_app;
GRANT SELECT, INSERT, DELETE ON staging.regions TO nova_etl;
GRANT SELECT, INSERT, DELETE ON staging.sites TO nova_etl;
GRANT SELECT, INSERT, DELETE ON staging.suppliers TO nova_etl;
GRANT SELECT, INSERT, DELETE ON staging.items TO nova_etl;
GRANT SELECT, INSERT, DELETE ON staging.item_sources TO nova_etl;
GRANT SELECT, INSERT, DELETE ON staging.demand TO nova_etl;
GRANT SELECT, INSERT, DELETE ON staging.inventory TO nova_etl;
GRANT SELECT, INSERT, DELETE ON staging.purchase_orders TO nova_etl;
GRANT SELECT, INSERT, DELETE ON staging.planned_work TO nova_etl;
GRANT SELECT, INSERT, DELETE ON staging.external_daily TO nova_etl;
GRANT SELECT, INSERT, DELETE ON staging.planning_rules TO nova_etl;
GRANT SELECT, INSERT, UPDATE, DELETE ON staging.files TO nova_etl;
GRANT SELECT ON staging.files TO nova_app;
GRANT SELECT, INSERT, DELETE ON staging.rejects TO nova_etl;
GRANT SELECT ON staging.rejects TO nova_app;
GRANT SELECT, INSERT, DELETE ON core.dim_calendar TO nova_etl;
GRANT SELECT ON core.dim_calendar TO nova_app;
GRANT SELECT ON core.dim_calendar TO nova_ro;
GRANT SELECT, INSERT, DELETE ON core.dim_region TO nova_etl;
GRANT SELECT ON core.dim_region TO nova_app;
GRANT SELECT ON core.dim_region TO nova_ro;
GRANT SELECT, INSERT, DELETE ON core.dim_site TO nova_etl;
GRANT SELECT ON core.dim_site TO nova_app;
GRANT SELECT ON core.dim_site TO nova_ro;
GRANT SELECT, INSERT, DELETE ON core.dim_supplier TO nova_etl;
GRANT SELECT ON core.dim_supplier TO nova_app;
GRANT SELECT ON core.dim_supplier TO nova_ro;
GRANT SELECT, INSERT, DELETE ON core.dim_item TO nova_etl;
GRANT SELECT ON core.dim_item TO nova_app;
GRANT SELECT ON core.dim_item TO nova_ro;
GRANT SELECT, INSERT, DELETE ON core.item_source TO nova_etl;
GRANT SELECT ON core.item_source TO nova_app;
GRANT SELECT ON core.item_source TO nova_ro;
GRANT SELECT, INSERT, DELETE ON core.fact_demand_daily TO nova_etl;
GRANT SELECT ON core.fact_demand_daily TO nova_app;
GRANT SELECT ON core.fact_demand_daily TO nova_ro;
GRANT SELECT, INSERT, DELETE ON core.fact_inventory_daily TO nova_etl;
GRANT SELECT ON core.fact_inventory_daily TO nova_app;
GRANT SELECT ON core.fact_inventory_daily TO nova_ro;
GRANT SELECT, INSERT, DELETE ON core.fact_orders TO nova_etl;
GRANT SELECT ON core.fact_orders TO nova_app;
GRANT SELECT ON core.fact_orders TO nova_ro;
GRANT SELECT, INSERT, DELETE ON core.fact_planned_work TO nova_etl;
GRANT SELECT ON core.fact_planned_work TO nova_app;
GRANT SELECT ON core.fact_planned_work TO nova_ro;
GRANT SELECT, INSERT, DELETE ON core.fact_external_daily TO nova_etl;
GRANT SELECT ON core.fact_external_daily TO nova_app;
GRANT SELECT ON core.fact_external_daily TO nova_ro;
GRANT SELECT, INSERT, DELETE ON analytics.demand_classes TO nova_etl;
GRANT SELECT ON analytics.demand_classes TO nova_app;
GRANT SELECT ON analytics.demand_classes TO nova_ro;
GRANT SELECT, INSERT, DELETE ON analytics.features_store TO nova_etl;
GRANT SELECT ON analytics.features_store TO nova_app;
GRANT SELECT ON analytics.features_store TO nova_ro;
GRANT SELECT, INSERT, DELETE ON analytics.lead_time_profiles TO nova_etl;
GRANT SELECT ON analytics.lead_time_profiles TO nova_app;
GRANT SELECT ON analytics.lead_time_profiles TO nova_ro;
GRANT SELECT, INSERT, DELETE ON analytics.backtests TO nova_etl;
GRANT SELECT ON analytics.backtests TO nova_app;
GRANT SELECT ON analytics.backtests TO nova_ro;
GRANT SELECT, INSERT, DELETE ON analytics.model_selection TO nova_etl;
GRANT SELECT ON analytics.model_selection TO nova_app;
GRANT SELECT ON analytics.model_selection TO nova_ro;
GRANT SELECT, INSERT, DELETE ON analytics.forecasts TO nova_etl;
GRANT SELECT ON analytics.forecasts TO nova_app;
GRANT SELECT ON analytics.forecasts TO nova_ro;
GRANT SELECT, INSERT, DELETE ON analytics.forecast_paths TO nova_etl;
GRANT SELECT ON analytics.forecast_paths TO nova_app;
GRANT SELECT ON analytics.forecast_paths TO nova_ro;
GRANT SELECT, INSERT, DELETE ON analytics.stock_policies TO nova_etl;
GRANT SELECT ON analytics.stock_policies TO nova_app;
GRANT SELECT ON analytics.stock_policies TO nova_ro;
GRANT SELECT, INSERT, DELETE ON analytics.recommendations TO nova_etl;
GRANT SELECT ON analytics.recommendations TO nova_app;
GRANT SELECT ON analytics.recommendations TO nova_ro;
GRANT SELECT, INSERT, DELETE ON analytics.alerts TO nova_etl;
GRANT SELECT ON analytics.alerts TO nova_app;
GRANT SELECT ON analytics.alerts TO nova_ro;
GRANT SELECT, INSERT, DELETE ON analytics.kpis_daily TO nova_etl;
GRANT SELECT ON analytics.kpis_daily TO nova_app;
GRANT SELECT ON analytics.kpis_daily TO nova_ro;
GRANT SELECT, INSERT, DELETE ON analytics.calibration TO nova_etl;
GRANT SELECT ON analytics.calibration TO nova_app;
GRANT SELECT ON analytics.calibration TO nova_ro;
GRANT SELECT, INSERT, DELETE ON analytics.decision_replay TO nova_etl;
GRANT SELECT ON analytics.decision_replay TO nova_app;
GRANT SELECT ON analytics.decision_replay TO nova_ro;
GRANT SELECT, INSERT, DELETE ON analytics.scenarios TO nova_etl;
GRANT SELECT ON analytics.scenarios TO nova_app;
GRANT SELECT ON analytics.scenarios TO nova_ro;
GRANT SELECT, INSERT, DELETE ON analytics.kpi_definitions TO nova_etl;
GRANT SELECT ON analytics.kpi_definitions TO nova_app;
GRANT SELECT ON analytics.kpi_definitions TO nova_ro;
GRANT SELECT ON analytics.mv_kpis_latest TO nova_etl;
GRANT SELECT ON analytics.mv_kpis_latest TO nova_app;
GRANT SELECT ON analytics.mv_kpis_latest TO nova_ro;
GRANT SELECT ON analytics.mv_forecasts_latest TO nova_etl;
GRANT SELECT ON analytics.mv_forecasts_latest TO nova_app;
GRANT SELECT ON analytics.mv_forecasts_latest TO nova_ro;
GRANT SELECT ON analytics.mv_item_sites_latest TO nova_etl;
GRANT SELECT ON analytics.mv_item_sites_latest TO nova_app;
GRANT SELECT ON analytics.mv_item_sites_latest TO nova_ro;
GRANT SELECT ON analytics.mv_alerts_open TO nova_etl;
GRANT SELECT ON analytics.mv_alerts_open TO nova_app;
GRANT SELECT ON analytics.mv_alerts_open TO nova_ro;
GRANT SELECT ON support.overrides TO nova_etl;
GRANT SELECT ON support.overrides TO nova_app;
GRANT SELECT ON support.alert_states TO nova_app;
GRANT SELECT ON support.recommendation_states TO nova_etl;
GRANT SELECT ON support.recommendation_states TO nova_app;
GRANT SELECT ON support.comments TO nova_app;
GRANT SELECT, INSERT, DELETE ON support.planning_rules TO nova_etl;
GRANT SELECT ON support.planning_rules TO nova_app;
GRANT SELECT, INSERT ON support.materializations TO nova_etl;
GRANT SELECT ON support.materializations TO nova_app;
REVOKE ALL ON FUNCTION core.surrogate_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.surrogate_key TO nova_etl, nova_app, nova_ro;
REVOKE ALL ON FUNCTION support.ensure_partitions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.ensure_partitions TO nova_etl;
REVOKE ALL ON FUNCTION support.begin_swap FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.begin_swap TO nova_etl;
REVOKE ALL ON FUNCTION support.seal_swap FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.seal_swap TO nova_etl;
REVOKE ALL ON FUNCTION support.finish_swap FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.finish_swap TO nova_etl;
REVOKE ALL ON FUNCTION support.analyze_table FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.analyze_table TO nova_etl;
REVOKE ALL ON FUNCTION support.refresh_view FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.refresh_view TO nova_etl;
REVOKE ALL ON FUNCTION support.audit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.audit TO nova_etl, nova_app;
REVOKE ALL ON FUNCTION support.begin_login FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.begin_login TO nova_app;
REVOKE ALL ON FUNCTION support.finish_login FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.finish_login TO nova_app;
REVOKE ALL ON FUNCTION support.check_session FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.check_session TO nova_app;
REVOKE ALL ON FUNCTION support.end_session FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.end_session TO nova_app;
REVOKE ALL ON FUNCTION support.revoke_sessions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.revoke_sessions TO nova_app;
REVOKE ALL ON FUNCTION support.sessions_list FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.sessions_list TO nova_app;
REVOKE ALL ON FUNCTION support.setup_open FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.setup_open TO nova_app;
REVOKE ALL ON FUNCTION support.create_first_admin FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.create_first_admin TO nova_app;
REVOKE ALL ON FUNCTION support.create_user FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.create_user TO nova_app;
REVOKE ALL ON FUNCTION support.set_password FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.set_password TO nova_app;
REVOKE ALL ON FUNCTION support.set_role FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.set_role TO nova_app;
REVOKE ALL ON FUNCTION support.set_active FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.set_active TO nova_app;
REVOKE ALL ON FUNCTION support.set_locale FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.set_locale TO nova_app;
REVOKE ALL ON FUNCTION support.users_list FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.users_list TO nova_app;
REVOKE ALL ON FUNCTION support.people FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.people TO nova_app;
REVOKE ALL ON FUNCTION support.create_api_token FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.create_api_token TO nova_app;
REVOKE ALL ON FUNCTION support.check_api_token FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.check_api_token TO nova_app;
REVOKE ALL ON FUNCTION support.revoke_api_token FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.revoke_api_token TO nova_app;
REVOKE ALL ON FUNCTION support.api_tokens_list FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.api_tokens_list TO nova_app;
REVOKE ALL ON FUNCTION support.audit_list FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.audit_list TO nova_app;
REVOKE ALL ON FUNCTION support.audit_verify FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.audit_verify TO nova_app;
REVOKE ALL ON FUNCTION support.decide_recommendation FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.decide_recommendation TO nova_app;
REVOKE ALL ON FUNCTION support.withdraw_decision FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.withdraw_decision TO nova_app;
REVOKE ALL ON FUNCTION support.set_alert_state FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.set_alert_state TO nova_app;
REVOKE ALL ON FUNCTION support.add_override FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.add_override TO nova_app;
REVOKE ALL ON FUNCTION support.withdraw_override FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.withdraw_override TO nova_app;
REVOKE ALL ON FUNCTION support.add_comment FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.add_comment TO nova_app;
REVOKE ALL ON FUNCTION support.save_view FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.save_view TO nova_app;
REVOKE ALL ON FUNCTION support.delete_view FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.delete_view TO nova_app;
REVOKE ALL ON FUNCTION support.saved_views_list FROM PUBLIC;
GRANT EXECUTE ON FUNCTION support.saved_views_list TO nova_app;
REVOKE ALL ON FUNCTION support.partitioned_table FROM PUBLIC;
REVOKE ALL ON FUNCTION support.audit_hash FROM PUBLIC;
REVOKE ALL ON FUNCTION support.append_audit FROM PUBLIC;
REVOKE ALL ON FUNCTION support.refuse_change FROM PUBLIC;
REVOKE ALL ON FUNCTION support.live_session FROM PUBLIC;
REVOKE ALL ON FUNCTION support.acting FROM PUBLIC;
REVOKE ALL ON FUNCTION support.close_sessions FROM PUBLIC;
REVOKE ALL ON FUNCTION support.login_wait FROM PUBLIC;
REVOKE ALL ON FUNCTION support.known_user FROM PUBLIC;
REVOKE ALL ON FUNCTION support.insert_user FROM PUBLIC;
REVOKE ALL ON FUNCTION support.require_hash FROM PUBLIC;
REVOKE ALL ON FUNCTION support.require_admin_left FROM PUBLIC;
REVOKE ALL ON FUNCTION support.create_setup_token FROM PUBLIC;
REVOKE ALL ON FUNCTION support.planner FROM PUBLIC;
REVOKE ALL ON FUNCTION support.item_site FROM PUBLIC;
REVOKE ALL ON FUNCTION support.require_transition FROM PUBLIC;
REVOKE ALL ON FUNCTION support.require_version FROM PUBLIC;

SELECT support.ensure_partitions(
    'staging.demand',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'staging.inventory',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'staging.purchase_orders',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'staging.planned_work',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'staging.external_daily',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'core.fact_demand_daily',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'core.fact_inventory_daily',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'core.fact_orders',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'core.fact_planned_work',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'core.fact_external_daily',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.demand_classes',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.features_store',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.lead_time_profiles',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.backtests',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.model_selection',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.forecasts',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.forecast_paths',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.stock_policies',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.recommendations',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.alerts',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.kpis_daily',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.calibration',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.decision_replay',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.scenarios',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);
