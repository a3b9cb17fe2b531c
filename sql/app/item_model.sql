-- The choice of model that is in force for a demand class and family: the most specific one. Grain: one row at most.
-- Parameters: as_of, demand_class, family.
SELECT as_of, target, demand_class, family, model, gain_over_naive, gain_over_zero, evidence::text AS evidence
FROM analytics.model_selection
WHERE as_of = (SELECT max(as_of) FROM analytics.model_selection WHERE as_of < %(as_of)s)
    AND target = 'PROTECTION' AND demand_class IN ('*', %(demand_class)s) AND family IN ('*', %(family)s)
ORDER BY (demand_class <> '*') DESC, (family <> '*') DESC
LIMIT 1;
