-- Alerts whose life is over, the latest first. Grain: one row per life of an alert.
-- Parameters: as_of, days, causes, search, families, abc, regions, sites, row_limit.
SELECT a.cause, a.opened_on, a.resolved_on, a.worst_severity, a.peak_probability, a.peak_value::double precision AS peak_value,
    a.days_seen, l.item_code, l.item_name, l.site_code
FROM analytics.mv_alert_lives AS a
JOIN analytics.mv_item_sites_latest AS l USING (item_id, site_id)
WHERE a.resolved_on IS NOT NULL AND a.resolved_on > %(as_of)s::date - %(days)s::integer
    AND (%(causes)s::text[] IS NULL OR a.cause = ANY (%(causes)s::text[]))
    AND (%(search)s::text IS NULL OR l.item_code ILIKE %(search)s OR l.item_name ILIKE %(search)s)
    AND (%(families)s::text[] IS NULL OR l.family = ANY (%(families)s::text[]))
    AND (%(abc)s::text[] IS NULL OR l.abc_class = ANY (%(abc)s::text[]))
    AND (%(regions)s::text[] IS NULL OR l.region_code = ANY (%(regions)s::text[]))
    AND (%(sites)s::text[] IS NULL OR l.site_code = ANY (%(sites)s::text[]))
ORDER BY a.resolved_on DESC, a.peak_value DESC, l.item_code, l.site_code
LIMIT %(row_limit)s;
