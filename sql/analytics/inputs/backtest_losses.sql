-- Losses of one month's backtest in units and R$, for the steps of the staircase. Parameter: as_of (the month's last day).
SELECT target, model, demand_class, series, mean_demand, loss, cost, cost_count
FROM analytics.backtests
WHERE as_of = %(as_of)s AND family = '*'
ORDER BY target, demand_class, model
