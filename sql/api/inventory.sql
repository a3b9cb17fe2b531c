-- Stock and position of materials at sites on the day served.
-- Grain: one row: the number of matching item-sites, and a page of them as JSON.
-- Parameters: item_code, site_code, family, abc_class, region_code, limit, offset, total (NULL when it is not known yet).
WITH found AS NOT MATERIALIZED (
    SELECT l.item_code, l.item_name, l.family, l.site_code, l.site_name, l.region_code, l.as_of, l.abc_class,
        l.demand_class, l.on_hand, l.on_order, l.reserved, l.backorder, l.position, l.reorder_point, l.safety_stock,
        l.order_up_to, l.coverage_days, l.stockout_probability, l.stock_value
    FROM analytics.mv_item_sites_latest AS l
    WHERE (%(item_code)s::text IS NULL OR l.item_code = %(item_code)s)
        AND (%(site_code)s::text IS NULL OR l.site_code = %(site_code)s)
        AND (%(family)s::text IS NULL OR l.family = %(family)s)
        AND (%(abc_class)s::text IS NULL OR l.abc_class = %(abc_class)s)
        AND (%(region_code)s::text IS NULL OR l.region_code = %(region_code)s)
), page AS (
    SELECT * FROM found ORDER BY item_code, site_code LIMIT %(limit)s OFFSET %(offset)s
)
SELECT coalesce(%(total)s::bigint, (SELECT count(*) FROM found)) AS total,
    coalesce((SELECT json_agg(page ORDER BY item_code, site_code) FROM page), '[]')::text AS rows;
