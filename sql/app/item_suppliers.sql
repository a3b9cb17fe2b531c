-- Who sells a material to a site, on which terms, and how long it really takes. Grain: one row per supplier.
-- Parameters: item_id, site_id, as_of.
WITH terms AS (
    SELECT DISTINCT ON (supplier_id) *
    FROM core.item_source
    WHERE item_id = %(item_id)s AND site_id IN (0, %(site_id)s) AND valid_from <= %(as_of)s
        AND coalesce(valid_to, DATE 'infinity') >= %(as_of)s
    ORDER BY supplier_id, (site_id <> 0) DESC, valid_from DESC
)
SELECT s.supplier_code, s.name AS supplier_name, s.supplier_type, t.unit_price::double precision AS unit_price,
    t.min_order_qty::double precision AS min_order_qty, t.order_multiple::double precision AS order_multiple,
    t.lead_time_days::double precision AS lead_time_agreed, p.mean_days,
    p.quantile_values[array_position(p.quantile_levels, 0.5)] AS p50_days,
    p.quantile_values[array_position(p.quantile_levels, 0.95)] AS p95_days,
    p.receipts, p.open_orders, p.on_time_share, p.borrowed_share, p.pooled_level
FROM core.dim_supplier AS s
LEFT JOIN terms AS t USING (supplier_id)
LEFT JOIN analytics.lead_time_profiles AS p
    ON p.supplier_id = s.supplier_id AND p.item_id = %(item_id)s AND p.stage = 'ORDER_TO_RECEIPT' AND p.as_of = %(as_of)s
WHERE t.supplier_id IS NOT NULL OR p.supplier_id IS NOT NULL
ORDER BY p.receipts DESC NULLS LAST, s.supplier_code;
