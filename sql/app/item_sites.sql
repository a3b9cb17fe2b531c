-- The sites of a material with what the detail's header shows. Grain: one row per site.
-- Parameters: item_code.
SELECT l.item_id, l.site_id, l.as_of, l.item_code, l.item_name, l.family, l.unit_measure, l.unit_cost::double precision AS unit_cost,
    l.criticality::double precision AS criticality, l.site_code, l.site_name, l.region_name, l.demand_class, l.abc_class,
    l.on_hand::double precision AS on_hand, l.on_order::double precision AS on_order, l.reserved::double precision AS reserved,
    l.backorder::double precision AS backorder, l.position, l.reorder_point, l.safety_stock, l.order_up_to, l.mean_30,
    l.coverage_days, l.stockout_probability, l.stock_value::double precision AS stock_value,
    l.demand_365::double precision AS demand_365, i.category, i.successor_code, i.active, i.inferred
FROM analytics.mv_item_sites_latest AS l
JOIN core.dim_item AS i USING (item_id)
WHERE l.item_code = %(item_code)s
ORDER BY l.stockout_probability DESC NULLS LAST, l.site_code;
