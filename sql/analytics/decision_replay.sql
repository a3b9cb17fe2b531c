-- analytics.decision_replay: outcome of each recommendation once its protection period is over, against doing nothing.
-- Grain: one row per as_of in [window_start, window_end) (the last day of the period), decision date, material, site,
-- action and order concerned. Parameters: window_start, window_end (dates, half-open).
-- The stock position of the decision date meets the demand that came; what was recommended joins it on its arrival day
-- (an expedited order at once). Units short are those still missing at the period's end; holding is paid for what lies on
-- the shelf each night.
WITH due AS (
    SELECT r.as_of AS decided_on, r.item_id, r.site_id, r.action, r.order_ref, r.position,
           r.as_of + ceil(p.protection_days)::integer AS as_of,
           CASE WHEN r.action IN ('REORDER', 'EXPEDITE') THEN r.quantity ELSE 0 END AS added,
           CASE WHEN r.action = 'EXPEDITE' THEN r.as_of ELSE r.arrive_by END AS added_on,
           coalesce(p.shortage_cost_unit, 0) AS shortage_cost, coalesce(p.holding_cost_unit_day, 0) AS holding_cost
    FROM analytics.recommendations AS r
    JOIN analytics.stock_policies AS p USING (as_of, item_id, site_id)
    WHERE r.as_of < %(window_end)s::date
      AND r.as_of + ceil(p.protection_days)::integer >= %(window_start)s::date
      AND r.as_of + ceil(p.protection_days)::integer < %(window_end)s::date
),
demand AS (
    SELECT item_id, site_id, full_date, sum(quantity)::double precision AS quantity
    FROM core.fact_demand_daily
    WHERE full_date > (SELECT min(decided_on) FROM due) AND full_date < %(window_end)s::date
    GROUP BY item_id, site_id, full_date
),
nights AS (
    SELECT due.*, night.day::date AS day,
           sum(coalesce(d.quantity, 0)) OVER w AS used,
           CASE WHEN night.day::date >= due.added_on THEN due.added ELSE 0 END AS joined
    FROM due
    CROSS JOIN LATERAL generate_series(due.decided_on + 1, due.as_of, interval '1 day') AS night (day)
    LEFT JOIN demand AS d
      ON d.item_id = due.item_id AND d.site_id = due.site_id AND d.full_date = night.day::date
    WINDOW w AS (PARTITION BY due.decided_on, due.item_id, due.site_id, due.action, due.order_ref ORDER BY night.day)
),
outcomes AS (
    SELECT as_of, decided_on, item_id, site_id, action, order_ref, shortage_cost,
           max(used) AS actual_demand,
           greatest(max(used) - position, 0) AS shortage_without,
           greatest(max(used) - position - max(joined), 0) AS shortage_with,
           sum(greatest(position - used, 0)) * holding_cost AS holding_without,
           sum(greatest(position + joined - used, 0)) * holding_cost AS holding_with
    FROM nights
    GROUP BY as_of, decided_on, item_id, site_id, action, order_ref, position, shortage_cost, holding_cost
)
SELECT as_of, decided_on, item_id, site_id, action, order_ref,
       round(actual_demand::numeric, 4) AS actual_demand,
       shortage_without, shortage_with,
       round((shortage_without * shortage_cost + holding_without)::numeric, 4) AS cost_without,
       round((shortage_with * shortage_cost + holding_with)::numeric, 4) AS cost_with
FROM outcomes
