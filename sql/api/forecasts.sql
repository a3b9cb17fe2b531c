-- Newest forecasts of sums of demand with their intervals. What is computed, not what a planner put in its place: models
-- are judged by it; decisions stand on analytics.forecast_overrides where there is one.
-- The keys of a page are found along the order of the codes, item-site by item-site: putting every forecast in order
-- takes longer.
-- Grain: one row: the number of matching forecasts, and a page of them as JSON.
-- Parameters: item_code, site_code, target, limit, offset, total (NULL when it is not known yet).
WITH pairs AS NOT MATERIALIZED (
    SELECT item_id, site_id, item_code, site_code
    FROM analytics.mv_item_sites_latest
    WHERE (%(item_code)s::text IS NULL OR item_code = %(item_code)s)
        AND (%(site_code)s::text IS NULL OR site_code = %(site_code)s)
), keys AS (
    SELECT p.item_code, p.site_code, f.*
    FROM pairs AS p
    CROSS JOIN LATERAL (
        SELECT f.item_id, f.site_id, f.target
        FROM analytics.mv_forecasts_latest AS f
        WHERE f.item_id = p.item_id AND f.site_id = p.site_id AND (%(target)s::text IS NULL OR f.target = %(target)s)
        OFFSET 0
    ) AS f
    ORDER BY p.item_code, p.site_code, f.target
    LIMIT %(limit)s OFFSET %(offset)s
), page AS (
    SELECT k.item_code, k.site_code, f.target, f.as_of, f.horizon_days, f.model, f.mean, f.p05, f.p25, f.p50, f.p75, f.p90,
        f.p95, f.p99, f.borrowed_share
    FROM keys AS k
    JOIN analytics.mv_forecasts_latest AS f USING (item_id, site_id, target)
)
SELECT coalesce(%(total)s::bigint, (
        SELECT count(*)
        FROM analytics.mv_forecasts_latest AS f
        JOIN pairs USING (item_id, site_id)
        WHERE %(target)s::text IS NULL OR f.target = %(target)s)) AS total,
    coalesce((SELECT json_agg(page ORDER BY item_code, site_code, target) FROM page), '[]')::text AS rows;
