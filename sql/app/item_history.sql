-- Demand and closing stock of an item-site by day, days without a row included. Grain: one row per day.
-- Parameters: item_id, site_id, as_of, days.
WITH span AS (
    SELECT day::date AS full_date
    FROM generate_series(%(as_of)s::date - %(days)s::integer + 1, %(as_of)s::date, interval '1 day') AS day
),
demand AS (
    SELECT full_date, sum(quantity)::double precision AS quantity
    FROM core.fact_demand_daily
    WHERE item_id = %(item_id)s AND site_id = %(site_id)s
        AND full_date > %(as_of)s::date - %(days)s::integer AND full_date <= %(as_of)s::date
    GROUP BY full_date
),
stock AS (
    SELECT full_date, on_hand::double precision AS on_hand
    FROM core.fact_inventory_daily
    WHERE item_id = %(item_id)s AND site_id = %(site_id)s
        AND full_date > %(as_of)s::date - %(days)s::integer AND full_date <= %(as_of)s::date
)
SELECT span.full_date, coalesce(demand.quantity, 0) AS quantity, stock.on_hand
FROM span
LEFT JOIN demand USING (full_date)
LEFT JOIN stock USING (full_date)
ORDER BY span.full_date;
