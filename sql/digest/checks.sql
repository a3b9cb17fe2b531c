-- Checks whose latest outcome is a failure. Grain: one row per table and check. No parameters.
SELECT table_name, check_name, severity, broken, at FROM support.check_results WHERE NOT passed ORDER BY table_name, check_name
