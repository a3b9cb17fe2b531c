-- Order lines of an item-site as known on the as-of, newest first. Grain: one row per order line.
-- Parameters: item_id, site_id, as_of, row_limit.
WITH versions AS (
    SELECT DISTINCT ON (order_no, line_no) *
    FROM core.fact_orders
    WHERE item_id = %(item_id)s AND site_id = %(site_id)s AND known_on <= %(as_of)s
    ORDER BY order_no, line_no, known_on DESC
)
SELECT v.order_no, v.line_no, s.supplier_code, s.name AS supplier_name, v.order_date, v.expected_date,
    CASE WHEN v.received_date <= %(as_of)s THEN v.received_date END AS received_date,
    v.quantity::double precision AS quantity, v.received_quantity::double precision AS received_quantity,
    v.unit_price::double precision AS unit_price, v.status,
    coalesce(CASE WHEN v.received_date <= %(as_of)s THEN v.received_date END,
             CASE WHEN v.status IN ('PLACED', 'PARTIAL') THEN %(as_of)s::date END) - v.expected_date AS days_late
FROM versions AS v
JOIN core.dim_supplier AS s USING (supplier_id)
ORDER BY v.order_date DESC, v.order_no DESC
LIMIT %(row_limit)s;
