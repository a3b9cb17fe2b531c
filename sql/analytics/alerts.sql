-- analytics.alerts: what needs a person's attention, one row per material, site and cause, with what is at stake.
-- Grain: one row per as_of in [window_start, window_end) that has stock policies, material, site and cause.
-- Parameters: window_start, window_end (dates, half-open).
-- STOCKOUT_RISK   a stock-out within the protection period has a probability of at least 0.2 although something is on the shelf
-- STOCKED_OUT     nothing on the shelf of what the policy wants stocked
-- LATE_ORDER      an order past its promised day that a recommendation wants expedited
-- DEMAND_SPIKE    two weeks with 1.5 times the demand of the busiest two weeks of the year before
-- LEAD_TIME_DRIFT receipts of the last 90 days took clearly longer than the same materials' before (Welch-like t > 3)
-- EXCESS          more than a year of demand above the order-up-to level, worth over 1/1000 of all stock
WITH policies AS (
    SELECT p.*, i.criticality, coalesce(p.unit_cost, 0) AS cost, d.mean / 90 AS demand_day
    FROM analytics.stock_policies AS p
    JOIN core.dim_item AS i ON i.item_id = p.item_id AND i.active
    JOIN analytics.forecasts AS d
      ON d.as_of = p.as_of AND d.item_id = p.item_id AND d.site_id = p.site_id AND d.target = 'D90'
    WHERE p.as_of >= %(window_start)s::date AND p.as_of < %(window_end)s::date
),
days AS (
    SELECT DISTINCT as_of FROM policies
),
decisions AS (
    SELECT * FROM analytics.recommendations
    WHERE as_of >= %(window_start)s::date AND as_of < %(window_end)s::date
),
stock AS (
    SELECT DISTINCT ON (r.as_of, r.item_id, r.site_id)
           r.*, p.cost, p.criticality, p.reorder_point, p.order_up_to, p.demand_day, p.lead_time_days,
           r.expected_shortage * coalesce(p.shortage_cost_unit, 0) AS shortage_value,
           greatest(r.on_hand - r.reserved - r.backorder, 0) AS free
    FROM decisions AS r
    JOIN policies AS p USING (as_of, item_id, site_id)
    ORDER BY r.as_of, r.item_id, r.site_id, r.action, r.order_ref
),
shelf AS (
    SELECT as_of, sum(on_hand * cost) AS value FROM stock GROUP BY as_of
),
fortnights AS (
    SELECT days.as_of, item_id, site_id, (days.as_of - d.full_date) / 14 AS ago, sum(d.quantity) AS quantity
    FROM days
    JOIN core.fact_demand_daily AS d ON d.full_date > days.as_of - 378 AND d.full_date <= days.as_of
    GROUP BY days.as_of, item_id, site_id, ago
),
spikes AS (
    SELECT as_of, item_id, site_id,
           sum(quantity) FILTER (WHERE ago = 0) AS quantity,
           max(quantity) FILTER (WHERE ago > 0) AS busiest,
           sum(quantity) FILTER (WHERE ago > 0) / 26 AS usual
    FROM fortnights
    GROUP BY as_of, item_id, site_id
    HAVING count(*) FILTER (WHERE ago > 0) >= 4
),
receipts AS (
    SELECT DISTINCT ON (days.as_of, o.order_no, o.line_no)
           days.as_of, o.item_id, o.supplier_id, o.received_date, o.received_date - o.order_date AS lead
    FROM days
    JOIN core.fact_orders AS o ON o.known_on <= days.as_of AND o.received_date > days.as_of - 455
                              AND o.received_date <= days.as_of AND o.received_date >= o.order_date
    WHERE o.status <> 'CANCELLED'
    ORDER BY days.as_of, o.order_no, o.line_no, o.known_on DESC
),
earlier AS (
    SELECT as_of, item_id, supplier_id, avg(lead) AS lead
    FROM receipts
    WHERE received_date <= as_of - 90
    GROUP BY as_of, item_id, supplier_id
),
drifts AS (
    SELECT r.as_of, r.supplier_id, count(*) AS receipts, avg(r.lead) AS recent_days, avg(e.lead) AS earlier_days
    FROM receipts AS r
    JOIN earlier AS e USING (as_of, item_id, supplier_id)
    WHERE r.received_date > r.as_of - 90
    GROUP BY r.as_of, r.supplier_id
    HAVING count(*) >= 4
       AND avg(r.lead - e.lead) >= greatest(5, 0.25 * avg(e.lead))
       AND avg(r.lead - e.lead) > 3 * stddev_samp(r.lead - e.lead) / sqrt(count(*))
),
late AS (
    SELECT as_of, item_id, site_id, min(arrive_by) AS needed_by, max(stockout_probability) AS probability,
           sum(avoided_cost) AS value, bool_or(priority = 'CRITICAL') AS critical,
           string_agg(order_ref, ', ' ORDER BY order_ref) AS orders, sum(quantity) AS quantity,
           min(expected_shortage) AS units_short
    FROM decisions
    WHERE action = 'EXPEDITE'
    GROUP BY as_of, item_id, site_id
)
SELECT as_of, item_id, site_id, 'STOCKOUT_RISK' AS cause,
       CASE WHEN stockout_probability >= 0.5 AND criticality >= 8 THEN 'CRITICAL' ELSE 'WARNING' END AS severity,
       stockout_probability AS probability,
       CASE WHEN demand_day > 0 AND free / demand_day < 3650 THEN as_of + floor(free / demand_day)::integer END
           AS expected_date,
       round(shortage_value::numeric, 4) AS value_at_risk,
       jsonb_build_object('on_hand', on_hand, 'position', position, 'reorder_point', reorder_point,
                          'units_short', round(expected_shortage::numeric, 2), 'on_order_late', on_order_late,
                          'lead_time_days', round(lead_time_days::numeric, 1)) AS details
