-- Runs that failed in the last hours, of Dagster's own storage. Grain: one row per job. Parameters: since (epoch seconds).
SELECT pipeline_name AS job, count(*) AS runs, max(run_id) AS run_id
FROM runs
WHERE status = 'FAILURE' AND end_time >= %(since)s
GROUP BY pipeline_name
ORDER BY pipeline_name
