-- What the screens stand on: newest as-of, and the last publish with its run; what people ask for and set is none. Grain: one row.
-- A day is told once its recommendations are there: while they are computed, the day before is whole and this one is not.
-- Parameters: none.
SELECT
    coalesce(
        (SELECT max(as_of) FROM analytics.recommendations), (SELECT max(as_of) FROM analytics.stock_policies)
    ) AS as_of,
    newest.run_id,
    newest.at,
    newest.version
FROM (SELECT 1) AS always
LEFT JOIN LATERAL (
    SELECT materialization_id AS version, run_id, at
    FROM support.materializations
    WHERE NOT starts_with(table_name, 'support.')
    ORDER BY materialization_id DESC
    LIMIT 1
) AS newest ON true;
