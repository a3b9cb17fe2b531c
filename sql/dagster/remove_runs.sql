-- Remove runs that ended before a moment, with their tags (by the foreign key), events and check outcomes; the newest
-- materialization or observation of each asset and partition and the newest outcome of each check stay.
-- Grain: one row for each run that was removed. Parameters: ended_before (seconds since 1970), row_limit.
WITH old AS (
    SELECT run_id FROM runs
    WHERE status IN ('SUCCESS', 'FAILURE', 'CANCELED') AND coalesce(end_time, extract(epoch FROM update_timestamp))
        < %(ended_before)s
    ORDER BY id
    LIMIT %(row_limit)s
),
events AS (
    DELETE FROM event_logs e USING old
    WHERE e.run_id = old.run_id
        AND (
            e.asset_key IS NULL
            OR e.dagster_event_type IS DISTINCT FROM 'ASSET_MATERIALIZATION'
            OR EXISTS (
                SELECT FROM event_logs newer
                WHERE newer.asset_key = e.asset_key AND newer.dagster_event_type = e.dagster_event_type
                    AND newer.partition IS NOT DISTINCT FROM e.partition AND newer.id > e.id
            )
        )
    RETURNING e.id
),
event_tags AS (
    DELETE FROM asset_event_tags t USING events WHERE t.event_id = events.id
),
outcomes AS (
    DELETE FROM asset_check_executions c USING old
    WHERE c.run_id = old.run_id
        AND EXISTS (
            SELECT FROM asset_check_executions newer
            WHERE newer.asset_key = c.asset_key AND newer.check_name = c.check_name AND newer.id > c.id
                AND newer.partition IS NOT DISTINCT FROM c.partition
        )
)
DELETE FROM runs USING old WHERE runs.run_id = old.run_id
RETURNING runs.run_id
