-- The material list, filtered and in the wanted order, with the number of all matching rows on every row.
-- Grain: one row per material and site.
-- Parameters: search, demand_classes, actions, threshold, order_key, row_limit, row_offset, families, abc, regions, sites.
SELECT item_code, item_name, family, unit_measure, site_code, site_name, region_name, demand_class, abc_class,
    on_hand::double precision AS on_hand, on_order::double precision AS on_order, position, reorder_point, safety_stock, order_up_to,
    mean_30, coverage_days, stockout_probability, action, priority, stock_value::double precision AS stock_value,
    demand_365::double precision AS demand_365, demand_trend, criticality::double precision AS criticality,
    count(*) OVER () AS matching
FROM analytics.mv_item_sites_latest
WHERE (%(search)s::text IS NULL OR item_code ILIKE %(search)s OR item_name ILIKE %(search)s)
    AND (%(demand_classes)s::text[] IS NULL OR demand_class = ANY (%(demand_classes)s::text[]))
    AND (%(actions)s::text[] IS NULL OR action = ANY (%(actions)s::text[]))
    AND (%(threshold)s::double precision IS NULL OR stockout_probability >= %(threshold)s)
    AND (%(families)s::text[] IS NULL OR family = ANY (%(families)s::text[]))
    AND (%(abc)s::text[] IS NULL OR abc_class = ANY (%(abc)s::text[]))
    AND (%(regions)s::text[] IS NULL OR region_code = ANY (%(regions)s::text[]))
    AND (%(sites)s::text[] IS NULL OR site_code = ANY (%(sites)s::text[]))
ORDER BY
    CASE %(order_key)s
        WHEN 'risk' THEN stockout_probability
        WHEN 'stock_value' THEN stock_value::double precision
        WHEN 'demand' THEN demand_365::double precision
        WHEN 'coverage' THEN -coverage_days
    END DESC NULLS LAST,
    item_code, site_code
LIMIT %(row_limit)s OFFSET %(row_offset)s;
