-- Recommendations of the day served with what people decided, most valuable first. Rows are put in order by their keys
-- alone: terms and flips, which are most of a row, are read for the page only.
-- Grain: one row: the number of matching recommendations, and a page of them as JSON.
-- Parameters: as_of, item_code, site_code, action, priority, state, limit, offset.
WITH found AS (
    SELECT r.as_of, r.item_id, r.site_id, r.action, r.order_ref, r.avoided_cost, l.item_code, l.item_name, l.site_code,
        coalesce(d.state, 'PROPOSED') AS state, d.quantity AS decided_quantity, d.reason AS decided_reason,
        d.updated_at AS decided_at
    FROM analytics.recommendations AS r
    JOIN analytics.mv_item_sites_latest AS l USING (item_id, site_id)
    LEFT JOIN support.recommendation_states AS d
        ON (d.as_of, d.item_id, d.site_id, d.action, d.order_ref)
            = (r.as_of, r.item_id, r.site_id, r.action, r.order_ref)
    WHERE r.as_of = %(as_of)s::date
        AND (%(item_code)s::text IS NULL OR l.item_code = %(item_code)s)
        AND (%(site_code)s::text IS NULL OR l.site_code = %(site_code)s)
        AND (%(action)s::text IS NULL OR r.action = %(action)s)
        AND (%(priority)s::text IS NULL OR r.priority = %(priority)s)
        AND (%(state)s::text IS NULL OR coalesce(d.state, 'PROPOSED') = %(state)s)
), best AS (
    SELECT *, row_number() OVER () AS rank
    FROM (
        SELECT * FROM found
        ORDER BY (action <> 'HOLD') DESC, avoided_cost DESC, item_code, site_code, action, order_ref
        LIMIT %(limit)s OFFSET %(offset)s
    ) AS ordered
), page AS (
    SELECT b.rank, r.as_of, b.item_code, b.item_name, b.site_code, r.action, r.order_ref, s.supplier_code, r.quantity,
        r.order_by, r.arrive_by, r.priority, r.position, r.on_hand, r.on_order, r.on_order_late, r.reserved, r.backorder,
        r.stockout_probability, r.stockout_probability_after, r.expected_shortage, r.expected_shortage_after, r.spend,
        r.avoided_cost, r.value_per_spend, b.state, b.decided_quantity, b.decided_reason, b.decided_at, r.terms, r.flips
    FROM best AS b
    JOIN analytics.recommendations AS r
        ON r.as_of = %(as_of)s::date
            AND (r.item_id, r.site_id, r.action, r.order_ref) = (b.item_id, b.site_id, b.action, b.order_ref)
    LEFT JOIN core.dim_supplier AS s USING (supplier_id)
)
SELECT (SELECT count(*) FROM found) AS total,
    coalesce((SELECT json_agg(to_jsonb(page) - 'rank' ORDER BY rank) FROM page), '[]')::text AS rows;
