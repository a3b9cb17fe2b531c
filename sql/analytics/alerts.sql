-- analytics.alerts: what needs a person's attention, one row per material, site and cause, with what is at stake.
-- Grain: one row per as_of in [window_start, window_end) that has stock policies, material, site and cause.
-- Parameters: window_start, window_end (dates, half-open).
-- value_at_risk is the expected cost of doing nothing until help could come (risk_days): units short at their cost, or
-- what it costs to hold what is too much. So one ranking serves all causes. hours_at_risk is the other one, for contracts
-- that count time: each unit expected to be short waits from its moment, evenly between the end of the shelf and the
-- arrival of an order placed today, and what is owed already waits that long as well.
-- STOCKOUT_RISK   the demand of risk_days exceeds what is there or due with a probability of at least 0.2
-- STOCKED_OUT     nothing on the shelf of what the policy wants stocked
-- LATE_ORDER      an order past its promised day that a recommendation wants expedited
-- DEMAND_SPIKE    two weeks with 1.5 times the demand of the busiest two weeks of the year before
-- LEAD_TIME_DRIFT receipts of the last 90 days took clearly longer than the same materials' before (Welch-like t > 3),
--                 and the position does not cover the demand of the longer wait
-- EXCESS          what should be reduced or disposed of: only the few that make up the first half of its carrying cost
-- DATA_QUALITY    demand for a code that no extract of materials told, stock no longer told, or an order never closed
WITH policies AS (
    SELECT p.*, i.criticality, i.inferred, coalesce(p.unit_cost, 0) AS cost, coalesce(p.shortage_cost_unit, 0) AS short_cost,
           coalesce(o.mean, d.mean) / 90 AS demand_day
    FROM analytics.stock_policies AS p
    JOIN core.dim_item AS i ON i.item_id = p.item_id AND i.active
    JOIN analytics.forecasts AS d
      ON d.as_of = p.as_of AND d.item_id = p.item_id AND d.site_id = p.site_id AND d.target = 'D90'
    LEFT JOIN analytics.forecast_overrides AS o
      ON o.as_of = d.as_of AND o.item_id = d.item_id AND o.site_id = d.site_id AND o.target = d.target
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
           r.*, p.criticality, p.reorder_point, p.demand_day, p.lead_time_days, p.short_cost,
           r.risk_shortage * p.short_cost AS shortage_value,
           free.units AS free,
           24 * (r.risk_shortage * greatest(p.lead_time_days - coalesce(free.units / nullif(p.demand_day, 0), p.lead_time_days), 0) / 2
                 + r.backorder * p.lead_time_days) AS hours
    FROM decisions AS r
    JOIN policies AS p USING (as_of, item_id, site_id)
    CROSS JOIN LATERAL (SELECT greatest(r.on_hand - r.reserved - r.backorder, 0) AS units) AS free
    ORDER BY r.as_of, r.item_id, r.site_id, r.action, r.order_ref
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
),
surplus AS (
    SELECT r.*, sum(carrying_cost_month) OVER (
               PARTITION BY as_of ORDER BY carrying_cost_month DESC, item_id, site_id
               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - carrying_cost_month AS worse,
           sum(carrying_cost_month) OVER (PARTITION BY as_of) AS everything
    FROM decisions AS r
    WHERE action IN ('REDUCE', 'DISPOSE')
),
strangers AS (
    SELECT days.as_of, d.item_id, d.site_id, count(*) AS lines, sum(d.quantity) AS quantity, max(d.full_date) AS last_date
    FROM days
    JOIN core.fact_demand_daily AS d ON d.full_date > days.as_of - 30 AND d.full_date <= days.as_of
    JOIN core.dim_item AS i ON i.item_id = d.item_id AND i.inferred
    GROUP BY days.as_of, d.item_id, d.site_id
),
last_told AS (
    SELECT days.as_of, f.item_id, f.site_id, max(f.full_date) AS last_date
    FROM days
    JOIN core.fact_inventory_daily AS f ON f.full_date > days.as_of - 60 AND f.full_date <= days.as_of
    GROUP BY days.as_of, f.item_id, f.site_id
),
doubts AS (
    SELECT as_of, item_id, site_id, jsonb_build_object(
               'reason', 'UNKNOWN_MATERIAL', 'lines', lines, 'quantity', quantity, 'last_date', last_date) AS details
    FROM strangers
    UNION ALL
    SELECT t.as_of, t.item_id, t.site_id, jsonb_build_object('reason', 'STOCK_UNKNOWN', 'last_date', t.last_date)
    FROM last_told AS t
    JOIN policies AS p USING (as_of, item_id, site_id)
    WHERE t.last_date <= t.as_of - 7 AND NOT p.inferred
    UNION ALL
    SELECT as_of, item_id, site_id, jsonb_build_object(
               'reason', 'ORDER_NEVER_CLOSED', 'on_order_abandoned', on_order_abandoned)
    FROM stock
    WHERE on_order_abandoned > 0
)
SELECT as_of, item_id, site_id, 'STOCKOUT_RISK' AS cause,
       CASE WHEN risk_probability >= 0.5 AND criticality >= 8 THEN 'CRITICAL' ELSE 'WARNING' END AS severity,
       risk_probability AS probability, risk_days AS horizon_days,
       CASE WHEN demand_day > 0 AND free / demand_day < 3650 THEN as_of + floor(free / demand_day)::integer END
           AS expected_date,
       round(shortage_value::numeric, 4) AS value_at_risk, hours AS hours_at_risk,
       jsonb_build_object('on_hand', on_hand, 'position', position, 'reorder_point', reorder_point,
                          'units_short', round(risk_shortage::numeric, 2), 'on_order_late', on_order_late,
                          'lead_time_days', round(lead_time_days::numeric, 1)) AS details
FROM stock
WHERE on_hand > 0 AND risk_probability >= 0.2
UNION ALL
SELECT as_of, item_id, site_id, 'STOCKED_OUT',
       CASE WHEN backorder > 0 OR criticality >= 8 THEN 'CRITICAL' ELSE 'WARNING' END,
       risk_probability, risk_days, as_of, round(shortage_value::numeric, 4), hours,
       jsonb_build_object('backorder', backorder, 'on_order', on_order, 'on_order_late', on_order_late,
                          'reorder_point', reorder_point, 'mean_30', round((demand_day * 30)::numeric, 2))
FROM stock
WHERE on_hand = 0 AND (reorder_point > 0 OR backorder > 0)
UNION ALL
SELECT as_of, item_id, site_id, 'LATE_ORDER', CASE WHEN l.critical THEN 'CRITICAL' ELSE 'WARNING' END,
       l.probability, NULL, l.needed_by, round(greatest(l.value, 0), 4), r.hours,
       jsonb_build_object('order_no', l.orders, 'quantity', l.quantity, 'units_short', round(l.units_short::numeric, 2))
FROM late AS l
JOIN stock AS r USING (as_of, item_id, site_id)
UNION ALL
SELECT as_of, item_id, site_id, 'DEMAND_SPIKE', CASE WHEN r.criticality >= 8 THEN 'WARNING' ELSE 'NORMAL' END,
       NULL, NULL, NULL, round((s.quantity - s.usual) * (r.risk_probability * r.short_cost)::numeric, 4), r.hours,
       jsonb_build_object('last_14_days', s.quantity, 'busiest_14_days', s.busiest, 'usual_14_days', round(s.usual, 2))
FROM spikes AS s
JOIN stock AS r USING (as_of, item_id, site_id)
WHERE s.quantity > 1.5 * s.busiest
UNION ALL
SELECT as_of, r.item_id, r.site_id, 'LEAD_TIME_DRIFT', 'WARNING', NULL, NULL, NULL,
       round((least(r.reorder_point + w.wait - r.position, w.wait) * r.short_cost)::numeric, 4), r.hours,
       jsonb_build_object('supplier_code', v.supplier_code, 'recent_days', round(d.recent_days, 1),
                          'earlier_days', round(d.earlier_days, 1), 'receipts', d.receipts,
                          'planned_days', round(r.lead_time_days::numeric, 1))
FROM drifts AS d
JOIN policies AS p USING (as_of, supplier_id)
JOIN stock AS r USING (as_of, item_id, site_id)
JOIN core.dim_supplier AS v ON v.supplier_id = d.supplier_id
CROSS JOIN LATERAL (SELECT (d.recent_days - d.earlier_days)::double precision * r.demand_day AS wait) AS w
WHERE r.reorder_point > 0 AND r.position < r.reorder_point + w.wait
UNION ALL
SELECT as_of, item_id, site_id, 'EXCESS', 'NORMAL', NULL, NULL, NULL,
       round(carrying_cost_month * risk_days / 30, 4), 0,
       jsonb_build_object('kind', terms ->> 'kind', 'on_hand', on_hand, 'quantity', quantity,
                          'months_of_cover', round(months_of_cover::numeric, 1),
                          'carrying_cost_month', round(carrying_cost_month, 2))
FROM surplus
WHERE worse < 0.5 * everything
UNION ALL
SELECT as_of, item_id, site_id, 'DATA_QUALITY',
       CASE WHEN bool_or(details ->> 'reason' = 'STOCK_UNKNOWN') THEN 'WARNING' ELSE 'NORMAL' END,
       NULL, NULL, NULL, 0, 0,
       jsonb_build_object('reasons', jsonb_agg(details ORDER BY details ->> 'reason'))
FROM doubts
GROUP BY as_of, item_id, site_id
