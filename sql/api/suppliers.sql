-- Suppliers with what they sell and how punctual they are on the day served (receipts of all their materials together).
-- Grain: one row: the number of matching suppliers, and a page of them as JSON.
-- Parameters: as_of, search, active, limit, offset.
WITH punctuality AS (
    SELECT supplier_id, sum(receipts) AS receipts, sum(open_orders) AS open_orders,
        sum(mean_days * receipts) / nullif(sum(receipts), 0) AS mean_lead_time_days,
        sum(on_time_share * receipts) / nullif(sum(receipts) FILTER (WHERE on_time_share IS NOT NULL), 0) AS on_time_share
    FROM analytics.lead_time_profiles
    WHERE as_of = %(as_of)s::date AND stage = 'ORDER_TO_RECEIPT'
    GROUP BY supplier_id
), terms AS (
    SELECT supplier_id, count(*) AS items
    FROM (SELECT DISTINCT supplier_id, item_id FROM core.item_source) AS sold
    GROUP BY supplier_id
), found AS (
    SELECT s.supplier_code, s.name, s.supplier_type, s.active, s.inferred, coalesce(t.items, 0) AS items,
        coalesce(p.receipts, 0) AS receipts, coalesce(p.open_orders, 0) AS open_orders, p.mean_lead_time_days,
        p.on_time_share
    FROM core.dim_supplier AS s
    LEFT JOIN punctuality AS p USING (supplier_id)
    LEFT JOIN terms AS t USING (supplier_id)
    WHERE (%(search)s::text IS NULL OR s.supplier_code ILIKE %(search)s OR s.name ILIKE %(search)s)
        AND (%(active)s::boolean IS NULL OR s.active = %(active)s)
), page AS (
    SELECT * FROM found ORDER BY supplier_code LIMIT %(limit)s OFFSET %(offset)s
)
SELECT (SELECT count(*) FROM found) AS total,
    coalesce((SELECT json_agg(page ORDER BY supplier_code) FROM page), '[]')::text AS rows;
