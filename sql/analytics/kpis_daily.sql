-- analytics.kpis_daily: every key figure of the dictionary (nova_assets/catalog/kpis.py) with numerator and denominator.
-- Grain: one row per as_of in [window_start, window_end), key figure, dimension and member ('*' for the company).
-- Parameters: window_start, window_end (dates, half-open).
-- Everything is first settled per item-site and day, rounded there, and only then added up: whatever the cut, the
-- members of a dimension add up to the company exactly. A ratio of a member with an empty denominator has no row.
-- Trailing sums are running balances: a day is added when it comes and taken back when it leaves the trailing window.
WITH days AS (
    SELECT day::date AS as_of
    FROM generate_series(%(window_start)s::date, %(window_end)s::date - 1, interval '1 day') AS day
),
stock AS (
    SELECT item_id, site_id, full_date, on_hand
    FROM core.fact_inventory_daily
    WHERE full_date >= %(window_start)s::date AND full_date < %(window_end)s::date
),
-- One pass over the year before: what each item-site held, and the days on which stock was taken at all.
year_before AS (
    SELECT item_id, site_id, full_date, sum(on_hand) AS held_365,
           sum(on_hand) FILTER (WHERE full_date >= %(window_start)s::date - 30) AS held_30
    FROM core.fact_inventory_daily
    WHERE full_date >= %(window_start)s::date - 365 AND full_date < %(window_start)s::date
    GROUP BY GROUPING SETS ((item_id, site_id), (full_date))
),
stock_days AS (
    SELECT days.as_of, count(*) AS known_days
    FROM days
    JOIN (
        SELECT full_date FROM year_before WHERE full_date IS NOT NULL
        UNION
        SELECT full_date FROM stock
    ) AS s ON s.full_date > days.as_of - 365 AND s.full_date <= days.as_of
    GROUP BY days.as_of
),
stock_changes AS (
    SELECT item_id, site_id, %(window_start)s::date AS as_of, held_365, held_30
    FROM year_before
    WHERE item_id IS NOT NULL
    UNION ALL
    SELECT item_id, site_id, full_date, on_hand, on_hand FROM stock
    UNION ALL
    SELECT item_id, site_id, full_date + 365, -on_hand, 0
    FROM core.fact_inventory_daily
    WHERE full_date >= %(window_start)s::date - 365 AND full_date < %(window_end)s::date - 365
    UNION ALL
    SELECT item_id, site_id, full_date + 30, 0, -on_hand
    FROM core.fact_inventory_daily
    WHERE full_date >= %(window_start)s::date - 30 AND full_date < %(window_end)s::date - 30
),
stock_booked AS (
    SELECT item_id, site_id, as_of, sum(held_365) AS held_365, sum(held_30) AS held_30
    FROM stock_changes
    GROUP BY item_id, site_id, as_of
),
demand AS (
    SELECT item_id, site_id, full_date, sum(quantity) AS quantity,
           count(fulfilled_quantity) AS asked,
           count(*) FILTER (WHERE fulfilled_quantity >= quantity) AS handed
    FROM core.fact_demand_daily
    WHERE full_date >= %(window_start)s::date - 30 AND full_date < %(window_end)s::date
    GROUP BY item_id, site_id, full_date
),
demand_booked AS (
    SELECT item_id, site_id, as_of, sum(quantity) AS quantity, sum(asked) AS asked_30, sum(handed) AS handed_30
    FROM (
        SELECT item_id, site_id, greatest(full_date, %(window_start)s::date) AS as_of,
               CASE WHEN full_date >= %(window_start)s::date THEN quantity END AS quantity, asked, handed
        FROM demand
        UNION ALL
        SELECT item_id, site_id, full_date + 30, NULL, -asked, -handed
        FROM demand
        WHERE full_date < %(window_end)s::date - 30
    ) AS changes
    GROUP BY item_id, site_id, as_of
),
order_versions AS (
    SELECT item_id, site_id, known_on, expected_date, received_date, status,
           lead(known_on) OVER (PARTITION BY order_no, line_no ORDER BY known_on) AS replaced_on
    FROM core.fact_orders
    WHERE known_on < %(window_end)s::date
),
due AS (
    SELECT days.as_of, o.item_id, o.site_id, count(*) AS due_90,
           count(*) FILTER (
               WHERE CASE WHEN o.received_date <= days.as_of THEN o.received_date ELSE days.as_of END > o.expected_date
           ) AS late_90
    FROM days
    JOIN order_versions AS o
      ON o.known_on <= days.as_of AND (o.replaced_on > days.as_of OR o.replaced_on IS NULL)
     AND o.expected_date > days.as_of - 90 AND o.expected_date <= days.as_of
    WHERE o.status <> 'CANCELLED'
    GROUP BY days.as_of, o.item_id, o.site_id
),
-- Forecasts of 30 days that ended in the trailing 30 days and could be seen.
scores AS (
    SELECT days.as_of, f.item_id, f.site_id, count(*) AS scored, sum(f.actual) AS came,
           sum(abs(f.actual - f.p50)) AS error, sum(abs(f.actual - f.naive)) AS naive_error,
           count(*) FILTER (WHERE f.actual <= f.p90 + 1e-9) AS covered
    FROM days
    JOIN analytics.forecast_scores AS f
      ON f.as_of > days.as_of - 30 AND f.as_of <= days.as_of
     AND f.as_of > %(window_start)s::date - 30 AND f.as_of < %(window_end)s::date
    WHERE f.target = 'D30' AND f.unobserved_days <= 6
    GROUP BY days.as_of, f.item_id, f.site_id
),
-- What the advice to buy was worth on the day and the day before, unless something was ordered or decided between.
advice AS (
    SELECT item_id, site_id, as_of, on_order_approved,
           coalesce(sum(quantity) FILTER (WHERE action = 'REORDER'), 0) AS quantity
    FROM analytics.recommendations
    WHERE as_of >= %(window_start)s::date - 1 AND as_of < %(window_end)s::date
    GROUP BY item_id, site_id, as_of, on_order_approved
),
nerves AS (
    SELECT a.as_of, a.item_id, a.site_id, abs(a.quantity - b.quantity) AS changed, greatest(a.quantity, b.quantity) AS advised
    FROM advice AS a
    JOIN advice AS b ON b.as_of = a.as_of - 1 AND (b.item_id, b.site_id) = (a.item_id, a.site_id)
    WHERE greatest(a.quantity, b.quantity) > 0 AND a.on_order_approved = b.on_order_approved
      AND NOT EXISTS (
          SELECT FROM core.fact_orders AS o
          WHERE o.item_id = a.item_id AND o.site_id = a.site_id AND o.known_on = a.as_of
      )
),
saved AS (
    SELECT days.as_of, r.item_id, r.site_id, sum(r.cost_without - r.cost_with) / 30 AS on_nothing,
           sum(r.cost_rule - r.cost_with) / 30 AS on_rule
    FROM days
    JOIN analytics.decision_replay AS r
      ON r.as_of > days.as_of - 30 AND r.as_of <= days.as_of
     AND r.as_of > %(window_start)s::date - 30 AND r.as_of < %(window_end)s::date
    GROUP BY days.as_of, r.item_id, r.site_id
),
classes AS (
    SELECT as_of, item_id, site_id, abc_class, value_365
    FROM analytics.demand_classes
    WHERE as_of >= %(window_start)s::date AND as_of < %(window_end)s::date
    UNION ALL
    -- Ordered for a place that has neither stocked nor asked for it yet: no demand, so class C.
    SELECT due.as_of, due.item_id, due.site_id, 'C', 0
    FROM due
    WHERE NOT EXISTS (
        SELECT FROM analytics.demand_classes AS c
        WHERE c.as_of = due.as_of AND c.item_id = due.item_id AND c.site_id = due.site_id
    )
),
members AS (
    SELECT c.item_id, c.site_id, c.abc_class, i.item_code, s.site_code, i.family, i.criticality,
           coalesce(i.unit_cost, 0) AS unit_cost
    FROM (SELECT DISTINCT item_id, site_id, abc_class FROM classes) AS c
    JOIN core.dim_item AS i ON i.item_id = c.item_id AND i.item_kind = 'MATERIAL'
    JOIN core.dim_site AS s ON s.site_id = c.site_id
),
-- Most specific planning rule that says what holding costs; 0.25 a year where none does.
holding AS (
    SELECT DISTINCT ON (m.item_id, m.site_id, m.abc_class) m.item_id, m.site_id, m.abc_class,
           coalesce(rule.holding_cost_unit_day, m.unit_cost * rule.holding_rate_year / 365) AS cost_unit_day
    FROM members AS m
    JOIN support.planning_rules AS rule
      ON (rule.item_code IS NULL OR rule.item_code = m.item_code)
     AND (rule.family IS NULL OR rule.family = m.family)
     AND (rule.abc_class IS NULL OR rule.abc_class = m.abc_class)
     AND (rule.site_code IS NULL OR rule.site_code = m.site_code)
     AND (rule.criticality_min IS NULL OR rule.criticality_min <= m.criticality)
    WHERE rule.holding_cost_unit_day IS NOT NULL OR rule.holding_rate_year IS NOT NULL
    ORDER BY m.item_id, m.site_id, m.abc_class, rule.specificity DESC, rule.criticality_min DESC NULLS LAST, rule.rule_id
),
running AS (
    SELECT c.as_of, c.item_id, c.site_id, c.abc_class, c.value_365, d.quantity,
           sum(d.asked_30) OVER w AS asked_30, sum(d.handed_30) OVER w AS handed_30,
           sum(b.held_30) OVER w AS held_30, sum(b.held_365) OVER w AS held_365
    FROM classes AS c
    LEFT JOIN demand_booked AS d ON (d.item_id, d.site_id, d.as_of) = (c.item_id, c.site_id, c.as_of)
    LEFT JOIN stock_booked AS b ON (b.item_id, b.site_id, b.as_of) = (c.item_id, c.site_id, c.as_of)
    WINDOW w AS (PARTITION BY c.item_id, c.site_id ORDER BY c.as_of)
),
settled AS (
    SELECT r.as_of, coalesce(m.family, 'UNSPECIFIED') AS family, coalesce(g.region_code, 'UNSPECIFIED') AS region,
           r.abc_class AS abc, p.site_code AS site,
           (s.on_hand IS NOT NULL)::int AS stocked,
           (s.on_hand = 0)::int AS is_out,
           (s.on_hand IS NOT NULL AND r.abc_class = 'A')::int AS stocked_a,
           (s.on_hand > 0 AND r.abc_class = 'A')::int AS covered_a,
           r.handed_30, r.asked_30, r.quantity, due.late_90, due.due_90, r.value_365,
           round(s.on_hand * c.unit_cost, 6) AS stock_value,
           round(r.held_30 * coalesce(h.cost_unit_day, c.unit_cost * 0.25 / 365), 6) AS carrying_30,
           round(r.held_365 * c.unit_cost / k.known_days, 6) AS stock_value_365,
           round(greatest(s.on_hand * c.unit_cost - r.value_365, 0), 6) AS excess,
           f.scored, f.covered, round((f.came * c.unit_cost)::numeric, 6) AS came,
           round((f.error * c.unit_cost)::numeric, 6) AS error, round((f.naive_error * c.unit_cost)::numeric, 6) AS naive_error,
           round((n.changed * c.unit_cost)::numeric, 6) AS changed, round((n.advised * c.unit_cost)::numeric, 6) AS advised,
           round(v.on_nothing, 6) AS on_nothing, round(v.on_rule, 6) AS on_rule
    FROM running AS r
    JOIN core.dim_item AS m ON m.item_id = r.item_id AND m.item_kind = 'MATERIAL'
    JOIN core.dim_site AS p ON p.site_id = r.site_id
    LEFT JOIN core.dim_region AS g ON g.region_id = p.region_id
    CROSS JOIN LATERAL (SELECT coalesce(m.unit_cost, 0) AS unit_cost) AS c
    LEFT JOIN holding AS h ON (h.item_id, h.site_id, h.abc_class) = (r.item_id, r.site_id, r.abc_class)
    LEFT JOIN stock AS s ON (s.item_id, s.site_id, s.full_date) = (r.item_id, r.site_id, r.as_of)
    LEFT JOIN stock_days AS k ON k.as_of = r.as_of
    LEFT JOIN due ON (due.item_id, due.site_id, due.as_of) = (r.item_id, r.site_id, r.as_of)
    LEFT JOIN scores AS f ON (f.item_id, f.site_id, f.as_of) = (r.item_id, r.site_id, r.as_of)
    LEFT JOIN nerves AS n ON (n.item_id, n.site_id, n.as_of) = (r.item_id, r.site_id, r.as_of)
    LEFT JOIN saved AS v ON (v.item_id, v.site_id, v.as_of) = (r.item_id, r.site_id, r.as_of)
),
added AS (
    SELECT as_of,
           CASE WHEN grouping(region) = 0 THEN 'region' WHEN grouping(family) = 0 THEN 'family'
                WHEN grouping(abc) = 0 THEN 'abc' WHEN grouping(site) = 0 THEN 'site' ELSE 'company' END AS dimension,
           coalesce(region, family, abc, site, '*') AS member,
           sum(stocked) AS stocked, sum(is_out) AS is_out, sum(stocked_a) AS stocked_a, sum(covered_a) AS covered_a,
           sum(handed_30) AS handed_30, sum(asked_30) AS asked_30, sum(quantity) AS quantity,
           sum(late_90) AS late_90, sum(due_90) AS due_90, sum(value_365) AS value_365,
           sum(stock_value) AS stock_value, sum(carrying_30) AS carrying_30, sum(stock_value_365) AS stock_value_365,
           sum(excess) AS excess, sum(scored) AS scored, sum(covered) AS covered, sum(came) AS came, sum(error) AS error,
           sum(naive_error) AS naive_error, sum(changed) AS changed, sum(advised) AS advised,
           sum(on_nothing) AS on_nothing, sum(on_rule) AS on_rule
    FROM settled
    GROUP BY GROUPING SETS ((as_of), (as_of, region), (as_of, family), (as_of, abc), (as_of, site))
)
SELECT a.as_of, k.kpi_code, a.dimension, a.member,
       k.numerator,
       k.denominator,
       CASE WHEN k.is_ratio THEN round(k.numerator / nullif(k.denominator, 0), 10) ELSE k.numerator END AS value
