-- core.fact_orders: versions of purchase order lines, one for each day on which an extract told them.
-- Grain: one row per order line and known_on in [window_start, window_end); within a day the newest file wins.
-- Parameters: window_start, window_end (dates, half-open).
SELECT DISTINCT ON (known_on, order_no, line_no)
    known_on,
    order_no,
    line_no,
    core.surrogate_key(item_code) AS item_id,
    core.surrogate_key(site_code) AS site_id,
    core.surrogate_key(supplier_code) AS supplier_id,
    requested_date,
    approved_date,
    order_date,
    expected_date,
    received_date,
    quantity,
    coalesce(received_quantity, CASE WHEN received_date IS NULL THEN 0 ELSE quantity END) AS received_quantity,
    unit_price,
    CASE
        WHEN upper(status) IN ('CANCELLED', 'CANCELED', 'CANCELADO', 'CANCELADA') THEN 'CANCELLED'
        WHEN upper(status) IN ('PARTIAL', 'PARCIAL') THEN 'PARTIAL'
        WHEN upper(status) IN ('RECEIVED', 'RECEBIDO', 'RECEBIDA', 'ENTREGUE') OR received_date IS NOT NULL THEN 'RECEIVED'
        ELSE 'PLACED'
    END AS status
FROM staging.purchase_orders
WHERE known_on >= %(window_start)s::date AND known_on < %(window_end)s::date
ORDER BY known_on, order_no, line_no, file_id DESC, source_line DESC
