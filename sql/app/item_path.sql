-- Forecast by step of an item-site with its bands. Grain: one row per step.
-- Parameters: item_id, site_id, as_of.
SELECT p.model, (p.as_of + (step.n::integer - 1) * p.step_days + 1)::date AS step_start, (p.as_of + step.n::integer * p.step_days)::date AS step_end,
    step.mean, step.p05, step.p25, step.p50, step.p75, step.p95
FROM analytics.forecast_paths AS p
CROSS JOIN LATERAL unnest(p.mean, p.p05, p.p25, p.p50, p.p75, p.p95)
    WITH ORDINALITY AS step (mean, p05, p25, p50, p75, p95, n)
WHERE p.as_of = %(as_of)s AND p.item_id = %(item_id)s AND p.site_id = %(site_id)s
ORDER BY step.n;
