-- Every forecast sum of the item-sites with a planner's override in force, beside the sum that it overrides.
-- Grain: one row per material, site and target: an override of its own target goes first, then the newest.
-- Parameter: as_of (date). Only what had been said, and not yet taken back, by that date counts.
-- Step by step from the few overrides: forecasts of this day have no statistics yet, and joined with each other first
-- they take many seconds.
WITH said AS MATERIALIZED (
    SELECT o.override_id, o.item_id, o.site_id, o.target, o.value, o.created_at
    FROM support.overrides AS o
    WHERE o.field = 'FORECAST'
      AND (o.created_at AT TIME ZONE 'America/Bahia')::date <= %(as_of)s AND o.valid_until >= %(as_of)s
      AND (o.withdrawn_at IS NULL OR (o.withdrawn_at AT TIME ZONE 'America/Bahia')::date > %(as_of)s)
),
overridden AS MATERIALIZED (
    SELECT s.override_id, s.item_id, s.site_id, s.target, s.value, s.created_at, b.mean, b.horizon_days
    FROM said AS s
    JOIN analytics.forecasts AS b ON b.item_id = s.item_id AND b.site_id = s.site_id AND b.target = s.target
    WHERE b.as_of = %(as_of)s
)
SELECT DISTINCT ON (f.item_id, f.site_id, f.target)
       f.item_id, f.site_id, f.target, o.override_id, o.value,
       o.mean AS overridden_mean, o.horizon_days AS overridden_days,
       f.horizon_days, f.mean, f.quantile_values
FROM overridden AS o
JOIN analytics.forecasts AS f ON f.item_id = o.item_id AND f.site_id = o.site_id
WHERE f.as_of = %(as_of)s
ORDER BY f.item_id, f.site_id, f.target, (f.target = o.target) DESC, o.created_at DESC, o.override_id DESC
