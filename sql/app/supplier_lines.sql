-- Order lines of a supplier over a year as known on the as-of, open and late ones first. Grain: one row per order line.
-- Parameters: supplier_id, as_of, row_limit.
WITH versions AS (
    SELECT DISTINCT ON (order_no, line_no) *
    FROM core.fact_orders
    WHERE supplier_id = %(supplier_id)s AND known_on <= %(as_of)s::date AND known_on > %(as_of)s::date - 730
    ORDER BY order_no, line_no, known_on DESC
)
SELECT v.order_no, v.line_no, i.item_code, i.name AS item_name, s.site_code, v.order_date, v.expected_date,
    CASE WHEN v.received_date <= %(as_of)s::date THEN v.received_date END AS received_date, v.status,
    v.quantity::double precision AS quantity, v.received_quantity::double precision AS received_quantity,
    v.unit_price::double precision AS unit_price, x.name AS supplier_name,
    coalesce(CASE WHEN v.received_date <= %(as_of)s::date THEN v.received_date END,
             CASE WHEN v.status IN ('PLACED', 'PARTIAL') THEN %(as_of)s::date END) - v.expected_date AS days_late
FROM versions AS v
JOIN core.dim_item AS i USING (item_id)
JOIN core.dim_site AS s USING (site_id)
JOIN core.dim_supplier AS x USING (supplier_id)
WHERE v.order_date > %(as_of)s::date - 365
ORDER BY (v.received_date IS NULL AND v.status IN ('PLACED', 'PARTIAL')) DESC, days_late DESC NULLS LAST, v.order_date DESC
LIMIT %(row_limit)s;
