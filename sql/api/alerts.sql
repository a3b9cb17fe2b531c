-- Alerts of the day served, worst first, with what people did about them.
-- Grain: one row: the number of matching alerts, and a page of them as JSON.
-- Parameters: item_code, site_code, cause, severity, limit, offset.
WITH found AS (
    SELECT a.as_of, l.item_code, l.item_name, l.site_code, a.cause, a.severity, a.probability, a.expected_date, a.opened_on,
        a.value_at_risk, a.details, s.read_at, s.snoozed_until, p.username AS owner, s.note
    FROM analytics.mv_alerts_open AS a
    JOIN analytics.mv_item_sites_latest AS l USING (item_id, site_id)
    LEFT JOIN support.alert_states AS s USING (item_id, site_id, cause)
    LEFT JOIN support.people() AS p ON p.user_id = s.owner_id
    WHERE (%(item_code)s::text IS NULL OR l.item_code = %(item_code)s)
        AND (%(site_code)s::text IS NULL OR l.site_code = %(site_code)s)
        AND (%(cause)s::text IS NULL OR a.cause = %(cause)s)
        AND (%(severity)s::text IS NULL OR a.severity = %(severity)s)
), page AS (
    SELECT *, row_number() OVER () AS rank
    FROM (
        SELECT * FROM found
        ORDER BY (severity = 'CRITICAL') DESC, value_at_risk DESC, item_code, site_code, cause
        LIMIT %(limit)s OFFSET %(offset)s
    ) AS worst
)
SELECT (SELECT count(*) FROM found) AS total,
    coalesce((SELECT json_agg(to_jsonb(page) - 'rank' ORDER BY rank) FROM page), '[]')::text AS rows;
