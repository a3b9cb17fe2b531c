-- Forecast by step with its bands for a few item-sites. Grain: one row per item-site and step.
-- Parameters: as_of, item_ids, site_ids (as long as each other).
SELECT i.item_code, s.site_code, p.model, (p.as_of + (step.n::integer - 1) * p.step_days + 1)::date AS step_start,
    step.mean, step.p05, step.p25, step.p50, step.p75, step.p95
FROM unnest(%(item_ids)s::bigint[], %(site_ids)s::bigint[]) AS wanted (item_id, site_id)
JOIN analytics.forecast_paths AS p ON p.item_id = wanted.item_id AND p.site_id = wanted.site_id AND p.as_of = %(as_of)s::date
JOIN core.dim_item AS i ON i.item_id = p.item_id
JOIN core.dim_site AS s ON s.site_id = p.site_id
CROSS JOIN LATERAL unnest(p.mean, p.p05, p.p25, p.p50, p.p75, p.p95)
    WITH ORDINALITY AS step (mean, p05, p25, p50, p75, p95, n)
ORDER BY i.item_code, s.site_code, step.n;
