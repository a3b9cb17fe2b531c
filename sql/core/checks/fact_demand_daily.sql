-- Days on which demand lines, quantities or quantities handed out were lost or invented on the way from staging to core.
-- Grain: one row per day and measure that differ; none when all is well.
-- Parameters: window_start, window_end (dates, half-open).
WITH landed AS (
    SELECT date AS day, count(*)::numeric AS lines, sum(quantity) AS quantity
    FROM staging.demand
    WHERE date >= %(window_start)s::date AND date < %(window_end)s::date
    GROUP BY date
),
published AS (
    SELECT full_date AS day, sum(movements)::numeric AS lines, sum(quantity) AS quantity
    FROM core.fact_demand_daily
    WHERE full_date >= %(window_start)s::date AND full_date < %(window_end)s::date
    GROUP BY full_date
)
SELECT day, measure, landed, published
FROM landed
FULL JOIN published USING (day)
CROSS JOIN LATERAL (
    VALUES
    ('lines', coalesce(landed.lines, 0), coalesce(published.lines, 0)),
    ('quantity', coalesce(landed.quantity, 0), coalesce(published.quantity, 0))
) AS compared (measure, landed, published)
WHERE compared.landed <> compared.published
ORDER BY day, measure
