-- analytics.mv_forecasts_latest: latest forecast sums with the quantiles that screens show.
-- Grain: one row per material, site and target. No parameters.
SELECT item_id, site_id, target, as_of, horizon_days, model, mean,
       quantile_values[array_position(quantile_levels, 0.05)] AS p05,
       quantile_values[array_position(quantile_levels, 0.25)] AS p25,
       quantile_values[array_position(quantile_levels, 0.5)] AS p50,
       quantile_values[array_position(quantile_levels, 0.75)] AS p75,
       quantile_values[array_position(quantile_levels, 0.9)] AS p90,
       quantile_values[array_position(quantile_levels, 0.95)] AS p95,
       quantile_values[array_position(quantile_levels, 0.99)] AS p99,
       borrowed_share
FROM analytics.forecasts
WHERE as_of = (SELECT max(as_of) FROM analytics.forecasts)
