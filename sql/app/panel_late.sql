-- Open order lines past their promised day, worst first, with the number of all on every line.
-- Grain: one row per order line. Parameters: as_of, row_limit, families, abc, regions, sites.
WITH versions AS (
    SELECT DISTINCT ON (o.order_no, o.line_no) o.*
    FROM core.fact_orders AS o
    WHERE o.known_on <= %(as_of)s::date AND o.known_on > %(as_of)s::date - 400
    ORDER BY o.order_no, o.line_no, o.known_on DESC
)
SELECT v.order_no, v.line_no, v.expected_date, %(as_of)s::date - v.expected_date AS days_late,
    (v.quantity - v.received_quantity)::double precision AS quantity, s.name AS supplier_name,
    l.item_code, l.item_name, l.site_code, l.unit_measure, l.stockout_probability,
    count(*) OVER () AS queue_length
FROM versions AS v
JOIN analytics.mv_item_sites_latest AS l USING (item_id, site_id)
JOIN core.dim_supplier AS s USING (supplier_id)
WHERE v.status IN ('PLACED', 'PARTIAL') AND v.received_date IS NULL AND v.expected_date < %(as_of)s::date
    AND (%(families)s::text[] IS NULL OR l.family = ANY (%(families)s::text[]))
    AND (%(abc)s::text[] IS NULL OR l.abc_class = ANY (%(abc)s::text[]))
    AND (%(regions)s::text[] IS NULL OR l.region_code = ANY (%(regions)s::text[]))
    AND (%(sites)s::text[] IS NULL OR l.site_code = ANY (%(sites)s::text[]))
ORDER BY l.stockout_probability * coalesce(l.criticality, 1)::double precision DESC NULLS LAST, days_late DESC, v.order_no
LIMIT %(row_limit)s;
