-- analytics.calibration: score of the forecasts whose period ended on the date, by demand class and quantile level.
-- Grain: one row per as_of in [window_start, window_end), target, demand class when the forecast was made, and level.
-- Parameters: window_start, window_end (dates, half-open).
-- An item-site observed on less than four fifths of the days is not scored. So do the backtests.
SELECT s.as_of, s.target, c.demand_class, q.level, min(s.forecast_as_of) AS forecast_as_of,
       count(*)::integer AS series,
       (count(*) FILTER (WHERE s.actual <= q.quantile + 1e-9))::integer AS at_or_below,
       avg((greatest(q.level * (s.actual - q.quantile), (q.level - 1) * (s.actual - q.quantile)))::numeric)
           ::double precision AS pinball
FROM analytics.forecast_scores AS s
JOIN analytics.forecasts AS f
  ON (f.as_of, f.item_id, f.site_id, f.target) = (s.forecast_as_of, s.item_id, s.site_id, s.target)
JOIN analytics.demand_classes AS c
  ON (c.as_of, c.item_id, c.site_id) = (s.forecast_as_of, s.item_id, s.site_id)
CROSS JOIN LATERAL unnest(f.quantile_levels, f.quantile_values) AS q (level, quantile)
WHERE s.as_of >= %(window_start)s::date AND s.as_of < %(window_end)s::date
  AND f.as_of >= %(window_start)s::date - 90 AND c.as_of >= %(window_start)s::date - 90
  AND s.unobserved_days <= 0.2 * s.horizon_days
GROUP BY s.as_of, s.target, c.demand_class, q.level
