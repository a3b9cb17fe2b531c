-- Newest publish of each table. Grain: one row per table.
-- Parameters: none.
SELECT DISTINCT ON (table_name) table_name, (upper(windows) - 1) AS newest_day, rows, mode, run_id, code_version, at
FROM support.materializations
ORDER BY table_name, upper(windows) DESC NULLS LAST, materialization_id DESC;
