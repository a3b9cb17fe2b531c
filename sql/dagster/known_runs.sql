-- Every run that Dagster keeps. Grain: one row per run. No parameters.
SELECT run_id FROM runs
