-- Purchase order lines as they were known on a date: the latest version told by then, later receipts hidden.
-- Grain: one row per order line. received_quantity is what had arrived by then; open is false once nothing more is due.
-- Parameter: as_of (date).
WITH known AS (
    SELECT DISTINCT ON (order_no, line_no) *,
           received_date <= %(as_of)s AS arrived
    FROM core.fact_orders
    WHERE known_on <= %(as_of)s
    ORDER BY order_no, line_no, known_on DESC
)
SELECT o.order_no, o.line_no, o.item_id, o.site_id, o.supplier_id, v.supplier_code, i.family,
       o.requested_date, o.approved_date, o.order_date, o.expected_date,
       CASE WHEN o.arrived THEN o.received_date END AS received_date,
       o.quantity,
       -- A receipt that lies after the date takes its quantity with it.
       CASE WHEN o.received_date > %(as_of)s THEN 0 ELSE o.received_quantity END AS received_quantity,
       o.unit_price,
       o.status = 'CANCELLED' AS cancelled,
       o.status <> 'CANCELLED' AND (o.received_date > %(as_of)s OR o.status <> 'RECEIVED')
           AND o.quantity > CASE WHEN o.received_date > %(as_of)s THEN 0 ELSE o.received_quantity END AS open
FROM known AS o
JOIN core.dim_item AS i ON i.item_id = o.item_id AND i.item_kind = 'MATERIAL'
LEFT JOIN core.dim_supplier AS v ON v.supplier_id = o.supplier_id
WHERE o.order_date <= %(as_of)s
ORDER BY o.order_no, o.line_no
