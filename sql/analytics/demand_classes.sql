-- analytics.demand_classes: demand class, ABC class and the numbers they come from.
-- Grain: one row per as_of in [window_start, window_end), material (never a service) and site, from the first day in
-- stock or with demand. Parameters: window_start, window_end (dates, half-open).
-- A day that closed without stock and on which nothing was handed out is unobserved: it counts neither as an event nor
-- as a day without one (nova_assets/science/classes.py holds the same definitions on arrays; a test compares the two).
WITH days AS (
    SELECT day::date AS as_of
    FROM generate_series(%(window_start)s::date, %(window_end)s::date - 1, interval '1 day') AS day
),
demand AS (
    SELECT item_id, site_id, full_date, sum(quantity) AS quantity,
           sum(coalesce(fulfilled_quantity, quantity)) AS fulfilled
    FROM core.fact_demand_daily
    WHERE full_date < %(window_end)s::date AND quantity > 0
    GROUP BY item_id, site_id, full_date
),
closed_out AS (
    SELECT item_id, site_id, full_date
    FROM core.fact_inventory_daily
    WHERE full_date < %(window_end)s::date AND on_hand = 0
),
stocked AS (
    SELECT item_id, site_id, min(full_date) AS first_date
    FROM core.fact_inventory_daily
    WHERE full_date < %(window_end)s::date
    GROUP BY item_id, site_id
),
pairs AS (
    SELECT item_id, site_id, coalesce(i.unit_cost, 0) AS unit_cost, min(f.first_date) AS first_date
    FROM (
        SELECT item_id, site_id, first_date FROM stocked
        UNION ALL
        SELECT item_id, site_id, min(full_date) FROM demand GROUP BY item_id, site_id
    ) AS f
    JOIN core.dim_item AS i USING (item_id)
    WHERE i.item_kind = 'MATERIAL'
    GROUP BY item_id, site_id, i.unit_cost
),
marks AS (
    SELECT item_id, site_id, full_date,
           coalesce(d.quantity, 0) AS quantity,
           (c.full_date IS NOT NULL)::int AS is_out,
           (c.full_date IS NOT NULL AND coalesce(d.fulfilled, 0) = 0)::int AS is_unobserved,
           (d.full_date IS NOT NULL AND (c.full_date IS NULL OR d.fulfilled > 0))::int AS is_event
    FROM demand AS d
    FULL JOIN closed_out AS c USING (item_id, site_id, full_date)
),
news AS (
    SELECT * FROM marks WHERE full_date >= %(window_start)s::date
),
-- State of each pair on the eve of the window; what happens inside it is added day by day below.
eve AS (
    SELECT item_id, site_id,
           sum(is_event) AS events,
           sum(quantity * is_event) AS observed_quantity,
           sum(quantity * quantity * is_event) AS observed_square,
           sum(quantity) AS quantity,
           sum(quantity) FILTER (WHERE full_date >= %(window_start)s::date - 365) AS quantity_365,
           max(full_date) FILTER (WHERE quantity > 0) AS last_demand,
           max(full_date) FILTER (WHERE is_event = 1) AS last_event,
           sum(is_out) AS outs,
           sum(is_unobserved) AS unobserved
    FROM marks
    WHERE full_date < %(window_start)s::date
    GROUP BY item_id, site_id
),
unseen_since AS (
    SELECT item_id, site_id, count(*) AS unobserved
    FROM marks
    JOIN eve USING (item_id, site_id)
    WHERE full_date < %(window_start)s::date AND is_unobserved = 1 AND full_date > eve.last_event
    GROUP BY item_id, site_id
),
expiring AS (
    SELECT item_id, site_id, full_date + 365 AS as_of, quantity
    FROM demand
    WHERE full_date >= %(window_start)s::date - 365 AND full_date < %(window_end)s::date - 365
),
running AS (
    SELECT days.as_of, p.item_id, p.site_id, p.first_date, p.unit_cost,
           coalesce(e.events, 0) + coalesce(sum(m.is_event) OVER w, 0) AS events,
           coalesce(e.observed_quantity, 0) + coalesce(sum(m.quantity * m.is_event) OVER w, 0) AS observed_quantity,
           coalesce(e.observed_square, 0) + coalesce(sum(m.quantity * m.quantity * m.is_event) OVER w, 0) AS observed_square,
           coalesce(e.quantity, 0) + coalesce(sum(m.quantity) OVER w, 0) AS quantity,
           coalesce(e.quantity_365, 0) + coalesce(sum(m.quantity) OVER w, 0)
               - coalesce(sum(x.quantity) OVER w, 0) AS quantity_365,
           greatest(e.last_demand, max(days.as_of) FILTER (WHERE m.quantity > 0) OVER w) AS last_demand,
           greatest(e.last_event, max(days.as_of) FILTER (WHERE m.is_event = 1) OVER w) AS last_event,
           coalesce(e.outs, 0) + coalesce(sum(m.is_out) OVER w, 0) AS outs,
           coalesce(e.unobserved, 0) + coalesce(sum(m.is_unobserved) OVER w, 0) AS unobserved,
           coalesce(m.is_event, 0) AS is_event,
           coalesce(e.unobserved, 0) - coalesce(u.unobserved, 0) AS unobserved_at_last_event
    FROM pairs AS p
    JOIN days ON days.as_of >= p.first_date
    LEFT JOIN eve AS e ON (e.item_id, e.site_id) = (p.item_id, p.site_id)
    LEFT JOIN unseen_since AS u ON (u.item_id, u.site_id) = (p.item_id, p.site_id)
    LEFT JOIN news AS m ON (m.item_id, m.site_id, m.full_date) = (p.item_id, p.site_id, days.as_of)
    LEFT JOIN expiring AS x ON (x.item_id, x.site_id, x.as_of) = (p.item_id, p.site_id, days.as_of)
    WINDOW w AS (PARTITION BY p.item_id, p.site_id ORDER BY days.as_of)
),
measured AS (
    SELECT *,
           as_of - first_date + 1 AS days_observed,
           (as_of - first_date + 1 - unobserved)::numeric / nullif(events, 0) AS adi,
           CASE WHEN events > 1 THEN events * observed_square / (observed_quantity * observed_quantity) - 1 END AS cv2,
           round(quantity_365 * unit_cost, 4) AS value_365,
           as_of - last_event - (unobserved - greatest(
               unobserved_at_last_event, max(unobserved * is_event) OVER (PARTITION BY item_id, site_id ORDER BY as_of)
           )) AS idle_days
    FROM running
),
ranked AS (
    SELECT *,
           sum(value_365) OVER (
               PARTITION BY as_of ORDER BY value_365 DESC, item_id, site_id ROWS UNBOUNDED PRECEDING
           ) - value_365 AS value_before,
           sum(value_365) OVER (PARTITION BY as_of) AS value_all
    FROM measured
)
SELECT as_of, item_id, site_id,
       CASE WHEN events = 0 THEN 'none'
            WHEN idle_days >= greatest(180, 4 * adi) THEN 'dead'
            WHEN events = 1 THEN 'single_event'
            WHEN events < 3 THEN 'new'
            WHEN adi >= 1.32 AND cv2 >= 0.49 THEN 'lumpy'
            WHEN adi >= 1.32 THEN 'intermittent'
            WHEN cv2 >= 0.49 THEN 'erratic'
            ELSE 'smooth'
       END AS demand_class,
       CASE WHEN value_365 > 0 AND value_before < 0.80 * value_all THEN 'A'
            WHEN value_365 > 0 AND value_before < 0.95 * value_all THEN 'B'
            ELSE 'C'
       END AS abc_class,
       events::integer AS events,
       quantity AS total_quantity,
       adi::double precision AS adi,
       cv2::double precision AS cv2,
       first_date,
       last_demand AS last_demand_date,
       days_observed,
       outs::integer AS days_stocked_out,
       value_365
FROM ranked
