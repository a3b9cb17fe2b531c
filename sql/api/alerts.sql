-- Alerts of the day served, worst first, with what people did about them. One that a person closed stays closed until
-- its severity changes.
-- Grain: one row: the number of matching alerts, and a page of them as JSON.
-- Parameters: item_code, site_code, cause, severity, limit, offset, total (NULL when it is not known yet).
WITH found AS NOT MATERIALIZED (
    SELECT a.item_id, a.site_id, a.cause, a.as_of, a.severity, a.severity_since, a.probability, a.expected_date,
        a.opened_on, a.value_at_risk, a.hours_at_risk, a.details, a.inbox_rank, l.item_code, l.item_name, l.site_code
    FROM analytics.mv_alerts_open AS a
    JOIN analytics.mv_item_sites_latest AS l USING (item_id, site_id)
    WHERE (%(item_code)s::text IS NULL OR l.item_code = %(item_code)s)
        AND (%(site_code)s::text IS NULL OR l.site_code = %(site_code)s)
        AND (%(cause)s::text IS NULL OR a.cause = %(cause)s)
        AND (%(severity)s::text IS NULL OR a.severity = %(severity)s)
), page AS (
    SELECT * FROM found ORDER BY inbox_rank LIMIT %(limit)s OFFSET %(offset)s
)
SELECT coalesce(%(total)s::bigint, (SELECT count(*) FROM found)) AS total,
    coalesce((
        SELECT json_agg(line ORDER BY p.inbox_rank)
        FROM page AS p
        LEFT JOIN support.alert_states AS s USING (item_id, site_id, cause)
        LEFT JOIN support.people() AS owner ON owner.user_id = s.owner_id
        LEFT JOIN support.people() AS closer ON closer.user_id = s.updated_by AND s.resolved_on >= p.severity_since
        CROSS JOIN LATERAL (
            SELECT p.as_of, p.item_code, p.item_name, p.site_code, p.cause, p.severity, p.probability, p.expected_date,
                p.opened_on, p.value_at_risk, p.hours_at_risk, p.details, s.read_at, s.snoozed_until,
                owner.username AS owner, s.note, s.resolved_on >= p.severity_since IS TRUE AS closed,
                CASE WHEN s.resolved_on >= p.severity_since THEN s.resolved_on END AS closed_on,
                CASE WHEN s.resolved_on >= p.severity_since THEN s.resolution END AS closed_reason,
                closer.username AS closed_by
        ) AS line
    ), '[]')::text AS rows;
