-- What the simulator reckons with: policy, position, costs and the quantile grid of protection demand, a planner's own
-- where there is one. quantile_levels is NULL where it is the row before's: it is the same all the way, as a rule.
-- Grain: one row per material and site of the selection. Parameters: families, abc, regions, sites.
SELECT l.family, coalesce(p.unit_cost, l.unit_cost, 0)::double precision AS unit_cost,
    coalesce(p.holding_cost_unit_day, 0)::double precision AS holding_cost_unit_day,
    coalesce(p.shortage_cost_unit, 0)::double precision AS shortage_cost_unit,
    p.lead_time_days, p.review_days, p.reorder_point, p.order_up_to,
    p.max_stock::double precision AS max_stock, l.position, coalesce(o.mean, f.mean) AS mean,
    CASE WHEN f.quantile_levels IS DISTINCT FROM lag(f.quantile_levels) OVER codes THEN f.quantile_levels END AS quantile_levels,
    coalesce(o.quantile_values, f.quantile_values) AS quantile_values
FROM analytics.mv_item_sites_latest AS l
JOIN analytics.stock_policies AS p USING (as_of, item_id, site_id)
JOIN analytics.forecasts AS f USING (as_of, item_id, site_id)
LEFT JOIN analytics.forecast_overrides AS o
    ON o.as_of = f.as_of AND o.item_id = f.item_id AND o.site_id = f.site_id AND o.target = f.target
WHERE f.target = 'PROTECTION'
    AND l.as_of = (SELECT max(as_of) FROM analytics.mv_item_sites_latest)
    AND p.as_of = (SELECT max(as_of) FROM analytics.mv_item_sites_latest)
    AND f.as_of = (SELECT max(as_of) FROM analytics.mv_item_sites_latest)
    AND (%(families)s::text[] IS NULL OR l.family = ANY (%(families)s::text[]))
    AND (%(abc)s::text[] IS NULL OR l.abc_class = ANY (%(abc)s::text[]))
    AND (%(regions)s::text[] IS NULL OR l.region_code = ANY (%(regions)s::text[]))
    AND (%(sites)s::text[] IS NULL OR l.site_code = ANY (%(sites)s::text[]))
WINDOW codes AS (ORDER BY l.item_id, l.site_id)
ORDER BY l.item_id, l.site_id;
