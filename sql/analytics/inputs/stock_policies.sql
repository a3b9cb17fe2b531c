-- Stock policies of one day. Grain: one row per material and site. Parameter: as_of (date).
SELECT p.item_id, p.site_id, p.supplier_id, v.supplier_code, p.service_level, p.review_days, p.lead_time_days,
       p.protection_days, p.reorder_point, p.safety_stock, p.order_up_to, p.min_order_qty, p.order_multiple,
       p.max_stock, p.supplier_min_value, p.unit_cost,
       p.holding_cost_unit_day, p.shortage_cost_unit, p.unmet_demand, p.terms
FROM analytics.stock_policies AS p
LEFT JOIN core.dim_supplier AS v ON v.supplier_id = p.supplier_id
WHERE p.as_of = %(as_of)s
ORDER BY p.item_id, p.site_id
