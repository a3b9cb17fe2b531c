-- Stock policy of an item-site with the source of each parameter. Grain: one row at most.
-- Parameters: item_id, site_id, as_of.
SELECT p.service_level, p.review_days, p.lead_time_days, p.protection_days, p.reorder_point, p.safety_stock, p.order_up_to,
    p.min_order_qty::double precision AS min_order_qty, p.order_multiple::double precision AS order_multiple,
    p.unit_cost::double precision AS unit_cost, p.holding_cost_unit_day, p.shortage_cost_unit, p.unmet_demand,
    p.terms::text AS terms, s.name AS supplier_name, coalesce(o.mean, f.mean) AS protection_mean
FROM analytics.stock_policies AS p
LEFT JOIN core.dim_supplier AS s USING (supplier_id)
LEFT JOIN analytics.forecasts AS f
    ON f.as_of = p.as_of AND f.item_id = p.item_id AND f.site_id = p.site_id AND f.target = 'PROTECTION'
LEFT JOIN analytics.forecast_overrides AS o
    ON o.as_of = f.as_of AND o.item_id = f.item_id AND o.site_id = f.site_id AND o.target = f.target
WHERE p.as_of = %(as_of)s AND p.item_id = %(item_id)s AND p.site_id = %(site_id)s;
