-- Numbers that planners put beside the computed ones, newest first, with the baseline of today.
-- Grain: one row per override. Parameters: item_id, site_id (NULL: all), only_valid, today, row_limit.
SELECT o.override_id, o.item_id, o.site_id, o.field, o.target, o.value, o.reason, o.created_at, o.valid_until, o.withdrawn_at,
    i.item_code, i.name AS item_name, i.unit_measure, s.site_code, p.display_name AS author,
    (o.withdrawn_at IS NULL AND o.valid_until >= %(today)s::date) AS in_force,
    CASE o.field WHEN 'FORECAST' THEN f.mean WHEN 'SAFETY_STOCK' THEN l.safety_stock END AS baseline
FROM support.overrides AS o
JOIN core.dim_item AS i ON i.item_id = o.item_id
JOIN core.dim_site AS s ON s.site_id = o.site_id
LEFT JOIN support.people() AS p ON p.user_id = o.created_by
LEFT JOIN analytics.mv_forecasts_latest AS f ON f.item_id = o.item_id AND f.site_id = o.site_id AND f.target = o.target
LEFT JOIN analytics.mv_item_sites_latest AS l ON l.item_id = o.item_id AND l.site_id = o.site_id
WHERE (%(item_id)s::bigint IS NULL OR o.item_id = %(item_id)s) AND (%(site_id)s::bigint IS NULL OR o.site_id = %(site_id)s)
    AND (NOT %(only_valid)s OR (o.withdrawn_at IS NULL AND o.valid_until >= %(today)s::date))
ORDER BY o.created_at DESC
LIMIT %(row_limit)s;
