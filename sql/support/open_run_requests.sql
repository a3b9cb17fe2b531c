-- Runs that people asked for and that have not ended, oldest first. Grain: one row per request. No parameters.
SELECT request_id, kind, first_day, last_day, failed_run
FROM support.run_requests
WHERE state IN ('QUEUED', 'RUNNING')
ORDER BY request_id
