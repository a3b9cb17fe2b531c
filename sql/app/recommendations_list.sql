-- Recommendations of the latest day as the queue shows them, most valuable first, with the number of all that match. The
-- rows are found by their keys alone; terms, flips and explanations, which are most of a row, are another question.
-- Grain: one row per recommendation.
-- Parameters: as_of, actions, priorities, search, item_code, site_code, families, abc, regions, sites, row_limit.
WITH found AS (
    SELECT m.item_id, m.site_id, m.action, m.order_ref, m.queue_rank, l.item_code, l.item_name, l.family, l.site_code,
        l.site_name, l.unit_measure, l.abc_class, l.reorder_point, l.safety_stock, l.order_up_to, s.name AS supplier_name,
        s.supplier_code
    FROM analytics.mv_recommendations_latest AS m
    JOIN analytics.mv_item_sites_latest AS l USING (item_id, site_id, as_of)
    LEFT JOIN core.dim_supplier AS s USING (supplier_id)
    WHERE m.as_of = %(as_of)s::date
        AND (%(actions)s::text[] IS NULL OR m.action = ANY (%(actions)s::text[]))
        AND (%(priorities)s::text[] IS NULL OR m.priority = ANY (%(priorities)s::text[]))
        AND (%(search)s::text IS NULL OR l.item_code ILIKE %(search)s OR l.item_name ILIKE %(search)s OR s.name ILIKE %(search)s)
        AND (%(item_code)s::text IS NULL OR l.item_code = %(item_code)s)
        AND (%(site_code)s::text IS NULL OR l.site_code = %(site_code)s)
        AND (%(families)s::text[] IS NULL OR l.family = ANY (%(families)s::text[]))
        AND (%(abc)s::text[] IS NULL OR l.abc_class = ANY (%(abc)s::text[]))
        AND (%(regions)s::text[] IS NULL OR l.region_code = ANY (%(regions)s::text[]))
        AND (%(sites)s::text[] IS NULL OR l.site_code = ANY (%(sites)s::text[]))
), best AS (
    SELECT *, count(*) OVER () AS matching FROM found ORDER BY queue_rank LIMIT %(row_limit)s
)
SELECT r.as_of, r.item_id, r.site_id, r.action, r.order_ref, r.quantity, r.order_by, r.arrive_by, r.priority, r.position,
    r.on_hand::double precision AS on_hand, r.on_order::double precision AS on_order,
    r.on_order_late::double precision AS on_order_late, r.reserved::double precision AS reserved,
    r.backorder::double precision AS backorder, r.stockout_probability, r.stockout_probability_after,
    r.expected_shortage, r.expected_shortage_after, r.spend::double precision AS spend,
    r.avoided_cost::double precision AS avoided_cost, r.value_per_spend, r.buy_rank, r.from_site_code, r.substitute_code,
    b.item_code, b.item_name, b.family, b.site_code, b.site_name, b.unit_measure, b.abc_class, b.reorder_point, b.safety_stock,
    b.order_up_to, b.supplier_name, b.supplier_code, b.matching
FROM best AS b
CROSS JOIN LATERAL (
    -- Each by its whole key, whatever the planner takes the newest day to hold.
    SELECT *
    FROM analytics.recommendations AS r
    WHERE r.as_of = %(as_of)s::date
        AND (r.item_id, r.site_id, r.action, r.order_ref) = (b.item_id, b.site_id, b.action, b.order_ref)
    OFFSET 0
) AS r
ORDER BY b.queue_rank;
