-- core.item_source: terms of purchase. Site 0 stands for all sites; terms without a first day start on 1900-01-01.
-- Grain: one row per material, supplier, site and first day; the newest file wins. No parameters.
SELECT DISTINCT ON (item_code, supplier_code, coalesce(site_code, ''), coalesce(valid_from, date '1900-01-01'))
    core.surrogate_key(item_code) AS item_id,
    core.surrogate_key(supplier_code) AS supplier_id,
    coalesce(core.surrogate_key(site_code), 0) AS site_id,
    coalesce(valid_from, date '1900-01-01') AS valid_from,
    valid_to,
    unit_price,
    min_order_qty,
    order_multiple,
    lead_time_days
FROM staging.item_sources
ORDER BY
    item_code, supplier_code, coalesce(site_code, ''), coalesce(valid_from, date '1900-01-01'),
    file_id DESC, source_line DESC
