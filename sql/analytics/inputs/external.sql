-- Daily series from outside the company as known on a date. Grain: one row per day, series and region ('' for all).
-- Parameter: as_of (date; nothing after it is read).
SELECT e.full_date AS date, e.series_code, coalesce(r.region_code, '') AS region_code, e.value::double precision AS value
FROM core.fact_external_daily AS e
LEFT JOIN core.dim_region AS r ON r.region_id = e.region_id
WHERE e.full_date <= %(as_of)s
ORDER BY e.series_code, region_code, e.full_date
