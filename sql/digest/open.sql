-- Open alerts by severity. Grain: one row per severity. No parameters.
SELECT severity, count(*) AS alerts, max(as_of) AS as_of FROM analytics.mv_alerts_open GROUP BY severity
