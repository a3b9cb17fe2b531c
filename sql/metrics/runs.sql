-- Runs that Dagster keeps, by job and status, and when each last ended. Dagster keeps UTC without a zone.
-- Grain: one row per job and status. No parameters.
SELECT pipeline_name AS job, status, count(*) AS runs, max(end_time) AS ended
FROM runs
GROUP BY pipeline_name, status
ORDER BY pipeline_name, status
