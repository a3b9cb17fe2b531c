-- One material with its sites. Grain: one row, none when the code is unknown.
-- Parameters: item_code.
SELECT 1 AS total, row_to_json(found)::text AS rows
FROM (
    SELECT i.item_code, i.name, i.family, i.category, i.unit_measure, i.unit_cost, i.criticality, i.item_kind,
        i.successor_code, i.active, i.inferred,
        coalesce((
            SELECT json_agg(stock ORDER BY site_code)
            FROM (
                SELECT l.site_code, l.site_name, l.region_code, l.demand_class, l.abc_class, l.on_hand, l.on_order,
                    l.reserved, l.backorder, l.position, l.reorder_point, l.safety_stock, l.order_up_to, l.mean_30,
                    l.coverage_days, l.stockout_probability, l.action, l.priority, l.stock_value, l.demand_365
                FROM analytics.mv_item_sites_latest AS l
                WHERE l.item_id = i.item_id
            ) AS stock
        ), '[]') AS sites
    FROM core.dim_item AS i
    WHERE i.item_code = %(item_code)s
) AS found;
