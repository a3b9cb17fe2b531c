-- Suppliers with what they sell and how they kept their word over a year, as the scorecard of the day served tells it.
-- Grain: one row: the number of matching suppliers, and a page of them as JSON.
-- Parameters: as_of, search, active, limit, offset, total (NULL when it is not known yet).
WITH found AS NOT MATERIALIZED (
    SELECT s.supplier_id, s.supplier_code, s.name, s.supplier_type, s.active, s.inferred
    FROM core.dim_supplier AS s
    WHERE (%(search)s::text IS NULL OR s.supplier_code ILIKE %(search)s OR s.name ILIKE %(search)s)
        AND (%(active)s::boolean IS NULL OR s.active = %(active)s)
), page AS (
    SELECT * FROM found ORDER BY supplier_code LIMIT %(limit)s OFFSET %(offset)s
), terms AS (
    SELECT supplier_id, count(DISTINCT item_id) AS items
    FROM core.item_source
    WHERE supplier_id = ANY (SELECT supplier_id FROM page)
    GROUP BY supplier_id
)
SELECT coalesce(%(total)s::bigint, (SELECT count(*) FROM found)) AS total,
    coalesce((
        SELECT json_agg(line ORDER BY p.supplier_code)
        FROM page AS p
        LEFT JOIN terms AS t USING (supplier_id)
        LEFT JOIN analytics.supplier_scorecard AS c ON c.as_of = %(as_of)s::date AND c.supplier_id = p.supplier_id
        CROSS JOIN LATERAL (
            SELECT p.supplier_code, p.name, p.supplier_type, p.active, p.inferred, coalesce(t.items, 0) AS items,
                coalesce(c.receipts, 0) AS receipts, coalesce(c.open_orders, 0) AS open_orders,
                coalesce(c.late_orders, 0) AS late_orders, c.mean_days AS mean_lead_time_days, c.on_time_share
        ) AS line
    ), '[]')::text AS rows;
