-- analytics.calibration: score of the forecasts whose period ended on the date, by demand class and quantile level.
-- Grain: one row per as_of in [window_start, window_end), target, demand class when the forecast was made, and level.
-- Parameters: window_start, window_end (dates, half-open).
-- Only sums over a fixed number of days are scored: the protection period is random, no single sum follows its mixture.
-- The actual sum leaves unobserved days out (nothing in stock and nothing handed out) and is scaled up for them; an
-- item-site observed on less than four fifths of the days is not scored. So do the backtests.
WITH ended AS (
    SELECT f.as_of AS forecast_as_of, f.item_id, f.site_id, f.target, f.quantile_levels, f.quantile_values,
           f.horizon_days::integer AS horizon, f.as_of + f.horizon_days::integer AS as_of
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
    WHERE full_date > %(window_start)s::date - 90 AND full_date < %(window_end)s::date AND quantity > 0
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
    ) AS i USING (item_id, site_id, full_date)
),
actual AS (
    SELECT s.forecast_as_of, s.as_of, m.item_id, m.site_id,
           sum(m.quantity) FILTER (WHERE NOT m.is_unobserved) AS quantity,
           count(*) FILTER (WHERE m.is_unobserved) AS unobserved
    FROM spans AS s
    JOIN marks AS m ON m.full_date > s.forecast_as_of AND m.full_date <= s.as_of
    GROUP BY s.forecast_as_of, s.as_of, m.item_id, m.site_id
),
scored AS (
    SELECT e.*, c.demand_class,
           (coalesce(a.quantity, 0) * e.horizon / (e.horizon - coalesce(a.unobserved, 0)))::double precision AS actual
    FROM ended AS e
    JOIN analytics.demand_classes AS c
      ON c.as_of = e.forecast_as_of AND c.item_id = e.item_id AND c.site_id = e.site_id
    LEFT JOIN actual AS a ON (a.forecast_as_of, a.as_of, a.item_id, a.site_id)
                           = (e.forecast_as_of, e.as_of, e.item_id, e.site_id)
    WHERE coalesce(a.unobserved, 0) <= 0.2 * e.horizon
)
SELECT as_of, target, demand_class, level, min(forecast_as_of) AS forecast_as_of,
       count(*)::integer AS series,
       (count(*) FILTER (WHERE actual <= quantile + 1e-9))::integer AS at_or_below,
       avg((greatest(level * (actual - quantile), (level - 1) * (actual - quantile)))::numeric)::double precision AS pinball
FROM scored
CROSS JOIN LATERAL unnest(quantile_levels, quantile_values) AS q (level, quantile)
GROUP BY as_of, target, demand_class, level
