-- How each supplier kept its word over a year: order lines as known on the as-of, late ones first.
-- Grain: one row per supplier with lines. Parameters: as_of, search, supplier_types, families, abc, regions, sites.
WITH versions AS (
    SELECT DISTINCT ON (o.order_no, o.line_no) o.*
    FROM core.fact_orders AS o
    WHERE o.known_on <= %(as_of)s::date AND o.known_on > %(as_of)s::date - 730
    ORDER BY o.order_no, o.line_no, o.known_on DESC
),
lines AS (
    SELECT v.supplier_id, v.item_id, v.order_date, v.expected_date, v.quantity, v.received_quantity, v.unit_price, v.status,
        CASE WHEN v.received_date <= %(as_of)s::date THEN v.received_date END AS received,
        v.status IN ('PLACED', 'PARTIAL') AND (v.received_date IS NULL OR v.received_date > %(as_of)s::date) AS is_open,
        first_value(v.unit_price) OVER (PARTITION BY v.supplier_id, v.item_id ORDER BY v.order_date) AS first_price,
        last_value(v.unit_price) OVER (PARTITION BY v.supplier_id, v.item_id ORDER BY v.order_date
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS last_price
    FROM versions AS v
    JOIN analytics.mv_item_sites_latest AS l USING (item_id, site_id)
    WHERE v.order_date > %(as_of)s::date - 365
        AND (%(families)s::text[] IS NULL OR l.family = ANY (%(families)s::text[]))
        AND (%(abc)s::text[] IS NULL OR l.abc_class = ANY (%(abc)s::text[]))
        AND (%(regions)s::text[] IS NULL OR l.region_code = ANY (%(regions)s::text[]))
        AND (%(sites)s::text[] IS NULL OR l.site_code = ANY (%(sites)s::text[]))
),
scored AS (
    SELECT supplier_id, count(*) AS lines, count(DISTINCT item_id) AS items,
        count(*) FILTER (WHERE received IS NOT NULL) AS receipts,
        avg((received <= expected_date)::integer) FILTER (WHERE received IS NOT NULL)::double precision AS on_time_share,
        avg((received_quantity >= quantity)::integer) FILTER (WHERE received IS NOT NULL)::double precision AS in_full_share,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY received - order_date)
            FILTER (WHERE received IS NOT NULL) AS days,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY expected_date - order_date) AS promised_days,
        avg((received - order_date) - (expected_date - order_date))
            FILTER (WHERE received > %(as_of)s::date - 90)::double precision AS recent_days_late,
        avg(last_price / nullif(first_price, 0) - 1)::double precision AS price_drift,
        count(*) FILTER (WHERE is_open) AS open_lines,
        count(*) FILTER (WHERE is_open AND expected_date < %(as_of)s::date) AS late_lines,
        (sum(quantity * unit_price))::double precision AS spend,
        coalesce(sum((quantity - received_quantity) * unit_price) FILTER (WHERE is_open), 0)::double precision AS open_value
    FROM lines
    WHERE status <> 'CANCELLED'
    GROUP BY supplier_id
)
SELECT s.supplier_id, s.supplier_code, s.name AS supplier_name, s.supplier_type, c.lines, c.items, c.receipts, c.on_time_share,
    c.in_full_share, c.days[1] AS p50_days, c.days[2] AS p95_days, c.promised_days, c.recent_days_late, c.price_drift,
    c.open_lines, c.late_lines, c.spend, c.open_value
FROM scored AS c
JOIN core.dim_supplier AS s USING (supplier_id)
WHERE (%(search)s::text IS NULL OR s.name ILIKE %(search)s OR s.supplier_code ILIKE %(search)s)
    AND (%(supplier_types)s::text[] IS NULL OR s.supplier_type = ANY (%(supplier_types)s::text[]))
ORDER BY c.late_lines DESC, c.spend DESC NULLS LAST, s.supplier_code;
