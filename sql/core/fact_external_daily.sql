-- core.fact_external_daily: series from outside; where two files tell the same day, the newer one wins.
-- Grain: one row per day in [window_start, window_end), series and region (0 for the whole country).
-- Parameters: window_start, window_end (dates, half-open).
SELECT DISTINCT ON (t.date, t.series_code, coalesce(t.region_code, ''))
    t.date AS full_date,
    t.series_code,
    coalesce(core.surrogate_key(t.region_code), 0) AS region_id,
    t.value
FROM staging.external_daily AS t
JOIN staging.files AS f USING (file_id)
WHERE t.date >= %(window_start)s::date AND t.date < %(window_end)s::date
ORDER BY
    t.date, t.series_code, coalesce(t.region_code, ''), f.file_date DESC NULLS LAST, t.file_id DESC, t.source_line DESC
