-- Forecasts of one target. Grain: one row per material and site. Parameters: as_of (date), target.
SELECT item_id, site_id, horizon_days, model, mean, quantile_values, borrowed_share
FROM analytics.forecasts
WHERE as_of = %(as_of)s AND target = %(target)s
ORDER BY item_id, site_id
