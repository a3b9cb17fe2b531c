-- Models in use in the latest forecasts. Grain: one row per model.
-- Parameters: none.
SELECT model, count(*) AS forecasts FROM analytics.mv_forecasts_latest GROUP BY model ORDER BY forecasts DESC, model;
