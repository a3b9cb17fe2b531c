-- core.fact_orders: versions of purchase order lines, one for each day on which an extract told them.
-- A word for the state that is not known here is read from what was received.
-- Grain: one row per order line and known_on in [window_start, window_end); within a day the newest file wins.
-- Parameters: window_start, window_end (dates, half-open).
WITH newest AS (
    SELECT DISTINCT ON (t.known_on, t.order_no, t.line_no)
        t.*,
        coalesce(t.received_quantity, CASE WHEN t.received_date IS NULL THEN 0 ELSE t.quantity END) AS received,
        translate(upper(trim(t.status)), 'ÁÀÂÃÉÊÍÓÔÕÚÇ_', 'AAAAEEIOOOUC ') AS state
    FROM staging.purchase_orders AS t
    WHERE t.known_on >= %(window_start)s::date AND t.known_on < %(window_end)s::date
    ORDER BY t.known_on, t.order_no, t.line_no, t.file_id DESC, t.source_line DESC
)
SELECT
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
    received AS received_quantity,
    unit_price,
    CASE
        WHEN state IN ('CANCELLED', 'CANCELED', 'CANCELADO', 'CANCELADA', 'ELIMINADO', 'ELIMINADA') THEN 'CANCELLED'
        WHEN state IN ('PARTIAL', 'PARTIALLY RECEIVED', 'PARCIAL', 'PARCIALMENTE RECEBIDO', 'RECEBIDO PARCIAL',
            'RECEBIDO PARCIALMENTE', 'ATENDIDO PARCIAL') THEN 'PARTIAL'
        WHEN state IN ('RECEIVED', 'CLOSED', 'RECEBIDO', 'RECEBIDA', 'ENTREGUE', 'ATENDIDO', 'ATENDIDA', 'CONCLUIDO',
            'CONCLUIDA', 'ENCERRADO', 'ENCERRADA') THEN 'RECEIVED'
        WHEN received > 0 AND received < quantity THEN 'PARTIAL'
        WHEN received_date IS NOT NULL OR (received >= quantity AND quantity > 0) THEN 'RECEIVED'
        ELSE 'PLACED'
    END AS status
FROM newest
