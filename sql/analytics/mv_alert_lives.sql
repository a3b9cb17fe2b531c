-- analytics.mv_alert_lives: the life of each alert: opened, how its severity went, last seen, resolved.
-- Grain: one row per material, site, cause and day of opening. No parameters.
-- An alert is resolved on the first judged day on which it is no longer there, unless it comes back within three judged
-- days: then it is the same one. Days count as neighbours when no other day between them was judged (a history may hold
-- month-ends only).
WITH judged AS (
    SELECT as_of, row_number() OVER (ORDER BY as_of) AS turn,
           lead(as_of) OVER (ORDER BY as_of) AS next_as_of
    FROM (SELECT DISTINCT as_of FROM analytics.recommendations) AS days
),
told AS (
    SELECT a.item_id, a.site_id, a.cause, a.as_of, a.severity, a.probability, a.value_at_risk, j.turn, j.next_as_of,
           coalesce(j.turn - lag(j.turn) OVER w > 3, true) AS is_new,
           a.severity IS DISTINCT FROM lag(a.severity) OVER w AS has_changed
    FROM analytics.alerts AS a
    JOIN judged AS j USING (as_of)
    WINDOW w AS (PARTITION BY a.item_id, a.site_id, a.cause ORDER BY a.as_of)
),
numbered AS (
    SELECT *, count(*) FILTER (WHERE is_new) OVER (PARTITION BY item_id, site_id, cause ORDER BY as_of) AS life
    FROM told
)
SELECT item_id, site_id, cause, min(as_of) AS opened_on, max(as_of) AS last_seen,
       (array_agg(next_as_of ORDER BY as_of DESC))[1] AS resolved_on,
       (array_agg(severity ORDER BY as_of))[1] AS first_severity,
       (array_agg(severity ORDER BY as_of DESC))[1] AS severity,
       (array_agg(severity ORDER BY array_position(ARRAY['CRITICAL', 'WARNING', 'NORMAL'], severity)))[1] AS worst_severity,
       max(as_of) FILTER (WHERE is_new OR has_changed) AS severity_since,
       jsonb_agg(jsonb_build_object('on', as_of, 'severity', severity) ORDER BY as_of)
           FILTER (WHERE is_new OR has_changed) AS severity_history,
       max(probability) AS peak_probability, max(value_at_risk) AS peak_value,
       count(*)::integer AS days_seen
FROM numbered
GROUP BY item_id, site_id, cause, life
