-- analytics.mv_forecasts_latest: latest forecast sums with the quantiles that screens show, and the codes that a page of them
-- is found along.
-- Grain: one row per material, site and target. No parameters.
SELECT f.item_id, f.site_id, f.target, f.as_of, f.horizon_days, f.model, f.mean,
       f.quantile_values[array_position(f.quantile_levels, 0.05)] AS p05,
       f.quantile_values[array_position(f.quantile_levels, 0.25)] AS p25,
       f.quantile_values[array_position(f.quantile_levels, 0.5)] AS p50,
       f.quantile_values[array_position(f.quantile_levels, 0.75)] AS p75,
       f.quantile_values[array_position(f.quantile_levels, 0.9)] AS p90,
       f.quantile_values[array_position(f.quantile_levels, 0.95)] AS p95,
       f.quantile_values[array_position(f.quantile_levels, 0.99)] AS p99,
       f.borrowed_share, i.item_code, s.site_code
FROM analytics.forecasts AS f
JOIN core.dim_item AS i USING (item_id)
JOIN core.dim_site AS s USING (site_id)
WHERE f.as_of = (SELECT max(as_of) FROM analytics.forecasts)
