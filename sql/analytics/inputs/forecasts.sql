-- Forecasts of one target as decisions read them: a planner's override in force stands in the place of the computed
-- distribution, which baseline_mean is the mean of; override_id is NULL without one.
-- Grain: one row per material and site. Parameters: as_of (date), target.
SELECT f.item_id, f.site_id, f.horizon_days, f.model, coalesce(o.mean, f.mean) AS mean,
       coalesce(o.quantile_values, f.quantile_values) AS quantile_values, f.borrowed_share,
       f.mean AS baseline_mean, o.override_id
FROM analytics.forecasts AS f
LEFT JOIN analytics.forecast_overrides AS o
    ON o.as_of = f.as_of AND o.item_id = f.item_id AND o.site_id = f.site_id AND o.target = f.target
WHERE f.as_of = %(as_of)s AND f.target = %(target)s
ORDER BY f.item_id, f.site_id
