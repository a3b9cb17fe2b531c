-- analytics.mv_alert_calibration: of the stock-out alerts told at a probability, how many came true, by tenths.
-- Grain: one row per tenth of probability that has scored alerts. No parameters.
-- One alert is counted once: the first day of each run of days on which an item-site was alerted, since the days that
-- follow tell the same story again. The band holds the number that come true in 95 of 100 cases when the probabilities
-- are right (normal approximation of the sum of independent Bernoulli variables).
WITH firsts AS (
    SELECT s.*, least(floor(probability * 10), 9)::integer AS decile,
           coalesce(alerted_on > lag(alerted_on) OVER (PARTITION BY item_id, site_id ORDER BY alerted_on) + horizon_days, true)
               AS is_first
    FROM analytics.alert_scores AS s
),
tenths AS (
    SELECT decile, count(*)::integer AS alerts, avg(probability) AS told, (count(*) FILTER (WHERE came_true))::integer AS came_true,
           sum(probability) AS expected, sqrt(sum(probability * (1 - probability))) AS spread
    FROM firsts
    WHERE is_first
    GROUP BY decile
)
SELECT decile, alerts, told, came_true, came_true::double precision / alerts AS share,
       greatest(expected - 1.96 * spread - 0.5, 0) / alerts AS band_low,
       least(expected + 1.96 * spread + 0.5, alerts) / alerts AS band_high,
       came_true BETWEEN expected - 1.96 * spread - 0.5 AND expected + 1.96 * spread + 0.5 AS inside
FROM tenths
