-- Newest publish of each table and the newest business date that it has. Grain: one row per table. No parameters.
SELECT table_name, max(at) AS published, max(upper(windows) - 1) AS last_date, count(*) AS publishes,
       sum(rows)::bigint AS rows_written
FROM support.materializations
GROUP BY table_name
ORDER BY table_name
