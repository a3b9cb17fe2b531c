-- Runs of the pipeline as the ledger knows them, newest first. Grain: one row per run.
-- Parameters: row_limit.
SELECT run_id, min(at) AS first_at, max(at) AS last_at, count(*) AS publishes, count(DISTINCT table_name) AS tables,
    sum(rows)::bigint AS rows, max(upper(windows)) - 1 AS newest_day, max(code_version) AS code_version
FROM support.materializations
GROUP BY run_id
ORDER BY max(materialization_id) DESC
LIMIT %(row_limit)s;
