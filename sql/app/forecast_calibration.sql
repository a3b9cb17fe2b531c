-- How many actual sums fell at or below each stated quantile, over the days scored. Grain: one row per level.
-- Parameters: target, as_of, days.
SELECT level, sum(series)::bigint AS series, sum(at_or_below)::bigint AS at_or_below, min(forecast_as_of) AS first_forecast,
    max(as_of) AS last_scored
FROM analytics.calibration
WHERE target = %(target)s AND as_of > %(as_of)s::date - %(days)s::integer AND as_of <= %(as_of)s::date
GROUP BY level
ORDER BY level;
