-- Planners' overrides of forecasts whose sum has come: the stored forecast, the planner's number and what was asked for.
-- Grain: one row per override, on the first forecast made while it was in force in the last 365 days.
-- Parameter: as_of (date).
SELECT DISTINCT ON (o.override_id)
       f.target, c.demand_class, f.horizon_days, o.value AS said, f.mean, f.quantile_values,
       i.unit_cost::double precision AS unit_cost,
       (SELECT coalesce(sum(d.quantity), 0)::double precision
        FROM core.fact_demand_daily AS d
        WHERE d.item_id = f.item_id AND d.site_id = f.site_id
          AND d.full_date > f.as_of AND d.full_date <= f.as_of + f.horizon_days::integer) AS actual
FROM support.overrides AS o
JOIN analytics.forecasts AS f
    ON f.item_id = o.item_id AND f.site_id = o.site_id AND f.target = o.target
    AND f.as_of >= (o.created_at AT TIME ZONE 'America/Bahia')::date AND f.as_of <= o.valid_until
    AND (o.withdrawn_at IS NULL OR f.as_of < (o.withdrawn_at AT TIME ZONE 'America/Bahia')::date)
JOIN core.dim_item AS i ON i.item_id = f.item_id
LEFT JOIN analytics.demand_classes AS c ON c.as_of = f.as_of AND c.item_id = f.item_id AND c.site_id = f.site_id
WHERE o.field = 'FORECAST' AND f.target <> 'PROTECTION'
  AND f.as_of > %(as_of)s::date - 365 AND f.as_of + f.horizon_days::integer <= %(as_of)s::date
ORDER BY o.override_id, f.as_of
