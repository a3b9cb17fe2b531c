-- What a running database tells about trouble to come. Grain: one row. Parameter: clock (the caller's time).
-- seconds_apart: the server's clock before the caller's. lacking: partitioned tables without a partition for this month.
-- waiting: statements that have waited for a lock for more than a minute.
SELECT
    extract(epoch FROM %(clock)s::timestamptz - clock_timestamp())::double precision AS seconds_apart,
    (
        SELECT count(*)
        FROM pg_class p
        JOIN pg_namespace n ON n.oid = p.relnamespace
        WHERE p.relkind = 'p' AND n.nspname IN ('staging', 'core', 'analytics')
            AND to_regclass(format('%%I.%%I', n.nspname, p.relname || to_char(now(), '_YYYYMM'))) IS NULL
    ) AS lacking,
    (
        SELECT count(*)
        FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND query_start < now() - interval '1 minute'
    ) AS waiting
