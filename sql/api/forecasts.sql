-- Newest forecasts of sums of demand with their intervals. What is computed, not what a planner put in its place: models
-- are judged by it; decisions stand on analytics.forecast_overrides where there is one.
-- Grain: one row: the number of matching forecasts, and a page of them as JSON.
-- Parameters: item_code, site_code, target, limit, offset, total (NULL when it is not known yet).
WITH found AS NOT MATERIALIZED (
    SELECT f.item_code, f.site_code, f.target, f.as_of, f.horizon_days, f.model, f.mean, f.p05, f.p25, f.p50, f.p75, f.p90,
        f.p95, f.p99, f.borrowed_share
    FROM analytics.mv_forecasts_latest AS f
    WHERE (%(item_code)s::text IS NULL OR f.item_code = %(item_code)s)
        AND (%(site_code)s::text IS NULL OR f.site_code = %(site_code)s)
        AND (%(target)s::text IS NULL OR f.target = %(target)s)
), page AS (
    SELECT * FROM found ORDER BY item_code, site_code, target LIMIT %(limit)s OFFSET %(offset)s
)
SELECT coalesce(%(total)s::bigint, (SELECT count(*) FROM found)) AS total,
    coalesce((SELECT json_agg(page ORDER BY item_code, site_code, target) FROM page), '[]')::text AS rows;
