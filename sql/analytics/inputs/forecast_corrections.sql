-- Corrections in force on a date: those that the verdicts of the last month that ended before it kept.
-- Parameter: as_of (date).
SELECT as_of, target, correction, kind, evidence
FROM analytics.forecast_corrections
WHERE as_of = (SELECT max(as_of) FROM analytics.forecast_corrections WHERE as_of < %(as_of)s) AND kept
ORDER BY target, correction
