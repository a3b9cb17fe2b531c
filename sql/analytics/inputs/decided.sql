-- What people had decided by a date and what of it the ERP had not seen yet.
-- Grain: one row per decision that still counts: the latest word on each recommendation, spoken on or before the date and
-- not more than `counts_days` days before it. `open_quantity` is the part for which no order of the same material and
-- site was told after the recommendation; several decisions are served by those orders oldest first.
-- Parameters: as_of (date), counts_days (integer).
WITH spoken AS (
    SELECT DISTINCT ON (h.as_of, h.item_id, h.site_id, h.action, h.order_ref)
           h.as_of AS advised_on, h.item_id, h.site_id, h.action, h.order_ref, h.state, h.quantity, h.supplier_id,
           h.from_site_code, (h.at AT TIME ZONE 'America/Bahia')::date AS decided_on
    FROM support.recommendation_history AS h
    WHERE (h.at AT TIME ZONE 'America/Bahia')::date <= %(as_of)s
    ORDER BY h.as_of, h.item_id, h.site_id, h.action, h.order_ref, h.history_id DESC
),
counted AS (
    SELECT *, sum(coalesce(quantity, 0)) FILTER (WHERE state IN ('APPROVED', 'ADJUSTED', 'EXPORTED')) OVER w AS up_to_here,
           min(advised_on) OVER (PARTITION BY item_id, site_id, action) AS first_advised_on
    FROM spoken
    WHERE decided_on > %(as_of)s::date - %(counts_days)s AND state IN ('APPROVED', 'ADJUSTED', 'EXPORTED', 'REJECTED')
    WINDOW w AS (PARTITION BY item_id, site_id, action ORDER BY advised_on, order_ref)
),
told AS (
    SELECT item_id, site_id, order_no, line_no, min(known_on) AS told_on, max(order_date) AS order_date,
           (array_agg(quantity ORDER BY known_on DESC))[1] AS quantity
    FROM core.fact_orders
    WHERE known_on <= %(as_of)s AND (item_id, site_id) IN (SELECT item_id, site_id FROM counted)
    GROUP BY item_id, site_id, order_no, line_no
)
SELECT c.advised_on, c.item_id, c.site_id, c.action, c.order_ref, c.state, c.supplier_id, c.from_site_code, c.decided_on,
       CASE WHEN c.state = 'REJECTED' THEN 0 ELSE least(c.quantity, greatest(c.up_to_here - coalesce(o.quantity, 0), 0))
       END::double precision AS open_quantity
FROM counted AS c
LEFT JOIN LATERAL (
    SELECT sum(t.quantity) AS quantity
    FROM told AS t
    WHERE c.action = 'REORDER' AND t.item_id = c.item_id AND t.site_id = c.site_id
      AND t.told_on > c.first_advised_on AND t.order_date >= c.first_advised_on
) AS o ON true
ORDER BY c.item_id, c.site_id, c.action, c.advised_on, c.order_ref
