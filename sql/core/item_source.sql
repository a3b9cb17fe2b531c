-- core.item_source: terms of purchase. Site 0 stands for all sites; terms without a first day start on 1900-01-01.
-- Grain: one row per material, supplier, site and first day; the newest file wins. No parameters.
SELECT DISTINCT ON (t.item_code, t.supplier_code, coalesce(t.site_code, ''), coalesce(t.valid_from, date '1900-01-01'))
    core.surrogate_key(t.item_code) AS item_id,
    core.surrogate_key(t.supplier_code) AS supplier_id,
    coalesce(core.surrogate_key(t.site_code), 0) AS site_id,
    coalesce(t.valid_from, date '1900-01-01') AS valid_from,
    t.valid_to,
    t.unit_price,
    t.min_order_qty,
    t.order_multiple,
    t.lead_time_days
FROM staging.item_sources AS t
JOIN staging.files AS f USING (file_id)
ORDER BY
    t.item_code, t.supplier_code, coalesce(t.site_code, ''), coalesce(t.valid_from, date '1900-01-01'),
    f.file_date DESC NULLS LAST, t.file_id DESC, t.source_line DESC
