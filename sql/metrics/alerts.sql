-- Alerts of the newest day that was judged. Grain: one row per cause and severity. No parameters.
SELECT cause, severity, count(*) AS alerts
FROM analytics.alerts
WHERE as_of = (SELECT max(as_of) FROM analytics.alerts)
GROUP BY cause, severity
ORDER BY cause, severity
