-- How each supplier kept its word over a year, as the scorecard of the day tells it, late ones first.
-- Filters choose suppliers of the materials and sites; what is told of one is told of all that it sells.
-- Grain: one row per supplier of the scorecard. Parameters: as_of, search, supplier_types, families, abc, regions, sites.
WITH served AS (
    SELECT p.supplier_id, count(DISTINCT p.item_id) AS items
    FROM analytics.stock_policies AS p
    JOIN analytics.mv_item_sites_latest AS l USING (as_of, item_id, site_id)
    WHERE p.as_of = %(as_of)s::date
        AND (%(families)s::text[] IS NULL OR l.family = ANY (%(families)s::text[]))
        AND (%(abc)s::text[] IS NULL OR l.abc_class = ANY (%(abc)s::text[]))
        AND (%(regions)s::text[] IS NULL OR l.region_code = ANY (%(regions)s::text[]))
        AND (%(sites)s::text[] IS NULL OR l.site_code = ANY (%(sites)s::text[]))
    GROUP BY p.supplier_id
)
SELECT s.supplier_id, s.supplier_code, s.name AS supplier_name, s.supplier_type, coalesce(served.items, 0) AS items, c.orders,
    c.receipts, c.on_time_share, c.on_time_share - before.on_time_share AS on_time_change, c.quantity_accuracy,
    c.promised_days, c.mean_days, c.p50_days, c.p90_days, c.p95_days, c.price_drift, c.open_orders, c.late_orders,
    s.min_order_value::double precision AS min_order_value
FROM analytics.supplier_scorecard AS c
JOIN core.dim_supplier AS s USING (supplier_id)
LEFT JOIN served USING (supplier_id)
LEFT JOIN analytics.supplier_scorecard AS before
    ON before.as_of = %(as_of)s::date - 30 AND before.supplier_id = c.supplier_id
WHERE c.as_of = %(as_of)s::date
    AND (served.items IS NOT NULL OR num_nonnulls(%(families)s::text[], %(abc)s::text[], %(regions)s::text[], %(sites)s::text[]) = 0)
    AND (%(search)s::text IS NULL OR s.name ILIKE %(search)s OR s.supplier_code ILIKE %(search)s)
    AND (%(supplier_types)s::text[] IS NULL OR s.supplier_type = ANY (%(supplier_types)s::text[]))
ORDER BY c.late_orders DESC, c.orders DESC, s.supplier_code;
