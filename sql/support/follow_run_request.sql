-- How far the run is that somebody asked for. Grain: one row changed.
-- Parameters: request_id, state, run_id, tables, tables_done, failure, started_at, ended_at (NULL: not known yet).
UPDATE support.run_requests
SET state = %(state)s, run_id = %(run_id)s, tables = %(tables)s, tables_done = %(tables_done)s, failure = %(failure)s,
    started_at = %(started_at)s, ended_at = %(ended_at)s, told_at = clock_timestamp()
WHERE request_id = %(request_id)s
