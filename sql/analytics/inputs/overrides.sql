-- Every forecast sum of the item-sites with a planner's override in force, beside the sum that it overrides.
-- Grain: one row per material, site and target: an override of its own target goes first, then the newest.
-- Parameter: as_of (date). Only what had been said, and not yet taken back, by that date counts.
SELECT DISTINCT ON (f.item_id, f.site_id, f.target)
       f.item_id, f.site_id, f.target, o.override_id, o.value,
       b.mean AS overridden_mean, b.horizon_days AS overridden_days,
       f.horizon_days, f.mean, f.quantile_values
FROM support.overrides AS o
JOIN analytics.forecasts AS b
    ON b.as_of = %(as_of)s AND b.item_id = o.item_id AND b.site_id = o.site_id AND b.target = o.target
JOIN analytics.forecasts AS f ON f.as_of = b.as_of AND f.item_id = b.item_id AND f.site_id = b.site_id
WHERE o.field = 'FORECAST'
  AND (o.created_at AT TIME ZONE 'America/Bahia')::date <= %(as_of)s AND o.valid_until >= %(as_of)s
  AND (o.withdrawn_at IS NULL OR (o.withdrawn_at AT TIME ZONE 'America/Bahia')::date > %(as_of)s)
ORDER BY f.item_id, f.site_id, f.target, (f.target = o.target) DESC, o.created_at DESC, o.override_id DESC
