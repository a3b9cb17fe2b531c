-- Number of the newest ledger entry, 0 before the first. Grain: one row. No parameters.
SELECT coalesce(max(materialization_id), 0) AS head FROM support.materializations
