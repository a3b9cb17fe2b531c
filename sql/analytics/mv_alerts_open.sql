-- analytics.mv_alerts_open: alerts of the latest day with their lives so far, in the order of the inbox.
-- Grain: one row per material, site and cause that has an alert on the latest day. No parameters.
SELECT a.item_id, a.site_id, a.cause, a.as_of, l.opened_on, a.severity, l.severity_since, l.first_severity,
       l.severity_history, a.probability, a.horizon_days, a.expected_date, a.value_at_risk, a.hours_at_risk, a.details,
       row_number() OVER (
           ORDER BY a.severity = 'CRITICAL' DESC, a.value_at_risk DESC, a.severity = 'WARNING' DESC,
                    a.item_id, a.site_id, a.cause) AS inbox_rank,
       row_number() OVER (ORDER BY a.hours_at_risk DESC, a.value_at_risk DESC, a.item_id, a.site_id, a.cause) AS hours_rank
FROM analytics.alerts AS a
JOIN analytics.mv_alert_lives AS l
  ON (l.item_id, l.site_id, l.cause) = (a.item_id, a.site_id, a.cause) AND l.last_seen = a.as_of
WHERE a.as_of = (SELECT max(as_of) FROM analytics.recommendations)
