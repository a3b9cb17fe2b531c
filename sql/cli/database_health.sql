-- What a running database tells about trouble to come. Grain: one row. Parameter: clock (the caller's time).
-- seconds_apart: the server's clock before the caller's. waiting: statements that have waited for a lock for more than a minute.
SELECT
    extract(epoch FROM %(clock)s::timestamptz - clock_timestamp())::double precision AS seconds_apart,
    (
        SELECT count(*)
        FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND query_start < now() - interval '1 minute'
    ) AS waiting
