-- Staircase of forecast value added of the newest month, from no forecast to planners' overrides.
-- Grain: one row per demand class ('*' is all of them) and step. Parameters: target.
SELECT as_of, demand_class, step, position, forecasts, pinball, previous_pinball, value_added,
    cost::double precision AS cost, previous_cost::double precision AS previous_cost
FROM analytics.forecast_value_added
WHERE as_of = (SELECT max(as_of) FROM analytics.forecast_value_added) AND target = %(target)s
ORDER BY (demand_class = '*') DESC, demand_class, position;
