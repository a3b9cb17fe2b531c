-- One line per material and site with everything that the list and the detail header show, on the latest as-of.
-- Grain: material, site. No parameters: text of a materialized view.
WITH latest AS (SELECT max(as_of) AS as_of FROM analytics.demand_classes),
inventory AS (
    SELECT i.item_id, i.site_id, i.on_hand, i.reserved, i.backorder
    FROM core.fact_inventory_daily i
    JOIN latest ON i.full_date = latest.as_of
),
advice AS (
    SELECT DISTINCT ON (r.item_id, r.site_id) r.*
    FROM analytics.recommendations r
    JOIN latest USING (as_of)
    ORDER BY
        r.item_id, r.site_id,
        array_position(ARRAY['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'], r.priority), r.avoided_cost DESC, r.action, r.order_ref
),
weeks AS (
    SELECT d.item_id, d.site_id, (latest.as_of - d.full_date) / 7 AS week, sum(d.quantity) AS quantity
    FROM core.fact_demand_daily d, latest
    WHERE d.full_date > latest.as_of - 365 AND d.full_date <= latest.as_of
    GROUP BY 1, 2, 3
),
demand AS (
    SELECT
        w.item_id, w.site_id, sum(w.quantity) AS demand_365,
        (
            SELECT array_agg(coalesce(x.quantity, 0)::double precision ORDER BY back.week DESC)
            FROM generate_series(0, 25) AS back (week)
            LEFT JOIN weeks x ON x.item_id = w.item_id AND x.site_id = w.site_id AND x.week = back.week
        ) AS demand_trend
    FROM weeks w
    GROUP BY w.item_id, w.site_id
)
SELECT
    c.item_id, c.site_id, c.as_of,
    item.item_code, item.name AS item_name, item.family, item.unit_measure,
    item.unit_cost::numeric AS unit_cost, item.criticality::numeric AS criticality, item.active AS item_active,
    site.site_code, site.name AS site_name, region.region_code, region.name AS region_name, region.state_code,
    site.latitude::numeric AS latitude, site.longitude::numeric AS longitude,
    c.demand_class, c.abc_class,
    inventory.on_hand::numeric AS on_hand, advice.on_order::numeric AS on_order,
    inventory.reserved::numeric AS reserved, inventory.backorder::numeric AS backorder,
    advice.position, policy.reorder_point, policy.safety_stock, policy.order_up_to,
    forecast.mean AS mean_30,
    inventory.on_hand::double precision / nullif(forecast.mean / 30, 0) AS coverage_days,
    advice.stockout_probability, advice.action, advice.priority,
    inventory.on_hand * item.unit_cost AS stock_value,
    demand.demand_365, demand.demand_trend
FROM analytics.demand_classes c
JOIN latest USING (as_of)
JOIN core.dim_item item USING (item_id)
JOIN core.dim_site site USING (site_id)
LEFT JOIN core.dim_region region USING (region_id)
LEFT JOIN inventory USING (item_id, site_id)
LEFT JOIN advice USING (item_id, site_id)
LEFT JOIN analytics.stock_policies policy
    ON policy.as_of = c.as_of AND policy.item_id = c.item_id AND policy.site_id = c.site_id
LEFT JOIN analytics.forecasts forecast
    ON forecast.as_of = c.as_of AND forecast.item_id = c.item_id AND forecast.site_id = c.site_id
    AND forecast.target = 'D30'
LEFT JOIN demand ON demand.item_id = c.item_id AND demand.site_id = c.site_id
