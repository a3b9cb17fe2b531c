-- Checks of tables that failed when last looked at. Grain: one row per table and check.
-- Parameters: none.
SELECT table_name, check_name, severity, broken, at FROM support.check_results WHERE NOT passed
ORDER BY (severity = 'ERROR') DESC, table_name, check_name;