FROM stock
WHERE on_hand > 0 AND stockout_probability >= 0.2
UNION ALL
SELECT as_of, item_id, site_id, 'STOCKED_OUT',
       CASE WHEN backorder > 0 OR criticality >= 8 THEN 'CRITICAL' ELSE 'WARNING' END,
       stockout_probability, as_of, round(shortage_value::numeric, 4),
       jsonb_build_object('backorder', backorder, 'on_order', on_order, 'on_order_late', on_order_late,
                          'reorder_point', reorder_point, 'mean_30', round((demand_day * 30)::numeric, 2))
FROM stock
WHERE on_hand = 0 AND (reorder_point > 0 OR backorder > 0)
UNION ALL
SELECT as_of, item_id, site_id, 'LATE_ORDER', CASE WHEN critical THEN 'CRITICAL' ELSE 'WARNING' END,
       probability, needed_by, round(greatest(value, 0), 4), jsonb_build_object('order_no', orders, 'quantity', quantity, 'units_short', round(units_short::numeric, 2))
FROM late
UNION ALL
SELECT as_of, item_id, site_id, 'DEMAND_SPIKE', CASE WHEN p.criticality >= 8 THEN 'WARNING' ELSE 'NORMAL' END,
       NULL, NULL, round((s.quantity - s.usual) * p.cost, 4),
       jsonb_build_object('last_14_days', s.quantity, 'busiest_14_days', s.busiest, 'usual_14_days', round(s.usual, 2))
FROM spikes AS s
JOIN policies AS p USING (as_of, item_id, site_id)
WHERE s.quantity > 1.5 * s.busiest
UNION ALL
SELECT as_of, p.item_id, p.site_id, 'LEAD_TIME_DRIFT', 'WARNING', NULL, NULL,
       round(((d.recent_days - d.earlier_days)::double precision * p.demand_day * coalesce(p.shortage_cost_unit, 0))::numeric, 4),
       jsonb_build_object('supplier_code', v.supplier_code, 'recent_days', round(d.recent_days, 1),
                          'earlier_days', round(d.earlier_days, 1), 'receipts', d.receipts,
                          'planned_days', round(p.lead_time_days::numeric, 1))
FROM drifts AS d
JOIN policies AS p USING (as_of, supplier_id)
JOIN core.dim_supplier AS v USING (supplier_id)
WHERE p.reorder_point > 0
UNION ALL
SELECT as_of, item_id, site_id, 'EXCESS', 'NORMAL', NULL, NULL,
       round((on_hand - order_up_to::numeric) * cost, 4),
       jsonb_build_object('on_hand', on_hand, 'order_up_to', order_up_to,
                          'months_of_cover', round((on_hand / nullif(demand_day * 30, 0))::numeric, 1))
FROM stock
JOIN shelf USING (as_of)
WHERE on_hand - order_up_to > 365 * demand_day
  AND (on_hand - order_up_to::numeric) * cost > 0.001 * shelf.value
