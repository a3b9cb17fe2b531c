-- Supplier of the last order that was known on a date, for materials without terms of sale.
-- Grain: one row per material and site. Parameter: as_of (date).
SELECT DISTINCT ON (o.item_id, o.site_id)
       o.item_id, o.site_id, o.supplier_id, p.supplier_code, o.unit_price, p.min_order_value AS supplier_min_value
FROM core.fact_orders AS o
JOIN core.dim_supplier AS p ON p.supplier_id = o.supplier_id AND p.active
WHERE o.known_on <= %(as_of)s AND o.order_date <= %(as_of)s AND o.status <> 'CANCELLED'
ORDER BY o.item_id, o.site_id, o.order_date DESC, o.known_on DESC, o.order_no DESC, o.line_no DESC
