-- analytics.alert_scores: each stock-out alert whose days are over, beside what came.
-- Grain: one row per as_of in [window_start, window_end) (the last of those days), date of the alert, material and site.
-- Parameters: window_start, window_end (dates, half-open).
-- What was ordered after the alert does not count: the alert said what would come of doing nothing. It came true where
-- more was asked for than was there or due: as recorded, or with the unobserved days made good. Where an empty shelf hid
-- more than half of the days and the record alone does not settle it, nobody can tell, and it is not scored.
SELECT s.as_of, a.as_of AS alerted_on, a.item_id, a.site_id, a.horizon_days, a.probability,
       r.risk_position AS position, greatest(s.recorded, s.actual) AS actual_demand,
       greatest(s.recorded, s.actual) > r.risk_position + 1e-9 AS came_true
FROM analytics.forecast_scores AS s
JOIN analytics.alerts AS a
  ON a.cause = 'STOCKOUT_RISK' AND a.horizon_days = s.horizon_days
 AND (a.as_of, a.item_id, a.site_id) = (s.forecast_as_of, s.item_id, s.site_id)
JOIN LATERAL (
    SELECT risk_position
    FROM analytics.recommendations
    WHERE as_of = a.as_of AND item_id = a.item_id AND site_id = a.site_id
    LIMIT 1
) AS r ON true
WHERE s.as_of >= %(window_start)s::date AND s.as_of < %(window_end)s::date
  AND a.as_of >= %(window_start)s::date - 90 AND a.as_of < %(window_end)s::date - 30
  AND (s.unobserved_days <= 0.5 * s.horizon_days OR s.recorded > r.risk_position)
