-- What the forecast is worth by its backtest, from the first day on: gain over the naive forecast of the model chosen
-- for all, and its calibration. Grain: one row, none before the first backtest. Parameters: none.
SELECT s.as_of, s.model, b.coverage_90, s.gain_over_naive
FROM analytics.model_selection AS s
JOIN analytics.backtests AS b USING (as_of, target, demand_class, family, model)
WHERE s.as_of = (SELECT max(as_of) FROM analytics.model_selection)
    AND s.demand_class = '*' AND s.family = '*' AND s.target IN ('PROTECTION', 'D30')
ORDER BY s.target DESC
LIMIT 1;
