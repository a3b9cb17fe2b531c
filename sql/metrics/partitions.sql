-- Months after this one, one after the other, whose partitions are there already (24 at most).
-- Grain: one row per partitioned table, the fewest first. No parameters.
SELECT n.nspname || '.' || p.relname AS table_name, coalesce(a.months_ahead, 24)::integer AS months_ahead
FROM pg_class p
JOIN pg_namespace n ON n.oid = p.relnamespace
CROSS JOIN LATERAL (
    SELECT min(k) - 1 AS months_ahead
    FROM generate_series(1, 24) k
    WHERE to_regclass(quote_ident(n.nspname) || '.' || quote_ident(p.relname || to_char(
        date_trunc('month', now() AT TIME ZONE 'America/Bahia') + k * interval '1 month', '_YYYYMM'))) IS NULL
) AS a
WHERE p.relkind = 'p' AND n.nspname IN ('staging', 'core', 'analytics')
ORDER BY months_ahead, table_name
