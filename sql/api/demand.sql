-- Demand of a material by day, week (its Monday) or month (its first), in all sites together or in one.
-- Periods without demand have no row. Grain: one row: the number of periods, and a page of them as JSON.
-- Parameters: item_code, site_code, date_from, date_to, grain, limit, offset, total (NULL when it is not known yet).
WITH found AS (
    SELECT date_trunc(%(grain)s, d.full_date)::date AS period, sum(d.quantity) AS quantity,
        sum(d.fulfilled_quantity) AS fulfilled_quantity, sum(d.movements) AS movements
    FROM core.fact_demand_daily AS d
    WHERE d.item_id = core.surrogate_key(%(item_code)s)
        AND (%(site_code)s::text IS NULL OR d.site_id = core.surrogate_key(%(site_code)s))
        AND d.full_date >= %(date_from)s::date AND d.full_date <= %(date_to)s::date
    GROUP BY period
), page AS (
    SELECT * FROM found ORDER BY period LIMIT %(limit)s OFFSET %(offset)s
)
SELECT coalesce(%(total)s::bigint, (SELECT count(*) FROM found)) AS total,
    coalesce((SELECT json_agg(page ORDER BY period) FROM page), '[]')::text AS rows;
