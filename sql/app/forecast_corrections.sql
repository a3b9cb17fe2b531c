-- Verdict of the newest month on each correction of the forecasts: totals of the hierarchy first, then drivers.
-- Grain: one row per correction. Parameters: target.
SELECT as_of, correction, kind, kept, pinball_without, pinball_with, gain, gain_se, origins, forecasts
FROM analytics.forecast_corrections
WHERE as_of = (SELECT max(as_of) FROM analytics.forecast_corrections) AND target = %(target)s
ORDER BY kind DESC, gain DESC NULLS LAST, correction;
