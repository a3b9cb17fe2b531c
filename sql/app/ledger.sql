-- The ledger, newest first. Grain: one row per publish.
-- Parameters: row_limit.
SELECT materialization_id, table_name, lower(windows) AS window_start, upper(windows) - 1 AS window_last, rows, mode, run_id,
    code_version, at
FROM support.materializations
ORDER BY materialization_id DESC
LIMIT %(row_limit)s;
