-- Forecast sums of one target with what the list shows, largest expected value first, and the number of all that match.
-- Grain: one row per material and site.
-- Parameters: target, search, demand_classes, models, families, abc, regions, sites, row_limit.
SELECT f.item_id, f.site_id, f.as_of, f.target, f.horizon_days, f.model, f.mean, f.p05, f.p25, f.p50, f.p75, f.p90, f.p95,
    f.borrowed_share, l.item_code, l.item_name, l.family, l.site_code, l.unit_measure, l.abc_class, l.demand_class,
    l.demand_trend, (f.mean * l.unit_cost)::double precision AS value, count(*) OVER () AS matching
FROM analytics.mv_forecasts_latest AS f
JOIN analytics.mv_item_sites_latest AS l USING (item_id, site_id)
WHERE f.target = %(target)s
    AND (%(search)s::text IS NULL OR l.item_code ILIKE %(search)s OR l.item_name ILIKE %(search)s)
    AND (%(demand_classes)s::text[] IS NULL OR l.demand_class = ANY (%(demand_classes)s::text[]))
    AND (%(models)s::text[] IS NULL OR f.model = ANY (%(models)s::text[]))
    AND (%(families)s::text[] IS NULL OR l.family = ANY (%(families)s::text[]))
    AND (%(abc)s::text[] IS NULL OR l.abc_class = ANY (%(abc)s::text[]))
    AND (%(regions)s::text[] IS NULL OR l.region_code = ANY (%(regions)s::text[]))
    AND (%(sites)s::text[] IS NULL OR l.site_code = ANY (%(sites)s::text[]))
ORDER BY value DESC NULLS LAST, l.item_code, l.site_code
LIMIT %(row_limit)s;
