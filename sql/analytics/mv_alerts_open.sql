-- analytics.mv_alerts_open: alerts of the latest day and since when each has stood without a break.
-- Grain: one row per material, site and cause that has an alert on the latest day. No parameters.
-- Days count as neighbours when no other day between them was judged (a history may hold month-ends only).
WITH judged AS (
    SELECT as_of, row_number() OVER (ORDER BY as_of) AS turn
    FROM (SELECT DISTINCT as_of FROM analytics.recommendations) AS days
),
runs AS (
    SELECT a.item_id, a.site_id, a.cause, a.as_of,
           judged.turn - row_number() OVER (PARTITION BY a.item_id, a.site_id, a.cause ORDER BY a.as_of) AS run
    FROM analytics.alerts AS a
    JOIN judged USING (as_of)
),
opened AS (
    SELECT item_id, site_id, cause, min(as_of) AS opened_on, max(as_of) AS as_of
    FROM runs
    GROUP BY item_id, site_id, cause, run
)
SELECT a.item_id, a.site_id, a.cause, a.as_of, o.opened_on, a.severity, a.probability, a.expected_date,
       a.value_at_risk, a.details
FROM opened AS o
JOIN analytics.alerts AS a USING (item_id, site_id, cause, as_of)
WHERE o.as_of = (SELECT max(as_of) FROM judged)
