-- Replays that people asked for, newest first, with whether the answer is there. Grain: one row per request.
-- Parameters: row_limit.
SELECT r.request_id, r.as_of, r.asked_at, p.display_name AS asked_by, r.parameters ->> 'months' AS months,
    EXISTS (SELECT FROM analytics.scenarios AS s
            WHERE s.as_of = r.as_of AND s.scenario_code LIKE 'request\_' || r.request_id || '\_%%') AS answered
FROM support.scenario_requests AS r
LEFT JOIN support.people() AS p ON p.user_id = r.asked_by
ORDER BY r.request_id DESC
LIMIT %(row_limit)s;
