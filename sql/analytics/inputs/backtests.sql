-- What the backtest of one month chose, all of its rows. Parameter: as_of (the month's last day).
SELECT target, model, demand_class, family, evidence
FROM analytics.backtests
WHERE as_of = %(as_of)s
ORDER BY target, demand_class, family, model
