-- Days on which core has other series than files tell.
-- Grain: one row per day that differs; none when all is well. Parameters: window_start, window_end (dates, half-open).
WITH landed AS (
    SELECT date AS day, count(DISTINCT (series_code, coalesce(region_code, '')))::numeric AS series
    FROM staging.external_daily
    WHERE date >= %(window_start)s::date AND date < %(window_end)s::date
    GROUP BY date
),
published AS (
    SELECT full_date AS day, count(*)::numeric AS series
    FROM core.fact_external_daily
    WHERE full_date >= %(window_start)s::date AND full_date < %(window_end)s::date
    GROUP BY full_date
)
SELECT day, 'series' AS measure, coalesce(landed.series, 0) AS landed, coalesce(published.series, 0) AS published
FROM landed
FULL JOIN published USING (day)
WHERE landed.series IS DISTINCT FROM published.series
ORDER BY day
