-- Windows that a table should have and the ledger does not know. Grain: table and window (day, or first of month).
-- Parameters: tables and monthly (arrays, one element per table), window_start, window_end (half-open).
-- A month is due once its last day lies before window_end.
WITH wanted AS (
    SELECT t.table_name, t.monthly, d::date AS starts
    FROM unnest(%(tables)s::text[], %(monthly)s::boolean[]) AS t (table_name, monthly)
    CROSS JOIN generate_series(%(window_start)s::timestamp, %(window_end)s::timestamp - interval '1 day', '1 day') AS d
    WHERE NOT t.monthly
        OR (extract(day FROM d) = 1 AND d + interval '1 month' <= %(window_end)s::timestamp)
)
SELECT w.table_name, w.starts
FROM wanted w
WHERE NOT EXISTS (
    SELECT FROM support.materializations m WHERE m.table_name = w.table_name AND m.windows @> w.starts
)
ORDER BY w.table_name, w.starts
