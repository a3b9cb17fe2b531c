-- What changed since the day before that was computed: alerts that came and went, suppliers whose drift is new, and the last
-- load. Nothing is compared (compared_with is NULL) while the day's alerts are not published yet. Grain: one row.
-- Parameters: as_of.
WITH day_before AS (
    SELECT max(as_of) AS as_of
    FROM analytics.recommendations
    WHERE as_of > %(as_of)s::date - 40 AND as_of < %(as_of)s::date
        AND EXISTS (
            SELECT FROM support.materializations
            WHERE table_name = 'analytics.alerts' AND windows @> %(as_of)s::date
        )
),
today AS (
    SELECT item_id, site_id, cause, details ->> 'supplier_code' AS supplier
    FROM analytics.alerts WHERE as_of = %(as_of)s::date
),
before AS (
    SELECT item_id, site_id, cause, details ->> 'supplier_code' AS supplier
    FROM analytics.alerts
    WHERE as_of > %(as_of)s::date - 40 AND as_of = (SELECT as_of FROM day_before)
),
slower AS (
    SELECT supplier FROM today WHERE cause = 'LEAD_TIME_DRIFT'
    EXCEPT
    SELECT supplier FROM before WHERE cause = 'LEAD_TIME_DRIFT'
),
loaded AS (
    SELECT sum(rows_in)::bigint AS rows_in, sum(rows_rejected)::bigint AS rows_rejected
    FROM staging.files
    WHERE status = 'LOADED'
        AND run_id = (SELECT run_id FROM staging.files WHERE status = 'LOADED' ORDER BY loaded_at DESC LIMIT 1)
)
SELECT
    (SELECT as_of FROM day_before) AS compared_with,
    (SELECT count(*) FROM (SELECT item_id, site_id, cause FROM today
                           EXCEPT SELECT item_id, site_id, cause FROM before) AS new) AS alerts_new,
    (SELECT count(*) FROM (SELECT item_id, site_id, cause FROM before
                           EXCEPT SELECT item_id, site_id, cause FROM today) AS gone) AS alerts_resolved,
    (SELECT count(supplier) FROM slower) AS suppliers_slower,
    loaded.rows_in,
    loaded.rows_rejected
FROM loaded;
