-- Number of the newest publish: the version in the cache's keys. Grain: one row.
-- Parameters: none.
SELECT coalesce(max(materialization_id), 0) AS version FROM support.materializations;
