-- Losses of one month's backtest in units and R$, for the steps of the staircase. Parameter: as_of (the month's last day).
SELECT target, model, demand_class, family, series, mean_demand, loss, cost, cost_count
FROM analytics.backtests
WHERE as_of = %(as_of)s
ORDER BY target, demand_class, family, model
