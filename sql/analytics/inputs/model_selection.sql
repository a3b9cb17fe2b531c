-- Models in force on a date: the choice of the last month that ended before it. Parameter: as_of (date).
SELECT as_of, target, demand_class, family, model, evidence -> 'calibration' AS calibration
FROM analytics.model_selection
WHERE as_of = (SELECT max(as_of) FROM analytics.model_selection WHERE as_of < %(as_of)s)
ORDER BY target, demand_class, family
