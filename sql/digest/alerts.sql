-- Open alerts that opened, or took their present severity, since a moment's day, in the order of the inbox.
-- Grain: one row per material, site and cause. Parameters: since, row_limit.
SELECT a.as_of, a.cause, a.severity, a.opened_on >= %(since)s::date AS is_new, a.probability, a.value_at_risk,
       i.item_code, i.name AS item_name, s.site_code, count(*) OVER () AS total
FROM analytics.mv_alerts_open AS a
JOIN core.dim_item AS i USING (item_id)
JOIN core.dim_site AS s USING (site_id)
WHERE a.severity_since >= %(since)s::date
ORDER BY a.inbox_rank
LIMIT %(row_limit)s
