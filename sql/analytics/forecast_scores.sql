-- analytics.forecast_scores: each forecast of a fixed sum whose last day is over, beside what came.
-- Grain: one row per as_of in [window_start, window_end) (the last day of the sum), target, material and site.
-- Parameters: window_start, window_end (dates, half-open).
-- Only sums over a fixed number of days are scored: the protection period is random, no single sum follows its mixture.
-- A day on which nothing was in stock and nothing handed out is unobserved: its demand counts in `recorded` as far as it
-- was told, and is replaced in `actual` by the mean of the observed days (NULL when there was none).
WITH ended AS (
    SELECT f.as_of AS forecast_as_of, f.item_id, f.site_id, f.target, f.horizon_days::integer AS horizon,
           f.as_of + f.horizon_days::integer AS as_of,
           f.quantile_values[array_position(f.quantile_levels, 0.5)] AS p50,
           f.quantile_values[array_position(f.quantile_levels, 0.9)] AS p90
    FROM analytics.forecasts AS f
    WHERE f.target IN ('D30', 'D60', 'D90')
      AND f.as_of >= %(window_start)s::date - 90 AND f.as_of < %(window_end)s::date - 30
      AND f.as_of + f.horizon_days::integer >= %(window_start)s::date
      AND f.as_of + f.horizon_days::integer < %(window_end)s::date
),
spans AS (
    SELECT DISTINCT forecast_as_of, as_of FROM ended
),
demand AS (
    SELECT item_id, site_id, full_date, sum(quantity) AS quantity,
           sum(coalesce(fulfilled_quantity, quantity)) AS fulfilled
    FROM core.fact_demand_daily
    WHERE full_date > %(window_start)s::date - 180 AND full_date < %(window_end)s::date AND quantity > 0
      AND EXISTS (SELECT FROM spans)
    GROUP BY item_id, site_id, full_date
),
marks AS (
    SELECT item_id, site_id, full_date, d.quantity,
           i.full_date IS NOT NULL AND coalesce(d.fulfilled, 0) = 0 AS is_unobserved
    FROM demand AS d
    FULL JOIN (
        SELECT item_id, site_id, full_date
        FROM core.fact_inventory_daily
        WHERE full_date > %(window_start)s::date - 90 AND full_date < %(window_end)s::date AND on_hand = 0
          AND EXISTS (SELECT FROM spans)
    ) AS i USING (item_id, site_id, full_date)
),
came AS (
    SELECT s.forecast_as_of, s.as_of, m.item_id, m.site_id,
           sum(m.quantity) FILTER (WHERE m.full_date > s.forecast_as_of) AS recorded,
           sum(m.quantity) FILTER (WHERE m.full_date > s.forecast_as_of AND NOT m.is_unobserved) AS observed,
           count(*) FILTER (WHERE m.full_date > s.forecast_as_of AND m.is_unobserved) AS unobserved,
           sum(m.quantity) FILTER (WHERE m.full_date <= s.forecast_as_of) AS naive
    FROM spans AS s
    JOIN marks AS m ON m.full_date > s.forecast_as_of - (s.as_of - s.forecast_as_of) AND m.full_date <= s.as_of
    GROUP BY s.forecast_as_of, s.as_of, m.item_id, m.site_id
)
SELECT e.as_of, e.target, e.item_id, e.site_id, e.forecast_as_of, e.horizon AS horizon_days,
       coalesce(c.unobserved, 0)::integer AS unobserved_days,
       coalesce(c.recorded, 0)::double precision AS recorded,
       (coalesce(c.observed, 0) * e.horizon / nullif(e.horizon - coalesce(c.unobserved, 0), 0))::double precision AS actual,
       coalesce(c.naive, 0)::double precision AS naive, e.p50, e.p90
FROM ended AS e
LEFT JOIN came AS c USING (forecast_as_of, as_of, item_id, site_id)
