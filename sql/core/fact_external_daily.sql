-- core.fact_external_daily: series from outside; where two files tell the same day, the newer one wins.
-- Grain: one row per day in [window_start, window_end), series and region (0 for the whole country).
-- Parameters: window_start, window_end (dates, half-open).
SELECT DISTINCT ON (date, series_code, coalesce(region_code, ''))
    date AS full_date,
    series_code,
    coalesce(core.surrogate_key(region_code), 0) AS region_id,
    value
FROM staging.external_daily
WHERE date >= %(window_start)s::date AND date < %(window_end)s::date
ORDER BY date, series_code, coalesce(region_code, ''), file_id DESC, source_line DESC
