-- Backtest scores of one month. Parameter: as_of (the month's last day).
SELECT target, model, demand_class, family, origins, series, pinball, pinball_se
FROM analytics.backtests
WHERE as_of = %(as_of)s
ORDER BY target, demand_class, family, model
