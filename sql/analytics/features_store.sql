-- analytics.features_store: features of each material and site, schema version 1.
-- Grain: one row per as_of in [window_start, window_end), material and site of analytics.demand_classes.
-- Parameters: window_start, window_end (dates, half-open).
-- Trailing rates are kept as a running balance: a day adds its demand when it comes and takes it back when it leaves the
-- trailing window, so a whole month costs one pass over a year of history. Rates leave unobserved days out (nothing in
-- stock and nothing handed out) and count no day before the first one; a feature that is not defined has no key.
WITH days AS (
    SELECT day::date AS as_of
    FROM generate_series(%(window_start)s::date, %(window_end)s::date - 1, interval '1 day') AS day
),
spans (span) AS (
    VALUES (7), (30), (90), (180), (365)
),
demand AS (
    SELECT item_id, site_id, full_date, sum(quantity) AS quantity,
           sum(coalesce(fulfilled_quantity, quantity)) AS fulfilled
    FROM core.fact_demand_daily
    WHERE full_date >= %(window_start)s::date - 365 AND full_date < %(window_end)s::date AND quantity > 0
    GROUP BY item_id, site_id, full_date
),
closed_out AS (
    SELECT item_id, site_id, full_date
    FROM core.fact_inventory_daily
    WHERE full_date >= %(window_start)s::date - 365 AND full_date < %(window_end)s::date AND on_hand = 0
),
marks AS (
    SELECT item_id, site_id, full_date,
           CASE WHEN c.full_date IS NULL OR d.fulfilled > 0 THEN d.quantity ELSE 0 END AS quantity,
           (d.full_date IS NOT NULL AND (c.full_date IS NULL OR d.fulfilled > 0))::int AS is_event,
           (c.full_date IS NOT NULL AND coalesce(d.fulfilled, 0) = 0)::int AS is_unobserved,
           (c.full_date IS NOT NULL)::int AS is_out
    FROM demand AS d
    FULL JOIN closed_out AS c USING (item_id, site_id, full_date)
),
changes AS (
    -- The balance on the eve of the window is booked on its first day.
    SELECT item_id, site_id, span, greatest(full_date, %(window_start)s::date) AS as_of,
           quantity, is_event, is_unobserved, is_out
    FROM marks
    CROSS JOIN spans
    WHERE full_date >= %(window_start)s::date - span
    UNION ALL
    SELECT item_id, site_id, span, full_date + span, -quantity, -is_event, -is_unobserved, -is_out
    FROM marks
    CROSS JOIN spans
    WHERE full_date + span >= %(window_start)s::date AND full_date + span < %(window_end)s::date
),
booked AS (
    SELECT item_id, site_id, span, as_of,
           sum(quantity) AS quantity, sum(is_event) AS events, sum(is_unobserved) AS unobserved, sum(is_out) AS outs
    FROM changes
    GROUP BY item_id, site_id, span, as_of
),
classes AS (
    SELECT * FROM analytics.demand_classes
    WHERE as_of >= %(window_start)s::date AND as_of < %(window_end)s::date
),
balances AS (
    SELECT c.as_of, c.item_id, c.site_id, span, least(span, c.days_observed) AS days,
           coalesce(sum(b.quantity) OVER w, 0) AS quantity,
           coalesce(sum(b.events) OVER w, 0) AS events,
           coalesce(sum(b.unobserved) OVER w, 0) AS unobserved,
           coalesce(sum(b.outs) OVER w, 0) AS outs
    FROM classes AS c
    CROSS JOIN spans
    LEFT JOIN booked AS b USING (item_id, site_id, as_of, span)
    WINDOW w AS (PARTITION BY item_id, site_id, span ORDER BY as_of)
),
rates AS (
    SELECT as_of, item_id, site_id,
           jsonb_object_agg('mean_' || span, round(quantity / nullif(days - unobserved, 0), 6))
           || jsonb_object_agg('nonzero_' || span, round(events / nullif(days - unobserved, 0), 6))
           || jsonb_object_agg('stockout_' || span, round(outs / days, 6)) AS features
    FROM balances
    GROUP BY as_of, item_id, site_id
),
calendar AS (
    SELECT days.as_of, today.weekday, today.month,
           count(*) FILTER (WHERE c.is_business_day) AS business_days_30,
           count(*) FILTER (WHERE c.is_holiday) AS holidays_30,
           count(*) FILTER (WHERE c.is_optional_holiday) AS optional_holidays_30
    FROM days
    JOIN core.dim_calendar AS today ON today.full_date = days.as_of
    JOIN core.dim_calendar AS c ON c.full_date > days.as_of AND c.full_date <= days.as_of + 30
    GROUP BY days.as_of, today.weekday, today.month
),
state_holidays AS (
    SELECT days.as_of, state.code AS state_code, count(*) AS state_holidays_30
    FROM days
    JOIN core.dim_calendar AS c ON c.full_date > days.as_of AND c.full_date <= days.as_of + 30
    CROSS JOIN jsonb_object_keys(c.state_holidays) AS state (code)
    GROUP BY days.as_of, state.code
),
external AS (
    SELECT days.as_of, e.region_id, lower(e.series_code) AS series,
           avg(e.value) FILTER (WHERE e.full_date > days.as_of - 7) AS mean_7,
           avg(e.value) FILTER (WHERE e.full_date > days.as_of - 30) AS mean_30,
           (array_agg(e.value ORDER BY e.full_date DESC))[1] AS level,
           (array_agg(e.value ORDER BY e.full_date))[1] AS level_before
    FROM days
    JOIN core.fact_external_daily AS e ON e.full_date > days.as_of - 31 AND e.full_date <= days.as_of
    GROUP BY days.as_of, e.region_id, e.series_code
),
-- Series of a region (weather) by their trailing means, series of the country (currency, interest) by level and change.
surroundings AS (
    SELECT as_of, region_id,
           jsonb_object_agg(series || '_mean_7', round(mean_7, 4)) FILTER (WHERE region_id <> 0 AND mean_7 IS NOT NULL)
               AS means_7,
           jsonb_object_agg(series || '_mean_30', round(mean_30, 4)) FILTER (WHERE region_id <> 0 AND mean_30 IS NOT NULL)
               AS means_30,
           jsonb_object_agg(series, round(level, 6)) FILTER (WHERE region_id = 0) AS levels,
           jsonb_object_agg(series || '_change_30', round(level / level_before - 1, 6))
               FILTER (WHERE region_id = 0 AND level_before <> 0) AS changes
    FROM external
    GROUP BY as_of, region_id
),
plans AS (
    SELECT item_id, site_id, full_date, quantity, known_on,
           lead(known_on) OVER (
               PARTITION BY full_date, item_id, site_id, work_type, contract_code ORDER BY known_on
           ) AS replaced_on
    FROM core.fact_planned_work
    WHERE known_on < %(window_end)s::date AND full_date > %(window_start)s::date
),
planned AS (
    SELECT days.as_of, p.item_id, p.site_id, sum(p.quantity) AS planned_work_30
    FROM days
    JOIN plans AS p ON p.full_date > days.as_of AND p.full_date <= days.as_of + 30
                   AND p.known_on <= days.as_of AND (p.replaced_on > days.as_of OR p.replaced_on IS NULL)
    GROUP BY days.as_of, p.item_id, p.site_id
)
SELECT c.as_of, c.item_id, c.site_id, 1 AS schema_version,
       jsonb_strip_nulls(rates.features || jsonb_build_object(
           'demand_class', c.demand_class,
           'abc_class', c.abc_class,
           'age_days', c.days_observed,
           'recency_days', c.as_of - c.last_demand_date,
           'events', c.events,
           'adi', round(c.adi::numeric, 6),
           'cv2', round(c.cv2::numeric, 6),
           'weekday', calendar.weekday,
           'month', calendar.month,
           'business_days_30', calendar.business_days_30,
           'holidays_30', calendar.holidays_30,
           'optional_holidays_30', calendar.optional_holidays_30,
           'state_holidays_30', coalesce(sh.state_holidays_30, 0),
           'planned_work_30', coalesce(planned.planned_work_30, 0),
           'criticality', i.criticality,
           'unit_cost', i.unit_cost
       ) || coalesce(regional.means_7, '{}') || coalesce(regional.means_30, '{}')
         || coalesce(national.levels, '{}') || coalesce(national.changes, '{}')) AS features
FROM classes AS c
JOIN rates USING (as_of, item_id, site_id)
JOIN core.dim_item AS i ON i.item_id = c.item_id
JOIN core.dim_site AS s ON s.site_id = c.site_id
LEFT JOIN core.dim_region AS r ON r.region_id = s.region_id
LEFT JOIN calendar ON calendar.as_of = c.as_of
LEFT JOIN state_holidays AS sh ON sh.as_of = c.as_of AND sh.state_code = r.state_code
LEFT JOIN surroundings AS regional ON regional.as_of = c.as_of AND regional.region_id = s.region_id
LEFT JOIN surroundings AS national ON national.as_of = c.as_of AND national.region_id = 0
LEFT JOIN planned ON planned.as_of = c.as_of AND planned.item_id = c.item_id AND planned.site_id = c.site_id
