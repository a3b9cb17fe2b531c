-- Demand classes and families that the latest race was scored by. Grain: one row per class and family.
-- Parameters: none.
SELECT DISTINCT target, demand_class, family
FROM analytics.backtests
WHERE as_of = (SELECT max(as_of) FROM analytics.backtests)
ORDER BY target, demand_class, family;
