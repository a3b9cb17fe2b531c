-- Stock-out alerts told at a probability and how many came true, by tenths, with the band of what chance allows.
-- Grain: one row per tenth of probability that has scored alerts. Parameters: none.
SELECT decile, alerts, told, came_true, share, band_low, band_high, inside
FROM analytics.mv_alert_calibration
ORDER BY decile;
