-- What the forecast is worth: gain over the naive model where the choice was made for all, and its calibration.
-- Grain: one row, none before the first backtest. Parameters: none.
WITH scored AS (
    SELECT as_of, target, model, pinball, coverage_90
    FROM analytics.backtests
    WHERE as_of = (SELECT max(as_of) FROM analytics.backtests) AND demand_class = '*' AND family = '*'
        AND target IN ('PROTECTION', 'D30')
),
target AS (
    SELECT target FROM scored ORDER BY target DESC LIMIT 1
),
best AS (
    SELECT as_of, model, pinball, coverage_90
    FROM scored JOIN target USING (target)
    WHERE model NOT IN ('zero', 'naive', 'seasonal_naive')
    ORDER BY pinball LIMIT 1
)
SELECT best.as_of, best.model, best.coverage_90, 1 - best.pinball / nullif(naive.pinball, 0) AS gain_over_naive
FROM best
LEFT JOIN (SELECT pinball FROM scored JOIN target USING (target) WHERE model = 'naive') AS naive ON true;
