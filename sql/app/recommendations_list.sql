-- Recommendations of a day with everything that explains them, most valuable first. Rows are put in order by their keys
-- alone: terms, flips and explanations, which are most of a row, are read for the rows given back only.
-- Grain: one row per recommendation.
-- Parameters: as_of, actions, priorities, search, item_code, site_code, families, abc, regions, sites, row_limit.
WITH best AS (
    SELECT r.item_id, r.site_id, r.action, r.order_ref, l.item_code, l.item_name, l.family, l.site_code, l.site_name,
        l.unit_measure, l.abc_class, l.reorder_point, l.safety_stock, l.order_up_to, s.name AS supplier_name, s.supplier_code,
        count(*) OVER () AS matching
    FROM analytics.recommendations AS r
    JOIN analytics.mv_item_sites_latest AS l USING (item_id, site_id, as_of)
    LEFT JOIN core.dim_supplier AS s USING (supplier_id)
    WHERE r.as_of = %(as_of)s::date
        AND (%(actions)s::text[] IS NULL OR r.action = ANY (%(actions)s::text[]))
        AND (%(priorities)s::text[] IS NULL OR r.priority = ANY (%(priorities)s::text[]))
        AND (%(search)s::text IS NULL OR l.item_code ILIKE %(search)s OR l.item_name ILIKE %(search)s OR s.name ILIKE %(search)s)
        AND (%(item_code)s::text IS NULL OR l.item_code = %(item_code)s)
        AND (%(site_code)s::text IS NULL OR l.site_code = %(site_code)s)
        AND (%(families)s::text[] IS NULL OR l.family = ANY (%(families)s::text[]))
        AND (%(abc)s::text[] IS NULL OR l.abc_class = ANY (%(abc)s::text[]))
        AND (%(regions)s::text[] IS NULL OR l.region_code = ANY (%(regions)s::text[]))
        AND (%(sites)s::text[] IS NULL OR l.site_code = ANY (%(sites)s::text[]))
    ORDER BY (r.action <> 'HOLD') DESC, r.avoided_cost DESC, r.item_id, r.site_id, r.action, r.order_ref
    LIMIT %(row_limit)s
)
SELECT r.as_of, r.item_id, r.site_id, r.action, r.order_ref, r.quantity, r.order_by, r.arrive_by, r.priority, r.position,
    r.on_hand::double precision AS on_hand, r.on_order::double precision AS on_order,
    r.on_order_late::double precision AS on_order_late, r.reserved::double precision AS reserved,
    r.backorder::double precision AS backorder, r.stockout_probability, r.stockout_probability_after,
    r.expected_shortage, r.expected_shortage_after, r.spend::double precision AS spend,
    r.avoided_cost::double precision AS avoided_cost, r.value_per_spend, r.buy_rank, r.terms::text AS terms, r.flips::text AS flips,
    r.from_site_code, r.substitute_code, r.explanation, r.explanation_en,
    b.item_code, b.item_name, b.family, b.site_code, b.site_name, b.unit_measure, b.abc_class, b.reorder_point, b.safety_stock,
    b.order_up_to, b.supplier_name, b.supplier_code, b.matching
FROM best AS b
JOIN analytics.recommendations AS r
    ON r.as_of = %(as_of)s::date
        AND (r.item_id, r.site_id, r.action, r.order_ref) = (b.item_id, b.site_id, b.action, b.order_ref)
ORDER BY (r.action <> 'HOLD') DESC, r.avoided_cost DESC, r.item_id, r.site_id, r.action, r.order_ref;
