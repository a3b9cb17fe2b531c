-- Latest outcome of each check. Grain: one row per table and check. No parameters.
SELECT table_name, check_name, passed, severity FROM support.check_results ORDER BY table_name, check_name
