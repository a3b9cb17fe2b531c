-- Runs that people asked for on the screens, newest first, and how far they are. Grain: one row per request.
-- Parameters: row_limit.
SELECT r.request_id, r.kind, r.first_day, r.last_day, r.failed_run, r.asked_at, p.display_name AS asked_by, r.state,
    r.run_id, r.tables, r.tables_done, r.failure, r.started_at, r.ended_at, r.told_at
FROM support.run_requests AS r
LEFT JOIN support.people() AS p ON p.user_id = r.asked_by
ORDER BY r.request_id DESC
LIMIT %(row_limit)s;
