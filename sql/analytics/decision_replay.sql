-- analytics.decision_replay: outcome of each recommendation once its protection period is over, four ways.
-- Grain: one row per as_of in [window_start, window_end) (the last day of the period), decision date, material, site,
-- action and order concerned. Parameters: window_start, window_end (dates, half-open).
-- without  the shelf of the decision date and what was on order then, as it really arrived, meet the demand that came
-- with     the recommendation joins on its arrival day; an expedited order on the day it is needed instead of its own;
--          what is reduced leaves at once
-- rule     the old min/max rule decides instead: at or below the minimum it orders up to the maximum, which arrives after
--          the lead time. Minimum: mean daily demand of the year before over the protection period plus 1.645 standard
--          deviations of it (the textbook normal formula); maximum: 30 days of demand more
-- actual   what the extracts tell: units not handed out on their day, and the stock of each night
-- A unit is short when the demand of a day meets an empty shelf; a stock-out day closes with nothing on hand of what the
-- policy wants stocked, or with debts; holding is paid for what lies there each night.
WITH due AS (
    SELECT r.as_of AS decided_on, r.item_id, r.site_id, r.action, r.order_ref, r.on_hand - r.backorder AS held,
           r.position + r.on_order_late AS supply, r.as_of + ceil(p.protection_days)::integer AS as_of, p.protection_days,
           CASE WHEN r.action IN ('REDUCE', 'DISPOSE') THEN -r.quantity ELSE r.quantity END AS added,
           coalesce(r.arrive_by, r.as_of) AS added_on, r.as_of + ceil(p.lead_time_days)::integer AS rule_on,
           p.reorder_point > 0 AS is_wanted,
           coalesce(p.shortage_cost_unit, 0) AS shortage_cost, coalesce(p.holding_cost_unit_day, 0) AS holding_cost
    FROM analytics.recommendations AS r
    JOIN analytics.stock_policies AS p USING (as_of, item_id, site_id)
    WHERE r.as_of < %(window_end)s::date
      AND r.as_of + ceil(p.protection_days)::integer >= %(window_start)s::date
      AND r.as_of + ceil(p.protection_days)::integer < %(window_end)s::date
),
pairs AS (
    SELECT DISTINCT decided_on, as_of, item_id, site_id, protection_days, supply FROM due
),
demand AS (
    SELECT item_id, site_id, full_date, sum(quantity)::double precision AS quantity,
           sum(quantity - coalesce(fulfilled_quantity, quantity))::double precision AS unmet
    FROM core.fact_demand_daily
    WHERE full_date > (SELECT min(decided_on) FROM due) - 365 AND full_date < %(window_end)s::date
    GROUP BY item_id, site_id, full_date
),
old_rule AS (
    SELECT *, ceil(day_mean * protection_days + 1.645 * sqrt(variance * protection_days)) AS minimum
    FROM (
        SELECT p.decided_on, p.as_of, p.item_id, p.site_id, p.protection_days, p.supply,
               coalesce(sum(d.quantity), 0) / n.days AS day_mean,
               greatest(coalesce(sum(d.quantity ^ 2), 0) / n.days - (coalesce(sum(d.quantity), 0) / n.days) ^ 2, 0) AS variance
        FROM pairs AS p
        JOIN analytics.demand_classes AS c ON (c.as_of, c.item_id, c.site_id) = (p.decided_on, p.item_id, p.site_id)
        CROSS JOIN LATERAL (SELECT least(c.days_observed, 365)::double precision AS days) AS n
        LEFT JOIN demand AS d ON d.item_id = p.item_id AND d.site_id = p.site_id
                             AND d.full_date > p.decided_on - 365 AND d.full_date <= p.decided_on
        GROUP BY p.decided_on, p.as_of, p.item_id, p.site_id, p.protection_days, p.supply, n.days
    ) AS measured
),
order_versions AS (
    SELECT item_id, site_id, order_no || '/' || line_no AS order_ref, order_date, received_date, status,
           received_quantity::double precision AS quantity, known_on,
           lead(known_on) OVER (PARTITION BY order_no, line_no ORDER BY known_on) AS replaced_on
    FROM core.fact_orders
    WHERE known_on < %(window_end)s::date
),
arrivals AS (
    SELECT p.decided_on, p.as_of, p.item_id, p.site_id, o.order_ref, o.received_date, o.quantity
    FROM pairs AS p
    JOIN order_versions AS o
      ON o.item_id = p.item_id AND o.site_id = p.site_id AND o.order_date <= p.decided_on
     AND o.received_date > p.decided_on AND o.received_date <= p.as_of
     AND o.known_on <= p.as_of AND (o.replaced_on > p.as_of OR o.replaced_on IS NULL)
    WHERE o.status <> 'CANCELLED'
),
nights AS (
    SELECT due.*, night.day::date AS day, coalesce(d.quantity, 0) AS asked, coalesce(d.unmet, 0) AS unmet,
           i.on_hand::double precision AS shelf,
           due.held + sum(coalesce(a.quantity, 0) - coalesce(d.quantity, 0)) OVER w AS net,
           CASE WHEN night.day::date >= due.added_on
                 AND (due.order_ref = '' OR NOT coalesce(e.received_date <= night.day::date, false))
                THEN due.added ELSE 0 END AS joined,
           CASE WHEN night.day::date >= due.rule_on AND due.supply <= r.minimum
                THEN r.minimum + ceil(30 * r.day_mean) - due.supply ELSE 0 END AS ruled
    FROM due
    CROSS JOIN LATERAL generate_series(due.decided_on + 1, due.as_of, interval '1 day') AS night (day)
    LEFT JOIN demand AS d
      ON d.item_id = due.item_id AND d.site_id = due.site_id AND d.full_date = night.day::date
    LEFT JOIN core.fact_inventory_daily AS i
      ON i.item_id = due.item_id AND i.site_id = due.site_id AND i.full_date = night.day::date
     AND i.full_date > (SELECT min(decided_on) FROM due) AND i.full_date < %(window_end)s::date
    LEFT JOIN (
        SELECT decided_on, as_of, item_id, site_id, received_date, sum(quantity) AS quantity
        FROM arrivals
        GROUP BY decided_on, as_of, item_id, site_id, received_date
    ) AS a ON (a.decided_on, a.as_of, a.item_id, a.site_id, a.received_date)
            = (due.decided_on, due.as_of, due.item_id, due.site_id, night.day::date)
    LEFT JOIN arrivals AS e ON (e.decided_on, e.as_of, e.item_id, e.site_id, e.order_ref)
                             = (due.decided_on, due.as_of, due.item_id, due.site_id, due.order_ref)
    LEFT JOIN old_rule AS r ON (r.decided_on, r.as_of, r.item_id, r.site_id)
                             = (due.decided_on, due.as_of, due.item_id, due.site_id)
    WINDOW w AS (PARTITION BY due.decided_on, due.item_id, due.site_id, due.action, due.order_ref ORDER BY night.day)
),
ways AS (
    SELECT as_of, decided_on, item_id, site_id, action, order_ref, way, sum(asked) AS actual_demand, max(ruled) AS ruled,
           sum(greatest(least(asked, -stock), 0)) + coalesce(sum(unmet) FILTER (WHERE way = 'actual'), 0) AS shortage,
           count(*) FILTER (WHERE stock < 0 OR (stock = 0 AND is_wanted)) AS days_out,
           sum(greatest(least(asked, -stock), 0)) * max(shortage_cost)
               + coalesce(sum(unmet) FILTER (WHERE way = 'actual'), 0) * max(shortage_cost)
               + coalesce(avg(greatest(stock, 0)), 0) * count(*) * max(holding_cost) AS cost
    FROM nights
    CROSS JOIN LATERAL (
        VALUES ('without', net), ('with', net + joined), ('rule', net + ruled), ('actual', shelf)
    ) AS way (way, stock)
    GROUP BY as_of, decided_on, item_id, site_id, action, order_ref, way
)
SELECT as_of, decided_on, item_id, site_id, action, order_ref,
       round(max(actual_demand)::numeric, 4) AS actual_demand, round(coalesce(max(ruled), 0)::numeric, 4) AS rule_quantity,
       max(shortage) FILTER (WHERE way = 'without') AS shortage_without,
       max(shortage) FILTER (WHERE way = 'with') AS shortage_with,
       max(shortage) FILTER (WHERE way = 'rule') AS shortage_rule,
       max(shortage) FILTER (WHERE way = 'actual') AS shortage_actual,
       (max(days_out) FILTER (WHERE way = 'without'))::integer AS stockout_days_without,
       (max(days_out) FILTER (WHERE way = 'with'))::integer AS stockout_days_with,
       (max(days_out) FILTER (WHERE way = 'rule'))::integer AS stockout_days_rule,
       (max(days_out) FILTER (WHERE way = 'actual'))::integer AS stockout_days_actual,
       round((max(cost) FILTER (WHERE way = 'without'))::numeric, 4) AS cost_without,
       round((max(cost) FILTER (WHERE way = 'with'))::numeric, 4) AS cost_with,
       round((max(cost) FILTER (WHERE way = 'rule'))::numeric, 4) AS cost_rule,
       round((max(cost) FILTER (WHERE way = 'actual'))::numeric, 4) AS cost_actual
FROM ways
GROUP BY as_of, decided_on, item_id, site_id, action, order_ref
