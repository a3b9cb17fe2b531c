-- Alerts of the latest day: the inbox's order, or by the hours that a contract would count. Grain: one row per material, site and cause.
-- Parameters: causes, severities, search, families, abc, regions, sites, by_hours, row_limit.
SELECT a.item_id, a.site_id, a.cause, a.as_of, a.opened_on, a.severity, a.severity_since, a.first_severity,
    a.probability, a.expected_date,
    a.value_at_risk::double precision AS value_at_risk, a.hours_at_risk, a.details::text AS details,
    l.item_code, l.item_name, l.family, l.site_code, l.site_name, l.unit_measure, count(*) OVER () AS matching
FROM analytics.mv_alerts_open AS a
JOIN analytics.mv_item_sites_latest AS l USING (item_id, site_id)
WHERE (%(causes)s::text[] IS NULL OR a.cause = ANY (%(causes)s::text[]))
    AND (%(severities)s::text[] IS NULL OR a.severity = ANY (%(severities)s::text[]))
    AND (%(search)s::text IS NULL OR l.item_code ILIKE %(search)s OR l.item_name ILIKE %(search)s)
    AND (%(families)s::text[] IS NULL OR l.family = ANY (%(families)s::text[]))
    AND (%(abc)s::text[] IS NULL OR l.abc_class = ANY (%(abc)s::text[]))
    AND (%(regions)s::text[] IS NULL OR l.region_code = ANY (%(regions)s::text[]))
    AND (%(sites)s::text[] IS NULL OR l.site_code = ANY (%(sites)s::text[]))
ORDER BY CASE WHEN %(by_hours)s::boolean THEN a.hours_rank ELSE a.inbox_rank END
LIMIT %(row_limit)s;
