-- Replays that people asked for, newest first: whether the answer is there, and how far the run is that will give it. One
-- that began before somebody asked knows nothing of the request. Grain: one row per request. Parameters: row_limit.
WITH asked AS (
    SELECT r.request_id, r.as_of, r.asked_at, r.asked_by, r.parameters ->> 'months' AS months,
        EXISTS (SELECT FROM analytics.scenarios AS s
                WHERE s.as_of = r.as_of AND s.scenario_code LIKE 'request\_' || r.request_id || '\_%%') AS answered
    FROM support.scenario_requests AS r
    ORDER BY r.request_id DESC
    LIMIT %(row_limit)s
)
SELECT r.request_id, r.as_of, r.asked_at, p.display_name AS asked_by, r.months, r.answered,
    (SELECT min(m.at) FROM support.materializations AS m
     WHERE m.table_name = 'analytics.scenarios' AND m.at > r.asked_at AND m.windows @> r.as_of
        AND r.answered) AS answered_at,
    g.run_id, g.started_at, g.at AS told_at, g.doing, g.share, g.failure
FROM asked AS r
LEFT JOIN support.people() AS p ON p.user_id = r.asked_by
LEFT JOIN support.run_progress AS g
    ON g.table_name = 'analytics.scenarios' AND g.as_of = r.as_of AND g.started_at > r.asked_at AND NOT r.answered
ORDER BY r.request_id DESC;
