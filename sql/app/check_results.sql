-- Latest outcome of every check, failed ones first. Grain: one row per table and check.
-- Parameters: none.
SELECT table_name, check_name, passed, severity, lower(range_merge(windows)) AS window_start, upper(range_merge(windows)) - 1 AS window_last,
    rows, broken, details::text AS details, run_id, at
FROM support.check_results
ORDER BY passed, (severity = 'ERROR') DESC, table_name, check_name;
