-- What the screens stand on: newest as-of served, the run that refreshed it and when. Grain: one row.
-- Parameters: none.
SELECT
    (SELECT max(as_of) FROM analytics.mv_item_sites_latest) AS as_of,
    newest.run_id,
    newest.at,
    newest.materialization_id AS version
FROM (SELECT 1) AS always
LEFT JOIN LATERAL (
    SELECT materialization_id, run_id, at
    FROM support.materializations
    ORDER BY materialization_id DESC
    LIMIT 1
) AS newest ON true;
