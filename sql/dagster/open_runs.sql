-- Whether Dagster's storage holds a run that is neither queued nor ended. Grain: one row. No parameters.
SELECT EXISTS (SELECT FROM runs WHERE status IN ('NOT_STARTED', 'STARTING', 'STARTED', 'CANCELING')) AS found
