-- Forecast sums of an item-site. Grain: one row per target.
-- Parameters: item_id, site_id.
SELECT target, horizon_days, model, mean, p05, p25, p50, p75, p90, p95, p99, borrowed_share
FROM analytics.mv_forecasts_latest
WHERE item_id = %(item_id)s AND site_id = %(site_id)s
ORDER BY horizon_days;
