-- What changed since the day before: alerts that came and went, suppliers that got slower, what was loaded.
-- Grain: one row. Parameters: as_of.
WITH day_before AS (
    SELECT max(as_of) AS as_of
    FROM analytics.recommendations
    WHERE as_of > %(as_of)s::date - 40 AND as_of < %(as_of)s::date
),
today AS (
    SELECT item_id, site_id, cause, details FROM analytics.alerts WHERE as_of = %(as_of)s::date
),
before AS (
    SELECT item_id, site_id, cause FROM analytics.alerts
    WHERE as_of > %(as_of)s::date - 40 AND as_of = (SELECT as_of FROM day_before)
),
newest AS (
    SELECT max(loaded_at) AS at FROM staging.files WHERE status = 'LOADED'
)
SELECT
    (SELECT as_of FROM day_before) AS compared_with,
    (SELECT count(*) FROM (SELECT item_id, site_id, cause FROM today EXCEPT SELECT * FROM before) AS new) AS alerts_new,
    (SELECT count(*) FROM (SELECT * FROM before EXCEPT SELECT item_id, site_id, cause FROM today) AS gone) AS alerts_resolved,
    (SELECT count(DISTINCT details ->> 'supplier_code') FROM today WHERE cause = 'LEAD_TIME_DRIFT') AS suppliers_slower,
    (SELECT sum(rows_in) FROM staging.files, newest WHERE loaded_at > newest.at - interval '20 hours')::bigint AS rows_in,
    (SELECT sum(rows_rejected) FROM staging.files, newest
     WHERE loaded_at > newest.at - interval '20 hours')::bigint AS rows_rejected;