FROM added AS a
CROSS JOIN LATERAL (
    VALUES ('stockout_rate', true, coalesce(a.is_out, 0)::numeric, a.stocked::numeric),
           ('fill_rate', true, coalesce(a.handed_30, 0), coalesce(a.asked_30, 0)),
           ('delayed_orders', true, coalesce(a.late_90, 0), coalesce(a.due_90, 0)),
           ('inventory_value', false, coalesce(a.stock_value, 0), NULL),
           ('carrying_cost', false, coalesce(a.carrying_30, 0), NULL),
           ('turns', true, a.value_365, coalesce(a.stock_value_365, 0)),
           ('a_items_covered', true, coalesce(a.covered_a, 0), a.stocked_a),
           ('excess', true, coalesce(a.excess, 0), coalesce(a.stock_value, 0)),
           ('forecast_error', true, coalesce(a.error, 0), coalesce(a.came, 0)),
           ('forecast_value_added', true, coalesce(a.naive_error - a.error, 0), coalesce(a.naive_error, 0)),
           ('calibration_90', true, coalesce(a.covered, 0), coalesce(a.scored, 0)),
           ('nervousness', true, coalesce(a.changed, 0), coalesce(a.advised, 0)),
           ('decision_value', false, a.on_nothing, NULL),
           ('decision_value_rule', false, a.on_rule, NULL),
           ('demand_quantity', false, coalesce(a.quantity, 0), NULL)
) AS k (kpi_code, is_ratio, numerator, denominator)
WHERE CASE WHEN k.is_ratio THEN k.denominator <> 0 OR a.dimension = 'company' ELSE k.numerator IS NOT NULL END
