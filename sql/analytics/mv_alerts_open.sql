-- Alerts of the latest day with the first day of the unbroken run of days on which each has stood.
-- Grain: material, site, cause. No parameters: text of a materialized view.
-- Days count in the order in which alerts were computed: a day without any partition breaks no run.
WITH days AS (
    SELECT as_of, row_number() OVER (ORDER BY as_of) AS number
    FROM (SELECT DISTINCT as_of FROM analytics.alerts) AS computed
),
runs AS (
    SELECT
        a.item_id, a.site_id, a.cause, a.as_of,
        days.number - row_number() OVER (PARTITION BY a.item_id, a.site_id, a.cause ORDER BY a.as_of) AS run
    FROM analytics.alerts a
    JOIN days USING (as_of)
),
opened AS (
    SELECT item_id, site_id, cause, max(as_of) AS as_of, min(as_of) AS opened_on
    FROM runs
    GROUP BY item_id, site_id, cause, run
)
SELECT
    a.item_id, a.site_id, a.cause, a.as_of, opened.opened_on,
    a.severity, a.probability, a.expected_date, a.value_at_risk::numeric AS value_at_risk, a.details
FROM analytics.alerts a
JOIN opened USING (item_id, site_id, cause, as_of)
WHERE a.as_of = (SELECT max(as_of) FROM days)
