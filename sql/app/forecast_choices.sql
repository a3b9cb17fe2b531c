-- Models in force by demand class, with what they gain. Grain: one row per demand class ('*' is all of them).
-- Parameters: target.
SELECT as_of, demand_class, family, model, gain_over_naive, gain_over_zero, evidence ->> 'rule' AS rule
FROM analytics.model_selection
WHERE as_of = (SELECT max(as_of) FROM analytics.model_selection) AND target = %(target)s
ORDER BY (demand_class = '*') DESC, demand_class, (family = '*') DESC, family;
