-- Scores of every model in the latest race for a target, best first. Grain: one row per model; what the models in force say together is a step of the staircase, and none of them.
-- Parameters: target, demand_class, family ('*' is all of them).
SELECT as_of, model, origins, series, mean_demand, pinball, pinball_se, coverage_50, coverage_90, coverage_95, coverage_99,
    bias, wape, rmsse
FROM analytics.backtests
WHERE as_of = (SELECT max(as_of) FROM analytics.backtests)
    AND model <> 'selected' AND target = %(target)s AND demand_class = %(demand_class)s AND family = %(family)s
ORDER BY pinball NULLS LAST, model;
