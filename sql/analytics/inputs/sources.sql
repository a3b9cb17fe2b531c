-- Terms in force on a date on which active suppliers sell each material.
-- Grain: one row per material, supplier and site (0 for all sites), the newest terms of each. Parameter: as_of (date).
SELECT DISTINCT ON (t.item_id, t.supplier_id, t.site_id)
       t.item_id, t.supplier_id, t.site_id, p.supplier_code, t.unit_price, t.min_order_qty, t.order_multiple,
       t.lead_time_days, p.min_order_value AS supplier_min_value
FROM core.item_source AS t
JOIN core.dim_supplier AS p ON p.supplier_id = t.supplier_id AND p.active
WHERE t.valid_from <= %(as_of)s AND (t.valid_to >= %(as_of)s OR t.valid_to IS NULL)
ORDER BY t.item_id, t.supplier_id, t.site_id, t.valid_from DESC
