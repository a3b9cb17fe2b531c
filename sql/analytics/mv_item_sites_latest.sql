-- analytics.mv_item_sites_latest: everything that the material list and the header of its detail show.
-- Grain: one row per material and site, on the latest date for which policies exist. No parameters.
-- Coverage stands on what decisions stand on: a planner's forecast where there is one, else the computed one.
-- Quantities of stock are NULL where the position is not known (no recent inventory row).
WITH latest AS (
    SELECT max(as_of) AS as_of FROM analytics.stock_policies
),
decisions AS (
    SELECT DISTINCT ON (item_id, site_id) r.*
    FROM analytics.recommendations AS r
    JOIN latest USING (as_of)
    ORDER BY item_id, site_id,
             array_position(ARRAY['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'], priority),
             array_position(ARRAY['EXPEDITE', 'REORDER', 'REALLOCATE', 'SUBSTITUTE', 'REDUCE', 'DISPOSE', 'HOLD'], action),
             order_ref
),
demand AS (
    SELECT item_id, site_id, (latest.as_of - full_date) / 7 AS weeks_ago, sum(quantity) AS quantity
    FROM core.fact_demand_daily
    JOIN latest ON full_date > latest.as_of - 365 AND full_date <= latest.as_of
    GROUP BY item_id, site_id, weeks_ago
),
years AS (
    SELECT item_id, site_id, sum(quantity) AS demand_365
    FROM demand
    GROUP BY item_id, site_id
),
trends AS (
    SELECT c.item_id, c.site_id,
           array_agg(coalesce(d.quantity, 0)::double precision ORDER BY week.ago DESC) AS demand_trend
    FROM analytics.demand_classes AS c
    JOIN latest USING (as_of)
    CROSS JOIN generate_series(0, 25) AS week (ago)
    LEFT JOIN demand AS d ON d.item_id = c.item_id AND d.site_id = c.site_id AND d.weeks_ago = week.ago
    GROUP BY c.item_id, c.site_id
)
SELECT c.item_id, c.site_id, c.as_of,
       i.item_code, i.name AS item_name, i.family, i.unit_measure, i.unit_cost, i.criticality, i.active AS item_active,
       s.site_code, s.name AS site_name, r.region_code, r.name AS region_name, r.state_code, s.latitude, s.longitude,
       c.demand_class, c.abc_class,
       d.on_hand, d.on_order, d.reserved, d.backorder, d.position,
       p.reorder_point, p.safety_stock, p.order_up_to,
       coalesce(o.mean, f.mean) AS mean_30,
       d.on_hand::double precision * 30 / nullif(coalesce(o.mean, f.mean), 0) AS coverage_days,
       d.stockout_probability, d.action, d.priority,
       d.on_hand * i.unit_cost AS stock_value,
       coalesce(y.demand_365, 0) AS demand_365,
       t.demand_trend
FROM analytics.demand_classes AS c
JOIN latest ON latest.as_of = c.as_of
JOIN core.dim_item AS i ON i.item_id = c.item_id
JOIN core.dim_site AS s ON s.site_id = c.site_id
LEFT JOIN core.dim_region AS r ON r.region_id = s.region_id
LEFT JOIN decisions AS d ON d.item_id = c.item_id AND d.site_id = c.site_id
LEFT JOIN analytics.stock_policies AS p
       ON p.as_of = c.as_of AND p.item_id = c.item_id AND p.site_id = c.site_id
LEFT JOIN analytics.forecasts AS f
       ON f.as_of = c.as_of AND f.item_id = c.item_id AND f.site_id = c.site_id AND f.target = 'D30'
LEFT JOIN analytics.forecast_overrides AS o
       ON o.as_of = f.as_of AND o.item_id = f.item_id AND o.site_id = f.site_id AND o.target = f.target
LEFT JOIN years AS y ON y.item_id = c.item_id AND y.site_id = c.site_id
LEFT JOIN trends AS t ON t.item_id = c.item_id AND t.site_id = c.site_id
