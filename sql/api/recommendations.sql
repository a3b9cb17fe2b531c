-- Recommendations of the day served with what people decided, most valuable first. The rows are found along
-- the queue by what stands there: terms and flips, which are most of a row, are read for the page only.
-- Grain: one row: the number of matching recommendations, and a page of them as JSON.
-- Parameters: item_code, site_code, action, priority, state, limit, offset, total (NULL when it is not known yet).
WITH found AS NOT MATERIALIZED (
    SELECT m.as_of, m.item_id, m.site_id, m.action, m.order_ref, m.queue_rank, m.item_code, m.item_name, m.site_code
    FROM analytics.mv_recommendations_latest AS m
    WHERE (%(item_code)s::text IS NULL OR m.item_code = %(item_code)s)
        AND (%(site_code)s::text IS NULL OR m.site_code = %(site_code)s)
        AND (%(action)s::text IS NULL OR m.action = %(action)s)
        AND (%(priority)s::text IS NULL OR m.priority = %(priority)s)
        AND (%(state)s::text IS NULL OR %(state)s = coalesce((
            SELECT d.state
            FROM support.recommendation_states AS d
            WHERE (d.as_of, d.item_id, d.site_id, d.action, d.order_ref)
                = (m.as_of, m.item_id, m.site_id, m.action, m.order_ref)), 'PROPOSED'))
), page AS (
    SELECT * FROM found ORDER BY queue_rank LIMIT %(limit)s OFFSET %(offset)s
)
SELECT coalesce(%(total)s::bigint, (SELECT count(*) FROM found)) AS total,
    coalesce((
        SELECT json_agg(line ORDER BY p.queue_rank)
        FROM page AS p
        CROSS JOIN LATERAL (
            SELECT r.as_of, p.item_code, p.item_name, p.site_code, r.action, r.order_ref, s.supplier_code, r.quantity,
                r.order_by, r.arrive_by, r.priority, r.position, r.on_hand, r.on_order, r.on_order_late, r.reserved,
                r.backorder, r.stockout_probability, r.stockout_probability_after, r.expected_shortage,
                r.expected_shortage_after, r.spend, r.avoided_cost, r.value_per_spend,
                coalesce(d.state, 'PROPOSED') AS state, d.quantity AS decided_quantity, d.reason AS decided_reason,
                d.updated_at AS decided_at, r.terms, r.flips
            FROM analytics.recommendations AS r
            LEFT JOIN core.dim_supplier AS s USING (supplier_id)
            LEFT JOIN support.recommendation_states AS d
                ON (d.as_of, d.item_id, d.site_id, d.action, d.order_ref)
                    = (r.as_of, r.item_id, r.site_id, r.action, r.order_ref)
            WHERE (r.as_of, r.item_id, r.site_id, r.action, r.order_ref)
                = (p.as_of, p.item_id, p.site_id, p.action, p.order_ref)
            OFFSET 0
        ) AS line
    ), '[]')::text AS rows;
