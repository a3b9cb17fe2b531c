-- First lines of a work queue of recommendations, most valuable first, with the queue's totals on every line.
-- Grain: one row per open recommendation. Parameters: as_of, actions, row_limit, families, abc, regions, sites.
SELECT r.action, r.order_ref, r.quantity, r.order_by, r.priority, r.stockout_probability, r.spend::double precision AS spend,
    r.avoided_cost::double precision AS avoided_cost, l.item_code, l.item_name, l.site_code, l.unit_measure,
    count(*) OVER () AS queue_length, sum(r.avoided_cost) OVER ()::double precision AS queue_value
FROM analytics.recommendations AS r
JOIN analytics.mv_item_sites_latest AS l USING (item_id, site_id, as_of)
LEFT JOIN support.recommendation_states AS s
    ON s.as_of = r.as_of AND s.item_id = r.item_id AND s.site_id = r.site_id AND s.action = r.action AND s.order_ref = r.order_ref
WHERE r.as_of = %(as_of)s::date
    AND r.action = ANY (%(actions)s::text[]) AND s.state IS NULL
    AND (%(families)s::text[] IS NULL OR l.family = ANY (%(families)s::text[]))
    AND (%(abc)s::text[] IS NULL OR l.abc_class = ANY (%(abc)s::text[]))
    AND (%(regions)s::text[] IS NULL OR l.region_code = ANY (%(regions)s::text[]))
    AND (%(sites)s::text[] IS NULL OR l.site_code = ANY (%(sites)s::text[]))
ORDER BY r.avoided_cost DESC, r.item_id, r.site_id
LIMIT %(row_limit)s;
