-- Runs that failed, newest first. Grain: one row per run (ADMIN only). Parameters: session, row_limit.
SELECT l.entity AS run_id, l.at, l.details ->> 'partition' AS day, jsonb_array_length(l.details -> 'steps') AS steps,
    l.details -> 'steps' ->> 0 AS step
FROM support.audit_list(
    p_session => %(session)s, p_from => NULL, p_to => NULL, p_actor => 'pipeline', p_action => 'run.failed',
    p_limit => %(row_limit)s) AS l
ORDER BY l.audit_id DESC;
